package durable

import (
	"context"
	"errors"
	"time"

	"example.com/restorejobs"
)

// maxUnknownCreates is how many creates without a usable response a step sends.
const maxUnknownCreates = 3

// create creates the restore. Unless no create was certainly sent, it first searches for one.
func (r *runner) create(ctx context.Context, state State) (State, error) {
	maybeSent := !state.unsent.claim()
	c := &creation{
		runner:    r,
		state:     state,
		maybeSent: maybeSent,
		isLate:    maybeSent,
		deadline:  time.Now().Add(r.plan.BusyTimeout),
	}
	for {
		jobs, err := c.try(ctx)
		if err == nil {
			return created(c.state, jobs), nil
		}
		if err := c.beforeRetry(ctx, err); err != nil {
			return c.ended(), err
		}
	}
}

// creation is one StepCreate.
type creation struct {
	*runner

	state          State
	maybeSent      bool // a create that no search has found yet
	isLate         bool // the state was not prepared just now
	unknownCreates int  // without a usable response
	deadline       time.Time
}

// try finds the create that may have been sent, or else sends one.
func (c *creation) try(ctx context.Context) ([]*restorejobs.Job, error) {
	if c.maybeSent {
		found, err := c.search(ctx, &c.state)
		if err != nil || found != nil {
			return found, err
		}
	}
	if c.isLate {
		goal, err := c.goal(ctx) // other deployments can have raised it
		if err != nil {
			return nil, err
		}
		c.state.GoalVersion = goal
		if err := c.claimCreate(ctx); err != nil {
			return nil, err
		}
	}
	c.isLate = true
	jobs, err := c.plan.Source.Jobs.Create(ctx, c.plan.Point.restorePoint(c.state.Choice), c.plan.To)
	switch {
	case errors.Is(err, restorejobs.ErrOutcomeUnknown):
		c.maybeSent = true
		c.unknownCreates++
	case err != nil && !errors.Is(err, restorejobs.ErrBusy): // an unlisted create may be why it is busy
		c.maybeSent = false
	}
	return jobs, err
}

// claimCreate excludes a second process that has the same state, and a journal that has no lock.
func (c *creation) claimCreate(ctx context.Context) error {
	if c.claim == nil {
		return nil
	}
	return c.claim(ctx, c.state)
}

// beforeRetry waits until another try can succeed. It returns an error if none can.
func (c *creation) beforeRetry(ctx context.Context, err error) error {
	isBusy := errors.Is(err, restorejobs.ErrBusy)
	rest := time.Until(c.deadline)
	switch {
	case ctx.Err() != nil:
		return err
	case isBusy && rest > 0:
		return c.pause(ctx, StepCreate, min(busyDelay(err), rest), err)
	case errors.Is(err, restorejobs.ErrOutcomeUnknown) && c.unknownCreates < maxUnknownCreates:
		return c.report(Event{Step: StepCreate, Err: err})
	default:
		return err
	}
}

// ended returns the state after an error.
func (c *creation) ended() State {
	if c.maybeSent {
		return c.state
	}
	next := c.state
	next.Step = StepChoose
	next.Intent = time.Time{}
	next.KnownJobIDs = nil
	next.unsent = nil
	return next
}

// busyDelay is the delay that the service requests, or the default.
func busyDelay(err error) time.Duration {
	var apiErr *restorejobs.Error
	if errors.As(err, &apiErr) && apiErr.RetryAfter > 0 {
		return apiErr.RetryAfter
	}
	return busyInterval
}

// created returns the state after a create.
func created(state State, jobs []*restorejobs.Job) State {
	next := state
	next.Step = StepWait
	next.JobIDs = restorejobs.JobIDs(jobs)
	next.Attempt++
	next.KnownJobIDs = nil
	next.unsent = nil
	next.Result.Attempts = next.Attempt
	next.Result.setJobs(jobs)
	return next
}
