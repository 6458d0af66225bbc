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
	for {
		limit := w.left(segment)
		if limit == 0 || w.resp == nil {
			return nil
		}
		if w.offset != segment.pos {
			return &permanentError{errMisplaced}
		}
		n, err := hashcopy.Fill(w.resp, w.buffer[:min(int64(len(w.buffer)), limit)])
		w.offset += int64(n)
		if failed := w.write(segment, n); failed != nil {
			return &permanentError{failed}
		}
		if segment.pos-flushed >= flushRange {
			w.part.Flush(flushed, segment.pos-flushed)
			flushed = segment.pos
		}
		if err == nil {
			continue
		}
		if err == io.EOF { //nolint:errorlint // the end of a stream is never wrapped
			err = nil
		}
		err = w.resp.endError(err)
		w.closeResponse()
		return err
	}
}

func (w *connection) request(ctx context.Context, segment *segment) error {
	w.mu.Lock()
	end := segment.end
	if end > segment.start {
		w.transfer.extra++
	}
	w.mu.Unlock()
	if end == segment.start {
		return nil // another connection has taken all of it over
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

// left is how many bytes of a segment are still for this connection.
func (w *connection) left(segment *segment) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return segment.end - segment.pos
}

// write writes the buffer where it belongs, except what another connection has taken over.
func (w *connection) write(segment *segment, n int) error {
	w.mu.Lock()
	n = int(min(int64(n), segment.end-segment.pos))
	segment.claimed = segment.pos + int64(n)
	w.mu.Unlock()
	if n == 0 {
		return nil
	}
	if _, err := w.part.WriteAt(w.buffer[:n], segment.pos); err != nil {
		return err
	}
	_, _ = segment.hash.Write(w.buffer[:n]) // a hash never fails
	sum := segment.hash.Sum(nil)
	w.mu.Lock()
	segment.pos += int64(n)
	segment.sum = sum
	segment.latest = time.Now()
	w.rate = segment.rate(segment.latest)
	w.changed.Signal()
	w.mu.Unlock()
	w.report(int64(n))
	return w.save(int64(n))
}

func (w *connection) closeResponse() {
	if w.resp != nil {
		w.resp.close()
		w.resp = nil
	}
}
