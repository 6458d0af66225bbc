package restorejobs

import (
	"fmt"
	"log/slog"

	"example.com/restorejobs/internal/redact"
)

// redacted is the printed form of every secret.
const redacted = redact.Placeholder

// Secret is a download link, which can contain its key, or the value of an authentication header.
// Package fmt and log/slog print it as "[redacted]", and a Secret outside of a [Job] marshals as
// that. An empty Secret prints as nothing. [Secret.Reveal] returns the value.
//
// Package fmt calls no method of an unexported field: a struct with a Secret in one needs a String
// method. A marshalled [Job] contains its secrets, because this is how a job is stored.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.url.
type Secret string

// Reveal returns the unredacted value.
func (s Secret) Reveal() string { return string(s) }

// String returns "[redacted]", or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns what %#v prints: the type and "[redacted]".
func (s Secret) GoString() string { return fmt.Sprintf("restorejobs.Secret(%q)", s.String()) }

// Format prints the redacted form for every verb, %x and %q included.
func (s Secret) Format(f fmt.State, verb rune) {
	switch {
	case verb == 'v' && f.Flag('#'):
		writeString(f, s.GoString())
	case verb == 'q':
		writeString(f, fmt.Sprintf("%q", s.String()))
	default:
		writeString(f, s.String())
	}
}

// LogValue returns the redacted form for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the redacted form, for encoding/json and similar packages. It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// writeString writes text to a fmt.State, whose Write cannot fail.
func writeString(f fmt.State, text string) { _, _ = f.Write([]byte(text)) }

// writeFields prints a value without methods by the caller's verb and flags. Texts of a server in
// it are kept in one line.
func writeFields(f fmt.State, verb rune, fields any) {
	writeString(f, redact.Printable(fmt.Sprintf(fmt.FormatString(f, verb), fields)))
}
