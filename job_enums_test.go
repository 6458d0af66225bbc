package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestJob_constantsOfDocumentedLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, have []string }{
		{
			strings.Fields("IN_PROGRESS FINISHED BROKEN KILLED"),
			texts(JobStatusInProgress, JobStatusFinished, JobStatusBroken, JobStatusKilled),
		},
		{
			strings.Fields("PENDING NOT_STARTED IN_PROGRESS READY FAILED INTERRUPTED EXPIRED MAX_DOWNLOADS_EXCEEDED"),
			texts(DeliveryStatusPending, DeliveryStatusNotStarted, DeliveryStatusInProgress, DeliveryStatusReady,
				DeliveryStatusFailed, DeliveryStatusInterrupted, DeliveryStatusExpired, DeliveryStatusMaxDownloadsExceeded),
		},
		{
			strings.Fields("CLIENT_PIT_HTTP QUERY AUTOMATED_RESTORE HTTP THIRD_PARTY_COPY CLIENT_PIT_SCP SCP"),
			texts(DeliveryMethodClientPITHTTP, DeliveryMethodQuery, DeliveryMethodAutomatedRestore, DeliveryMethodHTTP,
				DeliveryMethodThirdPartyCopy, DeliveryMethodClientPITSCP, DeliveryMethodSCP),
		},
		{
			strings.Fields("automated download pointInTime RESTORE DOWNLOAD"),
			texts(DeliveryTypeAutomated, DeliveryTypeDownload, DeliveryTypePointInTime, DeliveryTypeFlexRestore, DeliveryTypeFlexDownload),
		},
		{
			strings.Fields("PENDING QUEUED RUNNING FAILED COMPLETED"),
			texts(FlexStatusPending, FlexStatusQueued, FlexStatusRunning, FlexStatusFailed, FlexStatusCompleted),
		},
		{[]string{"SHA1"}, texts(HashTypeSHA1)},
	} {
		assert.Equal(t, c.want, c.have)
	}
}

func texts[T ~string](values ...T) []string {
	var list []string
	for _, value := range values {
		list = append(list, string(value))
	}
	return list
}
