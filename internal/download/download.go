// Package download brings one file over a link to where it belongs, over as many connections
// as that takes, and leaves enough behind for a later process to go on.
//
// The way of a file, and where to read about each step:
//
//   - The last segment of its link becomes a name that any system takes (file_name.go).
//   - Whatever an earlier call has left under that name is known by its note (sidecar.go,
//     existing.go), and is hashed before it is believed (to_directory.go).
//   - What is missing is transferred (transfer.go): the link is asked, with its secret
//     header, through its redirects (request.go), while a clock sees to it that the server is
//     not waited for without end (stall_timeout.go).
//   - The answer is looked at (response.go): it must be the file, and the rest of a file only
//     where the server proves that it is still the same version (validators.go).
//   - Its bytes are hashed and go into a part file with its note (to_directory.go), or to a
//     writer that takes nothing back (to_writer.go), and are counted as they come
//     (progress.go).
//   - When the connection breaks, the next one goes on. What ends the fetch is in errors.go.
//   - The whole file is checked by whoever asked for it, and gets its name.
package download

import (
	"context"
	"net/http"
	"time"
)

// Fetcher is the way to links, for any number of files at the same time.
type Fetcher struct {
	// Transport takes the requests. It follows no redirect and repeats nothing.
	Transport http.RoundTripper
	// UserAgent goes with each request.
	UserAgent string
	// PlainHTTP says whether the link of a host may be plain http.
	PlainHTTP func(host string) bool
	// StallTimeout is how long a server may send nothing; negative is without end.
	StallTimeout time.Duration
	// Retry starts a count of attempts that bring no new byte. What it returns is called
	// after each with its number, from 1, and its error: it waits, and says whether there is
	// another one.
	Retry func() func(ctx context.Context, attempt int, err error) bool
	// ReuseSingleUse asks again for a link that may be used once only.
	ReuseSingleUse bool
	// Overwrite replaces a file that has the name already.
	Overwrite bool
}

// File is one file to fetch.
type File struct {
	// Identity tells a later call which file it is.
	Identity
	// Name is what it is called in its directory, as [SafeName] makes it.
	Name string
	// Link is where it is.
	Link Link
	// NoLinkErr is why there is no link, nil where there is one.
	NoLinkErr error
	// Sidecar is the note that an earlier call has left, nil for none.
	Sidecar *Sidecar
	// SingleUse says that the link may be used once only.
	SingleUse bool
	// HasChecksum says that Owner will have one to compare with: it tells what the length of an
	// answer would.
	HasChecksum bool

	// Owner is whoever asked for it.
	Owner Owner
	// Progress, unless nil, is told at the start, at the end and now and then in between.
	Progress func(Progress)
}

// Owner knows more about a file than its link tells.
type Owner interface {
	// ExplainRefusal makes the error of an answer that is not the file. Again says that the next
	// answer may be.
	ExplainRefusal(ctx context.Context, resp *http.Response) (retryable bool, err error)
	// Verify compares the whole file before it gets its name. Without keep it is thrown away;
	// with keep it is in place, whatever the error says.
	Verify(ctx context.Context, result *Result) (keepFile bool, err error)
}

// Result is a file that is whole.
type Result struct {
	// Size is its length in bytes.
	Size int64
	// SHA1 is the checksum of what came, in lower-case hexadecimal.
	SHA1 string
	// LengthErr is why nothing but a checksum can tell that it is whole, nil where its length
	// has told.
	LengthErr error
}
