package fetch

import (
	"context"
	"crypto/sha1" //nolint:gosec // the checksum that the service names
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"

	"example.com/restorejobs/internal/pipeline"
	"example.com/restorejobs/internal/redact"
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
	restart(v Version) error
	// mark notes that n bytes are there, of size in all (-1: unknown), and what they hash
	// to.
	mark(n, size int64, sum []byte) error
}

// transfer is the way of one file.
type transfer struct {
	client *Client
	file   *File
	to     destination
	line   *pipeline.Line
	meter  *meter
	once   bool // the link must not be asked twice

	hash    hash.Hash
	bytes   int64   // in the destination, and in hash
	version Version // what they are the beginning of
	asked   bool    // the link has been requested

	doubt error // why its end cannot be told from a broken connection, nil where it can
}

func (c *Client) transfer(file *File) *transfer {
	return &transfer{
		client: c, file: file, line: pipeline.New(), meter: newMeter(file.Progress),
		once: file.Once && !c.AllowRepeat,
		hash: sha1.New(), version: noVersion, //nolint:gosec // see the import
	}
}

// run fetches what is missing, over as many connections as it takes.
func (t *transfer) run(ctx context.Context) error {
	retry, furthest := t.client.Retry(), t.bytes
	switch {
	case t.complete():
		return nil
	case t.file.Missing != nil:
		return t.file.Missing
	case t.once && t.asked:
		return &repeatError{}
	}
	for attempt := 1; !t.complete(); attempt++ {
		err := t.attempt(ctx)
		if err == nil {
			continue
		}
		if ctx.Err() != nil || !worthAnother(err) {
			return err
		}
		if t.once && t.asked {
			return &repeatError{err}
		}
		if t.bytes > furthest {
			furthest, attempt, retry = t.bytes, 1, t.client.Retry()
		}
		if !retry(ctx, attempt, err) {
			return err
		}
	}
	return nil
}

func (t *transfer) complete() bool { return t.version.Size >= 0 && t.bytes == t.version.Size }

// worthAnother reports an error that a new connection may not meet again.
func worthAnother(err error) bool {
	var last *finalError
	return !errors.As(err, &last) && !wire.HandshakeFailed(err)
}

// attempt makes one request and takes what comes.
func (t *transfer) attempt(ctx context.Context) error {
	ctx, _ = redact.Record(ctx) // the owner redacts a refusal
	exchange, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	clock := newStallClock(t.client.StallTimeout, cancel)
	defer clock.stop()
	response, err := t.ask(exchange, clock)
	if err != nil {
		return stalledOr(exchange, err)
	}
	response.Body = &linkBody{ReadCloser: response.Body, clock: clock}
	defer response.Body.Close()
	length, err := t.begin(ctx, response)
	if err != nil {
		return err
	}
	return t.receive(exchange, &countedBody{response.Body, t.meter}, length, cancel)
}

// ask requests the rest of the file, or all of it.
func (t *transfer) ask(ctx context.Context, clock *stallClock) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.bytes > 0 && t.version.condition() == "" { // nothing could prove that more belongs to it
		if err := t.startOver(noVersion); err != nil {
			return nil, err
		}
	}
	before := t.asked
	if err := t.noteAsked(true); err != nil {
		return nil, err
	}
	clock.start()
	response, err := t.client.follow(ctx, &linkRequest{
		link: &t.file.Link, from: t.bytes, ifRange: t.version.condition(), once: t.once,
	})
	clock.stop()
	var broken *connectionError
	if !before && errors.As(err, &broken) && broken.unsent {
		if failed := t.noteAsked(false); failed != nil {
			err = failed
		}
	}
	return response, err
}

func (t *transfer) noteAsked(asked bool) error {
	if t.asked == asked {
		return nil
	}
	t.asked = asked
	if err := t.to.asking(asked); err != nil {
		return &finalError{err}
	}
	return nil
}

// startOver drops what is there, for the bytes of v.
func (t *transfer) startOver(v Version) error {
	if err := t.to.restart(v); err != nil {
		return &finalError{err}
	}
	t.hash.Reset()
	t.bytes, t.version = 0, v
	return nil
}

// receive takes a body. What came is kept and noted, whatever ended it.
func (t *transfer) receive(ctx context.Context, body io.Reader, length int64, cancel context.CancelCauseFunc) error {
	if length >= 0 {
		body = io.LimitReader(body, length)
	}
	start, size := t.bytes, t.version.Size
	written, readErr, writeErr := t.line.Run(pipeline.Job{
		From: body, Hash: t.hash, To: t.to, Every: markEvery, Stop: func() { cancel(nil) },
		Mark: func(n int64, sum []byte) error { return t.to.mark(start+n, size, sum) },
	})
	t.bytes += written
	if length < 0 && readErr == nil && writeErr == nil {
		t.version.Size = t.bytes
	}
	if writeErr == nil && (written > 0 || readErr == nil) {
		writeErr = t.to.mark(t.bytes, t.version.Size, t.hash.Sum(nil))
	}
	switch {
	case writeErr != nil:
		return &finalError{writeErr}
	case readErr != nil:
		return stalledOr(ctx, &connectionError{err: redact.SecretsOf(ctx).Error(wire.Told(readErr))})
	case written < length:
		return &connectionError{err: io.ErrUnexpectedEOF}
	}
	return nil
}

// check has the whole file compared, and gives nil where it must be thrown away.
func (t *transfer) check(ctx context.Context) (*Result, error) {
	result := &Result{Size: t.bytes, SHA1: hex.EncodeToString(t.hash.Sum(nil)), Doubt: t.doubt}
	keep, err := t.file.Owner.Check(ctx, result)
	if !keep {
		return nil, err
	}
	return result, err
}
