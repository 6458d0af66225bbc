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

// checkpointEvery is how often the part's note is renewed: what a process that is killed
// loses at most.
const checkpointEvery = 4 << 20

// destination takes the bytes of one file.
type destination interface {
	io.Writer
	// SetRequested notes, before a request is made, that the link has been asked, or that it has
	// not been after all.
	SetRequested(requested bool) error
	// Reset drops all bytes; those of another version follow.
	Reset(v Validators) error
	// Checkpoint notes that n bytes are there, of size in all (-1: unknown), and what they hash
	// to.
	Checkpoint(n, size int64, sum []byte) error
}

// transfer is the way of one file.
type transfer struct {
	client    *Fetcher
	file      *File
	dest      destination
	copier    *hashcopy.Copier
	progress  *progressMeter
	singleUse bool // the link must not be asked twice

	hash       hash.Hash
	bytes      int64      // in the destination, and in hash
	validators Validators // what they are the beginning of
	requested  bool       // the link has been requested

	lengthErr error // why its end cannot be told from a broken connection, nil where it can
}

func (f *Fetcher) transfer(file *File) *transfer {
	return &transfer{
		client: f, file: file, copier: hashcopy.New(), progress: newProgressMeter(file.Progress),
		singleUse: file.SingleUse && !f.ReuseSingleUse,
		hash:      sha1.New(), validators: noValidators, //nolint:gosec // see the import
	}
}

// run fetches what is missing, over as many connections as it takes.
func (t *transfer) run(ctx context.Context) error {
	retry, maxBytes := t.client.Retry(), t.bytes
	switch {
	case t.isComplete():
		return nil
	case t.file.NoLinkErr != nil:
		return t.file.NoLinkErr
	case t.singleUse && t.requested:
		return &singleUseError{}
	}
	for attempt := 1; !t.isComplete(); attempt++ {
		err := t.attempt(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !isRetryable(err) {
			return err
		}
		if t.singleUse && t.requested {
			return &singleUseError{err}
		}
		if t.bytes > maxBytes {
			maxBytes, attempt, retry = t.bytes, 1, t.client.Retry()
		}
		if !retry(ctx, attempt, err) {
			return err
		}
	}
	return nil
}

func (t *transfer) isComplete() bool { return t.validators.Size >= 0 && t.bytes == t.validators.Size }

// isRetryable reports an error that a new connection may not meet again.
func isRetryable(err error) bool {
	var last *permanentError
	return !errors.As(err, &last) && !transport.IsHandshakeError(err)
}

// attempt makes one request and takes what comes.
func (t *transfer) attempt(ctx context.Context) error {
	ctx, _ = redact.Record(ctx) // the owner redacts a refusal
	reqCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := newStallTimer(t.client.StallTimeout, cancel)
	defer timer.stop()
	resp, err := t.request(reqCtx, timer)
	if err != nil {
		return stallCause(reqCtx, err)
	}
	resp.Body = &stallReader{ReadCloser: resp.Body, timer: timer}
	defer resp.Body.Close()
	length, err := t.handleResponse(ctx, resp)
	if err != nil {
		return err
	}
	return t.receive(reqCtx, &countingReader{resp.Body, t.progress}, length, cancel)
}

// request requests the rest of the file, or all of it.
func (t *transfer) request(ctx context.Context, timer *stallTimer) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.bytes > 0 && t.validators.ifRange() == "" { // nothing could prove that more belongs to it
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
		link: &t.file.Link, from: t.bytes, ifRange: t.validators.ifRange(), singleUse: t.singleUse,
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

// reset drops what is there, for the bytes of v.
func (t *transfer) reset(v Validators) error {
	if err := t.dest.Reset(v); err != nil {
		return &permanentError{err}
	}
	t.hash.Reset()
	t.bytes, t.validators = 0, v
	return nil
}

// receive takes a body. What came is kept and noted, whatever ended it.
func (t *transfer) receive(ctx context.Context, body io.Reader, length int64, cancel context.CancelCauseFunc) error {
	if length >= 0 {
		body = io.LimitReader(body, length)
	}
	start, size := t.bytes, t.validators.Size
	written, readErr, writeErr := t.copier.Copy(hashcopy.Copy{
		Src: body, Hash: t.hash, Dst: t.dest, CheckpointEvery: checkpointEvery, Cancel: func() { cancel(nil) },
		Checkpoint: func(n int64, sum []byte) error { return t.dest.Checkpoint(start+n, size, sum) },
	})
	t.bytes += written
	if length < 0 && readErr == nil && writeErr == nil {
		t.validators.Size = t.bytes
	}
	if writeErr == nil && (written > 0 || readErr == nil) {
		writeErr = t.dest.Checkpoint(t.bytes, t.validators.Size, t.hash.Sum(nil))
	}
	switch {
	case writeErr != nil:
		return &permanentError{writeErr}
	case readErr != nil:
		return stallCause(ctx, &connectionError{err: redact.SecretsOf(ctx).Error(transport.SanitizeError(readErr))})
	case written < length:
		return &connectionError{err: io.ErrUnexpectedEOF}
	}
	return nil
}

// verify has the whole file compared, and gives nil where it must be thrown away.
func (t *transfer) verify(ctx context.Context) (*Result, error) {
	result := &Result{Size: t.bytes, SHA1: hex.EncodeToString(t.hash.Sum(nil)), LengthErr: t.lengthErr}
	keepFile, err := t.file.Owner.Verify(ctx, result)
	if !keepFile {
		return nil, err
	}
	return result, err
}
