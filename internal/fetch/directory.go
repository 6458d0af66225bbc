package fetch

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/pipeline"
)

// ToDirectory brings a file into a directory under its name: what an earlier call has
// finished is only checked. It gives nil where the file is not in place. Its note stays,
// for [Forget].
func (c *Client) ToDirectory(ctx context.Context, dir *os.Root, file *File) (*Result, error) {
	t := c.transfer(file)
	note, err := t.inPlace(ctx, dir)
	if err != nil {
		return nil, err
	}
	if note == nil {
		return t.fetchInto(ctx, dir)
	}
	defer note.Close()
	result, err := t.check(ctx)
	if result == nil {
		_ = dir.Remove(file.Name) // it is ours, as its note shows
		return nil, errors.Join(err, t.forget(note))
	}
	if err := partfile.SyncDir(dir); err != nil { // which the earlier call may have failed to do
		return nil, err
	}
	t.meter.end(result.Size)
	return result, err
}

// forget removes the note of a file that proved wrong, but not that its link was asked where
// that must not happen again.
func (t *transfer) forget(note *partfile.Note) error {
	if !t.file.Once { // also where this call may ask again: the next one may not
		return note.Remove()
	}
	text, err := json.Marshal(&Note{Identity: t.file.Identity, Asked: true, Version: noVersion})
	if err != nil {
		return err
	}
	return note.Set(text)
}

// StillThere sees whether the directory is where it was: if not, nor are the files.
func StillThere(root *os.Root, dir string) error {
	opened, err := root.Stat(".")
	if err != nil {
		return err
	}
	named, err := os.Stat(dir)
	if err == nil && !os.SameFile(opened, named) {
		err = &fs.PathError{Op: "find", Path: dir, Err: errors.New("replaced while the download was under way")}
	}
	return err
}

// inPlace gives the note of a file that is there already, locked, nil where it is not.
func (t *transfer) inPlace(ctx context.Context, dir *os.Root) (*partfile.Note, error) {
	if earlier := t.file.Earlier; earlier == nil || !earlier.Whole() {
		return nil, nil //nolint:nilnil // no file is no error
	}
	note, err := partfile.OpenNote(dir, t.file.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // see above
	}
	if err != nil {
		return nil, err
	}
	if trusted, err := t.trustTarget(ctx, dir, note); !trusted {
		note.Close()
		return nil, err
	}
	return note, nil
}

// trustTarget reports whether the target is what its note says. The note is read anew:
// before it was locked, others may have been at it.
func (t *transfer) trustTarget(ctx context.Context, dir *os.Root, locked *partfile.Note) (bool, error) {
	text, err := locked.Text()
	if err != nil {
		return false, err
	}
	note, ok := readNote(text, t.file.JobID)
	if !ok || !note.same(&t.file.Identity) || !note.Whole() {
		return false, nil
	}
	target, err := partfile.OpenTarget(dir, t.file.Name)
	if err != nil {
		return false, nil // what is not there, or no file, is not in place
	}
	defer func() { _ = target.Close() }() // it was only read
	if info, err := target.Stat(); err != nil || info.Size() != note.Size {
		return false, nil
	}
	return t.trust(ctx, target, &note)
}

// trust hashes what is there, and takes it over where it is what its note says: a
// machine that went down can have left anything.
func (t *transfer) trust(ctx context.Context, content io.Reader, note *Note) (bool, error) {
	t.meter.resume(0, note.Size)
	body := &countedBody{&untilDone{ctx, io.LimitReader(content, note.Bytes)}, t.meter}
	n, err, _ := t.line.Run(pipeline.Job{From: body, Hash: t.hash})
	if err != nil {
		return false, err
	}
	if want, err := hex.DecodeString(note.SHA1); err != nil || n != note.Bytes || !bytes.Equal(want, t.hash.Sum(nil)) {
		t.hash.Reset()
		return false, nil //nolint:nilerr // a note that cannot be read proves nothing
	}
	t.bytes, t.version = n, note.Version
	t.meter.resume(t.bytes, t.version.Size)
	return true, nil
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

// fetchInto fetches the file into its part and gives it its name.
func (t *transfer) fetchInto(ctx context.Context, dir *os.Root) (*Result, error) {
	overwrite := t.client.Overwrite
	if err := partfile.CheckTarget(dir, t.file.Name, overwrite); err != nil {
		return nil, err
	}
	part, err := partfile.Open(dir, t.file.Name)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	if err := t.resume(ctx, part); err != nil {
		return nil, t.leave(part, err)
	}
	if err := t.run(ctx); err != nil {
		return nil, t.leave(part, err)
	}
	result, err := t.check(ctx)
	switch {
	case result == nil && t.file.Once:
		return nil, errors.Join(err, t.to.restart(noVersion)) // the note knows that the link was asked
	case result == nil:
		part.Discard()
		return nil, err
	case err != nil && partfile.CheckTarget(dir, t.file.Name, false) != nil: // which nothing unchecked replaces
		return nil, t.leave(part, err)
	}
	switch err := part.Finish(overwrite); {
	case err != nil && part.Named(), // the next call finds it in place
		errors.Is(err, partfile.ErrTaken): // nothing is kept
		return nil, err
	case err != nil:
		return nil, t.leave(part, err)
	}
	t.meter.end(result.Size)
	return result, err
}

// resume takes over what an earlier call has left in the part.
func (t *transfer) resume(ctx context.Context, part *partfile.Part) error {
	to := &partTarget{part: part, once: t.file.Once, note: Note{Identity: t.file.Identity, Version: noVersion}}
	t.to = to
	text, err := part.Note().Text()
	if err != nil {
		return err
	}
	if ofAnother(text, t.file.JobID) && !t.client.Overwrite {
		return &fs.PathError{Op: "replace", Path: t.file.Name + partfile.Suffix, Err: errOfAnother}
	}
	note, ok := readNote(text, t.file.JobID)
	ok = ok && note.same(&t.file.Identity)
	cut := len(text) > 0 && !json.Valid(text) // a process was killed while it wrote: the link may have been asked
	t.asked = ok && note.Asked || cut
	to.note.Asked = t.asked
	if !ok || note.SHA1 == "" || note.Bytes > part.Size() {
		return part.Truncate(0)
	}
	before := to.note
	to.note = note // which is kept where the check is broken off
	trusted, err := t.trust(ctx, part.Content(), &note)
	if err != nil {
		return err
	}
	if !trusted {
		to.note = before
		return part.Truncate(0)
	}
	return part.Truncate(note.Bytes)
}

// leave keeps a part that has something in it, or whose link must not be asked again.
func (t *transfer) leave(part *partfile.Part, err error) error {
	kept := int64(0)
	if to, ok := t.to.(*partTarget); ok {
		kept = min(to.note.Bytes, part.Size())
	}
	switch {
	case errors.Is(err, errOfAnother), !part.There():
		return err
	case kept > 0:
		return &keptError{err: err, kept: kept, total: t.version.Size, file: t.file.Name + partfile.Suffix}
	case !t.asked || !t.file.Once:
		part.Discard()
	}
	return err
}

// partTarget is a destination in a directory.
type partTarget struct {
	part *partfile.Part
	note Note
	once bool // that the link was asked must not be forgotten
}

func (t *partTarget) Write(p []byte) (int, error) { return t.part.Write(p) }

func (t *partTarget) asking(asked bool) error {
	t.note.Asked = asked
	if err := t.save(); err != nil || !t.once {
		return err
	}
	return t.part.Note().Sync()
}

// restart empties the part before its note changes: a note must never vouch for bytes
// of another version.
func (t *partTarget) restart(v Version) error {
	if err := t.part.Truncate(0); err != nil {
		return err
	}
	t.note.Version, t.note.Bytes, t.note.SHA1 = v, 0, ""
	return t.save()
}

func (t *partTarget) mark(n, size int64, sum []byte) error {
	before := t.note
	t.note.Bytes, t.note.Size, t.note.SHA1 = n, size, hex.EncodeToString(sum)
	err := t.save()
	if err != nil {
		t.note = before
	}
	return err
}

func (t *partTarget) save() error {
	text, err := json.Marshal(&t.note)
	if err != nil {
		return err
	}
	return t.part.Note().Set(text)
}
