package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestState(t *testing.T) {
	t.Parallel()
	const ready = `"delivery":{"methodName":"HTTP","statusName":"READY"}`
	for body, want := range map[string]State{
		`{}`: StateUnknown, `{"id":"1"}`: StateUnknown, `42`: StateUnknown, `null`: StateUnknown,

		`{"statusName":"IN_PROGRESS"}`:                                                                            StateRunning,
		`{"statusName":"IN_PROGRESS",` + ready + `}`:                                                              StateRunning,
		`{"statusName":"BROKEN",` + ready + `}`:                                                                   StateFailed,
		`{"statusName":"KILLED",` + ready + `}`:                                                                   StateCancelled,
		`{"statusName":"PAUSED",` + ready + `}`:                                                                   StateUnknown,
		`{"statusName":"finished"}`:                                                                               StateUnknown,
		`{"statusName":null,` + ready + `}`:                                                                       StateUnknown,
		`{"statusName":"FINISHED"}`:                                                                               StateFinished,
		`{"statusName":"FINISHED",` + ready + `}`:                                                                 StateFinished,
		`{"statusName":"FINISHED","delivery":{"statusName":"PENDING"}}`:                                           StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"NOT_STARTED"}}`:                                       StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"IN_PROGRESS"}}`:                                       StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"FAILED"}}`:                                            StateFailed,
		`{"statusName":"FINISHED","delivery":{"statusName":"INTERRUPTED"}}`:                                       StateFailed,
		`{"statusName":"FINISHED","delivery":{"statusName":"EXPIRED"}}`:                                           StateExpired,
		`{"statusName":"FINISHED","delivery":{"statusName":"MAX_DOWNLOADS_EXCEEDED"}}`:                            StateExpired,
		`{"statusName":"FINISHED","delivery":{"statusName":"NEW"}}`:                                               StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"EXPIRED","targetClusterId":"c"}}`: StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":"NOT_STARTED"}}`:      StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":"FAILED"}}`:           StateFailed,

		`{"deliveryType":"automated","deliveryUrl":[]}`:                                                                          StateRunning,
		`{"deliveryType":"pointInTime"}`:                                                                                         StateRunning,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z"}`:                                                       StateFinished,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z","expired":true}`:                                        StateFinished,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z","failed":true}`:                                         StateFailed,
		`{"deliveryType":"download","cancelled":true,"deliveryUrl":["u"]}`:                                                       StateCancelled,
		`{"deliveryType":"download","cancelled":true,"failed":true}`:                                                             StateFailed,
		`{"deliveryType":"download","expired":true,"deliveryUrl":["u"]}`:                                                         StateExpired,
		`{"deliveryType":"download","deliveryUrl":["u"]}`:                                                                        StateFinished,
		`{"deliveryType":"download","deliveryUrl":[]}`:                                                                           StateRunning,
		`{"deliveryType":"download","deliveryUrl":[null]}`:                                                                       StateRunning,
		`{"deliveryType":"download","deliveryUrl":["u",""]}`:                                                                     StateRunning,
		`{"deliveryType":"download","deliveryUrl":null}`:                                                                         StateRunning,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":null}]}`:                                    StateRunning,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":"v"}]}`:                                     StateFinished,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":null}],"expiresAt":"2030-01-01T00:00:00Z"}`: StateFinished,
		`{"deliveryType":"download","deliveryUrl":[],"expiresAt":"2030-01-01T00:00:00Z"}`:                                        StateFinished,
		`{"deliveryType":"automated","deliveryUrl":[],"expiresAt":"2030-01-01T00:00:00Z"}`:                                       StateRunning,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}]}`:                       StateFinished,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[null]}]}`:                                      StateRunning,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[{"endpointId":"e"}]}]}`:                        StateRunning,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:                                        StateFinished,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"endpointId":"e"}]}`:                                         StateRunning,
		`{"deliveryType":"download","deliveryUrl":["u",null],"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:               StateRunning,
		`{"deliveryType":"download","components":[{}],"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:                      StateRunning,
		`{"failed":true}`:                       StateFailed,
		`{"cancelled":true}`:                    StateCancelled,
		`{"expired":true}`:                      StateExpired,
		`{"finishedAt":"2020-01-01T00:00:00Z"}`: StateFinished,
		`{"deliveryType":"clone"}`:              StateUnknown,
		`{"deliveryType":"clone","finishedAt":"2020-01-01T00:00:00Z"}`: StateFinished,

		`{"status":"PENDING","deliveryType":"RESTORE"}`:   StateRunning,
		`{"status":"QUEUED","deliveryType":"RESTORE"}`:    StateRunning,
		`{"status":"running","deliveryType":"RESTORE"}`:   StateRunning,
		`{"status":"COMPLETED","deliveryType":"RESTORE"}`: StateFinished,
		`{"status":"Completed","deliveryType":"RESTORE"}`: StateFinished,
		`{"status":"FAILED","deliveryType":"DOWNLOAD"}`:   StateFailed,
		`{"status":"CLOSED","instanceName":"i"}`:          StateUnknown,
		`{"status":null,"instanceName":"i"}`:              StateUnknown,
	} {
		job, err := parseJob([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, want, job.State(), body)
		ended := want != StateRunning && want != StateUnknown
		assert.Equal(t, ended, job.State().Terminal(), body)
	}
	assert.False(t, State("odd").Terminal())
}
