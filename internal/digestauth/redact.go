package digestauth

import (
	"fmt"
	"io"
	"log/slog"
)

const (
	redactedTransport = "digestauth.Transport{REDACTED}"
	redactedConfig    = "digestauth.Config{REDACTED}"
)

// String returns a fixed text without the credential.
func (t *Transport) String() string { return redactedTransport }

// GoString returns the same text as String.
func (t *Transport) GoString() string { return redactedTransport }

// Format writes the same text as String for every verb.
func (t *Transport) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redactedTransport) }

// LogValue returns the same text as String.
func (t *Transport) LogValue() slog.Value { return slog.StringValue(redactedTransport) }

// String returns a fixed text without the credential.
func (c Config) String() string { return redactedConfig }

// GoString returns the same text as String.
func (c Config) GoString() string { return redactedConfig }

// Format writes the same text as String for every verb.
func (c Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redactedConfig) }

// LogValue returns the same text as String.
func (c Config) LogValue() slog.Value { return slog.StringValue(redactedConfig) }

// MarshalText returns the same text as String, for JSON and other encodings.
func (c Config) MarshalText() ([]byte, error) { return []byte(redactedConfig), nil }
