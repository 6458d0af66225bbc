package restorejobs

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"

	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/pipeline"
)

// toDirectory fetches one file into its part and gives it its name.
func (d *download) toDirectory(ctx context.Context, dir *os.Root, file *wanted) (*File, error) {
	part, err := partfile.Open(dir, file.name)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	if err := partfile.CheckTarget(dir, file.name, d.opts.Overwrite); err != nil {
		return nil, err
	}
	to := &partTarget{part: part, note: partNote{
		JobID: d.job.ID, FileName: file.link.FileName, ReplicaSet: file.link.ReplicaSet, Size: -1,
	}}
	f := d.fetch(file, to)
	if err = f.resume(ctx, to); err == nil {
		err = f.run(ctx)
	}
	if err != nil {
		return nil, f.leave(part, err)
	}
	verified, err := f.verify(ctx)
	var unverified *unverifiedError
	if err != nil && !errors.As(err, &unverified) {
		return nil, errors.Join(err, part.Discard())
	}
	if err := part.Finish(d.opts.Overwrite); err != nil {
		return nil, f.leave(part, err)
	}
	f.meter.end(f.bytes)
	return &File{Size: f.bytes, SHA1: f.sum(), Verified: verified, ReplicaSet: file.link.ReplicaSet}, err
}

// leave keeps a part that has something in it, or whose link must not be asked again.
func (f *fetch) leave(part *partfile.Part, err error) error {
	if part.Size() > 0 {
		return &keptError{err: err, kept: part.Size(), total: f.proof.size, file: f.file.name + partfile.Suffix}
	}
	if !f.asked || f.file.link.MaxDownloads != 1 {
		return errors.Join(err, part.Discard())
	}
	return err
}

// resume takes over what an earlier call has left. Only bytes that hash to what their
// note says are trusted: a machine that went down can have left anything.
func (f *fetch) resume(ctx context.Context, to *partTarget) error {
	text, err := to.part.Note()
	if err != nil {
		return err
	}
	note, ok := readNote(text, &to.note)
	f.asked = note.Asked || !ok && to.part.Size() > 0 // a note that was cut says nothing
	to.note.Asked = f.asked
	if !ok || note.Bytes == 0 || note.Bytes > to.part.Size() {
		return to.part.Truncate(0)
	}
	known := proof{size: note.Size, etag: note.ETag, modified: note.LastModified}
	f.meter.resume(0, known.size)
	_, readErr, _ := f.line.Run(pipeline.Job{
		From: &linkBody{body: &untilDone{ctx, io.LimitReader(to.part.Content(), note.Bytes)}, clock: &stallClock{}, meter: f.meter},
		Hash: f.hash,
	})
	if readErr != nil {
		return readErr
	}
	if want, err := hex.DecodeString(note.SHA1); err != nil || !bytes.Equal(want, f.hash.Sum(nil)) {
		f.hash.Reset()
		return to.part.Truncate(0)
	}
	to.note = note
	f.bytes, f.proof = note.Bytes, known
	f.meter.resume(f.bytes, known.size)
	return to.part.Truncate(note.Bytes)
}

// untilDone is a reader that ends with a context.
type untilDone struct {
	ctx  context.Context //nolint:containedctx // of the one reading
	from io.Reader
}

func (r *untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// partTarget is a destination in a directory.
type partTarget struct {
	part *partfile.Part
	note partNote
}

func (t *partTarget) Write(p []byte) (int, error) { return t.part.Write(p) }

func (t *partTarget) asking(asked bool) error {
	t.note.Asked = asked
	return t.save()
}

// restart empties the part before its note changes: a note must never vouch for bytes
// of another version.
func (t *partTarget) restart(p proof) error {
	if err := t.part.Truncate(0); err != nil {
		return err
	}
	t.note.Size, t.note.ETag, t.note.LastModified = p.size, p.etag, p.modified
	t.note.Bytes, t.note.SHA1 = 0, ""
	return t.save()
}

func (t *partTarget) mark(n int64, sum []byte) error {
	t.note.Bytes, t.note.SHA1 = n, hex.EncodeToString(sum)
	return t.save()
}

func (t *partTarget) save() error {
	text, err := json.Marshal(&t.note)
	if err != nil {
		return err
	}
	return t.part.SetNote(text)
}

// toWriter fetches one file into a writer.
func (d *download) toWriter(ctx context.Context, w io.Writer, file *wanted) (*File, error) {
	f := d.fetch(file, &writerTarget{w: w})
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	verified, err := f.verify(ctx)
	var unverified *unverifiedError
	if err != nil && !errors.As(err, &unverified) {
		return nil, err
	}
	f.meter.end(f.bytes)
	return &File{Size: f.bytes, SHA1: f.sum(), Verified: verified, ReplicaSet: file.link.ReplicaSet}, err
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

func (t *writerTarget) restart(proof) error {
	if t.written {
		return errNoWayBack
	}
	return nil
}

var errNoWayBack = errors.New("the server does not go on with a broken download, and what was written cannot be taken back")

func (t *writerTarget) asking(bool) error        { return nil }
func (t *writerTarget) mark(int64, []byte) error { return nil }
