package restorejobstest_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestHandle_pathValuesAndBody(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		c.server.Handle("POST /api/atlas/v2/groups/{group}/databaseUsers/{user...}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			assert.EqualValues(t, len(body), r.ContentLength)
			w.Header().Set("X-Group", r.PathValue("group"))
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"user":"`+r.PathValue("user")+`","query":"`+r.URL.RawQuery+`","body":`+string(body)+`}`)
		}))
		target := "/api/atlas/v2/groups/" + rjt.AtlasV2Cluster.Project() + "/databaseUsers/admin/a%2Fb?x=1"
		a := c.do(http.MethodPost, target, `{"roles":[]}`)
		assert.Equal(t, http.StatusCreated, a.status, a.body)
		assert.JSONEq(t, `{"user":"admin/a/b","query":"x=1","body":{"roles":[]}}`, a.body)
		assert.Equal(t, rjt.AtlasV2Cluster.Project(), a.header.Get("X-Group"))
		assert.Equal(t, http.StatusNotFound, c.get(target).status, "another method")
		seen := c.server.Requests()
		assert.Equal(t, http.StatusCreated, seen[len(seen)-2].Status)
	})
}

func TestHandle_afterCredentialsAndFaults(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		calls := 0
		c.server.Handle("GET /api/atlas/v2/orgs", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
		assert.Equal(t, http.StatusUnauthorized, c.send(c.plain, c.request(http.MethodGet, "/api/atlas/v2/orgs", "")).status)
		c.server.InjectFault(rjt.RespondStatus(503).On("GET /api/atlas/v2/orgs"), 1)
		assert.Equal(t, http.StatusServiceUnavailable, c.get("/api/atlas/v2/orgs").status)
		assert.Zero(t, calls)
		assert.Equal(t, http.StatusOK, c.get("/api/atlas/v2/orgs").status)
		assert.Equal(t, 1, calls)
	})
}

func TestHandle_replacesOperations(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	c.server.Handle("GET /api/atlas/v2/groups/{group}/clusters/{cluster}/backup/restoreJobs", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		assert.NotEmpty(t, c.server.Jobs(scope), "a handler may call the server")
		http.Error(w, "mine", http.StatusTeapot)
	}))
	assert.Equal(t, http.StatusTeapot, c.get(jobs(scope)).status)
	assert.Equal(t, http.StatusOK, c.get(jobs(scope)+"/"+scope.Jobs()[0]).status, "what lies below is the server's")
	assert.Equal(t, http.StatusOK, c.do(http.MethodPost, jobs(scope), goodBody(scope)).status)
}

func TestHandle_doesNotRedirect(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.AtlasV2Cluster
	c.server.Handle(jobs(scope)+"/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	assert.Equal(t, http.StatusOK, c.get(jobs(scope)).status)
	assert.Equal(t, http.StatusTeapot, c.get(jobs(scope)+"/x/y").status)
}

func TestHandle_onlyTheAPI(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	link := links(c.createReady(rjt.OpsManagerCluster, 2))[0]
	c.server.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	assert.Equal(t, http.StatusTeapot, c.get(jobs(rjt.OpsManagerCluster)).status)
	assert.Equal(t, http.StatusOK, c.fetch(link).status)
	assert.NotEqual(t, http.StatusTeapot, c.send(c.plain, c.request(http.MethodPost, "/api/oauth/token", "x")).status)
}

func TestHandle_responses(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		const base = "/api/atlas/v2/"
		c.server.Handle("GET "+base+"html", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html></html>")
			w.Header().Set("X-Late", "1")
			w.WriteHeader(http.StatusTeapot) // too late
		}))
		c.server.Handle(base+"empty", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
			_, err := w.Write([]byte("x"))
			assert.ErrorIs(t, err, http.ErrBodyNotAllowed)
		}))
		c.server.Handle(base+"abort", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		a := c.get(base + "html")
		assert.Equal(t, http.StatusOK, a.status)
		assert.Equal(t, "<html></html>", a.body)
		assert.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
		assert.Empty(t, a.header.Get("X-Late"))
		a = c.get(base + "empty")
		assert.Equal(t, http.StatusNoContent, a.status)
		assert.Empty(t, a.body)
		res, err := c.signed.Do(c.request(http.MethodPost, base+"abort", "{}"))
		if err == nil {
			_ = res.Body.Close()
		}
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

func TestHandle_inABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t, rjt.WithNonceLifetime(24*time.Hour))
		c.server.Handle("/api/atlas/v2/slow", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Hour):
			}
		}))
		began := time.Now()
		assert.Equal(t, http.StatusOK, c.get("/api/atlas/v2/slow").status)
		assert.Equal(t, time.Hour, time.Since(began))
	})
}

func TestHandle_panics(t *testing.T) {
	t.Parallel()
	server := rjt.NewServer(rjt.InProcess())
	defer server.Close()
	handler := http.NotFoundHandler()
	server.Handle("GET /api/x/{a}", handler)
	for _, pattern := range []string{"", "GET", "x", "GET /{a", "GET /api/x/{b}", "/{a}/{a}"} {
		assert.Panics(t, func() { server.Handle(pattern, handler) }, pattern)
	}
	assert.Panics(t, func() { server.Handle("GET /y", nil) })
}
