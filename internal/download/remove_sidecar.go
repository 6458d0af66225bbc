package download

import (
	"errors"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// RemoveSidecar removes the sidecars of a job whose files are all in place. It skips those of
// other jobs, and those that another process has open.
func RemoveSidecar(dir *os.Root, names []string, jobID string) error {
	var sidecars []*partfile.Sidecar
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
func openOwn(dir *os.Root, name, jobID string) (*partfile.Sidecar, error) {
	sidecar, err := partfile.OpenSidecar(dir, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, partfile.ErrBusy) {
		return nil, nil //nolint:nilnil // no sidecar is not an error
	}
	if err != nil {
		return nil, err
	}
	text, err := sidecar.Bytes()
	if _, isOwn := parseSidecar(text, jobID); err != nil || !isOwn {
		sidecar.Close()
		return nil, err
	}
	return sidecar, nil
}

// markJobDone records that the other files of the job are in place too. A process that is
// killed while it removes the sidecars of a job leaves some of them, which prove nothing else.
func markJobDone(sidecar *partfile.Sidecar, jobID string) error {
	text, err := sidecar.Bytes()
	if err != nil {
		return err
	}
	content, isOwn := parseSidecar(text, jobID)
	if !isOwn {
		return nil
	}
	content.JobDone = true
	if text, err = content.encode(); err != nil {
		return err
	}
	return sidecar.Write(text)
}

// isLeftover reports whether these are what a killed process left of the sidecars of a job
// that is done: all are marked, and some are missing.
func (e ExistingFiles) isLeftover() bool {
	for _, file := range e {
		isMarked := file.Sidecar.JobDone && file.Sidecar.IsComplete()
		if !isMarked || file.Sidecar.Files <= len(e) {
			return false
		}
	}
	return true
}

// removeLeftover removes the sidecars that a killed process left, unless another has them open.
func (e ExistingFiles) removeLeftover(dir *os.Root, jobID string) error {
	for key, file := range e {
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
		delete(e, key)
	}
	return nil
}

// VerifyDir reports an error if the directory was replaced, and with it its files.
func VerifyDir(root *os.Root, dir string) error {
	opened, err := root.Stat(".")
	if err != nil {
		return err
	}
	named, err := os.Stat(dir)
	if err == nil && !os.SameFile(opened, named) {
		err = &fs.PathError{Op: "find", Path: dir, Err: errors.New("replaced while the download was running")}
	}
	return err
}
