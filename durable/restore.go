package durable

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Restore performs a plan, and continues it if an earlier process was interrupted. Run it again
// after anything: it starts no second restore for the same choice unless [Plan.MaxAttempts]
// permits it. After the end it returns the same result, or restores a newer snapshot; see
// [Plan.Once]. With an error the result is how far the restore is, nil if the journal was not read.
//
// The errors are those of [Advance], those of the journal, and [ErrLocked] if another process uses
// it. The context can end it at any time.
func Restore(ctx context.Context, plan Plan, journal Journal) (*Result, error) {
	if err := plan.validate(); err != nil {
		return nil, err
	}
	if journal == nil {
		return nil, &planError{problems: []string{"the journal must not be nil"}}
	}
	if locker, ok := journal.(Locker); ok {
		unlock, err := locker.Lock(ctx)
		if err != nil {
			return nil, err
		}
		defer unlock()
	}
	state, err := journal.Load(ctx)
	if err != nil {
		return nil, err
	}
	if err := state.validate(&plan); err != nil {
		return nil, err
	}
	l := &loop{
		runner:  runner{plan: withDefaults(plan), start: time.Now()},
		journal: journal,
		state:   state,
	}
	l.claim = l.save
	err = l.run(ctx)
	result := l.state.Result
	result.Jobs = slices.Clone(result.Jobs)
	return &result, err
}

// saveTimeout is how long a journal may take to save a state.
const saveTimeout = time.Minute

// loop performs steps and saves each state.
type loop struct {
	runner

	journal Journal
	state   State
}

func (l *loop) run(ctx context.Context) error {
	if l.state.Step == StepCheck || l.state.Step == StepPrepare {
		l.state = chooseAgain(l.state)
	}
	for {
		before := l.state.Step
		next, err := l.advance(ctx, l.state)
		isSame := next.Step == before
		if isSame {
			return err // the end, or an error after which the step is repeated
		}
		if saveErr := l.save(ctx, next); saveErr != nil {
			l.state.Result = next.Result
			return errors.Join(err, saveErr)
		}
		if err != nil || l.state.Step == StepDone {
			return err
		}
	}
}

// save saves a state, also after the end of ctx.
func (l *loop) save(ctx context.Context, next State) error {
	next.Revision = l.state.Revision + 1
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	if err := l.journal.Save(ctx, next); err != nil {
		return err
	}
	l.state = next
	return nil
}
