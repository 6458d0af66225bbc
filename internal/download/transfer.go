package download

import (
	"context"
	"crypto/sha1" //nolint:gosec // the checksum that the service names
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"

	"example.com/restorejobs/internal/hashcopy"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// checkpointEvery is how often the sidecar is saved: a process that is killed loses at most that.
const checkpointEvery = 4 << 20

// destination receives the bytes of one file.
type destination interface {
	io.Writer
	// SetRequested records, before a request is sent, that the link has been requested, or
	// afterwards that the request was not sent.
	SetRequested(requested bool) error
	// Reset drops all bytes. Those of version v follow.
	Reset(v Validators) error
	// Checkpoint records that n of size bytes were written, and their checksum. Size is -1 if
	// it is unknown.
	Checkpoint(n, size int64, sum []byte) error
}

// transfer is the state of one file.
type transfer struct {
	client    *Fetcher
	file      *File
	dest      destination
	copier    *hashcopy.Copier
	progress  *progressMeter
	singleUse bool // the link must not be requested twice

	hash       hash.Hash
	bytes      int64      // in the destination, and in hash
	validators Validators // of the version that the bytes are the beginning of
	requested  bool       // the link has been requested

	beginning *beginning // of an earlier call, which is to be verified; nil for none
	segments  *segments  // fetched out of order, nil for none
	noRanges  bool       // the server has not sent a range as it should
	extra     int64      // range requests so far, beyond those of one connection

	lengthErr error // why a broken connection can look like the end, nil if it cannot
}

func (f *Fetcher) newTransfer(file *File) *transfer {
	return &transfer{
		client:     f,
		file:       file,
		copier:     hashcopy.New(),
		progress:   newProgressMeter(file.Progress),
		singleUse:  file.SingleUse && !f.ReuseSingleUse,
		hash:       sha1.New(), //nolint:gosec // see the import
		validators: noValidators,
	}
}

func (t *transfer) result() Result {
	return Result{
		Size:      t.bytes,
		SHA1:      hex.EncodeToString(t.hash.Sum(nil)),
		LengthErr: t.lengthErr,
	}
}

// run fetches the missing bytes, over as many connections as that takes.
func (t *transfer) run(ctx context.Context) error {
	if err := t.mayRequest(); err != nil {
		return err
	}
	retries := newRetries(t)
	for !t.isComplete() {
		err := t.attempt(ctx)
		if err == nil {
			continue
		}
		if err := retries.wait(ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// mayRequest returns why missing bytes cannot be requested.
func (t *transfer) mayRequest() error {
	switch {
	case t.isComplete():
		return nil
	case t.file.NoLinkErr != nil:
		return t.file.NoLinkErr
	case t.singleUse && t.requested:
		return &singleUseError{}
	}
	return nil
}

func (t *transfer) isComplete() bool { return t.validators.Size >= 0 && t.bytes == t.validators.Size }

// attempt sends one request and receives its response.
func (t *transfer) attempt(ctx context.Context) error {
	resp, err := t.connect(ctx)
	if err != nil {
		return err
	}
	defer resp.close()
	return t.receive(resp)
}

// response is the body of one request, under a stall timeout.
type response struct {
	parent context.Context //nolint:containedctx // of all requests of the file
	ctx    context.Context //nolint:containedctx // of the one request
	cancel context.CancelCauseFunc
	timer  *stallTimer
	body   io.ReadCloser
	rest   io.Reader // of body, as far as it is of the file
	length int64     // of rest, -1 if unknown
	read   int64     // from rest

	forbidsRanges bool // the server declares that it has none
}

// Read reads the bytes of the file that the body has.
func (r *response) Read(p []byte) (int, error) {
	n, err := r.rest.Read(p)
	r.read += int64(n)
	return n, err
}

func (r *response) close() {
	r.cancel(nil)
	r.timer.stop()
	_ = r.body.Close() // what was read counts
}

func newResponse(ctx context.Context, cancel context.CancelCauseFunc, timer *stallTimer, body io.ReadCloser, length int64) *response {
	r := &response{
		ctx:    ctx,
		cancel: cancel,
		timer:  timer,
		body:   body,
		rest:   body,
		length: length,
	}
	if length >= 0 {
		r.rest = io.LimitReader(body, length)
	}
	return r
}

// connect sends one request and checks its response.
func (t *transfer) connect(ctx context.Context) (*response, error) {
	ctx, _ = redact.Record(ctx) // for the text of an error response
	reqCtx, cancel := context.WithCancelCause(ctx)
	timer := newStallTimer(t.client.StallTimeout, cancel)
	isOpen := false
	defer func() {
		if !isOpen {
			cancel(nil)
			timer.stop()
		}
	}()
	resp, err := t.request(reqCtx, timer)
	if err != nil {
		return nil, stallCause(reqCtx, err)
	}
	resp.Body = &stallReader{ReadCloser: resp.Body, timer: timer}
	defer func() {
		if !isOpen {
			_ = resp.Body.Close()
		}
	}()
	length, err := t.handleResponse(ctx, resp)
	if err != nil {
		return nil, err
	}
	isOpen = true
	opened := newResponse(reqCtx, cancel, timer, resp.Body, length)
	opened.parent = ctx
	opened.forbidsRanges = forbidsRanges(resp)
	return opened, nil
}

// request requests the rest of the file, or all of it.
func (t *transfer) request(ctx context.Context, timer *stallTimer) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.bytes > 0 && t.validators.ifRange() == "" { // the server cannot prove that more bytes belong to these
		if err := t.reset(noValidators); err != nil {
			return nil, err
		}
	}
	wasRequested := t.requested
	if err := t.setRequested(true); err != nil {
		return nil, err
	}
	timer.start()
	resp, err := t.client.follow(ctx, &linkRequest{
		link:      &t.file.Link,
		from:      t.bytes,
		ifRange:   t.validators.ifRange(),
		singleUse: t.singleUse,
	})
	timer.stop()
	var broken *connectionError
	if !wasRequested && errors.As(err, &broken) && broken.notSent {
		if failed := t.setRequested(false); failed != nil {
			err = failed
		}
	}
	return resp, err
}

func (t *transfer) setRequested(requested bool) error {
	if t.requested == requested {
		return nil
	}
	t.requested = requested
	if err := t.dest.SetRequested(requested); err != nil {
		return &permanentError{err}
	}
	return nil
}

// reset drops all bytes, for those of v.
func (t *transfer) reset(v Validators) error {
	if err := t.dest.Reset(v); err != nil {
		return &permanentError{err}
	}
	t.hash.Reset()
	t.beginning = nil
	t.segments = nil
	t.bytes = 0
	t.validators = v
	return nil
}

// receive copies a body to the destination. The bytes received are recorded, whatever ended it.
func (t *transfer) receive(resp *response) error {
	if t.usesRanges() || t.beginning != nil {
		return t.receiveRanges(resp)
	}
	var src io.Reader = resp
	var slow *slowReader
	if t.canUseRanges(resp) {
		if !t.file.SlowOnly {
			return t.receiveRanges(resp)
		}
		slow = newSlowReader(resp, t.client.minRangesLeft())
		src = slow
	}
	start := t.bytes
	size := t.validators.Size
	written, readErr, writeErr := t.copier.Copy(hashcopy.Copy{
		Src:             &countingReader{src, t.progress},
		Hash:            t.hash,
		Dst:             t.dest,
		CheckpointEvery: checkpointEvery,
		Checkpoint:      func(n int64, sum []byte) error { return t.dest.Checkpoint(start+n, size, sum) },
		Cancel:          func() { resp.cancel(nil) },
	})
	t.bytes += written
	isUnmeasuredEnd := resp.length < 0 && readErr == nil && writeErr == nil
	if isUnmeasuredEnd {
		t.validators.Size = t.bytes
	}
	hasNewState := written > 0 || readErr == nil
	if writeErr == nil && hasNewState {
		writeErr = t.dest.Checkpoint(t.bytes, t.validators.Size, t.hash.Sum(nil))
	}
	if writeErr != nil {
		return &permanentError{writeErr}
	}
	if slow != nil && slow.isSlow {
		return t.receiveRanges(resp)
	}
	return resp.endError(readErr)
}

// endError is what a body that has ended lacks, nil for a whole one.
func (r *response) endError(readErr error) error {
	switch {
	case readErr != nil:
		return stallCause(r.ctx, &connectionError{err: redact.SecretsOf(r.ctx).Error(transport.SanitizeError(readErr))})
	case r.read < r.length:
		return &connectionError{err: io.ErrUnexpectedEOF}
	default:
		return nil
	}
}
