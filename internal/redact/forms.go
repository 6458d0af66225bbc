package redact

import (
	"encoding/base64"
	"net/url"
	"slices"
)

// forms returns a text as it is, without its own escapes, which a link has, and in the
// encodings that the text of a server is not decoded from.
func forms(text string) []string {
	plain := plainForms(text)
	all := plain
	for _, one := range plain {
		all = appendBase64(all, one)
	}
	return distinct(all)
}

// wordForms returns the forms of a text that counts as a word.
func wordForms(text string) []string {
	all := plainForms(text)
	for _, one := range all {
		all = append(all, base64.RawStdEncoding.EncodeToString([]byte(one)), base64.RawURLEncoding.EncodeToString([]byte(one)))
	}
	return distinct(all)
}

func plainForms(text string) []string {
	var plain []string
	eachView(text, func(v *view) { plain = append(plain, v.text) })
	return append(plain, url.QueryEscape(text))
}

func distinct(all []string) []string {
	all = slices.DeleteFunc(all, func(form string) bool { return len(form) < minSecret })
	slices.Sort(all)
	return slices.Compact(all)
}

// appendBase64 appends the characters of base64 that the text alone determines, for each
// position of its first byte in a group of three, in both alphabets.
func appendBase64(all []string, text string) []string {
	const group = 3
	for shift := range group {
		padded := make([]byte, shift, shift+len(text))
		padded = append(padded, text...)
		first := (shift*8 + 5) / 6
		last := len(padded) * 8 / 6
		if first >= last {
			continue
		}
		for _, alphabet := range [...]*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, alphabet.EncodeToString(padded)[first:last])
		}
	}
	return all
}
