package digestauth

import (
	"fmt"
	"io"
	"log/slog"
)

const (
	redactedTransport = "digestauth.Transport{REDACTED}"
	printedConfig     = "digestauth.Config{REDACTED}"
)

// String returns a fixed text without the credential.
func (t *Transport) String() string { return redactedTransport }

// GoString returns the same text as String.
func (t *Transport) GoString() string { return redactedTransport }

// Format writes the same text as String, whatever the verb.
func (t *Transport) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redactedTransport) }

// LogValue returns the same text as String.
func (t *Transport) LogValue() slog.Value { return slog.StringValue(redactedTransport) }

// String returns a fixed text without the credential.
func (c Config) String() string { return printedConfig }

// GoString returns the same text as String.
func (c Config) GoString() string { return printedConfig }

// Format writes the same text as String, whatever the verb.
func (c Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, printedConfig) }

// LogValue returns the same text as String.
func (c Config) LogValue() slog.Value { return slog.StringValue(printedConfig) }

// MarshalText returns the same text as String, for JSON and its like.
func (c Config) MarshalText() ([]byte, error) { return []byte(printedConfig), nil }
