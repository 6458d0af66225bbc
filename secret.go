package restorejobs

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"example.com/restorejobs/internal/transport"
)

// redacted is what every secret prints as.
const redacted = transport.Placeholder

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

// How the exported values print. None of them shows a link, a key or a header's
// value, with any verb of fmt or any handler of log/slog.
//
// The parts of a job have methods of their own because fmt, when it finds a verb that a
// pointer does not have, as %s in a slice of pointers, prints what is behind it and asks
// no method further in, not even a Secret's.

// String gives the job in one line, without links: its id, state and what it
// restores.
func (j Job) String() string {
	text := "restore job " + sanitizeOr(j.ID, "without id") + " " + string(j.State())
	if j.SnapshotID != "" {
		text += " of snapshot " + sanitizeOr(j.SnapshotID, "")
	}
	if at := j.pointInTime(); !at.IsZero() {
		text += " to " + at.UTC().Format(time.RFC3339)
	}
	if j.BatchID != "" {
		text += " in batch " + sanitizeOr(j.BatchID, "")
	}
	return text
}

// Format prints [Job.String] for every verb.
func (j Job) Format(f fmt.State, _ rune) { writeString(f, j.String()) }

// LogValue gives id and state, and where there are any statusName, status, deliveryType,
// snapshot and batch, for log/slog.
func (j Job) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("id", sanitize(j.ID, 100)), slog.String("state", string(j.State()))}
	for _, attr := range []struct{ key, value string }{
		{"statusName", string(j.StatusName)},
		{"status", string(j.Status)},
		{"deliveryType", string(j.DeliveryType)},
		{"snapshotId", j.SnapshotID},
		{"batchId", j.BatchID},
	} {
		if attr.value != "" {
			attrs = append(attrs, slog.String(attr.key, sanitize(attr.value, 100)))
		}
	}
	return slog.GroupValue(attrs...)
}

// Format prints the fields as fmt would, and secrets as "[redacted]".
func (d Delivery) Format(f fmt.State, verb rune) {
	type delivery Delivery
	writeFields(f, verb, delivery(d))
}

// Format prints the fields as fmt would, and secrets as "[redacted]".
func (c ClusterComponent) Format(f fmt.State, verb rune) {
	type component ClusterComponent
	writeFields(f, verb, component(c))
}

// Format prints the fields as fmt would, and secrets as "[redacted]".
func (p PrivateDownload) Format(f fmt.State, verb rune) {
	type privateDownload PrivateDownload
	writeFields(f, verb, privateDownload(p))
}

// Format prints the fields as fmt would, and secrets as "[redacted]".
func (d DownloadLink) Format(f fmt.State, verb rune) {
	type download DownloadLink
	writeFields(f, verb, download(d))
}

// writeFields prints a value that has no methods by the caller's verb and flags.
func writeFields(f fmt.State, verb rune, fields any) {
	writeString(f, fmt.Sprintf(fmt.FormatString(f, verb), fields))
}

// LogValue gives the job by its own LogValue, the states and the error for log/slog.
func (w WaitUpdate) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", w.ID), slog.String("state", string(w.State)), slog.String("previous", string(w.Previous)),
		slog.Int("polls", w.Polls), slog.Duration("elapsed", w.Elapsed),
	}
	if w.Job != nil {
		attrs = append(attrs, slog.Any("job", w.Job))
	}
	if w.Err != nil {
		attrs = append(attrs, slog.String("error", w.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON gives the text of [WaitError.Error], so that a structured log shows no link
// of its jobs.
func (e *WaitError) MarshalJSON() ([]byte, error) { return json.Marshal(e.Error()) }

// String gives the page in one line: its number and how many jobs are on it.
func (j JobPage) String() string {
	return fmt.Sprintf("page %d with %d restore jobs", j.PageNum, len(j.Jobs))
}

// Format prints [JobPage.String] for every verb.
func (j JobPage) Format(f fmt.State, _ rune) { writeString(f, j.String()) }

// LogValue gives number, length, total and whether there is more for log/slog.
func (j JobPage) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("pageNum", j.PageNum), slog.Int("jobs", len(j.Jobs)),
		slog.Int("totalCount", j.TotalCount), slog.Bool("hasNext", j.HasNext))
}

// String returns the reference of the source.
func (j *Jobs) String() string { return j.ref() }

// Format prints [Source.Ref] for every verb.
func (j *Jobs) Format(f fmt.State, _ rune) { writeString(f, j.ref()) }

// LogValue gives [Source.Ref] for log/slog.
func (j *Jobs) LogValue() slog.Value { return slog.StringValue(j.ref()) }

// sanitizeOr returns a server's text fit for one line, or instead where there is none.
func sanitizeOr(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return sanitize(text, 100)
}
