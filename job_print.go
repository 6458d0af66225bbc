package restorejobs

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// String returns one line without links: id, state, and the restored snapshot or time.
func (j Job) String() string {
	text := "restore job " + sanitizeOr(j.ID, "without id") + " " + string(j.State())
	if j.SnapshotID != "" {
		text += " of snapshot " + sanitizeOr(j.SnapshotID, "without id")
	}
	if at := j.pointInTime(); !at.IsZero() {
		text += " to " + at.UTC().Format(time.RFC3339)
	}
	if j.BatchID != "" {
		text += " in batch " + sanitizeOr(j.BatchID, "without id")
	}
	return text
}

// Format prints [Job.String] for every verb.
func (j Job) Format(f fmt.State, _ rune) { writeString(f, j.String()) }

// LogValue returns id and state for log/slog, and statusName, status, deliveryType, snapshotId and
// batchId unless empty.
func (j Job) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", sanitize(j.ID, 100)),
		slog.String("state", string(j.State())),
	}
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

// The parts of a job have a Format method of their own. For %s of a slice of pointers, fmt prints
// the fields behind each pointer and calls no method of a nested value, such as a Secret.

// Format prints the fields as fmt would, secrets as "[redacted]", and no control characters of the
// server.
func (d Delivery) Format(f fmt.State, verb rune) {
	type delivery Delivery
	writeFields(f, verb, delivery(d))
}

// Format prints the fields as fmt would, secrets as "[redacted]", and no control characters of the
// server.
func (c ClusterComponent) Format(f fmt.State, verb rune) {
	type component ClusterComponent
	writeFields(f, verb, component(c))
}

// Format prints the fields as fmt would, secrets as "[redacted]", and no control characters of the
// server.
func (p PrivateDownload) Format(f fmt.State, verb rune) {
	type privateDownload PrivateDownload
	writeFields(f, verb, privateDownload(p))
}

// Format prints the fields as fmt would, secrets as "[redacted]", and no control characters of the
// server.
func (d DownloadLink) Format(f fmt.State, verb rune) {
	type download DownloadLink
	writeFields(f, verb, download(d))
}

// Format prints the fields as fmt would, without the server's control characters.
func (f FileHash) Format(s fmt.State, verb rune) {
	type fileHash FileHash
	writeFields(s, verb, fileHash(f))
}

// Format prints the fields as fmt would, without the server's control characters.
func (l Link) Format(f fmt.State, verb rune) {
	type link Link
	writeFields(f, verb, link(l))
}

// sanitizeOr returns a server's text in one line, or a fallback for a text that has nothing to print.
func sanitizeOr(text, fallback string) string {
	return cmp.Or(sanitize(text, 100), fallback)
}
