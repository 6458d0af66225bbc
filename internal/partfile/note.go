package partfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

const maxNote = 64 << 10

// Note is what is written down about a target. It is locked for as long as it is open, and
// with it the target and its part.
type Note struct {
	dir  *os.Root
	name string // of its file
	file *os.File
}

// OpenNote opens and locks the note of a target. [fs.ErrNotExist] says that there is none,
// [ErrBusy] that somebody else has it open.
func OpenNote(dir *os.Root, target string) (*Note, error) { return openNote(dir, target, os.O_RDWR) }

// openNote opens and locks a note. Whoever had the lock before may have finished and
// removed it in between: a lock on a file that is gone is none.
func openNote(dir *os.Root, target string, how int) (*Note, error) {
	name := target + NoteSuffix
	for range 10 {
		file, err := openRegular(dir, name, how)
		if err == nil {
			if err = lock(file); err == nil {
				err = current(dir, name, file)
			}
			if err == nil {
				return &Note{dir: dir, name: name, file: file}, nil
			}
			unlock(file)
			_ = file.Close()
		}
		if !errors.Is(err, errReplaced) {
			return nil, err
		}
	}
	return nil, &fs.PathError{Op: "lock", Path: name, Err: ErrBusy}
}

// Text returns the note, empty for a new one.
func (n *Note) Text() ([]byte, error) {
	return io.ReadAll(io.NewSectionReader(n.file, 0, maxNote))
}

// Set replaces the note. A process that dies in here can leave a note that is cut.
func (n *Note) Set(text []byte) error {
	if _, err := n.file.WriteAt(text, 0); err != nil {
		return err
	}
	return n.file.Truncate(int64(len(text)))
}

// Sync makes the note last, whatever happens to the machine.
func (n *Note) Sync() error {
	return errors.Join(n.file.Sync(), SyncDir(n.dir))
}

// Remove removes the note and unlocks it: while it is still locked where the system allows
// that. What cannot be removed is as good as kept.
func (n *Note) Remove() error {
	err := n.dir.Remove(n.name)
	n.Close()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		err = n.dir.Remove(n.name)
	}
	return err
}

// Close unlocks the note and keeps it.
func (n *Note) Close() {
	unlock(n.file)
	_ = n.file.Close()
}

// Notes reads all notes of a directory, by the names of their targets. What cannot be
// read is left out.
func Notes(dir *os.Root) (map[string][]byte, error) {
	here, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	names, err := here.Readdirnames(-1)
	_ = here.Close()
	if err != nil {
		return nil, err
	}
	notes := map[string][]byte{}
	for _, name := range names {
		target, ok := strings.CutSuffix(name, NoteSuffix)
		if !ok || target == "" {
			continue
		}
		if f, err := openPlain(dir, name); err == nil {
			if text, err := io.ReadAll(io.LimitReader(f, maxNote)); err == nil {
				notes[target] = text
			}
			_ = f.Close()
		}
	}
	return notes, nil
}
