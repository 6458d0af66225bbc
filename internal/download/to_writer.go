package download

import (
	"context"
	"io"
)

// Written is a file that was fetched whole into a writer.
type Written struct {
	Result

	progress *progressMeter
}

// FetchToWriter fetches a file into a writer, for the caller to verify. It begins where file.State
// ends, and records in it what has been written.
func (f *Fetcher) FetchToWriter(ctx context.Context, w io.Writer, file *File) (*Written, error) {
	t := f.newTransfer(file)
	if err := t.restoreStream(w); err != nil {
		return nil, err
	}
	err := t.run(ctx)
	if file.State != nil {
		*file.State = t.state()
	}
	if err != nil {
		return nil, err
	}
	return &Written{Result: t.result(), progress: t.progress}, nil
}

// restoreStream continues a stream where file.State ends.
func (t *transfer) restoreStream(w io.Writer) error {
	dest := &writerDestination{w: w}
	t.dest = dest
	if t.file.State == nil {
		return nil
	}
	err := t.restore(t.file.State)
	dest.written = t.bytes > 0
	return err
}

// ReportDone reports the end of the file to Progress.
func (w *Written) ReportDone() { w.progress.finish(w.Size) }

// writerDestination is a destination that cannot rewind.
type writerDestination struct {
	w       io.Writer
	written bool
}

func (d *writerDestination) Write(p []byte) (int, error) {
	d.written = true
	return d.w.Write(p)
}

func (d *writerDestination) Reset(Validators) error {
	if d.written {
		return ErrCannotRewind
	}
	return nil
}

func (d *writerDestination) SetRequested(bool) error               { return nil }
func (d *writerDestination) Checkpoint(int64, int64, []byte) error { return nil }
