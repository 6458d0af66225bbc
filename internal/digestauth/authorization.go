package digestauth

import (
	"errors"
	"strings"

	"github.com/icholy/digest"
)

var errControlCharacter = errors.New("digestauth: control character in user name or URL")

// formatAuthorization writes cred as the value of a header, in the order of fields
// that icholy/digest uses, with quotes as RFC 9110 has them rather than Go's.
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
	w.quoted(", response", cred.Response) // some servers want it last
	if w.control {
		return "", errControlCharacter
	}
	return w.String(), nil
}

// fieldWriter writes fields of a header.
type fieldWriter struct {
	strings.Builder
	control bool // a value had a control character; the text must not be sent
}

func (f *fieldWriter) plain(name, value string) {
	f.WriteString(name)
	f.WriteByte('=')
	f.WriteString(value)
}

func (f *fieldWriter) quoted(name, value string) {
	f.WriteString(name)
	f.WriteString(`="`)
	done := 0
	for i := range len(value) {
		switch b := value[i]; {
		case b == '"' || b == '\\':
			f.WriteString(value[done:i])
			f.WriteByte('\\')
			done = i
		case b < ' ' || b == 0x7f:
			f.control = true
		}
	}
	f.WriteString(value[done:])
	f.WriteByte('"')
}

// writeNonceCount writes value as eight hex digits.
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
