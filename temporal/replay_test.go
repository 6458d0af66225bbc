package restoretemporal

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplay_recordedHistories replays the histories of a server. Those in testdata/first are of the
// first version, before the check after a pause. An old workflow must continue as it began.
func TestReplay_recordedHistories(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"testdata/first/*.json", "testdata/present/*.json"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.Len(t, files, 9, pattern)
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				require.NoError(t, replay(t, readHistory(t, file)))
			})
		}
	}
}

// The two versions differ, and the replay detects it: without the marker of its version, a history of the
// present one is refused.
func TestReplay_detectsAnotherOrder(t *testing.T) {
	t.Parallel()
	events := readHistory(t, "testdata/present/restore_paused_before_create.json")
	hasMarker := false
	for i, event := range events.GetEvents() {
		if event.GetMarkerRecordedEventAttributes() == nil {
			continue
		}
		hasMarker = true
		events.Events[i].Attributes = &history.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{MarkerName: "other"},
		}
	}
	require.True(t, hasMarker)
	require.Error(t, replay(t, events))
	for _, event := range readHistory(t, "testdata/first/restore_paused_before_create.json").GetEvents() {
		assert.Nil(t, event.GetMarkerRecordedEventAttributes(), "the first version had no change")
	}
}

func readHistory(t *testing.T, file string) *history.History {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	events, err := client.HistoryFromJSON(bytes.NewReader(data), client.HistoryJSONOptions{})
	require.NoError(t, err)
	return events
}

func replay(t *testing.T, events *history.History) error {
	t.Helper()
	replayer := worker.NewWorkflowReplayer()
	RegisterWorkflows(replayer)
	started := events.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	return replayer.ReplayWorkflowHistoryWithOptions(discardLogger(), events, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{
			ID:    started.GetWorkflowId(),
			RunID: started.GetOriginalExecutionRunId(),
		},
	})
}
