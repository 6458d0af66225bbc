package restorejobs

import "example.com/restorejobs/internal/jsondec"

// An element of an unexpected type is a zero value, so that positions are the server's. A value that
// is not an array is nil. A shared loop with a function argument would move every decoder to the heap.

// capElements returns how many of n elements are kept. An empty element needs few bytes of JSON and
// forty times as many of memory; any other has more than eight bytes, so it is kept.
func capElements(n, bytes int) int { return min(n, 16+bytes/8) }

// fewElements is the length of nearly every list. Such a list is read on the stack and copied, so
// that it needs one allocation of its length.
const fewElements = 16

func decodeLinks(d *jsondec.Decoder) []Link {
	if !d.Array() {
		return nil
	}
	var few [fewElements]Link
	list := few[:0]
	start := d.Offset()
	for d.More() {
		list = append(list, Link{})
		list[len(list)-1].decode(d)
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	exact := make([]Link, len(list))
	copy(exact, list)
	return exact
}

func decodeHashes(d *jsondec.Decoder) []FileHash {
	if !d.Array() {
		return nil
	}
	var few [fewElements]FileHash
	list := few[:0]
	start := d.Offset()
	for d.More() {
		list = append(list, FileHash{})
		list[len(list)-1].decode(d)
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	exact := make([]FileHash, len(list))
	copy(exact, list)
	return exact
}

func decodeComponents(d *jsondec.Decoder) (exact []ClusterComponent, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	var few [fewElements]ClusterComponent
	list := few[:0]
	start := d.Offset()
	for d.More() {
		list = append(list, ClusterComponent{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	exact = make([]ClusterComponent, len(list))
	copy(exact, list)
	return exact, ok
}

func decodePrivateDownloads(d *jsondec.Decoder) (exact []PrivateDownload, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	var few [fewElements]PrivateDownload
	list := few[:0]
	start := d.Offset()
	for d.More() {
		list = append(list, PrivateDownload{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	exact = make([]PrivateDownload, len(list))
	copy(exact, list)
	return exact, ok
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
	var few [fewElements]Secret
	all := few[:0]
	ok = true
	for d.More() {
		all = append(all, "")
		isRead := decodeLink(d, &all[len(all)-1])
		ok = ok && isRead
	}
	list = make([]Secret, len(all))
	copy(list, all)
	return list, ok
}

// decodeLink reports a number as unreadable, although [jsondec.String] reads it.
func decodeLink(d *jsondec.Decoder, dst *Secret) bool {
	isNumber := d.Kind() == jsondec.KindNumber
	return jsondec.String(d, dst) && !isNumber
}
