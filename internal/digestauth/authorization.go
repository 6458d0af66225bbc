package digestauth

import (
	"errors"
	"strings"

	"github.com/icholy/digest"
)

var errControlCharacter = errors.New("digestauth: control character in user name or URL")

// formatAuthorization returns the value of the header, with the order of fields of icholy/digest
// but with the quoting of RFC 9110 instead of Go's.
func formatAuthorization(cred *digest.Credentials) (string, error) {
	var w fieldWriter
	w.Grow(320 + len(cred.URI))
	w.WriteString("Digest ")
	w.quoted("username", cred.Username)
	w.quoted(", realm", cred.Realm)
	w.quoted(", nonce", cred.Nonce)
	w.quoted(", uri", cred.URI)
	if cred.Algorithm != "" {
		w.plain(", algorithm", cred.Algorithm)
	}
	if cred.QOP != "" {
		w.quoted(", cnonce", cred.Cnonce)
	}
	if cred.Opaque != "" {
		w.quoted(", opaque", cred.Opaque)
	}
	if cred.QOP != "" {
		w.plain(", qop", cred.QOP)
		w.writeNonceCount(", nc", cred.Nc)
	}
	if cred.Userhash {
		w.plain(", userhash", "true")
	}
	w.quoted(", response", cred.Response) // some servers require it last
	if w.hasControl {
		return "", errControlCharacter
	}
	return w.String(), nil
}

// fieldWriter writes the fields of a header.
type fieldWriter struct {
	strings.Builder

	hasControl bool // a value had a control character, so the text must not be sent
}

func (f *fieldWriter) plain(name, value string) {
	f.WriteString(name)
	f.WriteByte('=')
	f.WriteString(value)
}

func (f *fieldWriter) quoted(name, value string) {
	f.WriteString(name)
	f.WriteString(`="`)
	if isPlain(value) {
		f.WriteString(value)
	} else {
		f.escape(value)
	}
	f.WriteByte('"')
}

func (f *fieldWriter) escape(value string) {
	for i := range len(value) {
		b := value[i]
		switch {
		case b == '"' || b == '\\':
			f.WriteByte('\\')
		case isControl(b):
			f.hasControl = true
		}
		f.WriteByte(b)
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

// writeNonceCount writes value as eight hexadecimal digits.
func (f *fieldWriter) writeNonceCount(name string, value int) {
	f.plain(name, "")
	var digits [8]byte
	f.Write(appendCount(digits[:0], value))
}

func appendCount(text []byte, value int) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		text = append(text, digits[value>>shift&0xf])
	}
	return text
}

func isControl(b byte) bool { return b < ' ' || b == 0x7f }
