package restorejobs

import (
	"errors"
	"fmt"

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
