package download

import (
	"context"
	"errors"
	"io"
)

// Written is a file that was fetched whole into a writer.
type Written struct {
	Result

	progress *progressMeter
}

// FetchToWriter fetches a file into a writer, for the caller to verify.
func (f *Fetcher) FetchToWriter(ctx context.Context, w io.Writer, file *File) (*Written, error) {
	t := f.newTransfer(file)
	t.dest = &writerDestination{w: w}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	return &Written{Result: t.result(), progress: t.progress}, nil
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
		return errCannotRewind
	}
	return nil
}

var errCannotRewind = errors.New("the server does not resume a broken download, and what was written cannot be taken back")

func (d *writerDestination) SetRequested(bool) error               { return nil }
func (d *writerDestination) Checkpoint(int64, int64, []byte) error { return nil }
