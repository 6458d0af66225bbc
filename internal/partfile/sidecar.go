package partfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"example.com/restorejobs/internal/filelock"
)

const maxSidecar = 64 << 10

// Sidecar is the file that describes a target. It is locked while it is open. The lock is also that
// of the target and its part.
type Sidecar struct {
	dir  *os.Root
	name string // of its file
	file *os.File

	content []byte // nil until it is needed
}

// OpenSidecar opens and locks the sidecar of a target. The error is [fs.ErrNotExist] if there is none,
// [ErrBusy] if another download has it open.
func OpenSidecar(dir *os.Root, target string) (*Sidecar, error) {
	return openSidecar(dir, target, os.O_RDWR)
}

// openSidecar opens and locks a sidecar. The process that had the lock before may have removed
// it: a lock on a removed file locks nothing.
func openSidecar(dir *os.Root, target string, flag int) (*Sidecar, error) {
	name := target + SidecarSuffix
	for range 10 {
		file, err := openRegular(dir, name, flag)
		if err == nil {
			if err = lock(file); err == nil {
				err = checkSameFile(dir, name, file)
			}
			if err == nil {
				return &Sidecar{dir: dir, name: name, file: file}, nil
			}
			filelock.Unlock(file)
			_ = file.Close()
		}
		if !errors.Is(err, errReplaced) {
			return nil, err
		}
	}
	return nil, &fs.PathError{Op: "lock", Path: name, Err: ErrBusy}
}

func lock(file *os.File) error {
	err := filelock.TryLock(file)
	if errors.Is(err, filelock.ErrLocked) {
		return &fs.PathError{Op: "lock", Path: file.Name(), Err: ErrBusy}
	}
	return err
}

// Bytes returns the content of the sidecar, empty for a new one.
func (s *Sidecar) Bytes() ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(s.file, 0, maxSidecar))
}

// Write replaces the content. If the process is killed meanwhile, the content can be truncated. After an
// error, such as of a full disk, it writes the earlier content back, which describes the bytes of the part.
func (s *Sidecar) Write(text []byte) error {
	if s.content == nil {
		content, err := s.Bytes()
		if err != nil {
			return err
		}
		s.content = content
	}
	if err := s.replace(text); err != nil {
		_ = s.replace(s.content) // most file systems need no more room for it
		return err
	}
	s.content = append(s.content[:0], text...)
	return nil
}

func (s *Sidecar) replace(text []byte) error {
	if _, err := s.file.WriteAt(text, 0); err != nil {
		return err
	}
	return s.file.Truncate(int64(len(text)))
}

// Sync makes the sidecar durable across a crash of the machine.
func (s *Sidecar) Sync() error {
	return errors.Join(s.file.Sync(), SyncDir(s.dir))
}

// Remove removes the sidecar before it unlocks it. Where the system cannot remove an open file, it
// unlocks it first.
func (s *Sidecar) Remove() error {
	err := s.dir.Remove(s.name)
	s.Close()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		err = s.dir.Remove(s.name)
	}
	return err
}

// Close unlocks the sidecar and keeps it.
func (s *Sidecar) Close() {
	filelock.Unlock(s.file)
	_ = s.file.Close()
}

// Sidecars reads all sidecars of a directory, by the names of their targets. It omits those that
// cannot be read.
func Sidecars(dir *os.Root) (map[string][]byte, error) {
	return readAll(dir, func(name string) (string, bool) {
		target, ok := strings.CutSuffix(name, SidecarSuffix)
		return target, ok && target != ""
	})
}

// readAll reads the files of a directory whose names targetOf accepts, by their targets.
func readAll(dir *os.Root, targetOf func(name string) (target string, ok bool)) (map[string][]byte, error) {
	d, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := d.Readdirnames(-1)
	_ = d.Close()
	if err != nil {
		return nil, err
	}
	texts := map[string][]byte{}
	for _, name := range names {
		target, ok := targetOf(name)
		if !ok {
			continue
		}
		if text, err := readFile(dir, name); err == nil {
			texts[target] = text
		}
	}
	return texts, nil
}

// ReadSidecar reads the sidecar of a target without a lock.
func ReadSidecar(dir *os.Root, target string) ([]byte, error) {
	return readFile(dir, target+SidecarSuffix)
}

func readFile(dir *os.Root, name string) ([]byte, error) {
	f, err := openExisting(dir, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, maxSidecar))
}
