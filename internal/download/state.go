package download

import (
	"encoding"
	"errors"
)

// State is how far a stream has come, for the call that continues it. It holds no secret. Its JSON
// is kept by users, as that of [Sidecar].
type State struct {
	// Version is the version of the format.
	Version int `json:"version"`
	// JobID is the ID of the job.
	JobID string `json:"jobId"`
	// ReplicaSet is the replica set that the file is from, empty if unknown.
	ReplicaSet string `json:"replicaSet,omitzero"`
	// Requested reports that the link has been requested.
	Requested bool `json:"requested,omitzero"`
	// Validators identify the version of the file.
	Validators
	// Bytes is how many bytes from the start of the file have been written.
	Bytes int64 `json:"bytes"`
	// Hash is the state of the hash of these bytes.
	Hash []byte `json:"hash,omitzero"`
}

const stateVersion = 1

// ErrCannotRewind is a stream whose rest the server does not prove to be of the same file.
var ErrCannotRewind = errors.New("the server does not resume a broken download, and what was written cannot be taken back")

var (
	errUnreadableState = &permanentError{errors.New("the state of the earlier download cannot be read")}
	errOtherFileState  = &permanentError{errors.New("the state is of another file")}
)

// Problem returns why a state cannot be used, "" for a valid one.
func (s *State) Problem() string {
	switch {
	case s.Version == 0 && s.Bytes == 0:
		return ""
	case s.Version > stateVersion:
		return "is of a newer release of this library"
	case s.Version < 1, s.Bytes < 0, s.Size >= 0 && s.Bytes > s.Size:
		return "is damaged"
	}
	return ""
}

// state describes what has been written.
func (t *transfer) state() State {
	s := State{
		Version:    stateVersion,
		JobID:      t.file.JobID,
		ReplicaSet: t.file.ReplicaSet,
		Requested:  t.requested,
		Validators: t.validators,
		Bytes:      t.bytes,
	}
	if marshaler, ok := t.hash.(encoding.BinaryMarshaler); ok {
		s.Hash, _ = marshaler.MarshalBinary() // without it the state cannot be used
	}
	return s
}

// restore continues from a state. The bytes of another job are continued as [Abandoned] ones.
func (t *transfer) restore(s *State) error {
	if s.Bytes == 0 {
		t.requested = s.Requested && s.JobID == t.file.JobID
		return nil
	}
	isOtherJob := s.JobID != t.file.JobID
	isOtherShard := s.ReplicaSet != "" && t.file.ReplicaSet != "" && s.ReplicaSet != t.file.ReplicaSet
	switch {
	case isOtherShard:
		return errOtherFileState
	case isOtherJob && !isStrongETag(s.ETag):
		return &permanentError{ErrCannotRewind}
	}
	unmarshaler, ok := t.hash.(encoding.BinaryUnmarshaler)
	if !ok || unmarshaler.UnmarshalBinary(s.Hash) != nil {
		return errUnreadableState
	}
	t.bytes = s.Bytes
	t.validators = s.Validators
	t.requested = s.Requested && !isOtherJob
	t.progress.resume(t.bytes, t.validators.Size)
	return nil
}
