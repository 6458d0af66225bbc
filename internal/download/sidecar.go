package download

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// Identity identifies one file of one job.
type Identity struct {
	// JobID is the ID of the job.
	JobID string `json:"jobId"`
	// Source is where the job is from, empty if unknown.
	Source string `json:"source,omitzero"`
	// Files is how many files the job has.
	Files int `json:"files"`
	// FileName is the last segment of the link.
	FileName string `json:"fileName"`
	// ReplicaSet is the replica set that the file is from, empty if unknown.
	ReplicaSet string `json:"replicaSet,omitzero"`
	// Link is the [LinkFingerprint] of files that differ only in their links, else empty.
	Link string `json:"link,omitzero"`
}

// Equal reports whether two identities are of one file.
func (i *Identity) Equal(other *Identity) bool {
	return i.JobID == other.JobID && i.FileName == other.FileName && i.ReplicaSet == other.ReplicaSet && i.Link == other.Link
}

// Key distinguishes the files of a job: by link if several have the same name, else by replica
// set, whose file can have several links, else by name.
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

// LinkFingerprint represents a link in a sidecar. It is a hash of the link without its query,
// which a service signs again for each response.
func LinkFingerprint(link string) string {
	link, _, _ = strings.Cut(link, "#")
	link, _, _ = strings.Cut(link, "?")
	sum := sha256.Sum256([]byte(link))
	return hex.EncodeToString(sum[:16])
}

// sidecarVersion is the version of the format that this release writes. A format that an older
// release would misread has a higher version. Sidecars of version 1 have no version field.
const sidecarVersion = 2

// Sidecar is the saved state of a file, for the process that resumes it. It holds no secret.
// Its JSON is on the disks of users: a field never changes its name or its meaning.
type Sidecar struct {
	// Version is the version of the format, 0 for version 1.
	Version int `json:"version,omitzero"`
	Identity
	// Requested reports that the link has been requested.
	Requested bool `json:"asked"`
	// Validators identify the version of the file that the bytes belong to.
	Validators
	// Bytes is how many bytes from the start of the file are on the disk and in SHA1.
	Bytes int64 `json:"bytes"`
	// SHA1 is the checksum of these bytes.
	SHA1 string `json:"sha1,omitzero"`
	// Ranges are the ranges after Bytes that were fetched out of order, by their offsets.
	Ranges []Range `json:"ranges,omitzero"`
	// JobDone reports that all files of the job were in place: the sidecar can be removed.
	JobDone bool `json:"jobDone,omitzero"`
}

// Range is a range of the file that is on the disk, and not in the checksum of the bytes before.
type Range struct {
	// Start is the offset of its first byte.
	Start int64 `json:"start"`
	// End is the offset after its last byte.
	End int64 `json:"end"`
	// SHA1 is the checksum of its bytes.
	SHA1 string `json:"sha1"`
}

// encode returns the JSON of the sidecar.
func (s *Sidecar) encode() ([]byte, error) {
	current := *s
	current.Version = sidecarVersion
	return json.Marshal(&current)
}

// parseSidecar reads a sidecar of a job. It returns false for any other text, and for the
// sidecar of a newer release.
func parseSidecar(text []byte, jobID string) (Sidecar, bool) {
	var sidecar Sidecar
	if err := json.Unmarshal(text, &sidecar); err != nil {
		return Sidecar{}, false
	}
	isKnownVersion := sidecar.Version >= 0 && sidecar.Version <= sidecarVersion
	hasValidBytes := sidecar.Bytes >= 0 && (sidecar.Size < 0 || sidecar.Bytes <= sidecar.Size)
	return sidecar, sidecar.JobID == jobID && isKnownVersion && hasValidBytes && sidecar.hasValidRanges()
}

// kept is how many bytes are on the disk.
func (s *Sidecar) kept() int64 {
	n := s.Bytes
	for _, r := range s.Ranges {
		n += r.End - r.Start
	}
	return n
}

// rangeFollows reports a range that begins where the bytes end.
func (s *Sidecar) rangeFollows() bool { return len(s.Ranges) > 0 && s.Ranges[0].Start == s.Bytes }

// hasValidRanges reports whether the ranges are ordered, disjoint and within the file.
func (s *Sidecar) hasValidRanges() bool {
	end := s.Bytes
	for _, r := range s.Ranges {
		if r.Start < end || r.End <= r.Start || r.End > s.Size {
			return false
		}
		end = r.End
	}
	return true
}

// sidecarHead has the fields that every version of the format has.
type sidecarHead struct {
	Version int    `json:"version"`
	JobID   string `json:"jobId"`
}

// ownerOf returns the job ID of a sidecar, "" for any other text.
func ownerOf(text []byte) string {
	var head sidecarHead
	if json.Unmarshal(text, &head) != nil {
		return ""
	}
	return head.JobID
}

// isOtherJob reports whether a text is the sidecar of another job.
func isOtherJob(text []byte, jobID string) bool {
	owner := ownerOf(text)
	return owner != "" && owner != jobID
}

// isNewerSidecar reports whether a text is a sidecar that this release cannot read.
func isNewerSidecar(text []byte) bool {
	var head sidecarHead
	return json.Unmarshal(text, &head) == nil && head.Version > sidecarVersion
}

// IsComplete reports whether all bytes were on the disk when the sidecar was saved.
func (s *Sidecar) IsComplete() bool { return s.Size >= 0 && s.Bytes == s.Size && s.SHA1 != "" }
