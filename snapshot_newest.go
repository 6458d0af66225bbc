package restorejobs

import (
	"context"
	"fmt"
	"time"
)

// NoSnapshotReason is why [Snapshots.Newest] found no snapshot.
type NoSnapshotReason string

// The reasons for an [ErrNoSnapshot].
const (
	// NoSnapshotAtAll: the source has no snapshot.
	NoSnapshotAtAll NoSnapshotReason = "none at all"
	// NoSnapshotCompleted: no snapshot can be restored. All of them are pending, failed, expired, of
	// last resort, or lack a shard.
	NoSnapshotCompleted NoSnapshotReason = "none completed"
	// NoSnapshotInTime: no snapshot that can be restored is within Before and After.
	NoSnapshotInTime NoSnapshotReason = "none in time"
)

// NoSnapshotError is the error of [Snapshots.Newest] without a snapshot. It matches [ErrNoSnapshot].
type NoSnapshotError struct {
	// Reason is why no snapshot was found.
	Reason NoSnapshotReason
	// Before is [SnapshotOptions].Before.
	Before time.Time
	// After is [SnapshotOptions].After.
	After time.Time
	// Newest is the newest snapshot that was not chosen. For [NoSnapshotInTime] it can be restored,
	// and its time is the obstacle. Nil if the source has no snapshot.
	Newest *Snapshot

	ref     string // of the source
	problem string // of Newest
}

// Error returns one line: the source, the time, the newest snapshot and why it was not chosen.
func (e *NoSnapshotError) Error() string {
	text := "restorejobs: " + newestOperation + ": " + e.ref + " has no snapshot"
	if e.Reason != NoSnapshotAtAll {
		text += " that can be restored"
	}
	if e.Reason == NoSnapshotInTime {
		text += e.span()
	}
	if e.Newest != nil {
		text += ": the newest, " + sanitizeOr(e.Newest.ID, "without id") + ", " + e.problem
	}
	return text
}

// span returns the limits of the time.
func (e *NoSnapshotError) span() string {
	text := ""
	if !e.After.IsZero() {
		text += " after " + e.After.UTC().Format(time.RFC3339)
	}
	if !e.After.IsZero() && !e.Before.IsZero() {
		text += " and"
	}
	if !e.Before.IsZero() {
		text += " before " + e.Before.UTC().Format(time.RFC3339)
	}
	return text
}

// Is reports whether target is [ErrNoSnapshot].
func (e *NoSnapshotError) Is(target error) bool { return target == ErrNoSnapshot }

// Format prints [NoSnapshotError.Error] for every verb.
func (e *NoSnapshotError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}

const newestOperation = "newest snapshot"

// Newest returns the newest snapshot that can be restored: [Snapshot.IsRestorable] is true, and its
// [Snapshot.ExpiryTime] is later than the local clock. All variants. It reads the lists as
// [Snapshots.All] does.
//
// For the state before an event, set [SnapshotOptions].Before: the data are then from before that time.
// Snapshots of [SnapshotTypeFallback] need [SnapshotOptions].IncludeFallback.
//
// Without such a snapshot the error is a [*NoSnapshotError], which matches [ErrNoSnapshot]. To wait
// for a pending one, call [Snapshots.Wait] with its ID.
//
// API: "Get All Snapshots" of every variant.
func (s *Snapshots) Newest(ctx context.Context, opts SnapshotOptions) (*Snapshot, error) {
	snapshots, err := s.readAll(ctx, newestOperation, opts)
	if err != nil {
		return nil, err
	}
	failure := &NoSnapshotError{
		Reason: NoSnapshotAtAll,
		Before: opts.Before,
		After:  opts.After,
		ref:    s.ref(),
	}
	now := time.Now()
	for _, snapshot := range snapshots {
		problem := opts.problem(snapshot, now)
		switch {
		case problem == "" && opts.isInTime(snapshot):
			return snapshot, nil
		case problem == "":
			failure.record(NoSnapshotInTime, snapshot, timeProblem(snapshot))
		default:
			failure.record(NoSnapshotCompleted, snapshot, problem)
		}
	}
	return nil, failure
}

// record keeps the newest snapshot of the reason that is closest to a success.
func (e *NoSnapshotError) record(reason NoSnapshotReason, snapshot *Snapshot, problem string) {
	isCloser := e.Reason == NoSnapshotAtAll || e.Reason == NoSnapshotCompleted && reason == NoSnapshotInTime
	if isCloser {
		e.Reason = reason
		e.Newest = snapshot
		e.problem = problem
	}
}

// problem returns why a snapshot cannot be restored; empty if it can.
func (o *SnapshotOptions) problem(snapshot *Snapshot, now time.Time) string {
	switch {
	case snapshot.State() != SnapshotCompleted:
		return "is in state " + string(snapshot.State())
	case !snapshot.IsRestorable():
		return "lacks a shard"
	case snapshot.ID == "":
		return "cannot be named"
	case snapshot.isExpired(now):
		return "expired at " + snapshot.ExpiryTime().UTC().Format(time.RFC3339)
	case snapshot.isFallback() && !o.IncludeFallback:
		return "is a fallback, see SnapshotOptions.IncludeFallback"
	default:
		return ""
	}
}

func timeProblem(snapshot *Snapshot) string {
	if at := snapshot.Time(); !at.IsZero() {
		return "is of " + at.UTC().Format(time.RFC3339)
	}
	return "has no known time"
}
