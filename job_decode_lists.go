package restorejobs

import "example.com/restorejobs/internal/jsondec"

// An element of an unexpected type is a zero value, so that positions are the server's. A value that
// is not an array is nil. A shared loop with a function argument would move every decoder to the heap.

// fewElements is the length of nearly every list.
const fewElements = 8

// listBuffer collects the elements of a list. The first ones are on the stack, and the others are
// counted before they are read, so that a list needs one allocation of its length.
type listBuffer[T any] struct {
	few   [fewElements]T
	n     int // in few
	long  []T // with the first ones, nil for a short list
	start int // offset of the list

	keepsAll bool // a text needs eight times its bytes of JSON at most, so none is dropped

	discarded T // an element that the list does not keep
}

// next returns the place of the next element.
func (b *listBuffer[T]) next(d *jsondec.Decoder) *T {
	switch {
	case b.long != nil:
		b.long = b.long[:b.countKept(len(b.long), d)]
	case b.n < fewElements:
		if b.n == 0 {
			b.start = d.Offset()
		}
		b.n++
		return &b.few[b.n-1]
	default:
		b.long = make([]T, b.n, b.countAll(d))
		copy(b.long, b.few[:])
	}
	if len(b.long) == cap(b.long) {
		return &b.discarded
	}
	b.long = b.long[:len(b.long)+1]
	return &b.long[len(b.long)-1]
}

// countAll returns how many elements the list will have. It reads a copy of the decoder.
func (b *listBuffer[T]) countAll(d *jsondec.Decoder) int {
	ahead := *d
	n := b.n
	for hasNext := true; hasNext; hasNext = ahead.More() {
		n = b.countKept(n, &ahead) + 1
		ahead.Skip()
	}
	return n
}

// countKept returns how many of n elements are kept. An empty element needs few bytes of JSON and forty
// times as many of memory; any other has more than eight bytes, so it is kept.
func (b *listBuffer[T]) countKept(n int, d *jsondec.Decoder) int {
	if b.keepsAll {
		return n
	}
	return min(n, 15+(d.Offset()-b.start)/8)
}

// list returns the elements, never nil.
func (b *listBuffer[T]) list() []T {
	if b.long != nil {
		return b.long
	}
	exact := make([]T, b.n)
	copy(exact, b.few[:])
	return exact
}

func decodeLinks(d *jsondec.Decoder) []Link {
	if !d.Array() {
		return nil
	}
	var links listBuffer[Link]
	for d.More() {
		links.next(d).decode(d)
	}
	return links.list()
}

func decodeHashes(d *jsondec.Decoder) []FileHash {
	if !d.Array() {
		return nil
	}
	var hashes listBuffer[FileHash]
	for d.More() {
		hashes.next(d).decode(d)
	}
	return hashes.list()
}

func decodeComponents(d *jsondec.Decoder) (list []ClusterComponent, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	var components listBuffer[ClusterComponent]
	for d.More() {
		isRead := components.next(d).decode(d)
		ok = ok && isRead
	}
	return components.list(), ok
}

func decodePrivateDownloads(d *jsondec.Decoder) (list []PrivateDownload, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	var downloads listBuffer[PrivateDownload]
	for d.More() {
		isRead := downloads.next(d).decode(d)
		ok = ok && isRead
	}
	return downloads.list(), ok
}

// decodeSecrets also reads a string as a list of one link, as in the documents of Atlas v1.
func decodeSecrets(d *jsondec.Decoder) (list []Secret, ok bool) {
	switch d.Kind() {
	case jsondec.KindArray:
	case jsondec.KindString:
		var link Secret
		jsondec.String(d, &link)
		if link == "" {
			return []Secret{}, true
		}
		return []Secret{link}, true
	case jsondec.KindNull, jsondec.KindBool, jsondec.KindNumber, jsondec.KindObject, jsondec.KindInvalid:
		isNull := d.Kind() == jsondec.KindNull
		d.Skip()
		return nil, isNull
	}
	d.Array()
	links := listBuffer[Secret]{keepsAll: true}
	ok = true
	for d.More() {
		isRead := decodeLink(d, links.next(d))
		ok = ok && isRead
	}
	return links.list(), ok
}

// decodeLink reports a number as unreadable, although [jsondec.String] reads it.
func decodeLink(d *jsondec.Decoder, dst *Secret) bool {
	isNumber := d.Kind() == jsondec.KindNumber
	return jsondec.String(d, dst) && !isNumber
}
