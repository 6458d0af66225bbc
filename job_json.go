package restorejobs

import (
	"reflect"

	"example.com/restorejobs/internal/jsonenc"
)

// UnmarshalJSON reads a job in the format of any variant. A field of an unexpected type is zero; only
// data that are not a JSON object are an error. It does not retain data.
func (j *Job) UnmarshalJSON(data []byte) error {
	return unmarshalObject("a job", data, j, parseJob)
}

// MarshalJSON returns the JSON value that the job was read from. A job built by hand marshals its
// nonzero fields under the names of the API. Links and other secrets are written, because this is
// how a job is stored.
func (j Job) MarshalJSON() ([]byte, error) {
	if j.raw != "" {
		return []byte(j.raw), nil
	}
	return marshalFields(j)
}

// marshalFields is separate so that MarshalJSON does not move a job with raw text to the heap.
func marshalFields(j Job) ([]byte, error) {
	timestamp := j.format().timestampJSON(j.Timestamp)
	return jsonenc.Marshal(reflect.ValueOf(j), map[string]reflect.Value{"timestamp": timestamp})
}
