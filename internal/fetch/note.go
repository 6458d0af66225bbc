package fetch

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
	// Link tells files apart that only their links do, see [LinkMark]. "" for others.
	Link string `json:"link,omitzero"`
}

// same reports whether two identities are of one file.
func (i *Identity) same(other *Identity) bool {
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

// LinkMark stands for a link in a note. It shows nothing of it, and leaves out what a
// service signs anew each time: the query.
func LinkMark(link string) string {
	link, _, _ = strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:16])
}

// Note is what is known of a file that is not whole, or that is whole while others of its
// job are not, for the process that goes on with it. It holds no secret. Its JSON is on the
// disks of users: a name in it never changes.
type Note struct {
	Identity
	// Asked says that the link has been requested.
	Asked bool `json:"asked"`
	// Version is the version that the bytes are of.
	Version
	// Bytes is how many are certain to be there.
	Bytes int64 `json:"bytes"`
	// SHA1 is the checksum of these bytes.
	SHA1 string `json:"sha1,omitzero"`
	// JobDone reports that all files of the job were in place: the note is to be removed.
	JobDone bool `json:"jobDone,omitzero"`
}

// readNote reads a note of a job; ok is false for any other text.
func readNote(text []byte, jobID string) (note Note, ok bool) {
	if err := json.Unmarshal(text, &note); err != nil {
		return Note{}, false
	}
	return note, note.JobID == jobID && note.Bytes >= 0 && (note.Size < 0 || note.Bytes <= note.Size)
}

// ofAnother reports a note of another job.
func ofAnother(text []byte, jobID string) bool {
	var note Note
	return json.Unmarshal(text, &note) == nil && note.JobID != "" && note.JobID != jobID
}

// Whole reports whether all bytes were there when the note was written.
func (n *Note) Whole() bool { return n.Size >= 0 && n.Bytes == n.Size && n.SHA1 != "" }
