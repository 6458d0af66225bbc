package digestauth

import (
	"errors"

	"github.com/icholy/digest"
)

var errControlCharacter = errors.New("digestauth: control character in user name or URL")

// formatAuthorization returns the value of the header, with the order of fields of icholy/digest
// but with the quoting of RFC 9110 instead of Go's.
func formatAuthorization(cred *digest.Credentials) (string, error) {
	w := fieldWriter{text: make([]byte, 0, 320+len(cred.URI))}
	w.beforeURI(cred)
	w.quoted(", uri", cred.URI)
	w.afterURI(cred)
	if cred.QOP != "" {
		w.nonceCount(cred.Nc)
	}
	if cred.Userhash {
		w.plain(", userhash", "true")
	}
	w.quoted(", response", cred.Response) // some servers require it last
	return w.result()
}

// commonFields are the fields that all headers with a nonce and [qopAuth] have in common.
type commonFields struct {
	beforeURI  string
	afterURI   string // up to the count
	hasControl bool
}

func newCommonFields(username, cnonce string, c *digest.Challenge) commonFields {
	cred := digest.Credentials{
		Username:  username,
		Realm:     c.Realm,
		Nonce:     c.Nonce,
		Algorithm: c.Algorithm,
		Opaque:    c.Opaque,
		QOP:       qopAuth,
		Cnonce:    cnonce,
	}
	var w fieldWriter
	w.beforeURI(&cred)
	start := len(w.text)
	w.afterURI(&cred)
	text := string(w.text)
	return commonFields{
		beforeURI:  text[:start],
		afterURI:   text[start:],
		hasControl: w.hasControl,
	}
}

// fieldWriter writes the fields of a header.
type fieldWriter struct {
	text       []byte
	hasControl bool // a value had a control character, so the text must not be sent
}

func (f *fieldWriter) beforeURI(cred *digest.Credentials) {
	f.text = append(f.text, "Digest "...)
	f.quoted("username", cred.Username)
	f.quoted(", realm", cred.Realm)
	f.quoted(", nonce", cred.Nonce)
}

// afterURI writes the fields between the URI and the count.
func (f *fieldWriter) afterURI(cred *digest.Credentials) {
	if cred.Algorithm != "" {
		f.plain(", algorithm", cred.Algorithm)
	}
	if cred.QOP != "" {
		f.quoted(", cnonce", cred.Cnonce)
	}
	if cred.Opaque != "" {
		f.quoted(", opaque", cred.Opaque)
	}
	if cred.QOP != "" {
		f.plain(", qop", cred.QOP)
	}
}

// result returns the header.
func (f *fieldWriter) result() (string, error) {
	if f.hasControl {
		return "", errControlCharacter
	}
	return string(f.text), nil
}

func (f *fieldWriter) plain(name, value string) {
	f.text = append(f.text, name...)
	f.text = append(f.text, '=')
	f.text = append(f.text, value...)
}

func (f *fieldWriter) quoted(name, value string) {
	f.plain(name, `"`)
	if isPlain(value) {
		f.text = append(f.text, value...)
	} else {
		f.escape(value)
	}
	f.text = append(f.text, '"')
}

func (f *fieldWriter) escape(value string) {
	for i := range len(value) {
		b := value[i]
		switch {
		case b == '"' || b == '\\':
			f.text = append(f.text, '\\')
		case isControl(b):
			f.hasControl = true
		}
		f.text = append(f.text, b)
	}
}

// isPlain reports whether a value needs no escape, as nearly every one.
func isPlain(value string) bool {
	for i := range len(value) {
		if needsEscape[value[i]] {
			return false
		}
	}
	return true
}

var needsEscape = func() (needs [256]bool) {
	for b := range needs {
		needs[b] = b == '"' || b == '\\' || isControl(byte(b))
	}
	return needs
}()

// nonceCount writes count as eight hexadecimal digits.
func (f *fieldWriter) nonceCount(count int) {
	f.plain(", nc", "")
	f.text = appendCount(f.text, count)
}

func appendCount(text []byte, value int) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		text = append(text, digits[value>>shift&0xf])
	}
	return text
}

func isControl(b byte) bool { return b < ' ' || b == 0x7f }
