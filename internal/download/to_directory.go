package download

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/hashcopy"
	"example.com/restorejobs/internal/partfile"
)

// FetchToDir brings a file into a directory under its name: what an earlier call has
// finished is only checked. It gives nil where the file is not in place. Its note stays,
// for [RemoveSidecar].
func (f *Fetcher) FetchToDir(ctx context.Context, dir *os.Root, file *File) (*Result, error) {
	t := f.transfer(file)
	sidecar, err := t.lockFinished(ctx, dir)
	if err != nil {
		return nil, err
	}
	if sidecar == nil {
		return t.fetchToPart(ctx, dir)
	}
	defer sidecar.Close()
	result, err := t.verify(ctx)
	if result == nil {
		_ = dir.Remove(file.Name) // it is ours, as its note shows
		return nil, errors.Join(err, t.resetSidecar(sidecar))
	}
	if err := partfile.SyncDir(dir); err != nil { // which the earlier call may have failed to do
		return nil, err
	}
	t.progress.finish(result.Size)
	return result, err
}

// resetSidecar removes the note of a file that proved wrong, but not that its link was asked where
// that must not happen again.
func (t *transfer) resetSidecar(sidecar *partfile.Sidecar) error {
	if !t.file.SingleUse { // also where this call may ask again: the next one may not
		return sidecar.Remove()
	}
	text, err := json.Marshal(&Sidecar{Identity: t.file.Identity, Requested: true, Validators: noValidators})
	if err != nil {
		return err
	}
	return sidecar.Write(text)
}

// VerifyDir sees whether the directory is where it was: if not, nor are the files.
func VerifyDir(root *os.Root, dir string) error {
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

// lockFinished gives the note of a file that is there already, locked, nil where it is not.
func (t *transfer) lockFinished(ctx context.Context, dir *os.Root) (*partfile.Sidecar, error) {
	if earlier := t.file.Sidecar; earlier == nil || !earlier.IsComplete() {
		return nil, nil //nolint:nilnil // no file is no error
	}
	sidecar, err := partfile.OpenSidecar(dir, t.file.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // see above
	}
	if err != nil {
		return nil, err
	}
	if valid, err := t.verifyTarget(ctx, dir, sidecar); !valid {
		sidecar.Close()
		return nil, err
	}
	return sidecar, nil
}

// verifyTarget reports whether the target is what its note says. The note is read anew:
// before it was locked, others may have been at it.
func (t *transfer) verifyTarget(ctx context.Context, dir *os.Root, locked *partfile.Sidecar) (bool, error) {
	text, err := locked.Bytes()
	if err != nil {
		return false, err
	}
	sidecar, ok := parseSidecar(text, t.file.JobID)
	if !ok || !sidecar.Equal(&t.file.Identity) || !sidecar.IsComplete() {
		return false, nil
	}
	target, err := partfile.OpenTarget(dir, t.file.Name)
	if err != nil {
		return false, nil // what is not there, or no file, is not in place
	}
	defer func() { _ = target.Close() }() // it was only read
	if info, err := target.Stat(); err != nil || info.Size() != sidecar.Size {
		return false, nil
	}
	return t.verifyBytes(ctx, target, &sidecar)
}

// verifyBytes hashes what is there, and takes it over where it is what its note says: a
// machine that went down can have left anything.
func (t *transfer) verifyBytes(ctx context.Context, content io.Reader, sidecar *Sidecar) (bool, error) {
	t.progress.resume(0, sidecar.Size)
	body := &countingReader{&ctxReader{ctx, io.LimitReader(content, sidecar.Bytes)}, t.progress}
	n, err, _ := t.copier.Copy(hashcopy.Copy{Src: body, Hash: t.hash})
	if err != nil {
		return false, err
	}
	if want, err := hex.DecodeString(sidecar.SHA1); err != nil || n != sidecar.Bytes || !bytes.Equal(want, t.hash.Sum(nil)) {
		t.hash.Reset()
		return false, nil //nolint:nilerr // a note that cannot be read proves nothing
	}
	t.bytes, t.validators = n, sidecar.Validators
	t.progress.resume(t.bytes, t.validators.Size)
	return true, nil
}

// ctxReader is a reader that ends with a context.
type ctxReader struct {
	ctx  context.Context //nolint:containedctx // of the one reading
	from io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.from.Read(p)
}

// fetchToPart fetches the file into its part and gives it its name.
func (t *transfer) fetchToPart(ctx context.Context, dir *os.Root) (*Result, error) {
	overwrite := t.client.Overwrite
	if err := partfile.CheckTarget(dir, t.file.Name, overwrite); err != nil {
		return nil, err
	}
	part, err := partfile.Open(dir, t.file.Name)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	if err := t.resumePart(ctx, part); err != nil {
		return nil, t.keepOrDiscard(part, err)
	}
	if err := t.run(ctx); err != nil {
		return nil, t.keepOrDiscard(part, err)
	}
	result, err := t.verify(ctx)
	switch {
	case result == nil && t.file.SingleUse:
		return nil, errors.Join(err, t.dest.Reset(noValidators)) // the note knows that the link was asked
	case result == nil:
		part.Discard()
		return nil, err
	case err != nil && partfile.CheckTarget(dir, t.file.Name, false) != nil: // which nothing unchecked replaces
		return nil, t.keepOrDiscard(part, err)
	}
	switch err := part.Commit(overwrite); {
	case err != nil && part.Committed(), // the next call finds it in place
		errors.Is(err, partfile.ErrReplaced): // nothing is kept
		return nil, err
	case err != nil:
		return nil, t.keepOrDiscard(part, err)
	}
	t.progress.finish(result.Size)
	return result, err
}

// resumePart takes over what an earlier call has left in the part.
func (t *transfer) resumePart(ctx context.Context, part *partfile.Part) error {
	partDest := &partDestination{part: part, singleUse: t.file.SingleUse, sidecar: Sidecar{Identity: t.file.Identity, Validators: noValidators}}
	t.dest = partDest
	text, err := part.Sidecar().Bytes()
	if err != nil {
		return err
	}
	if isOtherJob(text, t.file.JobID) && !t.client.Overwrite {
		return &fs.PathError{Op: "replace", Path: t.file.Name + partfile.Suffix, Err: errOtherJob}
	}
	sidecar, ok := parseSidecar(text, t.file.JobID)
	ok = ok && sidecar.Equal(&t.file.Identity)
	sidecarTruncated := len(text) > 0 && !json.Valid(text) // a process was killed while it wrote: the link may have been asked
	t.requested = ok && sidecar.Requested || sidecarTruncated
	partDest.sidecar.Requested = t.requested
	if !ok || sidecar.SHA1 == "" || sidecar.Bytes > part.Size() {
		return part.Truncate(0)
	}
	prev := partDest.sidecar
	partDest.sidecar = sidecar // which is kept where the check is broken off
	valid, err := t.verifyBytes(ctx, part.Reader(), &sidecar)
	if err != nil {
		return err
	}
	if !valid {
		partDest.sidecar = prev
		return part.Truncate(0)
	}
	return part.Truncate(sidecar.Bytes)
}

// keepOrDiscard keeps a part that has something in it, or whose link must not be asked again.
func (t *transfer) keepOrDiscard(part *partfile.Part, err error) error {
	keptBytes := int64(0)
	if partDest, ok := t.dest.(*partDestination); ok {
		keptBytes = min(partDest.sidecar.Bytes, part.Size())
	}
	switch {
	case errors.Is(err, errOtherJob), !part.Exists():
		return err
	case keptBytes > 0:
		return &partKeptError{err: err, keptBytes: keptBytes, total: t.validators.Size, file: t.file.Name + partfile.Suffix}
	case !t.requested || !t.file.SingleUse:
		part.Discard()
	}
	return err
}

// partDestination is a destination in a directory.
type partDestination struct {
	part      *partfile.Part
	sidecar   Sidecar
	singleUse bool // that the link was asked must not be forgotten
}

func (d *partDestination) Write(p []byte) (int, error) { return d.part.Write(p) }

func (d *partDestination) SetRequested(requested bool) error {
	d.sidecar.Requested = requested
	if err := d.save(); err != nil || !d.singleUse {
		return err
	}
	return d.part.Sidecar().Sync()
}

// Reset empties the part before its note changes: a note must never vouch for bytes
// of another version.
func (d *partDestination) Reset(v Validators) error {
	if err := d.part.Truncate(0); err != nil {
		return err
	}
	d.sidecar.Validators, d.sidecar.Bytes, d.sidecar.SHA1 = v, 0, ""
	return d.save()
}

func (d *partDestination) Checkpoint(n, size int64, sum []byte) error {
	prev := d.sidecar
	d.sidecar.Bytes, d.sidecar.Size, d.sidecar.SHA1 = n, size, hex.EncodeToString(sum)
	err := d.save()
	if err != nil {
		d.sidecar = prev
	}
	return err
}

func (d *partDestination) save() error {
	text, err := json.Marshal(&d.sidecar)
	if err != nil {
		return err
	}
	return d.part.Sidecar().Write(text)
}
