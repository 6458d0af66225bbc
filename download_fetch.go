package restorejobs

import (
	"context"
	"crypto/sha1" //nolint:gosec // the checksum that the service names
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strings"
	"time"

	"example.com/restorejobs/internal/pipeline"
	"example.com/restorejobs/internal/wire"
)

// markEvery is how often the part's note is renewed: what a process that is killed
// loses at most.
const markEvery = 4 << 20

// destination takes the bytes of one file.
type destination interface {
	io.Writer
	// asking notes, before a request is made, that the link has been asked, or that it has
	// not been after all.
	asking(asked bool) error
	// restart drops all bytes; those of another version follow.
	restart(p proof) error
	// mark notes that n bytes are there, of size in all (-1: unknown), and what they hash
	// to.
	mark(n, size int64, sum []byte) error
}

// fetch is the way of one file.
type fetch struct {
	download *download
	file     *wanted
	to       destination
	line     *pipeline.Line
	meter    *meter
	once     bool // the link must not be asked twice

	hash  hash.Hash
	bytes int64 // in the destination, and in hash
	proof proof // what they are the beginning of
	asked bool  // the link has been requested

	endless bool // its end cannot be told from a broken connection
}

func (d *download) fetch(file *wanted) *fetch {
	return &fetch{
		download: d, file: file, line: pipeline.New(), meter: d.meter(file),
		once: file.link.MaxDownloads == 1 && !d.opts.AllowRepeat,
		hash: sha1.New(), proof: noProof, //nolint:gosec // see the import
	}
}

// run fetches what is missing, over as many connections as it takes.
func (f *fetch) run(ctx context.Context) error {
	policy := f.download.jobs.client.retry
	if policy.MaxRetries >= 0 {
		policy.MaxRetries += 2
	}
	retry, furthest := policy.start(), f.bytes
	switch {
	case f.complete():
		return nil
	case f.file.missing != nil:
		return f.file.missing
	case f.once && f.asked:
		return &repeatError{}
	}
	for attempt := 1; !f.complete(); attempt++ {
		err := f.attempt(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !worthAnother(err) {
			return err
		}
		if f.once && f.asked {
			return &repeatError{err}
		}
		if f.bytes > furthest {
			furthest, attempt, retry = f.bytes, 1, policy.start()
		}
		if !retry.wait(ctx, attempt, err) {
			return err
		}
	}
	return nil
}

func (f *fetch) complete() bool { return f.proof.size >= 0 && f.bytes == f.proof.size }

// worthAnother reports an error that a new connection may not meet again.
func worthAnother(err error) bool {
	var last *finalError
	var answer *Error
	switch {
	case errors.As(err, &last):
		return false
	case errors.As(err, &answer):
		return retryableStatus(answer.StatusCode)
	default:
		return !wire.HandshakeFailed(err)
	}
}

// attempt makes one request and takes what comes.
func (f *fetch) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	clock := newStallClock(f.download.opts.StallTimeout, cancel)
	defer clock.stop()
	request := linkRequest{link: &f.file.link}
	response, err := f.ask(ctx, clock, &request)
	if err != nil {
		return stalledOr(ctx, err)
	}
	defer response.Body.Close()
	length, err := f.begin(ctx, response, request.from > 0)
	if err != nil {
		return err
	}
	return f.receive(ctx, &linkBody{body: response.Body, clock: clock, meter: f.meter}, length, cancel)
}

// stalledOr names the stall where the context was ended by it.
func stalledOr(ctx context.Context, err error) error {
	var stalled *stalledError
	if cause := context.Cause(ctx); errors.As(cause, &stalled) && !errors.As(err, &stalled) {
		return stalled
	}
	return err
}

// ask requests the rest of the file, or all of it.
func (f *fetch) ask(ctx context.Context, clock *stallClock, request *linkRequest) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.bytes > 0 && f.proof.condition() == "" { // nothing could prove that more belongs to it
		if err := f.startOver(noProof); err != nil {
			return nil, err
		}
	}
	request.from, request.ifRange = f.bytes, f.proof.condition()
	before := f.asked
	if err := f.noteAsked(true); err != nil {
		return nil, err
	}
	clock.start()
	response, err := f.download.jobs.client.askLink(ctx, request)
	clock.stop()
	if err != nil && !before && wire.NotSent(err) {
		if failed := f.noteAsked(false); failed != nil {
			err = failed
		}
	}
	return response, err
}

func (f *fetch) noteAsked(asked bool) error {
	if f.asked == asked {
		return nil
	}
	f.asked = asked
	if err := f.to.asking(asked); err != nil {
		return &finalError{err}
	}
	return nil
}

// begin looks at what the link answered, and gives how many bytes follow, -1 for
// unknown. Rest says that only the rest was asked for.
func (f *fetch) begin(ctx context.Context, response *http.Response, rest bool) (length int64, err error) {
	switch {
	case response.StatusCode == http.StatusPartialContent && rest:
		length, ok := f.proof.continues(response, f.bytes)
		if !ok || !isArchive(response, f.file.name) {
			f.proof = noProof
			return 0, errDoubtful
		}
		f.meter.begin(f.bytes, f.proof.size)
		return length, nil
	case response.StatusCode == http.StatusRequestedRangeNotSatisfiable && rest:
		f.proof = noProof
		return 0, errDoubtful
	case response.StatusCode != http.StatusOK:
		return 0, f.refused(ctx, response)
	case !isArchive(response, f.file.name):
		return 0, errNoArchive
	case response.ContentLength == 0 && f.download.job.generation() != classic: // which have a checksum to tell
		return 0, errNoArchive
	}
	f.endless = response.ContentLength < 0 && response.ProtoMajor == 1 && len(response.TransferEncoding) == 0
	if f.endless && f.download.job.generation() != classic {
		return 0, &finalError{errNoEnd}
	}
	if err := f.startOver(proofOf(response)); err != nil {
		return 0, err
	}
	f.meter.begin(0, f.proof.size)
	return f.proof.size, nil
}

// startOver drops what is there, for the bytes of p.
func (f *fetch) startOver(p proof) error {
	if err := f.to.restart(p); err != nil {
		return &finalError{err}
	}
	f.hash.Reset()
	f.bytes, f.proof = 0, p
	return nil
}

var (
	errDoubtful  = errors.New("the server went on with something else than what it began with")
	errNoArchive = errors.New("the server sent a web page, or compressed what it was asked to leave alone, or sent something else that is no archive")
	errNoEnd     = errors.New("the server tells no length and no checksum: whether the file is whole cannot be known")
)

// isArchive refuses the web page of a proxy, and a body that was compressed on its way.
// An archive that is compressed itself is often said to be so on its way too.
func isArchive(response *http.Response, name string) bool {
	kind := strings.ToLower(contentType(response.Header))
	page := kind == "text/html" || isJSON(kind) || kind == "application/xml" || kind == "text/xml" || strings.HasSuffix(kind, "+xml")
	if page || response.Uncompressed {
		return false
	}
	name = strings.ToLower(name)
	switch encoding := strings.ToLower(response.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
		return true
	case "gzip", "x-gzip":
		return strings.HasSuffix(name, "gz")
	default:
		return false
	}
}

// receive takes a body. What came is kept and noted, whatever ended it.
func (f *fetch) receive(ctx context.Context, body io.Reader, length int64, cancel context.CancelCauseFunc) error {
	if length >= 0 {
		body = io.LimitReader(body, length)
	}
	start, size := f.bytes, f.proof.size
	written, readErr, writeErr := f.line.Run(pipeline.Job{
		From: body, Hash: f.hash, To: f.to, Every: markEvery, Stop: func() { cancel(nil) },
		Mark: func(n int64, sum []byte) error { return f.to.mark(start+n, size, sum) },
	})
	f.bytes += written
	if length < 0 && readErr == nil && writeErr == nil {
		f.proof.size = f.bytes
	}
	if writeErr == nil && (written > 0 || readErr == nil) {
		writeErr = f.to.mark(f.bytes, f.proof.size, f.hash.Sum(nil))
	}
	switch {
	case writeErr != nil:
		return &finalError{writeErr}
	case readErr != nil:
		return stalledOr(ctx, &connectionError{wire.WithoutURL(readErr)})
	case written < length:
		return &connectionError{io.ErrUnexpectedEOF}
	}
	return nil
}

// refused tells a link's answer that is not the file. Where the link is gone, the job
// knows why.
func (f *fetch) refused(ctx context.Context, response *http.Response) error {
	jobs := f.download.jobs
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // the status counts, with or without its text
	answer := &Error{
		StatusCode: response.StatusCode, Operation: "download file", Variant: jobs.scope.variant, Method: http.MethodGet,
		RequestID: requestID(response.Header), RetryAfter: retryAfter(response.Header, time.Now()), Attempts: 1, body: body,
	}
	failure := &linkError{answer: answer}
	if response.StatusCode >= 400 && response.StatusCode < 500 && !retryableStatus(response.StatusCode) {
		if job, err := jobs.Get(ctx, f.download.job.ID); err == nil {
			failure.refused = job.refusesDownload(time.Now(), onlyNeeds(f.file.link.ReplicaSet))
		}
		if errors.Is(failure.refused, ErrNotReady) { // it was
			failure.refused = &notDownloadableError{
				jobID: f.download.job.ID, why: "its link was taken back: used as often as it may be", kinds: []error{ErrDownloadsExhausted},
			}
		}
	}
	return failure
}

// sum is the checksum of what came.
func (f *fetch) sum() string { return hex.EncodeToString(f.hash.Sum(nil)) }

// hashPause is the wait before a job is read a second time for its checksum, which
// appears only after the download; three of it are before the third and last time. A
// shorter delay of the retry policy goes before.
const hashPause = 500 * time.Millisecond

// verify compares with the checksum that the job names.
func (f *fetch) verify(ctx context.Context) (verified bool, err error) {
	job, early, sum := f.download.job, f.file.link.SHA1, f.sum()
	if job.generation() != classic || early == sum {
		return early == sum, nil
	}
	want, pause := early, min(f.download.jobs.client.retry.MinDelay, hashPause)
	for _, pauses := range [...]int{0, 1, 3} {
		if err := sleep(ctx, time.Duration(pauses)*pause); err != nil {
			return false, &unverifiedError{err}
		}
		job, err := f.download.jobs.Get(ctx, job.ID)
		if err != nil {
			return false, &unverifiedError{err}
		}
		switch want = job.hashOf(f.file.link.FileName); want {
		case sum:
			return true, nil
		case "", early: // not there yet, or of an earlier download
		default:
			return false, &checksumError{got: sum, want: want}
		}
	}
	if want != "" {
		return false, &checksumError{got: sum, want: want}
	}
	if f.endless {
		return false, &unverifiedError{errNoEnd}
	}
	return false, nil
}
