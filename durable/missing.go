package durable

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"example.com/restorejobs"
)

// missingError is a restore some of whose jobs the service does not have any more.
type missingError struct {
	jobIDs []string
	err    error // of the wait or the download
}

func (e *missingError) Error() string {
	text := "job " + e.jobIDs[0] + " does not exist"
	if len(e.jobIDs) > 1 {
		text = "jobs " + strings.Join(e.jobIDs, " ") + " do not exist"
	}
	return text + " any more; whether it has ended well is unknown: " + e.err.Error()
}

func (e *missingError) Is(target error) bool { return target == ErrJobMissing }
func (e *missingError) Unwrap() error        { return e.err }

// endIfMissing ends a restore some of whose jobs the service does not have any more. It returns all other
// errors with the same state.
func (r *runner) endIfMissing(ctx context.Context, state State, err error) (State, error) {
	jobIDs, lookupErr := r.missingJobIDs(ctx, &state, err)
	switch {
	case lookupErr != nil:
		return state, errors.Join(err, lookupErr)
	case len(jobIDs) == 0:
		return state, err
	}
	if waitErr := r.waitForOthers(ctx, &state, jobIDs); waitErr != nil {
		return state, errors.Join(err, waitErr)
	}
	failure := &missingError{jobIDs: jobIDs, err: err}
	next := state
	next.ExhaustedAttempts = r.plan.MaxAttempts
	if r.plan.To.IsDownload() { // as if its links had expired
		return r.failAttempt(next, failure)
	}
	return next.fail(failure) // the data can be in place
}

// missingJobIDs returns the jobs that neither a list nor a read has. A job that is new can be one that
// is not listed yet.
func (r *runner) missingJobIDs(ctx context.Context, state *State, err error) ([]string, error) {
	isNew := time.Since(state.Intent) < r.plan.SearchTimeout
	if isNew || !errors.Is(err, restorejobs.ErrNotFound) {
		return nil, nil
	}
	unlisted := slices.Clone(state.JobIDs)
	for job, err := range r.plan.Source.Jobs.All(ctx, restorejobs.ListOptions{}) {
		if err != nil {
			return nil, err
		}
		unlisted = slices.DeleteFunc(unlisted, func(id string) bool { return id == job.ID })
		if len(unlisted) == 0 {
			return nil, nil
		}
	}
	var missing []string
	for _, id := range unlisted {
		_, err := r.plan.Source.Jobs.Get(ctx, id)
		switch {
		case errors.Is(err, restorejobs.ErrNotFound):
			missing = append(missing, id)
		case err != nil:
			return nil, err
		}
	}
	return missing, nil
}

// waitForOthers waits until the other jobs have ended, so that no restore is started beside them.
func (r *runner) waitForOthers(ctx context.Context, state *State, missing []string) error {
	others := slices.DeleteFunc(slices.Clone(state.JobIDs), func(id string) bool { return slices.Contains(missing, id) })
	if len(others) == 0 {
		return nil
	}
	_, err := r.waitFor(ctx, state, others)
	if isFailure(err) {
		return nil
	}
	return err
}
