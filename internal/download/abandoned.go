package download

import (
	"errors"
	"io/fs"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// Abandoned is the part of a job that can never resume it.
type Abandoned struct {
	// JobID is the ID of that job.
	JobID string
	// OtherFile reports that its file is known to be another one.
	OtherFile bool
}

// FindUnfinished finds the unfinished part of another job under the name of a file. It returns nil
// if there is none, and for a part that is complete: its job needs no link for it.
func FindUnfinished(dir *os.Root, name, jobID string) (*Sidecar, error) {
	text, err := partfile.ReadSidecar(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // a missing part is not an error
	}
	if err != nil {
		return nil, err
	}
	if !isOtherJob(text, jobID) {
		return nil, nil //nolint:nilnil // as above
	}
	sidecar, ok := parseSidecar(text, ownerOf(text))
	if !ok || sidecar.IsComplete() {
		return nil, nil //nolint:nilnil // as above
	}
	return &sidecar, nil
}

// isAbandoned reports whether a text is the sidecar of the part that the file may replace.
func (f *File) isAbandoned(text []byte) bool {
	return f.Abandoned != nil && ownerOf(text) == f.Abandoned.JobID
}

// abandonedSidecar returns the state of an abandoned part, for its bytes to be resumed by this
// job. The links of two jobs are two resources: a date of one proves nothing about the other.
func (t *transfer) abandonedSidecar(text []byte) (Sidecar, bool) {
	if t.client.Overwrite || !t.file.isAbandoned(text) || t.file.Abandoned.OtherFile {
		return Sidecar{}, false
	}
	sidecar, ok := parseSidecar(text, t.file.Abandoned.JobID)
	isOtherShard := sidecar.ReplicaSet != "" && t.file.ReplicaSet != "" && sidecar.ReplicaSet != t.file.ReplicaSet
	if !ok || isOtherShard || !isStrongETag(sidecar.ETag) || sidecar.IsComplete() {
		return Sidecar{}, false
	}
	sidecar.Identity = t.file.Identity
	sidecar.Requested = false
	return sidecar, true
}
