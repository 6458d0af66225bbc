package restorejobs_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestRestorableTimeRanges(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		ranges, err := jobs.RestorableTimeRanges(t.Context())
		if !r.ranges {
			assertUnsupported(t, server, r, "get restorable time ranges", err)
			return
		}
		require.NoError(t, err)
		require.NotEmpty(t, ranges)
		assert.False(t, ranges[0].Start.IsZero())
		assert.False(t, ranges[0].End.Date.Before(ranges[0].Start.Date))
		assertRequest(t, r, sent(t, server), http.MethodPost, r.path+"/restorableTimeRanges", "")
	})
}

func TestRestorableTimeRanges_isRetried(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		server.InjectFault(restorejobstest.RespondHTML(http.StatusServiceUnavailable), 1)
		server.InjectFault(restorejobstest.TruncateBody(10), 1)
		server.InjectFault(restorejobstest.ResetConnection(), 1)
		ranges, err := client.OpsManager.Cluster(scope.Project(), scope.Cluster()).Jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err, "a POST that only reads")
		assert.NotEmpty(t, ranges)
	})
}
