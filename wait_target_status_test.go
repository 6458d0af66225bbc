package restorejobs_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
)

// The text names the processes below the goal, those with an error first.
func TestTargetStatus_String(t *testing.T) {
	t.Parallel()
	process := func(host string, achieved int64, code int) restorejobs.AutomationProcess {
		return restorejobs.AutomationProcess{Hostname: host, LastGoalVersionAchieved: achieved, ErrorCode: code}
	}
	for want, status := range map[string]restorejobs.TargetStatus{
		"cluster t: 4 of 5 processes below goal 9: d at 8, error 3; a at 8; b at 8; and 1 more": {
			ClusterID: "t", GoalVersion: 9, Remaining: 4,
			Processes: []restorejobs.AutomationProcess{process("a", 8, 0), process("b", 8, 0), process("c", 8, 0), process("d", 8, 3), process("e", 9, 3)},
		},
		"cluster t: 1 of 1 processes at goal 9": {
			ClusterID: "t", GoalVersion: 9, Reached: true,
			Processes: []restorejobs.AutomationProcess{process("a", 9, 0)},
		},
		"cluster t: goal 7, which can precede the restore":          {ClusterID: "t", GoalVersion: 7},
		"cluster without id: goal 0, which can precede the restore": {},
	} {
		assert.Equal(t, want, status.String())
		assert.Equal(t, want, fmt.Sprintf("%+v", &status))
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "update", restorejobs.WaitUpdate{Target: &status})
		assert.Contains(t, log.String(), fmt.Sprintf("update.target.reached=%t", status.Reached))
		assert.Contains(t, log.String(), fmt.Sprintf("update.target.remaining=%d", status.Remaining))
	}
}
