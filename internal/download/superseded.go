package download

import (
	"errors"
	"io/fs"
	"os"
	"slices"

	"example.com/restorejobs/internal/partfile"
)

// RemoveComplete removes the complete files of a job that have one of these names, with what is
// recorded of them.
func RemoveComplete(dir *os.Root, jobID string, names []string) error {
	existing, err := FindToKeep(dir, jobID)
	if err != nil {
		return err
	}
	for _, file := range existing {
		if !file.Sidecar.IsComplete() || !slices.Contains(names, file.Name) {
			continue
		}
		if err := file.remove(dir); err != nil {
			return err
		}
	}
	return nil
}

// remove removes a complete file, and then its sidecar: a killed process can repeat it.
func (e *ExistingFile) remove(dir *os.Root) error {
	part := e.Name + partfile.Suffix
	err := dir.Remove(part)
	isInPlace := errors.Is(err, fs.ErrNotExist)
	if isInPlace {
		err = dir.Remove(e.Name)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if isInPlace {
		if err := partfile.RemoveRecord(dir, e.Name); err != nil {
			return err
		}
	}
	if e.Recorded {
		return nil
	}
	if err := dir.Remove(e.Name + partfile.SidecarSuffix); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
