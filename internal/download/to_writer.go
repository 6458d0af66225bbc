package download

import (
	"context"
	"errors"
	"io"
)

// FetchToWriter fetches a file into a writer. It gives nil where the bytes are not the file.
func (f *Fetcher) FetchToWriter(ctx context.Context, w io.Writer, file *File) (*Result, error) {
	t := f.transfer(file)
	t.dest = &writerDestination{w: w}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	result, err := t.verify(ctx)
	if result != nil {
		t.progress.finish(result.Size)
	}
	return result, err
}

// writerDestination is a destination that cannot take anything back.
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

var errCannotRewind = errors.New("the server does not go on with a broken download, and what was written cannot be taken back")

func (d *writerDestination) SetRequested(bool) error               { return nil }
func (d *writerDestination) Checkpoint(int64, int64, []byte) error { return nil }
