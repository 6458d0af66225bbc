package download

import (
	"context"
	"errors"
	"io"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/hashcopy"
)

const (
	// idlePoll is how often a connection without work checks for some.
	idlePoll = 100 * time.Millisecond
	// flushRange is how much of a segment is written to the disk together.
	flushRange = 8 << 20
)

// connection is one of the connections.
type connection struct {
	*connections

	buffer []byte
	resp   *response // nil between two requests
	offset int64     // of the next byte of resp
	rate   float64   // of the last segment

	assigned *segment // of the first response
}

// work fetches segments until all bytes are there, or this connection cannot fetch more.
func (w *connection) work(ctx context.Context) error {
	defer func() { w.closeResponse() }()
	for {
		segment := w.assigned
		w.assigned = nil
		if segment == nil {
			segment = w.next(ctx)
		}
		if segment == nil {
			return nil
		}
		before := segment.pos
		err := w.fetch(ctx, segment)
		mayRetry := segment.pos > before
		w.release(segment)
		var permanent *permanentError
		switch {
		case err == nil:
			continue
		case errors.As(err, &permanent):
			return err
		}
		w.closeResponse()
		w.fail(err)
		isOver := ctx.Err() != nil || !mayRetry || !isRetryable(err)
		if isOver || !api.NewRetrier(w.transfer.client.Retry).Wait(ctx, 1, requestedDelay(err)) {
			return nil
		}
	}
}

// next waits for a segment to fetch, nil if there will be none.
func (w *connection) next(ctx context.Context) *segment {
	for {
		w.mu.Lock()
		now := time.Now()
		var segment *segment
		if w.resp != nil {
			segment = w.segments.gapAt(w.offset, now)
		}
		mayRequest := !w.refused && w.transfer.mayRequestRange()
		if segment == nil && mayRequest {
			segment = w.segments.next(w.rate, now)
		}
		if segment != nil && (w.resp == nil || segment.start != w.offset) {
			w.transfer.extra++ // before another connection can have the last request
		}
		isDone := w.segments.isFetched() || ctx.Err() != nil || !mayRequest
		w.mu.Unlock()
		switch {
		case segment != nil:
			if segment.start != w.offset {
				w.closeResponse()
			}
			return segment
		case isDone:
			return nil
		}
		w.closeResponse()
		_ = api.Sleep(ctx, idlePoll) // its error is that of ctx
	}
}

// mayRequestRange reports whether the link may be requested once more.
func (t *transfer) mayRequestRange() bool {
	return t.file.ExtraRequests < 0 || t.extra < t.file.ExtraRequests
}

// fetch fetches a segment, until its end or until another connection has taken that over.
func (w *connection) fetch(ctx context.Context, segment *segment) error {
	if w.resp == nil {
		if err := w.request(ctx, segment); err != nil {
			return err
		}
	}
	flushed := segment.start
	for w.resp != nil && !w.isReceived(segment) {
		if w.offset != segment.pos {
			return &permanentError{errMisplaced}
		}
		_, err := hashcopy.Fill(&segmentReader{w, segment}, w.buffer)
		if failed := w.write(segment); failed != nil {
			return &permanentError{failed}
		}
		if segment.pos-flushed >= flushRange && w.part.Flush(flushed, segment.pos-flushed) {
			flushed = segment.pos
		}
		if err == nil || err == errReceived { //nolint:errorlint // it is never wrapped
			continue
		}
		if err == io.EOF { //nolint:errorlint // the end of a stream is never wrapped
			err = nil
		}
		err = w.resp.endError(err)
		w.closeResponse()
		return err
	}
	return nil
}

// errReceived ends the reading of a segment.
var errReceived = errors.New("the segment is received")

// segmentReader reads a response until the end of a segment. It records what it receives, so that
// another connection can take over the rest.
type segmentReader struct {
	connection *connection
	segment    *segment
}

func (r *segmentReader) Read(p []byte) (int, error) {
	w := r.connection
	left := w.left(r.segment)
	if left == 0 {
		return 0, errReceived
	}
	n, err := w.resp.Read(p[:min(int64(len(p)), left)])
	w.offset += int64(n)
	return w.receive(r.segment, n), err
}

// receive records received bytes. It returns how many of them no other connection has taken over.
func (w *connection) receive(segment *segment, n int) int {
	if n == 0 {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n = int(min(int64(n), segment.left()))
	segment.received += int64(n)
	segment.latest = time.Now()
	w.rate = segment.rate(segment.latest)
	return n
}

func (w *connection) request(ctx context.Context, segment *segment) error {
	w.mu.Lock()
	end := segment.end
	isTaken := end == segment.start // by another connection
	if isTaken {
		w.transfer.extra--
	}
	w.mu.Unlock()
	if isTaken {
		return nil
	}
	resp, err := w.transfer.requestRange(ctx, segment.start, end)
	if err != nil {
		return err
	}
	w.resp = resp
	w.offset = segment.start
	w.mu.Lock()
	w.isProved = true
	w.mu.Unlock()
	w.setProved()
	return nil
}

// left is how many bytes of a segment this connection has yet to receive.
func (w *connection) left(segment *segment) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return segment.left()
}

func (w *connection) isReceived(segment *segment) bool { return w.left(segment) == 0 }

// write writes the bytes in the buffer where they belong.
func (w *connection) write(segment *segment) error {
	w.mu.Lock()
	received := w.buffer[:segment.received-segment.pos]
	segment.writing = len(received) > 0
	w.mu.Unlock()
	if len(received) == 0 {
		return nil
	}
	if _, err := w.part.WriteAt(received, segment.pos); err != nil {
		return err
	}
	_, _ = segment.hash.Write(received) // a hash never fails
	sum := segment.hash.Sum(nil)
	n := int64(len(received))
	w.mu.Lock()
	segment.writing = false
	segment.pos += n
	segment.sum = sum
	segment.latest = time.Now()
	w.changed.Signal()
	w.mu.Unlock()
	w.report(n)
	return w.save(n)
}

func (w *connection) closeResponse() {
	if w.resp != nil {
		w.resp.close()
		w.resp = nil
	}
}
