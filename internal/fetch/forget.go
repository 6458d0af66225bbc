package fetch

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// Forget removes the sidecars of a job whose files are all in place. It skips those of other
// jobs, and those that another process has open.
func Forget(dir *os.Root, names []string, jobID string) error {
	var sidecars []*partfile.Note
	defer func() {
		for _, sidecar := range sidecars {
			sidecar.Close()
		}
	}()
	for _, name := range names {
		sidecar, err := openOwn(dir, name, jobID)
		if err != nil {
			return err
		}
		if sidecar != nil {
			sidecars = append(sidecars, sidecar)
		}
	}
	if len(sidecars) > 1 {
		for _, sidecar := range sidecars {
			_ = markJobDone(sidecar, jobID) // a full disk must not prevent the removal
		}
	}
	for len(sidecars) > 0 {
		first := sidecars[0]
		sidecars = sidecars[1:]
		if err := first.Remove(); err != nil {
			return err
		}
	}
	return nil
}

// openOwn opens the sidecar of a job's file, nil where the job has none there.
func openOwn(dir *os.Root, name, jobID string) (*partfile.Note, error) {
	sidecar, err := partfile.OpenNote(dir, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, partfile.ErrBusy) {
		return nil, nil //nolint:nilnil // no sidecar is not an error
	}
	if err != nil {
		return nil, err
	}
	text, err := sidecar.Text()
	if _, isOwn := readNote(text, jobID); err != nil || !isOwn {
		sidecar.Close()
		return nil, err
	}
	return sidecar, nil
}

// markJobDone records that the other files of the job are in place too. A process that is
// killed while it removes the sidecars of a job leaves some of them, which prove nothing else.
func markJobDone(sidecar *partfile.Note, jobID string) error {
	text, err := sidecar.Text()
	if err != nil {
		return err
	}
	note, isOwn := readNote(text, jobID)
	if !isOwn {
		return nil
	}
	note.JobDone = true
	if text, err = json.Marshal(&note); err != nil {
		return err
	}
	return sidecar.Set(text)
}

// isLeftover reports whether these are what a killed process left of the sidecars of a job
// that is done: all are marked, and some are missing.
func (k Known) isLeftover() bool {
	for _, file := range k {
		isMarked := file.Note.JobDone && file.Note.Whole()
		if !isMarked || file.Note.Files <= len(k) {
			return false
		}
	}
	return true
}

// removeLeftover removes the sidecars that a killed process left, unless another has them open.
func (k Known) removeLeftover(dir *os.Root, jobID string) error {
	for key, file := range k {
		sidecar, err := openOwn(dir, file.Name, jobID)
		if err != nil {
			return err
		}
		if sidecar == nil {
			continue
		}
		if err := sidecar.Remove(); err != nil {
			return err
		}
		delete(k, key)
	}
	return nil
}
