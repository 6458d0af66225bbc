package download

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Identity says which file of which job it is.
type Identity struct {
	// JobID is the job's.
	JobID string `json:"jobId"`
	// Files is how many the job has.
	Files int `json:"files"`
	// FileName is the last segment of the file's link.
	FileName string `json:"fileName"`
	// ReplicaSet is where the file is from, "" where nothing tells.
	ReplicaSet string `json:"replicaSet,omitzero"`
	// Link tells files apart that only their links do, see [LinkFingerprint]. "" for others.
	Link string `json:"link,omitzero"`
}

// Equal reports whether two identities are of one file.
func (i *Identity) Equal(other *Identity) bool {
	return i.JobID == other.JobID && i.FileName == other.FileName && i.ReplicaSet == other.ReplicaSet && i.Link == other.Link
}

// Key tells the files of a job apart: by replica set, for which a file has one link or
// another, and else by name; by link, where several have the same.
func (i *Identity) Key() string {
	switch {
	case i.Link != "":
		return "link " + i.Link
	case i.ReplicaSet != "":
		return "replica set " + i.ReplicaSet
	default:
		return "file " + i.FileName
	}
}

// LinkFingerprint stands for a link in a note. It shows nothing of it, and leaves out what a
// service signs anew each time: the query.
func LinkFingerprint(link string) string {
	link, _, _ = strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:16])
}

// Sidecar is what is known of a file that is not whole, or that is whole while others of its
// job are not, for the process that goes on with it. It holds no secret. Its JSON is on the
// disks of users: a name in it never changes.
type Sidecar struct {
	Identity
	// Requested says that the link has been requested.
	Requested bool `json:"asked"`
	// Version is the version that the bytes are of.
	Validators
	// Bytes is how many are certain to be there.
	Bytes int64 `json:"bytes"`
	// SHA1 is the checksum of these bytes.
	SHA1 string `json:"sha1,omitzero"`
	// JobDone reports that all files of the job were in place: the note is to be removed.
	JobDone bool `json:"jobDone,omitzero"`
}

// parseSidecar reads a note of a job; ok is false for any other text.
func parseSidecar(text []byte, jobID string) (sidecar Sidecar, ok bool) {
	if err := json.Unmarshal(text, &sidecar); err != nil {
		return Sidecar{}, false
	}
	return sidecar, sidecar.JobID == jobID && sidecar.Bytes >= 0 && (sidecar.Size < 0 || sidecar.Bytes <= sidecar.Size)
}

// isOtherJob reports a note of another job.
func isOtherJob(text []byte, jobID string) bool {
	var sidecar Sidecar
	return json.Unmarshal(text, &sidecar) == nil && sidecar.JobID != "" && sidecar.JobID != jobID
}

// IsComplete reports whether all bytes were there when the note was written.
func (s *Sidecar) IsComplete() bool { return s.Size >= 0 && s.Bytes == s.Size && s.SHA1 != "" }
