package durable_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestEvent_inOneLine(t *testing.T) {
	t.Parallel()
	busy := errors.New("busy")
	for text, event := range map[string]durable.Event{
		"check":                             {Step: durable.StepCheck},
		"check has ended, next is prepare":  {Step: durable.StepCheck, Next: durable.StepPrepare},
		"done":                              {Step: durable.StepDone, Next: durable.StepDone},
		"check: retrying in 30s: busy":      {Step: durable.StepCheck, Err: busy, Delay: 30 * time.Second},
		"create: retrying after busy":       {Step: durable.StepCreate, Err: busy},
		"wait: job 1 running":               {Step: durable.StepWait, Wait: &restorejobs.WaitUpdate{ID: "1", State: restorejobs.StateRunning}},
		"download: orders.tgz 1 of 3 bytes": {Step: durable.StepDownload, Download: &restorejobs.DownloadProgress{File: "orders.tgz", Bytes: 1, Total: 3}},
		"download: orders.tgz 1 bytes":      {Step: durable.StepDownload, Download: &restorejobs.DownloadProgress{File: "orders.tgz", Bytes: 1, Total: -1}},
		"wait: job 1 running; retrying after busy": {
			Step: durable.StepWait,
			Wait: &restorejobs.WaitUpdate{ID: "1", State: restorejobs.StateRunning, Err: busy},
		},
		"wait: job 1 running; next poll in 9s": {
			Step: durable.StepWait,
			Wait: &restorejobs.WaitUpdate{ID: "1", State: restorejobs.StateRunning, Heartbeat: true, NextPoll: 9 * time.Second},
		},
		"wait: cluster 2: 0 of 0 processes at goal 4": {
			Step: durable.StepWait,
			Wait: &restorejobs.WaitUpdate{Target: &restorejobs.TargetStatus{ClusterID: "2", GoalVersion: 4, Reached: true}},
		},
	} {
		assert.Equal(t, text, event.String())
	}
}

func TestRestore_everyEventHasAText(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		plan := f.toCluster()
		plan.OnEvent = func(event durable.Event) error {
			assert.NotContains(t, event.String(), "%!")
			assert.NotEmpty(t, event.String())
			return nil
		}
		f.restore(plan, &durable.MemoryJournal{})
	})
}
