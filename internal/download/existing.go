package download

import (
	"os"

	"example.com/restorejobs/internal/partfile"
)

// ExistingFile is what an earlier call has left of a file.
type ExistingFile struct {
	// Name is what the file is called in the directory.
	Name string
	// Sidecar is what was written down about it.
	Sidecar Sidecar
}

// ExistingFiles are the files of a job that earlier calls have left, by their keys.
type ExistingFiles map[string]*ExistingFile

// FindExisting finds the notes of a job. It removes those that were to be removed by a process
// that was killed.
func FindExisting(dir *os.Root, jobID string) (ExistingFiles, error) {
	sidecars, err := partfile.Sidecars(dir)
	if err != nil {
		return nil, err
	}
	existing := ExistingFiles{}
	for name, text := range sidecars {
		if sidecar, ok := parseSidecar(text, jobID); ok && sanitizeName(name) == name {
			existing[sidecar.Key()] = &ExistingFile{Name: name, Sidecar: sidecar}
		}
	}
	if existing.isLeftover() {
		if err := existing.removeLeftover(dir, jobID); err != nil {
			return nil, err
		}
	}
	return existing, nil
}

// IsComplete reports whether a replica set needs no link any more.
func (e ExistingFiles) IsComplete(replicaSet string) bool {
	file := e[(&Identity{ReplicaSet: replicaSet}).Key()]
	return file != nil && file.Sidecar.IsComplete()
}

// AllComplete reports whether nothing of a job is missing, or nothing of one replica set.
func (e ExistingFiles) AllComplete(replicaSet string) bool {
	if replicaSet != "" {
		return e.IsComplete(replicaSet)
	}
	whole, files := 0, 0
	for _, file := range e {
		if file.Sidecar.IsComplete() {
			whole, files = whole+1, file.Sidecar.Files
		}
	}
	return whole > 0 && whole == files
}
