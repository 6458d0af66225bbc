// Package download fetches one file over a link, with as many requests as that takes, and keeps
// enough on disk for a later process to resume.
//
// The steps of a file, and where each is implemented:
//
//   - The last segment of the link becomes a name that every system accepts (file_name.go).
//   - The files of an earlier call are known by their sidecars (sidecar.go, existing.go), and are
//     hashed before they are used (resume.go). The rest can be fetched meanwhile (beginning.go).
//   - The missing bytes are transferred (transfer.go): the link is requested through its
//     redirects (request.go), under a timeout for a silent server (stall_timeout.go).
//   - The response must be the file (response.go). It may be the rest of a file only if the
//     server proves that the version is the same (validators.go).
//   - Several connections can fetch ranges of one file (ranges.go, connections.go, connection.go), if
//     the first is slow (slow.go). The segments of the file are in segments.go.
//   - The bytes are hashed and written to a part file with its sidecar (part_destination.go), or
//     to a writer that cannot rewind (to_writer.go), or are read by the caller (reader.go). They are
//     counted (progress.go), and the state of a stream can be kept (state.go).
//   - The caller verifies the whole file, and commits or discards its part (part.go).
//   - A record of a file can stay (record.go), for a call that keeps existing files (keep.go).
//   - When all files are in place, their sidecars are removed (remove_sidecar.go).
package download

import (
	"net/http"
	"time"

	"example.com/restorejobs/internal/api"
)

// Fetcher fetches any number of files at the same time.
type Fetcher struct {
	// Transport sends the requests. It follows no redirect and repeats nothing.
	Transport http.RoundTripper
	// UserAgent is sent with each request.
	UserAgent string
	// AllowInsecureHTTP permits links over plain http. Links to loopback may always be.
	AllowInsecureHTTP bool
	// StallTimeout limits how long a server may send nothing; negative disables it.
	StallTimeout time.Duration
	// Retry limits the attempts that receive no new byte, and the delays between them.
	Retry api.RetryPolicy
	// ReuseSingleUse permits a second request to a single-use link.
	ReuseSingleUse bool
	// Overwrite replaces an existing file, and the part of another job.
	Overwrite bool

	minLeft int64 // instead of minRangesLeft, in tests
}

// File is one file to fetch.
type File struct {
	// Identity identifies the file to a later call.
	Identity
	// Name is its name in the directory, as [SafeName] returns it.
	Name string
	// Link is where the file is.
	Link Link
	// NoLinkErr is why the link is missing, nil if it exists.
	NoLinkErr error
	// Sidecar is the state that an earlier call has saved, nil for none.
	Sidecar *Sidecar
	// Abandoned is the part of another job that the file may resume or replace, nil for none.
	Abandoned *Abandoned
	// Keep keeps an existing file that its record or SHA1 proves.
	Keep bool
	// Recorded reports that Sidecar is the record of a file in place.
	Recorded bool
	// SHA1 is the checksum of the service, "" if it is not known yet.
	SHA1 string
	// State is where a stream begins, nil for the start of the file.
	State *State
	// SingleUse reports that the link may be requested only once.
	SingleUse bool
	// HasChecksum reports that the caller can verify a checksum. It replaces the proof by the
	// length of a response.
	HasChecksum bool
	// Connections is how many connections may fetch the file at the same time. At most one is as
	// before there were several.
	Connections int
	// SlowOnly uses several connections only for a server that sends slowly to one.
	SlowOnly bool
	// ExtraRequests limits the requests of further connections; negative for no limit.
	ExtraRequests int64
	// Progress, unless nil, is called at the start, at the end and at intervals in between.
	Progress func(Progress)
}

// Result describes a file that was fetched whole.
type Result struct {
	// Size is its length in bytes.
	Size int64
	// SHA1 is the checksum of the bytes received, in lower-case hexadecimal.
	SHA1 string
	// LengthErr is why only a checksum can prove that the file is whole, nil if its length has
	// proved it.
	LengthErr error
}
