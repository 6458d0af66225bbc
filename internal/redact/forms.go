package redact

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// forms returns a text as it is, without its own escapes, which a link has, and in base64,
// once and twice.
func forms(text string) []string {
	all := plainForms(text)
	for _, one := range all {
		for _, alphabet := range [...]*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			once := base64Forms(one, alphabet)
			all = append(all, once...)
			for _, encoded := range once {
				all = append(all, base64Forms(encoded, alphabet)...)
			}
		}
	}
	return distinct(all)
}

// hexForms returns the hexadecimal forms of a text, in both letter cases.
func hexForms(text string) []string {
	var all []string
	for _, one := range plainForms(text) {
		lower := hex.EncodeToString([]byte(one))
		all = append(all, lower, strings.ToUpper(lower))
	}
	return distinct(all)
}

// wordForms returns the forms of a text that counts as a word.
func wordForms(text string) []string {
	all := append(plainForms(text), hexForms(text)...)
	for _, one := range plainForms(text) {
		all = append(all, base64.RawStdEncoding.EncodeToString([]byte(one)), base64.RawURLEncoding.EncodeToString([]byte(one)))
	}
	return distinct(all)
}

func plainForms(text string) []string {
	var plain []string
	eachView(text, func(v *view) { plain = append(plain, v.text) })
	return distinct(append(plain, url.QueryEscape(text)))
}

func distinct(all []string) []string {
	all = slices.DeleteFunc(all, func(form string) bool { return len(form) < minSecret })
	slices.Sort(all)
	return slices.Compact(all)
}

// base64Forms returns the characters of base64 that the text alone determines, for each position
// of its first byte in a group of three.
func base64Forms(text string, alphabet *base64.Encoding) []string {
	const group = 3
	var all []string
	for shift := range group {
		padded := make([]byte, shift, shift+len(text))
		padded = append(padded, text...)
		first := (shift*8 + 5) / 6
		last := len(padded) * 8 / 6
		if first < last {
			all = append(all, alphabet.EncodeToString(padded)[first:last])
		}
	}
	return all
}
