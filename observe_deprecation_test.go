package restorejobs_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// The dates as Atlas sends them, which http.ParseTime refuses.
const (
	deprecatedText = "Mon, 5 Aug 2024 00:00:00 GMT"
	sunsetText     = "Thu, 1 Jul 2027 00:00:00 GMT"
)

var (
	deprecated = time.Date(2024, 8, 5, 0, 0, 0, 0, time.UTC)
	sunset     = time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
)

// warnings are the warnings about endpoints that a logger wrote.
func warnings(t *testing.T, buffer *bytes.Buffer) []map[string]any {
	t.Helper()
	var found []map[string]any
	for _, line := range logged(t, buffer) {
		if line["msg"] == "restore jobs API: deprecated endpoint" {
			found = append(found, line)
		}
	}
	return found
}

func TestAttempt_deprecation(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		seen, observe := observed()
		client, err := server.Client(observe)
		require.NoError(t, err)
		require.NoError(t, readJob(t.Context(), client))
		server.InjectFault(restorejobstest.SetHeader("Deprecation", deprecatedText), 1)
		server.InjectFault(restorejobstest.SetHeader("Sunset", sunsetText), 1)
		server.InjectFault(restorejobstest.SetHeader("Deprecation", "@1722816000"), 1)
		server.InjectFault(restorejobstest.SetHeader("Sunset", "soon"), 1)
		for range 4 {
			require.NoError(t, readJob(t.Context(), client))
		}
		var dates [][2]time.Time
		for _, attempt := range *seen {
			dates = append(dates, [2]time.Time{attempt.Deprecation, attempt.Sunset})
		}
		assert.Equal(t, [][2]time.Time{{}, {deprecated, {}}, {time.Time{}, sunset}, {deprecated, {}}, {}}, dates)
	})
}

// An error of a deprecated endpoint has the headers too.
func TestAttempt_deprecationOfAnError(t *testing.T) {
	t.Parallel()
	seen, observe := observed()
	client := clienttest.New(t, clienttest.Bearer("t"), observe, restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			return testutil.JSON(http.StatusNotFound, `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`, "Deprecation", deprecatedText, "Sunset", sunsetText), nil
		})))
	require.ErrorIs(t, clienttest.Get(t.Context(), client), restorejobs.ErrNotFound)
	assert.Equal(t, deprecated, (*seen)[0].Deprecation)
	assert.Equal(t, sunset, (*seen)[0].Sunset)
}

// deprecatedAPI is a client of an API whose every response announces its end.
func deprecatedAPI(t *testing.T, logger *slog.Logger) *restorejobs.Client {
	t.Helper()
	return clienttest.New(t, clienttest.Bearer("s3cr3t-token"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithLogger(logger),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			return testutil.JSON(http.StatusOK, `{"results":[]}`, "Deprecation", deprecatedText, "Sunset", sunsetText, "X-Echo", r.Header.Get("Authorization")), nil
		})))
}

func TestWithLogger_deprecatedEndpoints(t *testing.T) {
	t.Parallel()
	var buffer bytes.Buffer
	client := deprecatedAPI(t, slog.New(slog.NewJSONHandler(&buffer, nil)))
	for _, path := range []string{
		"/api/atlas/v2/groups/6a22a5000000000000000001/clusters/orders",
		"/api/atlas/v2/groups/6a22a5000000000000000002/clusters/billing",
		"/api/atlas/v2/groups/6a22a5000000000000000001/clusters/orders/backup/schedule",
		"/api/atlas/v2/groups/6a22a5000000000000000001/clusters?pretty=secret",
		"/api/atlas/v2/groups/byName/Production",
		"/api/atlas/v2/groups/byName/Staging",
		"/api/atlas/v2/groups/production",
		"/api/atlas/v2/groups/p/clusters/c/backup/snapshots/shardedClusters",
		"/api/atlas/v2/groups/p/clusters/c/backup/snapshots/6a22a50000000000000003b2",
		"/api/atlas/v2/groups/p/clusters/c/backup/snapshots/6a22a50000000000000003b2/databases/db/collections/col",
		"/api/public/v1.0/groups/p/clusters/c/restoreJobs",
		"/api/public/v1.0/groups/p/automationStatus",
		"/short",
	} {
		require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, nil), path)
	}
	require.NoError(t, client.Do(t.Context(), http.MethodDelete, "/api/atlas/v2/groups/p/clusters/orders", nil, nil))
	var got []string
	for _, line := range warnings(t, &buffer) {
		got = append(got, line["method"].(string)+" "+line["path"].(string))
		assert.Equal(t, "WARN", line["level"])
		assert.Equal(t, "2024-08-05T00:00:00Z", line["deprecation"])
		assert.Equal(t, "2027-07-01T00:00:00Z", line["sunset"])
	}
	assert.Equal(t, []string{
		"GET /api/atlas/v2/groups/{id}/clusters/{id}",
		"GET /api/atlas/v2/groups/{id}/clusters/{id}/backup/schedule",
		"GET /api/atlas/v2/groups/{id}/clusters",
		"GET /api/atlas/v2/groups/byName/{id}",
		"GET /api/atlas/v2/groups/{id}",
		"GET /api/atlas/v2/groups/{id}/clusters/{id}/backup/snapshots/shardedClusters",
		"GET /api/atlas/v2/groups/{id}/clusters/{id}/backup/snapshots/{id}",
		"GET /api/atlas/v2/groups/{id}/clusters/{id}/backup/snapshots/{id}/databases/{id}/collections/{id}",
		"GET /api/public/v1.0/groups/{id}/clusters/{id}/restoreJobs",
		"GET /api/public/v1.0/groups/{id}/automationStatus",
		"GET /short",
		"DELETE /api/atlas/v2/groups/{id}/clusters/{id}",
	}, got)
	assert.NotContains(t, buffer.String(), "s3cr3t")
	assert.NotContains(t, buffer.String(), "pretty")
}

// Every source of the same kind is one endpoint, and each client warns.
func TestWithLogger_warnsOncePerClient(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		var buffer bytes.Buffer
		withLogger := restorejobs.WithLogger(slog.New(slog.NewJSONHandler(&buffer, nil)))
		server.InjectFault(restorejobstest.SetHeader("Sunset", sunsetText), 1000)
		for range 2 {
			client, err := server.Client(withLogger)
			require.NoError(t, err)
			var calls sync.WaitGroup
			for _, scope := range restorejobstest.Scopes() {
				source, err := client.Source(scope.Ref())
				require.NoError(t, err)
				for range 3 {
					calls.Go(func() {
						_, err := source.Jobs.Get(t.Context(), scope.Jobs()[0])
						assert.NoError(t, err)
					})
				}
			}
			calls.Wait()
		}
		byEndpoint := map[string]int{}
		for _, line := range warnings(t, &buffer) {
			byEndpoint[line["path"].(string)]++
			assert.NotContains(t, line, "deprecation")
		}
		assert.Len(t, byEndpoint, 9, "twelve sources have nine paths: two products and MMS share one")
		for path, n := range byEndpoint {
			assert.Equal(t, 2, n, path)
		}
	})
}

// A client that calls ever new endpoints warns about the first 256.
func TestWithLogger_boundsWarnings(t *testing.T) {
	t.Parallel()
	var buffer bytes.Buffer
	client := deprecatedAPI(t, slog.New(slog.NewJSONHandler(&buffer, nil)))
	for i := range 300 {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		require.NoError(t, client.Do(t.Context(), http.MethodGet, fmt.Sprintf("/api/atlas/v2/%s", name), nil, nil))
	}
	assert.Len(t, warnings(t, &buffer), 256)
}
