// Package partfile stores an unfinished file next to its final name, with a sidecar that describes
// it, so that another process can resume it.
//
// For the target "a", the bytes are in "a.part" and the sidecar is in "a.part.json". The
// sidecar is locked for as long as a [Part] is open: on systems with locks (Linux, macOS, Windows,
// the BSDs, illumos) no two can work on one target, and the end of a process ends its lock. Other
// systems do not prevent that two processes write one part.
package partfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
)

const (
	// Suffix ends the name of the file with the bytes. The target's name precedes it.
	Suffix = ".part"
	// SidecarSuffix ends the name of the sidecar. The target's name precedes it.
	SidecarSuffix = ".part.json"

	fileMode = 0o600 // what is restored is for its owner
)

var (
	// ErrBusy reports that another download has the part open.
	ErrBusy = errors.New("another download of the same file is under way")
	// ErrReplaced reports that the name of the part is another file now.
	ErrReplaced = errors.New("replaced while the download was under way")

	errNotRegular = errors.New("not a regular file")
	errReplaced   = errors.New("replaced while it was opened")
)

// Part is an unfinished file. It is for one goroutine at a time.
type Part struct {
	dir     *os.Root
	name    string
	data    *os.File
	info    fs.FileInfo // of data
	sidecar *Sidecar
	size    int64

	flushed   int64 // bytes whose write to the disk was started
	flusher   flusher
	committed bool // it has the target's name

	sync func(*os.File) error // File.Sync, except in tests
}

// Open opens the part for a target, or makes an empty one.
func Open(dir *os.Root, name string) (*Part, error) {
	sidecar, err := openSidecar(dir, name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	p := &Part{dir: dir, name: name, sidecar: sidecar, sync: (*os.File).Sync}
	data, err := openRegular(dir, name+Suffix, os.O_RDWR|os.O_CREATE)
	if err != nil {
		sidecar.Close()
		return nil, err
	}
	p.data = data
	if p.info, err = data.Stat(); err == nil {
		p.size, err = data.Seek(0, io.SeekEnd)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// openRegular opens a file for reading and writing, and refuses links and devices.
func openRegular(dir *os.Root, name string, flag int) (*os.File, error) {
	f, err := dir.OpenFile(name, flag, fileMode)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	if err == nil {
		err = checkSameFile(dir, name, f)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// checkSameFile reports whether the name still stands for the open file.
func checkSameFile(dir *os.Root, name string, f *os.File) error {
	onDisk, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return errReplaced
	}
	if err != nil {
		return err
	}
	if !onDisk.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !os.SameFile(onDisk, info) {
		return errReplaced
	}
	return nil
}

// Sidecar returns the sidecar of the part. Close and Discard end it too.
func (p *Part) Sidecar() *Sidecar { return p.sidecar }

// Size is how many bytes the part holds.
func (p *Part) Size() int64 { return p.size }

// Reader reads the part from its start.
func (p *Part) Reader() io.Reader { return io.NewSectionReader(p.data, 0, p.size) }

// Truncate removes everything after n bytes. The next Write follows them. A part that ends there is
// not changed: ext4 writes all of a file that was truncated to nothing before it closes it.
func (p *Part) Truncate(n int64) error {
	_ = p.flusher.wait() // its error stays, for Commit
	if p.size != n {
		if err := p.data.Truncate(n); err != nil {
			return err
		}
	}
	if _, err := p.data.Seek(n, io.SeekStart); err != nil {
		return err
	}
	p.size = n
	p.flushed = n
	return nil
}

// Write appends. What has been written is sent to the disk while more is written: waiting
// for all of it at the end would take as long as the disk needs.
func (p *Part) Write(b []byte) (int, error) {
	n, err := p.data.Write(b)
	p.size += int64(n)
	if p.size-p.flushed >= flushEvery && p.flusher.start(p.data, p.flushed, p.size-p.flushed) {
		p.flushed = p.size
	}
	return n, err
}

// Commit syncs the part and renames it to the target. The sidecar is kept. Without overwrite an
// existing target is an error, and the part is kept. A part that cannot be synced is truncated: the
// system reports the error once, and then shows bytes that are only in memory.
func (p *Part) Commit(overwrite bool) error {
	if err := errors.Join(p.flusher.wait(), p.sync(p.data)); err != nil {
		return errors.Join(err, p.Truncate(0))
	}
	if err := p.sync(p.sidecar.file); err != nil { // the sidecar of a whole file must survive a crash after the rename
		return err
	}
	if p.isReplaced() {
		return &fs.PathError{Op: "rename", Path: p.name + Suffix, Err: ErrReplaced}
	}
	if err := p.data.Close(); err != nil {
		return err
	}
	if err := CheckTarget(p.dir, p.name, overwrite); err != nil {
		return err
	}
	if err := p.dir.Rename(p.name+Suffix, p.name); err != nil {
		return err
	}
	p.committed = true
	return syncDir(p.dir, p.sync)
}

// isReplaced reports whether the name of the part is that of another file. If the file is missing,
// the rename fails.
func (p *Part) isReplaced() bool {
	onDisk, err := p.dir.Lstat(p.name + Suffix)
	return err == nil && !os.SameFile(onDisk, p.info)
}

// Exists reports whether the part can be found under its name.
func (p *Part) Exists() bool {
	onDisk, err := p.dir.Lstat(p.name + Suffix)
	return err == nil && os.SameFile(onDisk, p.info)
}

// Committed reports whether the part has the target's name, even if Commit returned an error.
func (p *Part) Committed() bool { return p.committed }

// Discard removes the part and its sidecar. A file that cannot be removed stays.
func (p *Part) Discard() {
	_ = p.flusher.wait()
	_ = p.data.Close()
	_ = p.dir.Remove(p.name + Suffix)
	_ = p.sidecar.Remove()
}

// OpenTarget opens a finished file for reading; links and devices are refused.
func OpenTarget(dir *os.Root, name string) (*os.File, error) { return openExisting(dir, name) }

// openExisting checks the type before it opens the file: opening a pipe would block.
func openExisting(dir *os.Root, name string) (*os.File, error) {
	info, err := dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotRegular}
	}
	return dir.Open(name)
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir *os.Root) error { return syncDir(dir, (*os.File).Sync) }

func syncDir(dir *os.Root, sync func(*os.File) error) error {
	if runtime.GOOS == "windows" { // where a directory cannot be synced
		return nil
	}
	d, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return sync(d)
}

// Close keeps the part for a later call, empty after a failed write to the disk. It does nothing
// after Commit or Discard.
func (p *Part) Close() {
	if p.flusher.wait() != nil {
		_ = p.data.Truncate(0)
	}
	_ = p.data.Close()
	p.sidecar.Close()
}

// CheckTarget refuses a target that must not be replaced: without overwrite every target, and
// with it a target that is not a file.
func CheckTarget(dir *os.Root, name string, overwrite bool) error {
	info, err := dir.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return &fs.PathError{Op: "replace", Path: name, Err: directoryError{}}
	case !overwrite:
		return &fs.PathError{Op: "create", Path: name, Err: fs.ErrExist}
	case !info.Mode().IsRegular() && info.Mode()&fs.ModeSymlink == 0:
		return &fs.PathError{Op: "replace", Path: name, Err: errNotRegular}
	}
	return nil
}

// directoryError is a directory where a file should go.
type directoryError struct{}

func (directoryError) Error() string        { return "is a directory" }
func (directoryError) Is(target error) bool { return target == fs.ErrExist }
