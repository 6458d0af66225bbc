package restorejobs

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"example.com/restorejobs/internal/redact"
)

// WaitUpdate is one event of [Jobs.Wait]: a new state of a job, a failed poll, or a sign of life.
type WaitUpdate struct {
	// ID is the job's. Empty for a failure of a list, which concerns several jobs.
	ID string
	// Heartbeat marks a call that only [WaitOptions.Heartbeat] has caused. It describes the first job
	// that has not ended.
	Heartbeat bool
	// Job is the job as last read. Nil for a failure, and if it was never read.
	Job *Job
	// CollectionJob is the job of a [CollectionJobs.Wait] as last read. Nil as Job is.
	CollectionJob *CollectionJob
	// Snapshot is the snapshot of [Snapshots.Wait], as Job is for a job.
	Snapshot *Snapshot
	// State is the job's state. For a failure it is the last known one, empty if there is none.
	State State
	// Previous is the state before, empty for the first. It equals State for a failure, for a
	// heartbeat, for a change of the target, and if one unknown status follows another.
	Previous State
	// ReplicaSet is the shard, config server or replica set of the job, or the replica set that it
	// restores into; empty if unknown, and if there are several.
	ReplicaSet string
	// Target is how far the servers have carried out a finished restore, as last read. Nil for other
	// jobs, for other goals than [UntilFinished], and before it was read.
	Target *TargetStatus
	// Err is the tolerated failure. Nil for a change of state.
	Err error
	// Polls is the number of polls, including this one.
	Polls int
	// Elapsed is the time since the wait began.
	Elapsed time.Duration
	// NextPoll is the time until the next poll. Zero during a poll, and after the last one.
	NextPoll time.Duration
}

// String returns the update in one line: the ID, the replica set and the state, then how far the
// servers are, the tolerated failure, or the next poll of a heartbeat.
func (w WaitUpdate) String() string {
	var facts []string
	if subject := w.describeSubject(); subject != "" {
		facts = append(facts, subject)
	}
	if w.Target != nil {
		facts = append(facts, w.Target.String())
	}
	switch {
	case w.Err != nil:
		facts = append(facts, "retrying after "+w.Err.Error())
	case w.Heartbeat && w.NextPoll > 0:
		facts = append(facts, "next poll in "+w.NextPoll.Round(time.Second).String())
	case w.Heartbeat:
		facts = append(facts, "polling")
	}
	return redact.Printable(strings.Join(facts, "; "))
}

// describeSubject is empty for a failure that concerns several jobs.
func (w *WaitUpdate) describeSubject() string {
	if w.ID == "" {
		return string(w.State)
	}
	text := sanitize(w.ID, 100)
	if w.ReplicaSet != "" {
		text += " (" + sanitize(w.ReplicaSet, 100) + ")"
	}
	return text + " " + string(cmp.Or(w.State, "not read yet"))
}

// Format prints [WaitUpdate.String] for every verb.
func (w WaitUpdate) Format(f fmt.State, _ rune) { writeString(f, w.String()) }

// LogValue returns the update for log/slog, with the job by [Job.LogValue].
func (w WaitUpdate) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("id", w.ID),
		slog.String("state", string(w.State)),
		slog.String("previous", string(w.Previous)),
		slog.Int("polls", w.Polls),
		slog.Duration("elapsed", w.Elapsed),
		slog.Duration("nextPoll", w.NextPoll),
	}
	if w.Heartbeat {
		attrs = append(attrs, slog.Bool("heartbeat", true))
	}
	if w.ReplicaSet != "" {
		attrs = append(attrs, slog.String("replicaSet", sanitize(w.ReplicaSet, 100)))
	}
	if w.Target != nil {
		attrs = append(attrs, slog.Any("target", w.Target))
	}
	if w.Job != nil {
		attrs = append(attrs, slog.Any("job", w.Job))
	}
	if w.CollectionJob != nil {
		attrs = append(attrs, slog.Any("collectionJob", w.CollectionJob))
	}
	if w.Snapshot != nil {
		attrs = append(attrs, slog.Any("snapshot", w.Snapshot))
	}
	if w.Err != nil {
		attrs = append(attrs, slog.String("error", w.Err.Error()))
	}
	return slog.GroupValue(attrs...)
}
