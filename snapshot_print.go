package restorejobs

import (
	"fmt"
	"log/slog"
	"time"
)

// String returns one line: id, state, and the time of the data.
func (s Snapshot) String() string {
	text := "snapshot " + sanitizeOr(s.ID, "without id") + " " + string(s.State())
	if at := s.Time(); !at.IsZero() {
		text += " of " + at.UTC().Format(time.RFC3339)
	}
	return text
}

// Format prints [Snapshot.String] for every verb.
func (s Snapshot) Format(f fmt.State, _ rune) { writeString(f, s.String()) }

// LogValue returns id and state for log/slog, and time, status, snapshotType and missingShards unless
// they are empty.
func (s Snapshot) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", sanitize(s.ID, 100)),
		slog.String("state", string(s.State())),
	}
	if at := s.Time(); !at.IsZero() {
		attrs = append(attrs, slog.Time("time", at))
	}
	for _, attr := range []struct{ key, value string }{
		{"status", string(s.Status)},
		{"snapshotType", string(s.SnapshotType)},
	} {
		if attr.value != "" {
			attrs = append(attrs, slog.String(attr.key, sanitize(attr.value, 100)))
		}
	}
	if n := len(s.MissingShards); n > 0 {
		attrs = append(attrs, slog.Int("missingShards", n))
	}
	return slog.GroupValue(attrs...)
}

// Format prints the fields as fmt would, without the server's control characters.
func (p SnapshotPart) Format(f fmt.State, verb rune) {
	type snapshotPart SnapshotPart
	writeFields(f, verb, snapshotPart(p))
}

// Format prints the fields as fmt would, without the server's control characters.
func (m MissingShard) Format(f fmt.State, verb rune) {
	type missingShard MissingShard
	writeFields(f, verb, missingShard(m))
}

// Format prints the fields as fmt would, without the server's control characters.
func (n NamespaceFilterList) Format(f fmt.State, verb rune) {
	type namespaceFilterList NamespaceFilterList
	writeFields(f, verb, namespaceFilterList(n))
}

// Format prints the fields as fmt would, without the server's control characters.
func (m SnapshotMember) Format(f fmt.State, verb rune) {
	type snapshotMember SnapshotMember
	writeFields(f, verb, snapshotMember(m))
}
