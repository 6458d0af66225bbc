package restorejobs_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// collectionRequest is one request to a collectionAPI.
type collectionRequest struct {
	method      string
	path        string // escaped
	query       string
	accept      string
	contentType string
	body        string
}

// collectionAPI is an API in process that records its requests.
type collectionAPI struct {
	handler http.HandlerFunc

	mu   sync.Mutex
	seen []collectionRequest
}

func (c *collectionAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	seen := collectionRequest{
		method:      req.Method,
		path:        req.URL.EscapedPath(),
		query:       req.URL.RawQuery,
		accept:      req.Header.Get("Accept"),
		contentType: req.Header.Get("Content-Type"),
	}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		seen.body = string(body)
	}
	c.mu.Lock()
	c.seen = append(c.seen, seen)
	c.mu.Unlock()
	recorder := httptest.NewRecorder()
	c.handler(recorder, req)
	resp := recorder.Result()
	resp.Request = req
	return resp, nil
}

func (c *collectionAPI) requests() []collectionRequest {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]collectionRequest(nil), c.seen...)
}

// newCollectionAPI returns an API and the collection restores of its cluster "c" in project "p".
func newCollectionAPI(t *testing.T, handler http.HandlerFunc) (*collectionAPI, *restorejobs.CollectionJobs) {
	t.Helper()
	api := &collectionAPI{handler: handler}
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api),
		restorejobs.WithBaseURL("https://api.example.net"), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	return api, client.AtlasV2.Cluster("p", "c").CollectionJobs
}

// respondJSON responds with a status and a body.
func respondJSON(status int, body string) http.HandlerFunc {
	return testutil.Respond(status, body, "Content-Type", "application/vnd.atlas.2025-03-12+json")
}

const (
	collectionJobID      = "6a7948342c88faeba59eb866"
	collectionSnapshotID = "6a79468a2c88faeba59de489"
)

// collectionJob is a job with every member, in a state.
func collectionJob(state string) string {
	return `{"id":"` + collectionJobID + `","state":"` + state + `","errorMessage":"a message",` +
		`"createdAt":"2026-07-07T12:00:00Z","finishedAt":"2026-07-07T12:10:00Z","snapshotId":"` + collectionSnapshotID + `",` +
		`"oplogTs":1702220445,"oplogInc":7,"pointInTimeUtcSeconds":1702220446,` +
		`"targetGroupId":"5f3a1b2c4d5e6f7a8b9c0d1e","targetClusterName":"staging",` +
		`"writeStrategy":"CREATE_NEW","indexStrategy":"ALL",` +
		`"databases":[{"sourceNamespace":"stock","targetNamespace":"depot"}],` +
		`"collections":[{"sourceNamespace":"sales.orders","targetNamespace":"sales.old"}],` +
		`"databaseSuffix":"_d","collectionSuffix":"_c","restoredDocuments":15500,"totalDocuments":20000,` +
		`"indexStatus":{"state":"FAILED","failedCollectionCount":2},"new":[1.50]}`
}
