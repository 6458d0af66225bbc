package restorejobs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

func TestCollectionJob_everyMember(t *testing.T) {
	t.Parallel()
	const body = ` ` + "\n"
	text := collectionJob("IN_PROGRESS")
	var job restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal([]byte(body+text), &job))
	assert.Equal(t, text, string(job.RawJSON()))
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	assert.JSONEq(t, text, string(stored), "with members that are not known")

	byHand := restorejobs.CollectionJob{
		ID:                    job.ID,
		Status:                restorejobs.CollectionJobStatusInProgress,
		ErrorMessage:          "a message",
		CreatedAt:             time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC),
		FinishedAt:            time.Date(2026, 7, 7, 12, 10, 0, 0, time.UTC),
		SnapshotID:            collectionSnapshotID,
		OplogTS:               1702220445,
		OplogInc:              7,
		PointInTimeUTCSeconds: 1702220446,
		TargetGroupID:         "5f3a1b2c4d5e6f7a8b9c0d1e",
		TargetClusterName:     "staging",
		WriteStrategy:         restorejobs.WriteStrategyCreateNew,
		IndexStrategy:         restorejobs.IndexStrategyAll,
		Databases:             []restorejobs.RestoreNamespace{{Source: "stock", Target: "depot"}},
		Collections:           []restorejobs.RestoreNamespace{{Source: "sales.orders", Target: "sales.old"}},
		DatabaseSuffix:        "_d",
		CollectionSuffix:      "_c",
		RestoredDocuments:     15500,
		TotalDocuments:        20000,
		IndexStatus:           restorejobs.CollectionJobIndexStatus{State: restorejobs.IndexStateFailed, FailedCollectionCount: 2},
	}
	assert.Nil(t, byHand.RawJSON())
	encoded, err := json.Marshal(byHand)
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &members))
	delete(members, "new")
	want, err := json.Marshal(members)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(encoded), "every field under its name")
	var back restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal(encoded, &back))
	assert.Equal(t, fmt.Sprint(byHand), fmt.Sprint(back))
	assert.Equal(t, byHand.Databases, back.Databases)
	assert.Equal(t, byHand.IndexStatus, back.IndexStatus)
}

func TestCollectionJobState_everyStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[restorejobs.CollectionJobStatus]restorejobs.State{
		restorejobs.CollectionJobStatusInitializing: restorejobs.StateRunning,
		restorejobs.CollectionJobStatusInProgress:   restorejobs.StateRunning,
		restorejobs.CollectionJobStatusFinalizing:   restorejobs.StateRunning,
		restorejobs.CollectionJobStatusSuccessful:   restorejobs.StateFinished,
		restorejobs.CollectionJobStatusFailed:       restorejobs.StateFailed,
		restorejobs.CollectionJobStatusCanceled:     restorejobs.StateCancelled,
		"":                                          restorejobs.StateUnknown,
		"PAUSED":                                    restorejobs.StateUnknown,
	} {
		job := restorejobs.CollectionJob{Status: status}
		assert.Equal(t, want, job.State(), status)
	}
	for _, body := range []string{`{"id":"a","state":{}}`, `{"id":"a","state":null}`, `{"id":"a"}`} {
		var job restorejobs.CollectionJob
		require.NoError(t, json.Unmarshal([]byte(body), &job))
		assert.Equal(t, restorejobs.StateUnknown, job.State(), body)
	}
}

// A create whose response was lost is found again, and others are not.
func TestCollectionJobsFindCreated_matches(t *testing.T) {
	t.Parallel()
	since := time.Now().Add(-time.Hour).UTC()
	at := func(after time.Duration) string { return since.Add(after).Format(time.RFC3339) }
	job := func(id, created, more string) string {
		return `{"id":"` + id + `","createdAt":"` + created + `","snapshotId":"` + collectionSnapshotID + `",` +
			`"targetGroupId":"h","targetClusterName":"staging","writeStrategy":"CREATE_NEW","indexStrategy":"ALL","state":"FAILED"` + more + `}`
	}
	items := []string{
		job("older match", at(time.Minute), ""),
		job("match", at(2*time.Minute), ""),
		job("before", at(-time.Minute), ""),
		job("other target", at(time.Minute), `,"targetClusterName":"prod"`),
		job("other project", at(time.Minute), `,"targetGroupId":"p"`),
		job("other snapshot", at(time.Minute), `,"snapshotId":"6a79468a2c88faeba59de488"`),
		job("other point", at(time.Minute), `,"pointInTimeUtcSeconds":1702220445`),
		job("other oplog", at(time.Minute), `,"oplogTs":1702220445,"oplogInc":1`),
		job("other strategy", at(time.Minute), `,"writeStrategy":"OVERWRITE_EXISTING"`),
		`{"id":"bare match","createdAt":"` + at(3*time.Minute) + `"}`,
	}
	_, jobs := newCollectionAPI(t, pages(items))
	found, err := jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	var ids []string
	for _, job := range found {
		ids = append(ids, job.ID)
	}
	assert.Equal(t, []string{"bare match", "match", "older match"}, ids, "newest first")

	atTime := orders()
	atTime.Point = restorejobs.FromPointInTime(time.Unix(1702220445, 0))
	found, err = jobs.FindCreated(t.Context(), since, atTime)
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(found, func(job *restorejobs.CollectionJob) bool { return job.ID == "other point" }))
	_, err = jobs.FindCreated(t.Context(), time.Time{}, orders())
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "since must be set")

	_, jobs = newCollectionAPI(t, pages(nil))
	found, err = jobs.FindCreated(t.Context(), since, orders())
	require.NoError(t, err)
	assert.Empty(t, found)
}
