package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/restorejobs"
)

// checkNames refuses the next run if one of its files would have the name of a file that exists. A
// file is never replaced, so the run would create a restore that it cannot download.
func (r *runner) checkNames(last *State, choice Choice) error {
	name := r.plan.Download.Name
	isOwnName := r.plan.To.IsDownload() && r.plan.Deliver == nil && name != nil
	if !isOwnName {
		return nil
	}
	dir, err := r.directory(choice)
	if err != nil {
		return err
	}
	replicaSets := []string{""} // what is known of a link before its job
	for _, file := range last.Result.Files {
		replicaSets = append(replicaSets, file.ReplicaSet)
	}
	for _, replicaSet := range replicaSets {
		file := name(restorejobs.DownloadLink{ReplicaSet: replicaSet})
		isName := file != "" && filepath.Base(file) == file
		if !isName {
			continue
		}
		_, err := os.Lstat(filepath.Join(dir, file))
		switch {
		case err == nil:
			return &nameTakenError{name: file}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// nameTakenError is a plan whose next run would have a file that exists.
type nameTakenError struct{ name string }

func (e *nameTakenError) Error() string {
	return fmt.Sprintf("durable: invalid plan: Download.Name must return another name for each run, or Subdirectory another folder: %q exists", e.name)
}

func (e *nameTakenError) Is(target error) bool {
	return target == restorejobs.ErrInvalidArgument || target == fs.ErrExist
}
