package fetch

import (
	"context"
	"errors"
	"io"
)

// ToWriter fetches a file into a writer. It gives nil where the bytes are not the file.
func (c *Client) ToWriter(ctx context.Context, w io.Writer, file *File) (*Result, error) {
	t := c.transfer(file)
	t.to = &writerTarget{w: w}
	if err := t.run(ctx); err != nil {
		return nil, err
	}
	result, err := t.check(ctx)
	if result != nil {
		t.meter.end(result.Size)
	}
	return result, err
}

// writerTarget is a destination that cannot take anything back.
type writerTarget struct {
	w       io.Writer
	written bool
}

func (t *writerTarget) Write(p []byte) (int, error) {
	t.written = true
	return t.w.Write(p)
}

func (t *writerTarget) restart(Version) error {
	if t.written {
		return errNoWayBack
	}
	return nil
}

var errNoWayBack = errors.New("the server does not go on with a broken download, and what was written cannot be taken back")

func (t *writerTarget) asking(bool) error               { return nil }
func (t *writerTarget) mark(int64, int64, []byte) error { return nil }
