package restorejobs_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
)

func TestWaitUpdate_String(t *testing.T) {
	t.Parallel()
	target := &restorejobs.TargetStatus{ClusterID: "t", GoalVersion: 9, Reached: true}
	for want, update := range map[string]restorejobs.WaitUpdate{
		"a running": {ID: "a", State: restorejobs.StateRunning, Job: &restorejobs.Job{ID: "a"}, Polls: 3},
		"a (shard-0) finished": {
			ID:         "a",
			State:      restorejobs.StateFinished,
			Previous:   restorejobs.StateRunning,
			ReplicaSet: "shard-0",
		},
		"a finished; cluster t: 0 of 0 processes at goal 9": {ID: "a", State: restorejobs.StateFinished, Target: target},
		"a running; retrying after no route":                {ID: "a", State: restorejobs.StateRunning, Err: errors.New("no\nroute")},
		"a not read yet; retrying after no route":           {ID: "a", Err: errors.New("no route")},
		"retrying after no route":                           {Err: errors.New("no route")},
		"a running; next poll in 17s":                       {ID: "a", State: restorejobs.StateRunning, Heartbeat: true, NextPoll: 17*time.Second + 1},
		"a not read yet; polling":                           {ID: "a", Heartbeat: true},
	} {
		assert.Equal(t, want, update.String())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			assert.Equal(t, want, fmt.Sprintf(verb, update), verb)
			assert.Equal(t, want, fmt.Sprintf(verb, &update), verb)
		}
	}
}
