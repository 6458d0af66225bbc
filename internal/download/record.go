package download

import (
	"encoding/json"
	"os"

	"example.com/restorejobs/internal/partfile"
)

// Record is what is known of a file after its download. It is written beside the file, for a
// later call that keeps it. Its JSON is on the disks of users, as that of [Sidecar].
type Record struct {
	Sidecar
	// Verified reports that the service had the same checksum.
	Verified bool `json:"verified,omitzero"`
}

// findRecords finds the records of a job, by the keys of their files.
func findRecords(dir *os.Root, jobID string) (ExistingFiles, error) {
	texts, err := partfile.Records(dir)
	if err != nil {
		return nil, err
	}
	records := ExistingFiles{}
	for name, text := range texts {
		sidecar, ok := parseSidecar(text, jobID)
		if !ok || !sidecar.IsComplete() || sanitizeName(name) != name {
			continue
		}
		var record Record
		if json.Unmarshal(text, &record) == nil {
			records[sidecar.Key()] = &ExistingFile{
				Name:     name,
				Sidecar:  sidecar,
				Recorded: true,
				Verified: record.Verified,
			}
		}
	}
	return records, nil
}

// WriteRecord records the file of the part, which is in place.
func (p *Part) WriteRecord(verified bool) error {
	t := p.transfer
	record := Record{
		Sidecar: Sidecar{
			Version:    sidecarVersion,
			Identity:   t.file.Identity,
			Validators: t.validators,
			Bytes:      p.Size,
			SHA1:       p.SHA1,
		},
		Verified: verified,
	}
	record.Validators.Size = p.Size
	text, err := json.Marshal(&record)
	if err != nil {
		return err
	}
	return partfile.WriteRecord(p.dir, t.file.Name, text)
}

// RemoveRecord removes the record of an earlier file of this name.
func (p *Part) RemoveRecord() error { return partfile.RemoveRecord(p.dir, p.transfer.file.Name) }
