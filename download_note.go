package restorejobs

import (
	"encoding/hex"
	"encoding/json"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// partNote is what is known of a file that is not whole, or that is whole while others
// of its job are not, for the process that goes on with it. It holds no secret.
type partNote struct {
	JobID        string `json:"jobId"`
	Files        int    `json:"files"` // that the job has
	FileName     string `json:"fileName"`
	ReplicaSet   string `json:"replicaSet,omitzero"`
	Asked        bool   `json:"asked"` // the link has been requested
	Size         int64  `json:"size"`  // -1: unknown
	ETag         string `json:"etag,omitzero"`
	LastModified string `json:"lastModified,omitzero"`
	Bytes        int64  `json:"bytes"`         // that are certain to be there
	SHA1         string `json:"sha1,omitzero"` // of them
}

// readNote reads a note of a job; ok is false for any other text.
func readNote(text []byte, jobID string) (note partNote, ok bool) {
	if err := json.Unmarshal(text, &note); err != nil {
		return partNote{}, false
	}
	return note, note.JobID == jobID && note.Bytes >= 0 && (note.Size < 0 || note.Bytes <= note.Size)
}

// whole reports whether all bytes were there when the note was written.
func (n *partNote) whole() bool { return n.Size >= 0 && n.Bytes == n.Size && n.SHA1 != "" }

// sameFile reports whether two notes are about one file of one job.
func (n *partNote) sameFile(other *partNote) bool {
	return n.JobID == other.JobID && n.FileName == other.FileName && n.ReplicaSet == other.ReplicaSet
}

// knownFile is what an earlier call has left of a file.
type knownFile struct {
	name string // in the directory
	note partNote
}

// knownFiles are the files of a job that earlier calls have left, by [fileKey].
type knownFiles map[string]*knownFile

// fileKey tells the files of a job apart: by replica set, for which a file has one link
// or another, and else by name.
func fileKey(replicaSet, fileName string) string {
	if replicaSet != "" {
		return "replica set " + replicaSet
	}
	return "file " + fileName
}

// readKnown looks for notes of a job.
func readKnown(dir *os.Root, jobID string) (knownFiles, error) {
	notes, err := partfile.Notes(dir)
	if err != nil {
		return nil, err
	}
	known := knownFiles{}
	for name, text := range notes {
		if note, ok := readNote(text, jobID); ok && fileName(name) == name {
			known[fileKey(note.ReplicaSet, note.FileName)] = &knownFile{name: name, note: note}
		}
	}
	return known, nil
}

// whole reports whether a replica set needs no link any more.
func (k knownFiles) whole(replicaSet string) bool {
	file := k[fileKey(replicaSet, "")]
	return file != nil && file.note.whole()
}

// all reports whether nothing of a job is missing, or nothing of one replica set.
func (k knownFiles) all(replicaSet string) bool {
	if replicaSet != "" {
		return k.whole(replicaSet)
	}
	whole, files := 0, 0
	for _, file := range k {
		if file.note.whole() {
			whole, files = whole+1, file.note.Files
		}
	}
	return whole > 0 && whole == files
}

// partTarget is a destination in a directory.
type partTarget struct {
	part *partfile.Part
	note partNote
}

func (t *partTarget) Write(p []byte) (int, error) { return t.part.Write(p) }

func (t *partTarget) asking(asked bool) error {
	t.note.Asked = asked
	return t.save()
}

// restart empties the part before its note changes: a note must never vouch for bytes
// of another version.
func (t *partTarget) restart(p proof) error {
	if err := t.part.Truncate(0); err != nil {
		return err
	}
	t.note.Size, t.note.ETag, t.note.LastModified = p.size, p.etag, p.modified
	t.note.Bytes, t.note.SHA1 = 0, ""
	return t.save()
}

func (t *partTarget) mark(n, size int64, sum []byte) error {
	t.note.Bytes, t.note.Size, t.note.SHA1 = n, size, hex.EncodeToString(sum)
	return t.save()
}

func (t *partTarget) save() error {
	text, err := json.Marshal(&t.note)
	if err != nil {
		return err
	}
	return t.part.SetNote(text)
}
