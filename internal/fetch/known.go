package fetch

import (
	"os"

	"example.com/restorejobs/internal/partfile"
)

// KnownFile is what an earlier call has left of a file.
type KnownFile struct {
	// Name is what the file is called in the directory.
	Name string
	// Note is what was written down about it.
	Note Note
}

// Known are the files of a job that earlier calls have left, by their keys.
type Known map[string]*KnownFile

// FindKnown finds the notes of a job. It removes those that were to be removed by a process
// that was killed.
func FindKnown(dir *os.Root, jobID string) (Known, error) {
	notes, err := partfile.Notes(dir)
	if err != nil {
		return nil, err
	}
	known := Known{}
	for name, text := range notes {
		if note, ok := readNote(text, jobID); ok && safe(name) == name {
			known[note.Key()] = &KnownFile{Name: name, Note: note}
		}
	}
	if known.isLeftover() {
		if err := known.removeLeftover(dir, jobID); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// Whole reports whether a replica set needs no link any more.
func (k Known) Whole(replicaSet string) bool {
	file := k[(&Identity{ReplicaSet: replicaSet}).Key()]
	return file != nil && file.Note.Whole()
}

// All reports whether nothing of a job is missing, or nothing of one replica set.
func (k Known) All(replicaSet string) bool {
	if replicaSet != "" {
		return k.Whole(replicaSet)
	}
	whole, files := 0, 0
	for _, file := range k {
		if file.Note.Whole() {
			whole, files = whole+1, file.Note.Files
		}
	}
	return whole > 0 && whole == files
}
