package restorejobs

import "example.com/restorejobs/internal/jsondec"

// An element of an unexpected type is a zero value, so that positions are the server's. A value that
// is not an array is nil. A shared loop with a function argument would move every decoder to the heap.

// capElements returns how many of n elements are kept. An empty element needs few bytes of JSON and
// forty times as many of memory; any other has more than eight bytes, so it is kept.
func capElements(n, bytes int) int { return min(n, 16+bytes/8) }

func decodeLinks(d *jsondec.Decoder) []Link {
	if !d.Array() {
		return nil
	}
	list := []Link{}
	start := d.Offset()
	for d.More() {
		if cap(list) == 0 {
			list = make([]Link, 0, 4) // most jobs have as many
		}
		list = append(list, Link{})
		list[len(list)-1].decode(d)
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	return list
}

func decodeHashes(d *jsondec.Decoder) []FileHash {
	if !d.Array() {
		return nil
	}
	list := []FileHash{}
	start := d.Offset()
	for d.More() {
		list = append(list, FileHash{})
		list[len(list)-1].decode(d)
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	return list
}

func decodeComponents(d *jsondec.Decoder) (list []ClusterComponent, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	list = []ClusterComponent{}
	start := d.Offset()
	for d.More() {
		list = append(list, ClusterComponent{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	return list, ok
}

func decodePrivateDownloads(d *jsondec.Decoder) (list []PrivateDownload, ok bool) {
	ok = true
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	list = []PrivateDownload{}
	start := d.Offset()
	for d.More() {
		list = append(list, PrivateDownload{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:capElements(len(list), d.Offset()-start)]
	}
	return list, ok
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
	list = []Secret{}
	ok = true
	for d.More() {
		list = append(list, "")
		isRead := decodeLink(d, &list[len(list)-1])
		ok = ok && isRead
	}
	return list, ok
}

// decodeLink reports a number as unreadable, although [jsondec.String] reads it.
func decodeLink(d *jsondec.Decoder, dst *Secret) bool {
	isNumber := d.Kind() == jsondec.KindNumber
	return jsondec.String(d, dst) && !isNumber
}
