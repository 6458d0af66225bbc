package restorejobs

import "example.com/restorejobs/internal/jsondec"

// The lists. An element of an odd kind stays in its place as a zero value, so that
// positions and lengths are the server's, as far as capElements goes; another kind than an
// array gives nil. The loops are written out: a function argument would move every decoder
// to the heap.

// capElements is how many of n elements are kept that took so many bytes. One that says
// anything takes more than eight of them; others take up to forty times their text in memory,
// so that of a long list of those a part is left out. It stays in the job's text.
func capElements(n, bytes int) int { return min(n, 16+bytes/8) }

func decodeLinks(d *jsondec.Decoder) []Link {
	if !d.Array() {
		return nil
	}
	list, start := []Link{}, d.Offset()
	for d.More() {
		if cap(list) == 0 {
			list = make([]Link, 0, 4) // what most jobs have
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
	list, start := []FileHash{}, d.Offset()
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

// decodeSecrets reads a list of links. A string is a list of one, as the Atlas v1 documents
// print it, and the empty string a list of none.
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

// decodeLink reads a link. A number is no link, though Text reads it.
func decodeLink(d *jsondec.Decoder, dst *Secret) bool {
	isNumber := d.Kind() == jsondec.KindNumber
	return jsondec.String(d, dst) && !isNumber
}
