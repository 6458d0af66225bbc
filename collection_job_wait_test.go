package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// startCollections creates a collection restore on the test server.
func startCollections(t *testing.T, server *restorejobstest.Server, namespaces ...string) (*restorejobs.CollectionJobs, string) {
	t.Helper()
	scope := restorejobstest.AtlasV2Cluster
	client, err := server.Client()
	require.NoError(t, err)
	restore := restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(scope.Snapshots()[0]),
		Target:           restorejobs.ToCluster(scope.Project(), scope.Target()),
		CollectionSuffix: "_restored",
	}
	for _, namespace := range namespaces {
		restore.Collections = append(restore.Collections, restorejobs.RestoreNamespace{Source: namespace})
	}
	jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).CollectionJobs
	job, err := jobs.Create(t.Context(), restore)
	require.NoError(t, err)
	return jobs, job.ID
}

// sources are the names of collections with their status.
func sources(collections []*restorejobs.RestoredCollection) []string {
	var names []string
	for _, collection := range collections {
		names = append(names, collection.SourceNamespace+" "+string(collection.Status))
	}
	return names
}

func TestCollectionJobsWait_success(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.orders", "sales.customers")
		var states []restorejobs.State
		progress := 0
		job, err := jobs.Wait(t.Context(), id, restorejobs.WaitOptions{
			OnUpdate: func(update restorejobs.WaitUpdate) error {
				require.NoError(t, update.Err)
				require.NotNil(t, update.CollectionJob)
				assert.Nil(t, update.Job)
				assert.Equal(t, id, update.ID)
				if update.State != update.Previous {
					states = append(states, update.State)
				} else {
					progress++
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateFinished, job.State())
		assert.Equal(t, job.TotalDocuments, job.RestoredDocuments)
		assert.Equal(t, []restorejobs.State{restorejobs.StateRunning, restorejobs.StateFinished}, states)
		assert.Greater(t, progress, 2, "changes of the progress")
		collections, err := collect(jobs.Collections(t.Context(), id))
		require.NoError(t, err)
		require.Len(t, collections, 2)
		assert.Equal(t, "sales.orders_restored", collections[0].EffectiveTargetNamespace)
	})
}

// A job that is SUCCESSFUL without some of its collections is not a success.
func TestCollectionJobsWait_incomplete(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"NOT_FOUND", "UNSUPPORTED", "NOT_RESTORED", "INDEX_BUILD_FAILED", "FAILED", "ROLLBACK", "A_NEW_STATE"} {
		inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
			jobs, id := startCollections(t, server, "sales.orders", "sales.customers")
			server.SetCollectionOutcome(id, "sales.customers", status)
			job, err := jobs.Wait(t.Context(), id, restorejobs.WaitOptions{})
			var jobErr *restorejobs.CollectionJobError
			require.ErrorAs(t, err, &jobErr, status)
			assert.Same(t, job, jobErr.Job)
			assert.Equal(t, restorejobs.StateFinished, job.State(), status)
			assert.Equal(t, []string{"sales.customers " + status}, sources(jobErr.Collections))
			require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
			require.NotErrorIs(t, err, restorejobs.ErrJobFailed, "distinguishable from a failed job")
			require.ErrorContains(t, err, "finished, 1 of its collections incomplete: sales.customers "+status)
		})
	}
}

func TestCollectionJobsWait_missingCollection(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.orders", "sales.nothing")
		_, err := jobs.Wait(t.Context(), id, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
		assert.ErrorContains(t, err, "sales.nothing NOT_FOUND")
	})
}

func TestCollectionJobsWait_badEnds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.customers", "sales.orders")
		time.AfterFunc(time.Minute, func() { server.FailCollectionJob(id, "sales.orders") })
		job, err := jobs.Wait(t.Context(), id, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		require.NotErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
		var jobErr *restorejobs.CollectionJobError
		require.ErrorAs(t, err, &jobErr)
		assert.Equal(t, restorejobs.StateFailed, job.State())
		assert.Equal(t, []string{"sales.orders FAILED", "sales.customers ROLLBACK"}, sources(jobErr.Collections), "the cause first")
		assert.Equal(t, "restorejobs: wait: collection restore job "+id+" failed: The restore of sales.orders failed.: "+
			"sales.orders FAILED, sales.customers ROLLBACK", err.Error())

		jobs, id = startCollections(t, server, "sales.orders")
		server.CancelCollectionJob(id)
		_, err = jobs.Wait(t.Context(), id, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrJobCancelled)
	})
}

// The wait survives failures of each request, also of the list at the end.
func TestCollectionJobsWait_failures(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.orders")
		server.InjectFault(restorejobstest.RespondHTML(http.StatusBadGateway), 3)
		failures := 0
		opts := restorejobs.WaitOptions{OnUpdate: func(update restorejobs.WaitUpdate) error {
			if update.Err != nil {
				failures++
			}
			if update.State == restorejobs.StateFinished && update.Err == nil {
				server.InjectFault(restorejobstest.ResetConnection(), 3) // of the list
			}
			return nil
		}}
		_, err := jobs.Wait(t.Context(), id, opts)
		require.NoError(t, err)
		assert.Equal(t, 6, failures)

		opts.MaxConsecutiveErrors = -1
		job, err := jobs.Wait(t.Context(), id, opts)
		var waitErr *restorejobs.WaitError
		require.ErrorAs(t, err, &waitErr)
		require.ErrorContains(t, err, "the job is finished, but the state of its collections is unknown")
		assert.Empty(t, waitErr.PendingIDs, "the job has ended")
		assert.Equal(t, restorejobs.StateFinished, job.State())
		assert.Equal(t, 2, waitErr.Polls)
	})
}

func TestCollectionJobsWait_contextEnds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.orders")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		job, err := jobs.Wait(ctx, id, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var waitErr *restorejobs.WaitError
		require.ErrorAs(t, err, &waitErr)
		assert.Equal(t, []string{id}, waitErr.PendingIDs)
		assert.Equal(t, id, job.ID)

		stop := errors.New("stop")
		_, err = jobs.Wait(t.Context(), id, restorejobs.WaitOptions{OnUpdate: func(restorejobs.WaitUpdate) error { return stop }})
		require.ErrorIs(t, err, stop)

		_, err = jobs.Wait(t.Context(), strings.Repeat("0", 24), restorejobs.WaitOptions{})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
	})
}

func TestCollectionJobsWait_intervals(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		jobs, id := startCollections(t, server, "sales.orders")
		start := time.Now()
		beats := 0
		_, err := jobs.Wait(t.Context(), id, restorejobs.WaitOptions{
			MinInterval: time.Minute,
			Heartbeat:   20 * time.Second,
			OnUpdate: func(update restorejobs.WaitUpdate) error {
				if update.Heartbeat {
					beats++
					assert.NotNil(t, update.CollectionJob)
				}
				return nil
			},
		})
		require.NoError(t, err)
		elapsed := time.Since(start)
		assert.GreaterOrEqual(t, elapsed, 4*time.Minute)
		assert.Less(t, elapsed, 6*time.Minute)
		assert.GreaterOrEqual(t, beats, 8)
	})
}

// The list of a finished job can lag behind the job.
func TestCollectionJobsWait_listLags(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lag     time.Duration
		lagging string // while it lasts
		want    string // of the error, "" for a success
	}{
		"short":         {time.Minute, `{"sourceNamespace":"a.b","state":"FINALIZING"}`, ""},
		"short index":   {time.Minute, `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"IN_PROGRESS"}}`, ""},
		"forever":       {time.Hour, `{"sourceNamespace":"a.b","state":"IN_PROGRESS"}`, "a.b IN_PROGRESS"},
		"failed index":  {0, ``, "a.b SUCCESSFUL, indexes FAILED (why)"},
		"without index": {0, ``, "a.b SUCCESSFUL, indexes NOT_RESTORED"},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			indexes := `{"state":"SUCCESSFUL"}`
			switch name {
			case "failed index":
				indexes = `{"state":"FAILED","errorMessage":"why"}`
			case "without index":
				indexes = `{"state":"NOT_RESTORED"}`
			}
			_, jobs := newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
				body := `{"id":"` + collectionJobID + `","state":"SUCCESSFUL","indexStrategy":"ALL"}`
				if strings.HasSuffix(r.URL.Path, "/collections") {
					item := `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":` + indexes + `}`
					if time.Since(start) < test.lag {
						item = test.lagging
					}
					body = `{"results":[` + item + `],"totalCount":1}`
				}
				respondJSON(http.StatusOK, body)(w, r)
			})
			_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{})
			if test.want == "" {
				require.NoError(t, err, name)
				assert.GreaterOrEqual(t, time.Since(start), test.lag, name)
				return
			}
			require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored, name)
			require.ErrorContains(t, err, test.want, name)
			assert.Less(t, time.Since(start), 4*time.Minute, name)
		})
	}
}

// Indexes that were not requested are not missing.
func TestCollectionJobsWait_indexStrategies(t *testing.T) {
	t.Parallel()
	for strategy, want := range map[string]error{
		"NONE":           nil,
		"ALL_EXCEPT_TTL": nil,
		"ALL":            restorejobs.ErrCollectionsNotRestored,
	} {
		_, jobs := newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
			respondJSON(http.StatusOK, fmt.Sprintf(`{"id":%q,"state":"SUCCESSFUL","indexStrategy":%q,`+
				`"results":[{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"NOT_RESTORED"}}],"totalCount":1}`, collectionJobID, strategy))(w, r)
		})
		_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{})
		require.ErrorIs(t, err, want, strategy)
	}
}

// The job's own count of failed indexes is a failure, too.
func TestCollectionJobsWait_failedIndexesOfJob(t *testing.T) {
	t.Parallel()
	_, jobs := newCollectionAPI(t, respondJSON(http.StatusOK, `{"id":"`+collectionJobID+`","state":"SUCCESSFUL",`+
		`"indexStatus":{"state":"FAILED","failedCollectionCount":3},"results":[]}`))
	_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{})
	require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
	assert.ErrorContains(t, err, "finished, indexes of 3 collections failed")
}

// An unknown state is not an end.
func TestCollectionJobsWait_unknownState(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, jobs := newCollectionAPI(t, respondJSON(http.StatusOK, `{"id":"`+collectionJobID+`","state":"PAUSED"}`))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var updates []string
		_, err := jobs.Wait(ctx, collectionJobID, restorejobs.WaitOptions{OnUpdate: func(update restorejobs.WaitUpdate) error {
			updates = append(updates, string(update.State))
			return nil
		}})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, []string{"unknown"}, updates)
	})
}

func TestCollectionJobsWait_invalidArguments(t *testing.T) {
	t.Parallel()
	api, jobs := newCollectionAPI(t, respondJSON(http.StatusOK, `{}`))
	_, err := jobs.Wait(t.Context(), "a/b", restorejobs.WaitOptions{
		Goal:        restorejobs.UntilDownloadable,
		MinInterval: time.Minute,
		MaxInterval: time.Second,
	})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, want := range []string{"jobID must not contain", "UntilDownloadable", "MinInterval"} {
		require.ErrorContains(t, err, want)
	}
	assert.Empty(t, api.requests())
}

// collectionEnd is an API with a finished job and one page of its collections.
func collectionEnd(t *testing.T, members, collections string) (*collectionAPI, *restorejobs.CollectionJobs) {
	t.Helper()
	return newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
		body := `{"id":"` + collectionJobID + `",` + members + `}`
		if strings.HasSuffix(r.URL.Path, "/collections") {
			body = `{"results":[` + collections + `]}`
		}
		respondJSON(http.StatusOK, body)(w, r)
	})
}

// UntilJobFinished is by the state of the job only: the collections are not read.
func TestCollectionJobsWait_untilJobFinished(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]error{
		"SUCCESSFUL": nil,
		"FAILED":     restorejobs.ErrJobFailed,
		"CANCELED":   restorejobs.ErrJobCancelled,
	} {
		api, jobs := collectionEnd(t, `"state":"`+state+`"`, `{"sourceNamespace":"a.b","state":"NOT_FOUND"}`)
		_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{Goal: restorejobs.UntilJobFinished})
		require.ErrorIs(t, err, want, state)
		assert.Len(t, api.requests(), 1, state)
	}
}

// What is not known to be restored is not.
func TestCollectionJobsWait_notProven(t *testing.T) {
	t.Parallel()
	const restored = `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"SUCCESSFUL"}}`
	const finished = `"state":"SUCCESSFUL","indexStrategy":"ALL"`
	for name, test := range map[string]struct{ members, collections, want string }{
		"no collection":         {finished, ``, "finished, none of its collections is listed"},
		"one of two":            {finished + `,"collections":[{"sourceNamespace":"a.b"},{"sourceNamespace":"a.c"}]`, restored, "finished, only 1 of its 2 collections listed"},
		"indexes in progress":   {finished, `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"IN_PROGRESS"}}`, "a.b SUCCESSFUL, indexes IN_PROGRESS"},
		"unknown indexes":       {finished, `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"ROLLED_BACK"}}`, "a.b SUCCESSFUL, indexes ROLLED_BACK"},
		"no strategy":           {`"state":"SUCCESSFUL"`, `{"sourceNamespace":"a.b","state":"SUCCESSFUL","indexStatus":{"state":"NOT_RESTORED"}}`, "indexes NOT_RESTORED"},
		"not a collection":      {finished, restored + `,7`, "without name without state"},
		"indexes of one failed": {finished + `,"indexStatus":{"failedCollectionCount":1}`, restored, "indexes of 1 collection failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				_, jobs := collectionEnd(t, test.members, test.collections)
				start := time.Now()
				_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{})
				require.ErrorIs(t, err, restorejobs.ErrCollectionsNotRestored)
				require.ErrorContains(t, err, test.want)
				assert.Less(t, time.Since(start), 4*time.Minute)
			})
		})
	}
}

// The grace of the list begins when it is read, not while it cannot be.
func TestCollectionJobsWait_listLagsAfterFailures(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, jobs := newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
			isList := strings.HasSuffix(r.URL.Path, "/collections")
			switch elapsed := time.Since(start); {
			case !isList:
				respondJSON(http.StatusOK, `{"id":"`+collectionJobID+`","state":"SUCCESSFUL"}`)(w, r)
			case elapsed < 5*time.Minute:
				w.Header().Set("Retry-After", "300")
				respondJSON(http.StatusServiceUnavailable, `{"error":503}`)(w, r)
			case elapsed < 6*time.Minute:
				respondJSON(http.StatusOK, `{"results":[{"sourceNamespace":"a.b","state":"FINALIZING"}]}`)(w, r)
			default:
				respondJSON(http.StatusOK, `{"results":[{"sourceNamespace":"a.b","state":"SUCCESSFUL"}]}`)(w, r)
			}
		})
		_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// A heartbeat does not pause while the collections of a failed job are read.
func TestCollectionJobsWait_heartbeatAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, jobs := newCollectionAPI(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/collections") {
				time.Sleep(90 * time.Second)
				respondJSON(http.StatusOK, `{"results":[{"sourceNamespace":"a.b","state":"ROLLBACK"}]}`)(w, r)
				return
			}
			respondJSON(http.StatusOK, `{"id":"`+collectionJobID+`","state":"FAILED"}`)(w, r)
		})
		beats := 0
		_, err := jobs.Wait(t.Context(), collectionJobID, restorejobs.WaitOptions{
			Heartbeat: 10 * time.Second,
			OnUpdate: func(u restorejobs.WaitUpdate) error {
				if u.Heartbeat {
					beats++
					assert.Equal(t, restorejobs.StateFailed, u.State)
				}
				return nil
			},
		})
		require.ErrorIs(t, err, restorejobs.ErrJobFailed)
		assert.ErrorContains(t, err, "a.b ROLLBACK")
		assert.GreaterOrEqual(t, beats, 8)
	})
}
