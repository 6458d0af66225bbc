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

// lockCommitted locks the sidecar of a file that an earlier call has committed and that is
// unchanged. It returns nil for any other.
func (t *transfer) lockCommitted(ctx context.Context, dir *os.Root) (*partfile.Sidecar, error) {
	if earlier := t.file.Sidecar; earlier == nil || t.file.Recorded || !earlier.IsComplete() {
		return nil, nil //nolint:nilnil // a missing file is not an error
	}
	sidecar, err := partfile.OpenSidecar(dir, t.file.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // as above
	}
	if err != nil {
		return nil, err
	}
	isLocked := false
	defer func() {
		if !isLocked { // also after a panic of Progress
			sidecar.Close()
		}
	}()
	isLocked, err = t.verifyTarget(ctx, dir, sidecar)
	if !isLocked {
		return nil, err
	}
	return sidecar, nil
}

// verifyTarget reports whether the file is what its sidecar describes. The sidecar is read
// again: another process may have changed it before it was locked.
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
		return false, nil // a missing file, or a directory, is not in place
	}
	defer func() { _ = target.Close() }() // it was only read
	if info, err := target.Stat(); err != nil || info.Size() != sidecar.Size {
		return false, nil
	}
	return t.verifyBytes(ctx, target, &sidecar)
}

// verifyBytes hashes the bytes that a sidecar describes, and resumes from them if they match:
// a machine that crashed can have left any content.
func (t *transfer) verifyBytes(ctx context.Context, content io.Reader, sidecar *Sidecar) (bool, error) {
	t.progress.resume(0, sidecar.Size)
	body := &countingReader{&ctxReader{ctx, io.LimitReader(content, sidecar.Bytes)}, t.progress}
	n, err, _ := t.copier.Copy(hashcopy.Copy{Src: body, Hash: t.hash})
	if err != nil {
		return false, err
	}
	want, err := hex.DecodeString(sidecar.SHA1)
	isProved := err == nil && n == sidecar.Bytes && bytes.Equal(want, t.hash.Sum(nil))
	if !isProved {
		t.hash.Reset()
		return false, nil
	}
	t.bytes = n
	t.validators = sidecar.Validators
	t.progress.resume(t.bytes, t.validators.Size)
	return true, nil
}

// resumePart verifies the bytes that an earlier call has left in the part, or has them verified
// later. It truncates the part to them.
func (t *transfer) resumePart(ctx context.Context, part *partfile.Part) error {
	dest := &partDestination{part: part, singleUse: t.file.SingleUse}
	dest.sidecar = Sidecar{Identity: t.file.Identity, Validators: noValidators}
	t.dest = dest
	text, err := part.Sidecar().Bytes()
	if err != nil {
		return err
	}
	if err := t.checkForeign(text); err != nil {
		return err
	}
	sidecar, ok := parseSidecar(text, t.file.JobID)
	ok = ok && sidecar.Equal(&t.file.Identity)
	if !ok {
		sidecar, ok = t.abandonedSidecar(text)
	}
	t.requested = ok && sidecar.Requested || mayHideRequest(text, t.file.JobID)
	dest.sidecar.Requested = t.requested
	if !ok || sidecar.SHA1 == "" || sidecar.Bytes > part.Size() {
		return part.Truncate(0)
	}
	prev := dest.sidecar
	dest.sidecar = sidecar // it is kept if the verification is cancelled
	if !t.verifyLater(part, &sidecar) {
		valid, err := t.verifyBytes(ctx, part.Reader(), &sidecar)
		if err != nil {
			return err
		}
		if !valid {
			dest.sidecar = prev
			return part.Truncate(0)
		}
	}
	return t.resumeRanges(ctx, part, dest)
}

// checkForeign refuses a part that this call must not touch without Overwrite.
func (t *transfer) checkForeign(text []byte) error {
	switch {
	case t.client.Overwrite, t.file.isAbandoned(text):
		return nil
	case isOtherJob(text, t.file.JobID):
		return &fs.PathError{Op: "replace", Path: t.file.Name + partfile.Suffix, Err: errOtherJob}
	case isNewerSidecar(text):
		return &fs.PathError{Op: "resume", Path: t.file.Name + partfile.SidecarSuffix, Err: errNewerSidecar}
	}
	return nil
}

// mayHideRequest reports a sidecar that cannot be read and may record a request for the link:
// its process was killed while it wrote, or a newer release has written it.
func mayHideRequest(text []byte, jobID string) bool {
	isTruncated := len(text) > 0 && !json.Valid(text)
	isOwnButNewer := isNewerSidecar(text) && !isOtherJob(text, jobID)
	return isTruncated || isOwnButNewer
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
