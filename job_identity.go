package restorejobs

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/restorejobs/internal/api"
)

// checkJob returns an error for a response about another job than the requested one.
func checkJob(job *Job, jobID string) error {
	if err := requireJobs(job); err != nil {
		return err
	}
	if job.ID != jobID && !sameObjectID(job.ID, jobID) {
		return &otherItemError{noun: "job", received: job.ID, requested: jobID}
	}
	return nil
}

// requireJobs accepts jobs without an ID beside others with one, so that one invalid job does
// not hide the rest.
func requireJobs(jobs ...*Job) error {
	if len(jobs) == 0 {
		return errors.New("the body holds no restore job")
	}
	if !slices.ContainsFunc(jobs, func(job *Job) bool { return job.ID != "" }) {
		return errors.New("the body is not a restore job: it has no id")
	}
	return nil
}

// isObjectID reports whether an id has 24 hexadecimal digits.
func isObjectID(id string) bool {
	return len(id) == 24 && strings.Trim(id, "0123456789abcdefABCDEF") == ""
}

func sameObjectID(a, b string) bool { return isObjectID(a) && strings.EqualFold(a, b) }

// otherItemError is a response about another job or snapshot than the requested one.
type otherItemError struct {
	noun      string
	received  string
	requested string
}

func (e *otherItemError) Error() string {
	return fmt.Sprintf("the response is about another %s: %s instead of %s", e.noun, shownID(e.received), shownID(e.requested))
}

// Class is permanent: the next response is about the same item.
func (e *otherItemError) Class() api.Class { return api.Permanent }

// shownID returns a text for an error: a long or unusual id can be a secret.
func shownID(id string) string {
	if api.IsPlainSegment(id) && len(id) <= 24 {
		return fmt.Sprintf("%q", id)
	}
	return fmt.Sprintf("an id of %d characters", len(id))
}
