package restorejobs_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestGet(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		id := r.scope.Jobs()[0]
		job, err := jobs.Get(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, id, job.ID)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path+"/"+id, "")
		assert.Empty(t, sent(t, server).Body)

		_, err = jobs.Get(t.Context(), "5ba5e0000000000000009999")
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, http.StatusNotFound, apiErr.StatusCode)
		assert.NotEmpty(t, apiErr.Code)
		assert.Equal(t, "get restore job", apiErr.Operation)
	})
}

func TestList(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
		require.NoError(t, err)
		assert.Equal(t, r.scope.Jobs(), restorejobs.JobIDs(page.Jobs))
		assert.Equal(t, 1, page.PageNum)
		assert.Equal(t, len(r.scope.Jobs()), page.TotalCount)
		assert.False(t, page.HasNext)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, "")
	})
}

func TestList_parameters(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, _ *restorejobs.Jobs) {
		jobs := jobsOf(t, server, r.scope, restorejobs.WithEnvelope(), restorejobs.WithPrettyJSON())
		no := false
		opts := restorejobs.ListOptions{PageNum: 1, ItemsPerPage: 7}
		query := "itemsPerPage=7&pageNum=1&envelope=true&pretty=true"
		if strings.HasPrefix(r.name, "Atlas") {
			opts.IncludeCount = &no
			query = "includeCount=false&" + query
		}
		page, err := jobs.List(t.Context(), opts)
		require.NoError(t, err)
		assert.Equal(t, r.scope.Jobs(), restorejobs.JobIDs(page.Jobs))
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, query)
		if opts.IncludeCount != nil {
			assert.Equal(t, -1, page.TotalCount)
		}
	})
}

func TestList_batch(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		const batch = "5c0ffee000000000000000e0"
		_, err := jobs.List(t.Context(), restorejobs.ListOptions{BatchID: batch})
		if !r.batch {
			const operation = "list restore jobs of one batch"
			assertUnsupported(t, server, r, operation, err)
			times := 0
			for _, err := range jobs.All(t.Context(), restorejobs.ListOptions{BatchID: batch}) {
				assertUnsupported(t, server, r, operation, err)
				times++
			}
			assert.Equal(t, 1, times)
			return
		}
		require.NoError(t, err)
		assertRequest(t, r, sent(t, server), http.MethodGet, r.path, "batchId="+batch)
	})
}

func assertUnsupported(t *testing.T, server *restorejobstest.Server, r row, operation string, err error) {
	t.Helper()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	assert.ErrorContains(t, err, r.name)
	assert.ErrorContains(t, err, operation)
	assert.Empty(t, server.Requests(), "nothing is sent")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, _ *restorejobstest.Server, _ *restorejobs.Jobs) {
		for _, c := range r.creates {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				var opts []restorejobstest.Option
				if c.name == "checkpoint" { // replica sets have none
					opts = append(opts, restorejobstest.WithShards(1))
				}
				server := restorejobstest.NewServer(opts...)
				t.Cleanup(server.Close)
				reachBack(server, r.scope)
				point, to := c.point, c.to
				checkpointID := strings.Join(r.scope.Checkpoints(), "") // which has one at most
				switch point {
				case snapshot:
					point = restorejobs.FromSnapshot(r.scope.Snapshots()[0])
				case checkpoint:
					point = restorejobs.FromCheckpoint(checkpointID)
				}
				if to == target {
					to = restorejobs.ToCluster(r.scope.Project(), r.scope.Cluster())
				} else if to == restorejobs.ToCluster("", "TC") {
					to = restorejobs.ToCluster("", r.scope.Cluster())
				}
				created, err := jobsOf(t, server, r.scope).Create(t.Context(), point, to)
				require.NoError(t, err)
				require.NotEmpty(t, created)
				assert.NotEmpty(t, created[0].ID)
				assert.Equal(t, 1, server.CreateCount())

				got := sent(t, server)
				assertRequest(t, r, got, http.MethodPost, r.createPath(c.to), "")
				assert.Equal(t, r.accept, got.Header.Get("Content-Type"))
				body := strings.NewReplacer(`"S"`, `"`+r.scope.Snapshots()[0]+`"`, `"P"`, `"`+r.scope.Project()+`"`,
					`"C"`, `"`+r.scope.Cluster()+`"`, `"K"`, `"`+checkpointID+`"`).Replace(c.body)
				assert.Equal(t, body, string(got.Body))
			})
		}
	})
}

// reachBack lets the backup of Atlas reach back to the points in time of the API documents.
func reachBack(server *restorejobstest.Server, scope restorejobstest.Scope) {
	switch scope {
	case restorejobstest.AtlasV1Cluster, restorejobstest.AtlasV1Serverless, restorejobstest.AtlasV2Cluster, restorejobstest.AtlasV2Serverless:
		server.AddSnapshot(scope, `{"createdAt":"2018-01-01T00:00:00Z","status":"completed"}`)
		server.EditSchedule(scope, scope.Cluster(), restorejobstest.SetFields(map[string]any{"restoreWindowDays": 36500}))
	default:
	}
}

func TestCreate_sharded(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		if scope.Sharded() == "" {
			continue
		}
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer(restorejobstest.WithShards(2))
			t.Cleanup(server.Close)
			created, err := jobsOf(t, server, scope).Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), oneDownload)
			require.NoError(t, err)
			if created[0].StatusName == "" { // an Atlas cluster has components instead
				assert.Len(t, created, 1)
				return
			}
			require.Len(t, created, 3, "two shards and a config server")
			for _, job := range created {
				assert.Equal(t, created[0].BatchID, job.BatchID)
			}
			page, err := jobsOf(t, server, scope).List(t.Context(), restorejobs.ListOptions{BatchID: created[0].BatchID})
			require.NoError(t, err)
			assert.ElementsMatch(t, restorejobs.JobIDs(created), restorejobs.JobIDs(page.Jobs))
		})
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		if !r.cancel {
			assertUnsupported(t, server, r, "cancel restore job", jobs.Cancel(t.Context(), r.scope.Jobs()[0]))
			return
		}
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]), oneDownload)
		require.NoError(t, err)
		require.NoError(t, jobs.Cancel(t.Context(), created[0].ID))
		requests := server.Requests()
		assertRequest(t, r, requests[len(requests)-1], http.MethodDelete, r.path+"/"+created[0].ID, "")
		job, err := jobs.Get(t.Context(), created[0].ID)
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateCancelled, job.State())

		automated, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]),
			restorejobs.ToCluster(r.scope.Project(), r.scope.Cluster()))
		require.NoError(t, err)
		err = jobs.Cancel(t.Context(), automated[0].ID)
		require.ErrorIs(t, err, restorejobs.ErrorCode("CANNOT_CANCEL_AUTOMATED_RESTORE"))
	})
}

func TestRef(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	forEach := rows()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	for _, r := range forEach {
		ref := jobsOf(t, server, r.scope).String()
		assert.Equal(t, r.scope.Ref(), ref)
		assert.False(t, seen[ref], "every scope has a reference of its own: %s", ref)
		seen[ref] = true
		again, err := client.Source(ref)
		require.NoError(t, err)
		assert.Equal(t, ref, again.Ref())
		assert.Equal(t, ref, again.String())
		_, err = again.Jobs.Get(t.Context(), r.scope.Jobs()[0])
		require.NoError(t, err, "%s leads to the same jobs", ref)
	}
	_, err = client.Source("") // whose error lists every scope there is
	assert.Equal(t, len(seen), strings.Count(err.Error(), "/…/"), "every row of endpoints.go has a row in rows()")
	assert.Len(t, restorejobstest.Scopes(), len(seen), "and a scope in the test server")

	_, err = client.Source("OpsManager/groups/p/clusters/c") // a product that there is: its own forms
	assert.Equal(t, 2, strings.Count(err.Error(), "/groups/…/"), err)

	odd := client.AtlasV2.Flex("p", "ü b:c")
	again, err := client.Source(odd.Ref())
	require.NoError(t, err)
	assert.Equal(t, odd.Ref(), again.Ref())

	for _, nonsense := range []string{
		"", "/", "opsmanager", "opsmanager/groups/a", "opsmanager/groups/a/clusters/", "opsmanager/groups//clusters/b",
		"opsmanager/groups/a/clusters/b/c", "opsmanager/groups/a/shards/b", "atlas/groups/a/clusters/b", "OPSMANAGER/groups/a/clusters/b",
		"opsmanager/groups/../clusters/b", "opsmanager/groups/a/clusters/%2e%2e", "opsmanager/groups/a/clusters/%zz", "opsmanager/groups/a%2fb/clusters/c",
		"https://cloud.mongodb.com/api/public/v1.0/groups/a/clusters/b",
		"opsmanager/groups/a/clusters/%20", "opsmanager/groups/a/clusters/b%E2%80%8B", "opsmanager/groups/a/clusters/%FF",
		"opsmanager/groups/a/clusters/" + strings.Repeat("b", 256),
	} {
		_, err := client.Source(nonsense)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, "%q", nonsense)
	}
	for _, spaced := range []string{" opsmanager/groups/a/clusters/b", "opsmanager/groups/a/clusters/b ", "opsmanager/groups/a/clusters/b\n"} {
		_, err := client.Source(spaced)
		require.ErrorContains(t, err, "must not begin or end with white space", "%q", spaced)
	}
}

// TestJobs_ids tables what ids may do to a path: nothing.
func TestJobs_ids(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", ".", "..", "/", "a/b", "../../../users", "%2e%2e", "%2E.", "a?b", "a#b", `a\b`, "a\x00b", "a\nb", "a%2fb"} {
		for _, at := range []string{"project", "cluster", "job"} {
			t.Run(at+" "+id, func(t *testing.T) {
				t.Parallel()
				server := restorejobstest.NewServer()
				t.Cleanup(server.Close)
				c, err := server.Client(restorejobs.WithBaseURL(server.URL() + "/prefix"))
				require.NoError(t, err)
				ids := map[string]string{"project": "p", "cluster": "c", "job": "j"}
				ids[at] = id
				_, err = c.OpsManager.Host(ids["project"], ids["cluster"]).Jobs.Get(t.Context(), ids["job"])
				require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
				assert.Empty(t, server.Requests())
			})
		}
	}
	for _, id := range []string{"a b", "ünïcode", "a+b", "a&b=c", "a;b", "a:b@c", "...", "a..b", "~", "日本"} {
		t.Run("escaped "+id, func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer()
			t.Cleanup(server.Close)
			c, err := server.Client(restorejobs.WithBaseURL(server.URL() + "/prefix"))
			require.NoError(t, err)
			_, err = c.OpsManager.Host(id, id).Jobs.Get(t.Context(), id)
			require.Error(t, err)
			path := sent(t, server).Path
			assert.Equal(t, 10, strings.Count(path, "/"), path)
			assert.Regexp(t, `^/prefix/api/public/v1\.0/groups/[^/?#]+/hosts/[^/?#]+/restoreJobs/[^/?#]+$`, path)
		})
	}
}
