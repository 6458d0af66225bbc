package restorejobs

import (
	"fmt"
	"log/slog"

	"example.com/restorejobs/internal/redact"
)

// redacted is what every secret prints as.
const redacted = redact.Placeholder

// Secret is a string that must not be seen: a download link, which is its own
// key, or the value of an authentication header. It prints as "[redacted]" with
// every verb of fmt, in log/slog, and when it is marshalled by itself; an empty
// Secret prints as nothing. Use [Secret.Reveal] to get at it. There is one limit, which
// is Go's: fmt asks no methods of a private field, so a struct of your own that keeps a
// Secret in one needs a String method before it is printed.
//
// Marshalling a whole [Job] is the one place where secrets are written out,
// because that is how a job is stored.
//
// API: Cloud Manager and Ops Manager "Get One Restore Job", delivery.url: the link
// carries its key.
type Secret string

// Reveal returns the secret itself.
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

// MarshalText returns the redacted form, for encoding/json and its like.
// It never fails.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// writeString writes text to a fmt.State, whose Write cannot fail.
func writeString(f fmt.State, text string) { _, _ = f.Write([]byte(text)) }
