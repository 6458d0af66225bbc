package restorejobs

import "example.com/restorejobs/internal/jsonpass"

// The lists. An element of an odd kind stays in its place as a zero value, so that
// positions and lengths are the server's, as far as worthKeeping goes; another kind than an
// array gives nil. The loops are written out: a function argument would move every decoder
// to the heap.

// worthKeeping is how many of n elements are kept that took so many bytes. One that says
// anything takes more than eight of them; others take up to forty times their text in memory,
// so that of a long list of those a part is left out. It stays in the job's text.
func worthKeeping(n, bytes int) int { return min(n, 16+bytes/8) }

func decodeLinks(d *jsonpass.Decoder) []Link {
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
		list = list[:worthKeeping(len(list), d.Offset()-start)]
	}
	return list
}

func decodeHashes(d *jsonpass.Decoder) []Hash {
	if !d.Array() {
		return nil
	}
	list, start := []Hash{}, d.Offset()
	for d.More() {
		list = append(list, Hash{})
		list[len(list)-1].decode(d)
		list = list[:worthKeeping(len(list), d.Offset()-start)]
	}
	return list
}

func decodeComponents(d *jsonpass.Decoder) (list []Component, ok bool) {
	ok = true
	if isNull := d.Kind() == jsonpass.Null; !d.Array() {
		return nil, isNull
	}
	list = []Component{}
	start := d.Offset()
	for d.More() {
		list = append(list, Component{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:worthKeeping(len(list), d.Offset()-start)]
	}
	return list, ok
}

func decodePrivateDownloads(d *jsonpass.Decoder) (list []PrivateDownload, ok bool) {
	ok = true
	if isNull := d.Kind() == jsonpass.Null; !d.Array() {
		return nil, isNull
	}
	list = []PrivateDownload{}
	start := d.Offset()
	for d.More() {
		list = append(list, PrivateDownload{})
		isRead := list[len(list)-1].decode(d)
		ok = ok && isRead
		list = list[:worthKeeping(len(list), d.Offset()-start)]
	}
	return list, ok
}

// decodeSecrets reads a list of links. A string is a list of one, as the Atlas v1 documents
// print it, and the empty string a list of none.
func decodeSecrets(d *jsonpass.Decoder) (list []Secret, ok bool) {
	switch d.Kind() {
	case jsonpass.Array:
	case jsonpass.String:
		var link Secret
		jsonpass.Text(d, &link)
		if link == "" {
			return []Secret{}, true
		}
		return []Secret{link}, true
	case jsonpass.Null, jsonpass.Bool, jsonpass.Number, jsonpass.Object, jsonpass.Invalid:
		isNull := d.Kind() == jsonpass.Null
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
func decodeLink(d *jsonpass.Decoder, dst *Secret) bool {
	isNumber := d.Kind() == jsonpass.Number
	return jsonpass.Text(d, dst) && !isNumber
}
