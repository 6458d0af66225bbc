package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/restorejobs"
)

// checkFiles creates the directory of a download. It refuses a name of a file that exists, because a
// file is never replaced and the run would create a restore that it cannot download.
func (r *runner) checkFiles(last *State, choice Choice) error {
	if !r.plan.To.IsDownload() || r.plan.Deliver != nil {
		return nil
	}
	dir, err := r.directory(choice)
	replacesFiles := last.Step == StepChoose && len(last.FailedJobIDs) > 0 // those of the last attempt
	if err != nil || replacesFiles || r.plan.Download.Name == nil {
		return err
	}
	replicaSets := []string{""} // a link without a replica set
	for _, file := range last.Result.Files {
		replicaSets = append(replicaSets, file.ReplicaSet)
	}
	for _, replicaSet := range replicaSets {
		name := r.plan.Download.Name(restorejobs.DownloadLink{ReplicaSet: replicaSet})
		isName := name != "" && filepath.Base(name) == name
		if !isName {
			continue
		}
		_, err := os.Lstat(filepath.Join(dir, name))
		switch {
		case err == nil:
			return newNameTakenError(name)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// newNameTakenError is a plan whose run would have a file that exists.
func newNameTakenError(name string) error {
	problem := fmt.Sprintf("Download.Name must return another name for each run, or Subdirectory another folder: %q exists", name)
	return &planError{
		problems: []string{problem},
		err:      fs.ErrExist,
	}
}
