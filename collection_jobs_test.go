package restorejobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

func TestCollectionJobsGet_request(t *testing.T) {
	t.Parallel()
	api, jobs := newCollectionAPI(t, respondJSON(http.StatusOK, collectionJob("IN_PROGRESS")))
	job, err := jobs.Get(t.Context(), collectionJobID)
	require.NoError(t, err)
	assert.Equal(t, restorejobs.StateRunning, job.State())
	assert.Equal(t, []collectionRequest{{
		method: http.MethodGet,
		path:   "/api/atlas/v2/groups/p/clusters/c/collectionRestoreJobs/" + collectionJobID,
		accept: "application/vnd.atlas.2025-03-12+json",
	}}, api.requests())
	assert.Equal(t, "atlasv2/groups/p/clusters/c", fmt.Sprint(jobs))
}

func TestCollectionJobsGet_otherResponses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"another job": {http.StatusOK, `{"id":"6a7948342c88faeba59eb867","state":"FAILED"}`, "the response is about another job"},
		"without id":  {http.StatusOK, `{"state":"FAILED"}`, "the body is not a collection restore job: it has no id"},
		"a list":      {http.StatusOK, `[]`, "the body is not a JSON object"},
		"empty":       {http.StatusOK, ``, "the body is empty"},
		"envelope":    {http.StatusOK, `{"status":200,"content":{}}`, "it has no id"},
		"inner error": {http.StatusOK, `{"status":404,"content":{"error":404,"errorCode":"RESOURCE_NOT_FOUND"}}`, "404 RESOURCE_NOT_FOUND"},
		"cut off":     {http.StatusOK, `{"id":"6a7948342c88faeba5`, "200"},
		"not found":   {http.StatusNotFound, `{"error":404,"errorCode":"RESOURCE_NOT_FOUND"}`, "404 RESOURCE_NOT_FOUND"},
	} {
		_, jobs := newCollectionAPI(t, respondJSON(test.status, test.body))
		_, err := jobs.Get(t.Context(), collectionJobID)
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr, name)
		assert.ErrorContains(t, err, test.want, name)
	}
	for _, body := range []string{
		`{"status":200,"content":` + collectionJob("SUCCESSFUL") + `}`,
		` ` + collectionJob("SUCCESSFUL") + "\n",
	} {
		_, jobs := newCollectionAPI(t, respondJSON(http.StatusOK, body))
		job, err := jobs.Get(t.Context(), collectionJobID)
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateFinished, job.State())
	}
}

// pages serves a list of items by the query parameters of the request.
func pages(items []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number := max(intOr(r.URL.Query().Get("pageNum"), 1), 1)
		size := intOr(r.URL.Query().Get("itemsPerPage"), 100)
		from := min((number-1)*size, len(items))
		page := items[from:min(from+size, len(items))]
		results := make([]json.RawMessage, len(page))
		for i, item := range page {
			results[i] = json.RawMessage(item)
		}
		text, err := json.Marshal(map[string]any{"results": results, "totalCount": len(items)})
		if err != nil {
			panic(err)
		}
		respondJSON(http.StatusOK, string(text))(w, r)
	}
}

func TestCollectionJobsAll_pages(t *testing.T) {
	t.Parallel()
	var items []string
	for i := range 5 {
		items = append(items, fmt.Sprintf(`{"id":"%d","state":"SUCCESSFUL"}`, i))
	}
	api, jobs := newCollectionAPI(t, pages(items))
	var ids []string
	for job, err := range jobs.All(t.Context(), restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: -1}) {
		require.NoError(t, err)
		ids = append(ids, job.ID)
	}
	assert.Equal(t, []string{"0", "1", "2", "3", "4"}, ids)
	requests := api.requests()
	require.Len(t, requests, 3)
	assert.Equal(t, collectionRequest{
		method: http.MethodGet,
		path:   "/api/atlas/v2/groups/p/clusters/c/collectionRestoreJobs",
		query:  "itemsPerPage=2&pageNum=2",
		accept: "application/vnd.atlas.2025-03-12+json",
	}, requests[1], "a count is not a parameter of this list")
	for _, err := range jobs.All(t.Context(), restorejobs.ListOptions{}) {
		require.NoError(t, err)
		break
	}
	assert.Equal(t, "itemsPerPage=500&pageNum=1", api.requests()[3].query)
}

func TestCollectionJobsAll_refusals(t *testing.T) {
	t.Parallel()
	api, jobs := newCollectionAPI(t, pages(nil))
	for _, test := range []struct {
		opts restorejobs.ListOptions
		want error
	}{
		{restorejobs.ListOptions{BatchID: "b"}, errors.ErrUnsupported},
		{restorejobs.ListOptions{IncludeCount: new(bool)}, errors.ErrUnsupported},
		{restorejobs.ListOptions{ItemsPerPage: 501}, restorejobs.ErrInvalidArgument},
	} {
		yields := 0
		for job, err := range jobs.All(t.Context(), test.opts) {
			require.ErrorIs(t, err, test.want)
			assert.Nil(t, job)
			yields++
		}
		assert.Equal(t, 1, yields)
	}
	assert.Empty(t, api.requests())
}

func TestCollectionJobsCollections_pages(t *testing.T) {
	t.Parallel()
	const orders = `{"sourceNamespace":"sales.orders","targetNamespace":"sales.old","effectiveTargetNamespace":"sales.old_1",` +
		`"state":"INDEX_BUILD_FAILED","restoredDocuments":12000,"totalDocuments":12001,` +
		`"indexStatus":{"state":"FAILED","errorMessage":"a message","failedIndexes":[{"name":"i1"}]},"new":true}`
	api, jobs := newCollectionAPI(t, pages([]string{orders, `{"sourceNamespace":"sales.customers"}`}))
	collections, err := collect(jobs.Collections(t.Context(), collectionJobID))
	require.NoError(t, err)
	require.Len(t, collections, 2)
	got := collections[0]
	assert.JSONEq(t, orders, string(got.RawJSON()))
	assert.Equal(t, "sales.orders, sales.old, sales.old_1, INDEX_BUILD_FAILED, failed, 12000, 12001",
		fmt.Sprintf("%s, %s, %s, %s, %s, %d, %d", got.SourceNamespace, got.TargetNamespace, got.EffectiveTargetNamespace, got.Status, got.State(), got.RestoredDocuments, got.TotalDocuments))
	assert.Equal(t, restorejobs.CollectionIndexStatus{
		State:         restorejobs.IndexStateFailed,
		ErrorMessage:  "a message",
		FailedIndexes: []json.RawMessage{json.RawMessage(`{"name":"i1"}`)},
	}, got.IndexStatus)
	assert.Equal(t, []collectionRequest{{
		method: http.MethodGet,
		path:   "/api/atlas/v2/groups/p/clusters/c/collectionRestoreJobs/" + collectionJobID + "/collections",
		query:  "itemsPerPage=500&pageNum=1",
		accept: "application/vnd.atlas.2025-03-12+json",
	}}, api.requests())
}

// An entry without names repeats no other one: a failed collection must not be lost.
func TestCollectionJobsCollections_withoutNames(t *testing.T) {
	t.Parallel()
	_, jobs := newCollectionAPI(t, pages([]string{`{"state":"SUCCESSFUL"}`, `{"state":"FAILED"}`, `7`, `null`}))
	collections, err := collect(jobs.Collections(t.Context(), collectionJobID))
	require.NoError(t, err)
	require.Len(t, collections, 4)
	assert.Equal(t, []string{" SUCCESSFUL", " FAILED", " ", " "}, sources(collections))
}

// collect returns the items of an iterator up to its error.
func collect[T any](seq func(yield func(T, error) bool)) ([]T, error) {
	var items []T
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

func TestCollectionJobs_invalidIDs(t *testing.T) {
	t.Parallel()
	api, jobs := newCollectionAPI(t, pages(nil))
	for _, id := range []string{"", "a/b", ".."} {
		_, err := jobs.Get(t.Context(), id)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, "jobID")
		_, err = collect(jobs.Collections(t.Context(), id))
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	}
	assert.Empty(t, api.requests())
}

// Every other source refuses each call before anything is sent.
func TestCollectionJobs_unsupportedSources(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	for _, scope := range restorejobstest.Scopes() {
		source := sourceOf(t, server, scope)
		if scope == restorejobstest.AtlasV2Cluster {
			assert.True(t, source.Supports(restorejobs.CapabilityCollections))
			continue
		}
		assert.False(t, source.Supports(restorejobs.CapabilityCollections), scope)
		jobs := source.CollectionJobs
		_, createErr := jobs.Create(t.Context(), restorejobs.CollectionRestore{})
		_, getErr := jobs.Get(t.Context(), "")
		_, allErr := collect(jobs.All(t.Context(), restorejobs.ListOptions{}))
		_, collectionsErr := collect(jobs.Collections(t.Context(), ""))
		_, waitErr := jobs.Wait(t.Context(), "", restorejobs.WaitOptions{})
		_, findErr := jobs.FindCreated(t.Context(), time.Time{}, restorejobs.CollectionRestore{})
		for _, err := range []error{createErr, getErr, allErr, collectionsErr, findErr, waitErr} {
			require.ErrorIs(t, err, errors.ErrUnsupported, scope)
		}
	}
	assert.Empty(t, server.Requests())
}

// A create is sent once. What can have been executed is unknown, what was refused is not.
func TestCollectionJobsCreate_outcome(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    error
		count   int
	}{
		"502":         {respondJSON(http.StatusBadGateway, ``), restorejobs.ErrOutcomeUnknown, 1},
		"web page":    {respondJSON(http.StatusOK, `<html>`), restorejobs.ErrOutcomeUnknown, 1},
		"without id":  {respondJSON(http.StatusCreated, `{}`), restorejobs.ErrOutcomeUnknown, 1},
		"empty":       {respondJSON(http.StatusCreated, ``), restorejobs.ErrOutcomeUnknown, 1},
		"rate limit":  {respondJSON(http.StatusTooManyRequests, `{"error":429}`), restorejobs.ErrRateLimited, 3},
		"conflict":    {respondJSON(http.StatusConflict, `{"error":409}`), restorejobs.ErrConflict, 1},
		"bad request": {respondJSON(http.StatusBadRequest, `{"error":400,"errorCode":"INVALID_ATTRIBUTE"}`), restorejobs.ErrorCode("INVALID_ATTRIBUTE"), 1},
	} {
		api := &collectionAPI{handler: test.handler}
		client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api),
			restorejobs.WithBaseURL("https://api.example.net"), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 2, MinDelay: -1}))
		require.NoError(t, err)
		before := time.Now()
		_, err = client.AtlasV2.Cluster("p", "c").CollectionJobs.Create(t.Context(), orders())
		require.ErrorIs(t, err, test.want, name)
		assert.Len(t, api.requests(), test.count, name)
		var unknown *restorejobs.OutcomeUnknownError
		if errors.As(err, &unknown) {
			require.ErrorContains(t, err, "use CollectionJobs.FindCreated before creating again", name)
			assert.False(t, unknown.Start.Before(before), name)
			assert.Equal(t, orders().Point, unknown.Point)
			assert.Equal(t, orders().Target, unknown.Destination)
			_, err = unknown.Find(t.Context())
			require.ErrorIs(t, err, errors.ErrUnsupported, name)
		}
	}
}

// A pinned version that is older than the operations does not apply to them.
func TestCollectionJobs_pinnedVersion(t *testing.T) {
	t.Parallel()
	for pinned, want := range map[string]string{
		"2023-02-01": "application/vnd.atlas.2025-03-12+json",
		"2026-03-12": "application/vnd.atlas.2026-03-12+json",
	} {
		api := &collectionAPI{handler: testutil.Respond(http.StatusOK, collectionJob("FAILED"))}
		client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api),
			restorejobs.WithAtlasAPIVersion(pinned))
		require.NoError(t, err)
		_, err = client.AtlasV2.Cluster("p", "c").CollectionJobs.Get(t.Context(), collectionJobID)
		require.NoError(t, err)
		assert.Equal(t, want, api.requests()[0].accept)
	}
}
