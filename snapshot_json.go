package restorejobs

import (
	"reflect"

	"example.com/restorejobs/internal/jsonenc"
)

// UnmarshalJSON reads a snapshot in the format of any variant. A field of an unexpected type is zero;
// only data that are not a JSON object are an error. It does not retain data.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	return unmarshalObject("a snapshot", data, s, func(data []byte) (*Snapshot, error) {
		snapshot, _, err := parseSnapshot(data)
		return snapshot, err
	})
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
