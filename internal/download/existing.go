package download

import (
	"os"

	"example.com/restorejobs/internal/partfile"
)

// ExistingFile is a file that an earlier call has begun.
type ExistingFile struct {
	// Name is its name in the directory.
	Name string
	// Sidecar is its saved state.
	Sidecar Sidecar
	// Recorded reports that the state is the record of a file in place.
	Recorded bool
	// Verified reports that the service had the checksum of the record.
	Verified bool
}

// ExistingFiles are the files of a job that earlier calls have begun, by their keys.
type ExistingFiles map[string]*ExistingFile

// FindExisting finds the sidecars of a job. It removes those that a killed process has not
// removed.
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

// FindToKeep finds the sidecars of a job, and the records of its complete files.
func FindToKeep(dir *os.Root, jobID string) (ExistingFiles, error) {
	existing, err := FindExisting(dir, jobID)
	if err != nil {
		return nil, err
	}
	records, err := findRecords(dir, jobID)
	if err != nil {
		return nil, err
	}
	for key, record := range records {
		if begun := existing[key]; begun == nil || !begun.Sidecar.IsComplete() {
			existing[key] = record
		}
	}
	return existing, nil
}

// AllRecorded reports whether all files of a job have a record, or the one of a replica set.
func (e ExistingFiles) AllRecorded(replicaSet string) bool {
	for _, file := range e {
		isSelected := replicaSet == "" || replicaSet == file.Sidecar.ReplicaSet
		if isSelected && !file.Recorded {
			return false
		}
	}
	return e.AllComplete(replicaSet)
}

// IsComplete reports whether the file of a replica set needs no link any more.
func (e ExistingFiles) IsComplete(replicaSet string) bool {
	file := e[(&Identity{ReplicaSet: replicaSet}).Key()]
	return file != nil && file.Sidecar.IsComplete()
}

// AllComplete reports whether all files of a job are complete, or the one of a replica set.
func (e ExistingFiles) AllComplete(replicaSet string) bool {
	if replicaSet != "" {
		return e.IsComplete(replicaSet)
	}
	complete := 0
	total := 0
	for _, file := range e {
		if file.Sidecar.IsComplete() {
			complete++
			total = file.Sidecar.Files
		}
	}
	return complete > 0 && complete == total
}
