package restorejobs

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// TargetStatus is how far the servers of a target have carried out a restore. Cloud Manager and Ops
// Manager. A wait reads the status of a project once a poll. Concurrent waits of a client share it.
//
// API: Cloud Manager and Ops Manager "Automation Status".
type TargetStatus struct {
	// ProjectID is the project of the target.
	ProjectID string
	// ClusterID is the cluster that the job restores into.
	ClusterID string
	// GoalVersion is the version that the processes must reach. Until that is known, it is the
	// project's goal, which can precede the restore.
	GoalVersion int64
	// Processes are the processes on the hosts of the target, shards and config servers included. They
	// are all processes of the project if the hosts cannot be read, or one of them has no process.
	Processes []AutomationProcess
	// Remaining is the number of Processes below GoalVersion.
	Remaining int
	// Reached reports whether the restore is proven: every process has reached the goal of the
	// restore. Remaining can be 0 earlier, as the goal can rise a minute after the create.
	Reached bool
}

// maxNamedProcesses limits the processes in a text.
const maxNamedProcesses = 3

// String returns the status in one line. It names the first processes below the goal, with their
// step and error.
func (t TargetStatus) String() string {
	cluster := "cluster " + sanitizeOr(t.ClusterID, "without id") + ": "
	total := len(t.Processes)
	switch {
	case t.Reached:
		return fmt.Sprintf("%s%d of %d processes at goal %d", cluster, total, total, t.GoalVersion)
	case t.Remaining == 0:
		return fmt.Sprintf("%sgoal %d, which can precede the restore", cluster, t.GoalVersion)
	default:
		return fmt.Sprintf("%s%d of %d processes below goal %d: %s", cluster, t.Remaining, total, t.GoalVersion, t.describeBehind())
	}
}

// describeBehind names the processes below the goal. Those with an error come first.
func (t *TargetStatus) describeBehind() string {
	var withError []string
	var others []string
	for i := range t.Processes {
		process := &t.Processes[i]
		switch {
		case process.LastGoalVersionAchieved >= t.GoalVersion:
		case process.ErrorCode != 0:
			withError = append(withError, process.String())
		default:
			others = append(others, process.String())
		}
	}
	behind := slices.Concat(withError, others)
	text := strings.Join(behind[:min(len(behind), maxNamedProcesses)], "; ")
	if more := len(behind) - maxNamedProcesses; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// Format prints [TargetStatus.String] for every verb.
func (t TargetStatus) Format(f fmt.State, _ rune) { writeString(f, t.String()) }

// LogValue returns the numbers and the processes below the goal for log/slog.
func (t TargetStatus) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("projectId", sanitize(t.ProjectID, 100)),
		slog.String("clusterId", sanitize(t.ClusterID, 100)),
		slog.Int64("goalVersion", t.GoalVersion),
		slog.Int("processes", len(t.Processes)),
		slog.Int("remaining", t.Remaining),
		slog.Bool("reached", t.Reached),
		slog.String("behind", t.describeBehind()),
	)
}

// fingerprint changes with every change that an update reports. It is empty for nil.
func (t *TargetStatus) fingerprint() string {
	if t == nil {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d %t", t.GoalVersion, t.Reached)
	for i := range t.Processes {
		b.WriteString("\n" + t.Processes[i].String())
	}
	return b.String()
}
