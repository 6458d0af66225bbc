package download

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/hashcopy"
	"example.com/restorejobs/internal/partfile"
)

// ErrFileChanged is a file to keep that is not the one that its record or checksum describes.
var ErrFileChanged = errors.New("the existing file is not the one of this job, or has changed")

// errFileUnproved is a file to keep of which nothing is known.
var errFileUnproved = errors.New("nothing proves that it is the file of this job: it has no record, and the service no checksum")

// keepError is a file that cannot be kept.
type keepError struct{ err error }

func (e *keepError) Error() string        { return e.err.Error() }
func (e *keepError) Unwrap() error        { return e.err }
func (e *keepError) Is(target error) bool { return target == fs.ErrExist }

// CheckKeep returns why an existing file cannot be kept, as far as that is known without reading
// it. Nil also means that the file is missing.
func CheckKeep(dir *os.Root, file *File) error {
	err := partfile.CheckTarget(dir, file.Name, false)
	isFile := errors.Is(err, fs.ErrExist) && partfile.CheckTarget(dir, file.Name, true) == nil
	switch {
	case isFile && file.wantSHA1() == "":
		return &fs.PathError{Op: "keep", Path: file.Name, Err: &keepError{errFileUnproved}}
	case isFile:
		return nil
	default:
		return err
	}
}

// wantSHA1 is the checksum that proves an existing file, "" for none.
func (f *File) wantSHA1() string {
	if f.Recorded {
		return f.Sidecar.SHA1
	}
	return f.SHA1
}

// keepExisting hashes the file that has the name already. It returns nil if the file is missing.
func (t *transfer) keepExisting(ctx context.Context, dir *os.Root) (*Part, error) {
	if err := CheckKeep(dir, t.file); err != nil {
		return nil, err
	}
	target, err := partfile.OpenTarget(dir, t.file.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // a missing file is not an error
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = target.Close() }() // it was only read
	info, err := target.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	hasOtherSize := t.file.Recorded && size != t.file.Sidecar.Size
	if !hasOtherSize {
		if err := t.hashExisting(ctx, target, size); err != nil {
			return nil, err
		}
	}
	if result := t.result(); !hasOtherSize && result.SHA1 == t.file.wantSHA1() {
		return &Part{Result: result, dir: dir, transfer: t, kept: true}, nil
	}
	return nil, &fs.PathError{Op: "keep", Path: t.file.Name, Err: &keepError{ErrFileChanged}}
}

func (t *transfer) hashExisting(ctx context.Context, content io.Reader, size int64) error {
	t.hash.Reset()
	t.progress.resume(0, size)
	body := &countingReader{&ctxReader{ctx, content}, t.progress}
	n, err, _ := t.copier.Copy(hashcopy.Copy{Src: body, Hash: t.hash})
	if err != nil {
		return err
	}
	t.bytes = n
	if t.file.Recorded {
		t.validators = t.file.Sidecar.Validators
	}
	t.progress.resume(n, size)
	return nil
}
