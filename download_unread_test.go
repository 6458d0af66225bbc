package restorejobs_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// A link of an unknown form is neither used up nor missing: it cannot be read.
func TestDownloadTo_unreadableLink(t *testing.T) {
	t.Parallel()
	const finished = `{"id":"000000000000000000000001","deliveryType":"download","finishedAt":"2026-01-01T00:00:00Z","expiresAt":"2099-01-01T00:00:00Z",`
	for _, body := range []string{
		finished + `"components":[{"replicaSetName":"a","downloadUrl":["https://h/x.gz"]}]}`,
		finished + `"components":{"replicaSetName":"a","downloadUrl":"https://h/x.gz"}}`,
		finished + `"components":[{"replicaSetName":"a","downloadUrl":5}]}`,
		finished + `"components":[{"replicaSetName":"a","privateDownloadDeliveryUrls":"https://h/x.gz"}]}`,
		finished + `"deliveryUrl":{"a":"https://h/x.gz"}}`,
		finished + `"deliveryUrl":5}`,
		finished + `"deliveryUrl":[["https://h/x.gz"]]}`,
		finished + `"deliveryUrl":[],"privateDownloadDeliveryUrls":{}}`,
		`{"id":"000000000000000000000001","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":["https://h/x.gz"]}`,
		`{"id":"000000000000000000000001","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":["https://h/x.gz"]}}`,
		`{"id":"000000000000000000000001","statusName":"FINISHED","delivery":{"statusName":"READY","url":{}}}`,
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
					restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
						return testutil.JSON(http.StatusOK, body), nil
					})))
				jobs := client.AtlasV2.Cluster(clienttest.ProjectID, "C").Jobs
				for _, goal := range []restorejobs.WaitGoal{restorejobs.UntilFinished, restorejobs.UntilDownloadable} {
					ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
					got, err := jobs.Wait(ctx, []string{"000000000000000000000001"}, restorejobs.WaitOptions{Goal: goal})
					cancel()
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.NotErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
					assert.Equal(t, restorejobs.StateUnknown, got[0].State())
				}
				_, err := jobs.DownloadTo(t.Context(), "000000000000000000000001", io.Discard, restorejobs.DownloadOptions{})
				require.ErrorIs(t, err, restorejobs.ErrDownloadNotReady)
				require.NotErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
				assert.ErrorContains(t, err, "its links cannot be read")
			})
		})
	}
}
