package download

import (
	"context"
	"io"
)

// Reader reads a file from its link, and requests the rest when a connection breaks. It is for one
// goroutine at a time.
type Reader struct {
	ctx      context.Context //nolint:containedctx // of all requests
	transfer *transfer
	retries  *retries
	resp     *response // nil between two requests
	body     io.Reader // of resp
}

// Open requests a file, from the end of file.State if that is set.
func (f *Fetcher) Open(ctx context.Context, file *File) (*Reader, error) {
	t := f.newTransfer(file)
	if err := t.restoreStream(io.Discard); err != nil {
		return nil, err
	}
	r := &Reader{ctx: ctx, transfer: t, retries: newRetries(t)}
	if err := t.mayRequest(); err != nil {
		return nil, err
	}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// connect requests the missing bytes, unless they are on their way.
func (r *Reader) connect() error {
	for r.resp == nil && !r.transfer.isComplete() {
		resp, err := r.transfer.connect(r.ctx)
		if err == nil {
			r.resp = resp
			r.body = &countingReader{resp, r.transfer.progress}
			return nil
		}
		if err := r.retries.wait(r.ctx, err); err != nil {
			return err
		}
	}
	return nil
}

// Read returns [io.EOF] when the file is whole, for the caller to verify.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
		if err := r.connect(); err != nil {
			return 0, err
		}
		if r.resp == nil {
			return 0, io.EOF
		}
		n, err := r.body.Read(p)
		r.add(p[:n])
		if err == nil {
			if n > 0 {
				return n, nil
			}
			continue
		}
		if err := r.endResponse(err); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (r *Reader) add(p []byte) {
	t := r.transfer
	_, _ = t.hash.Write(p) // a hash never fails
	t.bytes += int64(len(p))
	_, _ = t.dest.Write(p) // it counts
}

// endResponse returns nil if the file is whole, or if it is time for another request.
func (r *Reader) endResponse(readErr error) error {
	if readErr == io.EOF { //nolint:errorlint // the end of a stream is never wrapped
		readErr = nil
	}
	err := r.resp.endError(readErr)
	if err == nil && r.resp.length < 0 {
		r.transfer.validators.Size = r.transfer.bytes
	}
	r.closeResponse()
	if err == nil {
		return nil
	}
	return r.retries.wait(r.ctx, err)
}

func (r *Reader) closeResponse() {
	if r.resp != nil {
		r.resp.close()
		r.resp = nil
	}
}

// Close ends the request.
func (r *Reader) Close() { r.closeResponse() }

// Size is the length of the file, -1 if unknown.
func (r *Reader) Size() int64 { return r.transfer.validators.Size }

// State describes the bytes that have been read.
func (r *Reader) State() State { return r.transfer.state() }

// Result describes the file, once Read has returned [io.EOF].
func (r *Reader) Result() Result { return r.transfer.result() }

// ReportDone reports the end of the file to Progress.
func (r *Reader) ReportDone() { r.transfer.progress.finish(r.transfer.bytes) }
