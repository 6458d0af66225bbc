package restorejobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"example.com/restorejobs/internal/jsonpass"
)

// How a job gets the text that its strings are parts of.

// newJob reads one job. It copies raw once; the strings of the job are parts of
// that copy. A value that is no object gives a job with nothing but its raw text,
// so that one odd entry does not cost the page.
func newJob(raw []byte) (*Job, error) {
	job, _, err := scanJob(raw)
	return job, err
}

// scanJob is newJob that reports members which a job does not have and a wrapper or an
// error does.
func scanJob(raw []byte) (job *Job, odd bool, err error) {
	job = &Job{raw: string(raw)}
	d := jsonpass.Shared(raw, job.raw)
	odd = job.decode(&d)
	if err := d.End(); err != nil {
		return nil, odd, err
	}
	return job, odd, nil
}

// usualJob is room for most jobs, in bytes.
const usualJob = 1024

// nextJob reads the next job of a list, in one pass where its text fits into room, and
// tells how long that is.
func nextJob(d *jsonpass.Decoder, room int) (job *Job, size int) {
	job = new(Job)
	d.Copy(room)
	job.decode(d)
	raw, text := d.Copied()
	if text == "" && d.Err() == nil { // it was longer
		job, _ = newJob(raw) // what was just read is well-formed
		return job, len(raw)
	}
	job.raw = text
	return job, len(raw)
}

// roomFor is the room to try for the job after one of a size: jobs of a list are much
// alike, and after a large one the room shrinks again.
func roomFor(room, size int) int {
	const step = 128 // the allocator takes about as much in any case
	if size < room {
		size = room - (room-size)/2
	}
	return (size + step - 1) / step * step
}

// UnmarshalJSON reads a job in any variant's form. An odd field is left at its
// zero value; the error is not nil only where data are not a JSON object. It does
// not keep data.
func (j *Job) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	d := jsonpass.New(data)
	if d.Kind() != jsonpass.Object {
		if err := jsonpass.Valid(data); err != nil {
			return fmt.Errorf("restorejobs: a job: %w", err)
		}
		return errors.New("restorejobs: a job: not a JSON object")
	}
	job, err := newJob(data)
	if err != nil {
		return fmt.Errorf("restorejobs: a job: %w", err)
	}
	*j = *job
	return nil
}

// MarshalJSON gives the JSON value that the job was read from. A job built by hand
// gives its fields that are not zero under the API's own names. Links and other
// secrets are written out: this is how a job is stored.
func (j Job) MarshalJSON() ([]byte, error) {
	if j.raw != "" {
		return []byte(j.raw), nil
	}
	timestamp := reflect.ValueOf(j.Timestamp)
	if j.generation() == cloud { // where timestamp is a plain string
		timestamp = reflect.ValueOf(j.Timestamp.Date)
	}
	return appendStruct(nil, reflect.ValueOf(j), map[string]reflect.Value{"timestamp": timestamp})
}

// appendStruct writes the fields that are not zero under the names of their tags.
// It exists because a [Secret] by itself marshals as redacted: reflection is fine
// for the rare job that was built by hand.
func appendStruct(dst []byte, v reflect.Value, instead map[string]reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value := v.Field(i)
		if other, ok := instead[name]; ok {
			value = other
		}
		if name == "" || value.IsZero() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, name...)
		dst = append(dst, `":`...)
		var err error
		if dst, err = appendValue(dst, value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v reflect.Value) ([]byte, error) {
	isTime := v.Type() == reflect.TypeFor[time.Time]()
	switch {
	case v.Kind() == reflect.String: // a Secret among them, by its real text
		text, err := json.Marshal(v.String())
		return append(dst, text...), err
	case v.Kind() == reflect.Struct && !isTime:
		return appendStruct(dst, v, nil)
	case v.Kind() == reflect.Slice:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendValue(dst, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		text, err := json.Marshal(v.Interface())
		return append(dst, text...), err
	}
}
