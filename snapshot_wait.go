package restorejobs

import (
	"context"
	"fmt"
	"time"

	"example.com/restorejobs/internal/api"
)

func (s *Snapshot) waitID() string    { return s.ID }
func (s *Snapshot) waitBatch() string { return "" }

// waitState returns the state in the terms of a job, which a [WaitUpdate] has.
func (s *Snapshot) waitState() (state State, rawStatus string) {
	switch s.State() {
	case SnapshotPending:
		return StateRunning, ""
	case SnapshotCompleted:
		return StateFinished, ""
	case SnapshotFailed:
		return StateFailed, ""
	case SnapshotUnknown:
		return StateUnknown, string(s.Status)
	default:
		return StateUnknown, string(s.Status)
	}
}

// Wait polls a snapshot until it can be restored, and returns it as last read, even if err is
// non-nil. It is nil if it was never read. All variants.
//
// The first poll is immediate. [WaitOptions] set the intervals and the tolerated errors; Goal must be
// [UntilFinished]. OnUpdate gets the snapshot, and its state as [StateRunning], [StateFinished],
// [StateFailed] or [StateUnknown]. The context is the only deadline, so set one.
//
// A snapshot that failed, or that is complete and lacks a shard, is a [*WaitError] that matches
// [ErrSnapshotFailed]. Invalid arguments match [ErrInvalidArgument], and nothing is sent. Every other
// error is a [*WaitError].
//
// API: "Get One Snapshot" of every variant.
func (s *Snapshots) Wait(ctx context.Context, snapshotID string, opts WaitOptions) (*Snapshot, error) {
	const operation = "wait for snapshot"
	problems := opts.validate()
	if opts.Goal != UntilFinished {
		problems = append(problems, "Goal must be UntilFinished for a snapshot")
	}
	if problem := api.ValidateSegment("snapshotID", snapshotID); problem != "" {
		problems = append(problems, problem)
	}
	if err := mergeInvalid(s.validateIDs(operation), invalidArgument(operation, problems...)); err != nil {
		return nil, err
	}
	w := newWaiter("snapshot", newSnapshotSource(s), []string{snapshotID}, opts.withDefaults())
	w.evaluate = evaluateSnapshot
	if opts.OnUpdate != nil {
		w.onUpdate = func(update WaitUpdate, snapshot *Snapshot) error {
			update.Snapshot = snapshot
			return opts.OnUpdate(update)
		}
	}
	err := w.run(ctx)
	snapshot := w.byID[snapshotID].item
	if err == nil && !w.anyFailed() {
		return snapshot, nil
	}
	return snapshot, newWaitError(w, err)
}

// newSnapshotSource returns a source that first requests a snapshot from the path of the last poll.
func newSnapshotSource(s *Snapshots) singleSource[*Snapshot] {
	noRetry := *s
	noRetry.retryMode = api.RetryNever
	var topology SnapshotTopology
	return singleSource[*Snapshot]{
		operation: "get snapshot",
		read: func(ctx context.Context, id string) (*Snapshot, error) {
			snapshot, err := noRetry.get(ctx, id, topology)
			if err == nil {
				topology = snapshot.Type
			}
			return snapshot, err
		},
	}
}

// evaluateSnapshot reports whether the wait for a snapshot ends. The failure is nil if it can be restored.
func evaluateSnapshot(snapshot *Snapshot, _ time.Time) (ended bool, failure error) {
	switch {
	case snapshot.State() == SnapshotFailed:
		return true, ErrSnapshotFailed
	case snapshot.IsRestorable():
		return true, nil
	case snapshot.State() == SnapshotCompleted:
		return true, &missingShardsError{count: len(snapshot.MissingShards)}
	default:
		return false, nil
	}
}

// missingShardsError is the failure of a complete snapshot that lacks shards.
type missingShardsError struct{ count int }

func (e *missingShardsError) Error() string {
	if e.count == 1 {
		return "but a shard is missing"
	}
	return fmt.Sprintf("but %d shards are missing", e.count)
}
func (e *missingShardsError) Is(target error) bool { return target == ErrSnapshotFailed }
