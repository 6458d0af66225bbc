package restoretemporal

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/converter"
)

// historyBuilder builds the events of a history.
type historyBuilder struct{ events []*history.HistoryEvent }

func (h *historyBuilder) add(kind enumspb.EventType, event *history.HistoryEvent) (id int64) {
	event.EventId = int64(len(h.events) + 1)
	event.EventType = kind
	h.events = append(h.events, event)
	return event.GetEventId()
}

// addStart adds the start of a workflow.
func (h *historyBuilder) addStart(name string) {
	h.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowExecutionStartedEventAttributes{
			WorkflowExecutionStartedEventAttributes: &history.WorkflowExecutionStartedEventAttributes{
				WorkflowType: &commonpb.WorkflowType{Name: name},
				TaskQueue:    &taskqueue.TaskQueue{Name: "restores"},
			},
		},
	})
}

// addEnd adds the end of a workflow.
func (h *historyBuilder) addEnd() {
	h.add(enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED, &history.HistoryEvent{
		Attributes: &history.HistoryEvent_WorkflowExecutionCompletedEventAttributes{
			WorkflowExecutionCompletedEventAttributes: &history.WorkflowExecutionCompletedEventAttributes{},
		},
	})
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
