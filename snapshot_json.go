package restorejobs

import (
	"errors"
	"fmt"
	"reflect"

	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/jsonenc"
)

// UnmarshalJSON reads a snapshot in the format of any variant. A field of an unexpected type is zero;
// only data that are not a JSON object are an error. It does not retain data.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if d := jsondec.New(data); d.Kind() != jsondec.KindObject {
		if err := jsondec.Valid(data); err != nil {
			return fmt.Errorf("restorejobs: a snapshot: %w", err)
		}
		return errors.New("restorejobs: a snapshot: not a JSON object")
	}
	snapshot, _, err := parseSnapshot(data)
	if err != nil {
		return fmt.Errorf("restorejobs: a snapshot: %w", err)
	}
	*s = *snapshot
	return nil
}

// MarshalJSON returns the JSON value that the snapshot was read from. One built by hand marshals its
// nonzero fields under the names of the API.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	if s.raw != "" {
		return []byte(s.raw), nil
	}
	return marshalSnapshotFields(s)
}

// marshalSnapshotFields is separate so that MarshalJSON does not move a snapshot with raw text to the heap.
func marshalSnapshotFields(s Snapshot) ([]byte, error) {
	return jsonenc.Marshal(reflect.ValueOf(s), nil)
}
