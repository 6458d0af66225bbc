package restoretemporal

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
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
				assert.Equal(t, signals[len(signals)-1] == 'P', pausedAfterOneTask(t, before, signals))
			})
		}
	}
}

// Two of a kind do not alternate: after the first, the SDK does not have their order.
func TestListenForPause_orderThatIsLost(t *testing.T) {
	t.Parallel()
	for signals, wantPaused := range map[string]bool{
		"RRP": false, // as RPR
		"PPR": true,  // as PRP
	} {
		for _, before := range []string{"", "P", "PR"} {
			t.Run(before+" then "+signals, func(t *testing.T) {
				t.Parallel()
				assert.Equal(t, wantPaused, pausedAfterOneTask(t, before, signals))
			})
		}
	}
}

// pausedAfterOneTask runs a workflow that receives signals in one task, after others in a task before it.
func pausedAfterOneTask(t *testing.T, before, signals string) (paused bool) {
	t.Helper()
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
	require.NoError(t, env.GetWorkflowResult(&paused))
	return paused
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
	h.addStart(name)
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
	h.addEnd()
	require.NoError(t, replayer.ReplayWorkflowHistory(discardLogger(), &history.History{Events: h.events}))
	return paused
}
