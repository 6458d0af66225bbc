package partfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
)

const (
	// recordPrefix hides a record in listings of the directory.
	recordPrefix = "."
	// recordSuffix ends the name of a record. The target's name precedes it.
	recordSuffix = ".download.json"
)

func recordName(target string) string { return recordPrefix + target + recordSuffix }

// WriteRecord replaces the record of a finished target, unless it is the same. If the process is
// killed meanwhile, the earlier record stays, if there was one.
func WriteRecord(dir *os.Root, target string, text []byte) error {
	name := recordName(target)
	if current, err := readFile(dir, name); err == nil && bytes.Equal(current, text) {
		return nil
	}
	temporary := name + ".new"
	f, err := dir.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, dir.Remove(temporary))
	}
	if err := dir.Rename(temporary, name); err != nil {
		return err
	}
	return SyncDir(dir)
}

// RemoveRecord removes the record of a target, if it has one.
func RemoveRecord(dir *os.Root, target string) error {
	if err := dir.Remove(recordName(target)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Records reads all records of a directory, by the names of their targets. It removes those
// without a target.
func Records(dir *os.Root) (map[string][]byte, error) {
	texts, err := readAll(dir, func(name string) (string, bool) {
		hidden, isHidden := strings.CutPrefix(name, recordPrefix)
		target, hasSuffix := strings.CutSuffix(hidden, recordSuffix)
		return target, isHidden && hasSuffix && target != ""
	})
	if err != nil {
		return nil, err
	}
	for target := range texts {
		if _, err := dir.Lstat(target); errors.Is(err, fs.ErrNotExist) {
			delete(texts, target)
			_ = RemoveRecord(dir, target) // it proves nothing, and does no harm
		}
	}
	return texts, nil
}
