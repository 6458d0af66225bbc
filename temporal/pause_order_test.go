package restoretemporal

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/types/known/durationpb"
)

// signalOf returns the signal of a letter: P is a pause, R a resume.
func signalOf(letter rune) string {
	if letter == 'P' {
		return PauseSignal
	}
	return ResumeSignal
}

// The last signal of a workflow task counts, as it arrived.
func TestListenForPause_orderOfArrival(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "P", "PR"} {
		for _, signals := range []string{"P", "R", "PR", "RP", "PRP", "RPR", "PRPR", "RPRP", "PP", "RR", "PPP"} {
			t.Run(before+" then "+signals, func(t *testing.T) {
				t.Parallel()
				var suite testsuite.WorkflowTestSuite
				suite.SetLogger(discardLogger())
				env := suite.NewTestWorkflowEnvironment()
				env.RegisterDelayedCallback(func() {
					for _, letter := range before {
						env.SignalWorkflow(signalOf(letter), nil)
					}
				}, time.Minute)
				env.RegisterDelayedCallback(func() {
					last := len(signals) - 1
					for _, letter := range signals[:last] {
						env.SignalWorkflowSkippingWorkflowTask(signalOf(letter), nil)
					}
					env.SignalWorkflow(signalOf(rune(signals[last])), nil)
				}, 2*time.Minute)
				env.ExecuteWorkflow(func(ctx workflow.Context) (bool, error) {
					var paused bool
					listenForPause(ctx, &paused)
					err := workflow.Sleep(ctx, time.Hour)
					return paused, err
				})
				var paused bool
				require.NoError(t, env.GetWorkflowResult(&paused))
				assert.Equal(t, signals[len(signals)-1] == 'P', paused)
			})
		}
	}
}

// The order of the signals before the first task is not known. A resume ends the pause before it. If they
// do not alternate, a pause wins. A history of an earlier version continues as it began.
func TestListenForPause_beforeTheFirstTask(t *testing.T) {
	t.Parallel()
	for signals, want := range map[string]struct{ present, earlier bool }{
		"P":    {present: true, earlier: true},
		"R":    {},
		"PR":   {earlier: true},
		"PRP":  {present: true, earlier: true},
		"PRPR": {earlier: true},
		"PRR":  {present: true, earlier: true},
	} {
		for _, isPresent := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, present version %t", signals, isPresent), func(t *testing.T) {
				t.Parallel()
				hasMarker := isPresent && want.present != want.earlier
				wantPaused := want.earlier
				if isPresent {
					wantPaused = want.present
				}
				assert.Equal(t, wantPaused, pausedAfter(t, signals, hasMarker))
			})
		}
	}
}

// pausedAfter replays a history of signals before the first task.
func pausedAfter(t *testing.T, signals string, hasMarker bool) bool {
	t.Helper()
	const name = "listener"
	var paused bool
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(func(ctx workflow.Context) error {
		listenForPause(ctx, &paused)
		return workflow.Sleep(ctx, time.Minute)
	}, workflow.RegisterOptions{Name: name})
	h := &historyBuilder{}
	h.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &history.WorkflowExecutionStartedEventAttributes{
				WorkflowType: &commonpb.WorkflowType{Name: name},
				TaskQueue:    &taskqueue.TaskQueue{Name: "restores"},
			},
		},
	})
	for _, letter := range signals {
		h.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED, &history.HistoryEvent{
			Attributes: &history.HistoryEvent_WorkflowExecutionSignaledEventAttributes{
				WorkflowExecutionSignaledEventAttributes: &history.WorkflowExecutionSignaledEventAttributes{SignalName: signalOf(letter)},
			},
		})
	}
	h.addTask()
	timer := h.add(enumspb.EVENT_TYPE_TIMER_STARTED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_TimerStartedEventAttributes{
			TimerStartedEventAttributes: &history.TimerStartedEventAttributes{
				TimerId:            strconv.Itoa(len(h.events) + 1),
				StartToFireTimeout: durationpb.New(time.Minute),
			},
		},
	})
	if hasMarker {
		h.addVersion(t, changePauseOrder)
	}
	h.add(enumspb.EVENT_TYPE_TIMER_FIRED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_TimerFiredEventAttributes{
			TimerFiredEventAttributes: &history.TimerFiredEventAttributes{TimerId: strconv.FormatInt(timer, 10), StartedEventId: timer},
		},
	})
	h.addTask()
	h.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &history.WorkflowExecutionCompletedEventAttributes{},
		},
	})
	require.NoError(t, replayer.ReplayWorkflowHistory(discardLogger(), &history.History{Events: h.events}))
	return paused
}

// historyBuilder builds the events of a history.
type historyBuilder struct{ events []*history.HistoryEvent }

func (h *historyBuilder) add(kind enumspb.EventType, event *history.HistoryEvent) (id int64) {
	event.EventId = int64(len(h.events) + 1)
	event.EventType = kind
	h.events = append(h.events, event)
	return event.GetEventId()
}

// addTask adds a workflow task that was completed.
func (h *historyBuilder) addTask() {
	scheduled := h.add(enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowTaskScheduledEventAttributes{
			WorkflowTaskScheduledEventAttributes: &history.WorkflowTaskScheduledEventAttributes{},
		},
	})
	started := h.add(enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowTaskStartedEventAttributes{
			WorkflowTaskStartedEventAttributes: &history.WorkflowTaskStartedEventAttributes{ScheduledEventId: scheduled},
		},
	})
	h.add(enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowTaskCompletedEventAttributes{
			WorkflowTaskCompletedEventAttributes: &history.WorkflowTaskCompletedEventAttributes{
				ScheduledEventId: scheduled,
				StartedEventId:   started,
			},
		},
	})
}

// addVersion adds the marker of a change.
func (h *historyBuilder) addVersion(t *testing.T, changeID string) {
	t.Helper()
	payloads := func(value any) *commonpb.Payloads {
		encoded, err := converter.GetDefaultDataConverter().ToPayloads(value)
		require.NoError(t, err)
		return encoded
	}
	h.add(enumspb.EVENT_TYPE_MARKER_RECORDED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_MarkerRecordedEventAttributes{
			MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{
				MarkerName: "Version",
				Details:    map[string]*commonpb.Payloads{"change-id": payloads(changeID), "version": payloads(1)},
			},
		},
	})
	value, err := converter.GetDefaultDataConverter().ToPayload([]string{changeID + "-1"})
	require.NoError(t, err)
	h.add(enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_UpsertWorkflowSearchAttributesEventAttributes{
			UpsertWorkflowSearchAttributesEventAttributes: &history.UpsertWorkflowSearchAttributesEventAttributes{
				SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{"TemporalChangeVersion": value}},
			},
		},
	})
}
