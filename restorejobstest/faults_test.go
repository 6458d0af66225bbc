package restorejobstest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestInjectFault_responses(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		target := jobs(rjt.OpsManagerCluster)
		c.server.InjectFault(rjt.RespondStatus(503), 2)
		for range 2 {
			a := c.get(target)
			assert.Equal(t, 503, a.status)
			assert.Equal(t, "SERVICE_UNAVAILABLE", a.doc["errorCode"])
		}
		assert.Equal(t, 200, c.get(target).status)

		c.server.InjectFault(rjt.TooManyRequests(1500*time.Millisecond), 1)
		a := c.get(target)
		assert.Equal(t, 429, a.status)
		assert.Equal(t, "2", a.header.Get("Retry-After"))

		c.server.InjectFault(rjt.RespondHTML(200), 1)
		a = c.get(target)
		assert.Equal(t, 200, a.status)
		assert.Contains(t, a.body, "<html>")

		c.server.InjectFault(rjt.RespondError(409, "NO_CHECKPOINT_FOR_PIT_RESTORE"), 1)
		a = c.get(target + "?envelope=true")
		assert.Equal(t, "NO_CHECKPOINT_FOR_PIT_RESTORE", a.doc["content"].(map[string]any)["errorCode"])

		c.server.InjectFault(rjt.RespondEmpty(), 1)
		assert.Empty(t, c.get(target).body)

		c.server.InjectFault(rjt.ShortenBody(10), 1)
		a = c.get(target)
		assert.Len(t, a.body, 10)
		assert.Equal(t, "10", a.header.Get("Content-Length"))

		c.server.InjectFault(rjt.RewriteBody(func(body []byte) []byte { return append(body, "}}"...) }), 1)
		assert.True(t, strings.HasSuffix(c.get(target).body, "}}}"))

		c.server.InjectFault(rjt.GzipBomb(1<<20), 1)
		assert.Len(t, c.get(target).body, 1<<20+9)

		c.server.InjectFault(rjt.Redirect(c.server.URL()+jobs(rjt.MMSCluster)), 1)
		assert.Contains(t, c.get(target).body, "53bd7f13e4b0a7304e226998")
	})
}

func TestRespondStatus_codes(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for status, code := range map[int]string{
		400: "VALIDATION_ERROR",
		403: "IP_ADDRESS_NOT_ON_ACCESS_LIST",
		404: "RESOURCE_NOT_FOUND",
		409: "ATLAS_CLUSTER_RESTORE_IN_PROGRESS",
		410: "VERSION_GONE",
		429: "RATE_LIMITED",
		500: "UNEXPECTED_ERROR",
		503: "SERVICE_UNAVAILABLE",
	} {
		c.server.InjectFault(rjt.RespondStatus(status), 1)
		a := c.get(jobs(rjt.AtlasV2Cluster))
		assert.Equal(t, status, a.status)
		assert.Equal(t, code, a.doc["errorCode"])
	}
	c.server.InjectFault(rjt.RespondStatus(401), 1)
	a := c.send(c.plain, c.request(http.MethodGet, jobs(rjt.AtlasV2Cluster), ""))
	assert.Equal(t, "UNEXPECTED_ERROR", a.doc["errorCode"], "the challenge, not the fault")
	a = c.send(digestClient(c.server.Transport()), c.request(http.MethodGet, jobs(rjt.AtlasV2Cluster), ""))
	assert.Equal(t, "USER_UNAUTHORIZED", a.doc["errorCode"], "authenticated and not permitted")
}

func TestInjectFault_stages(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	c.server.InjectFault(rjt.RespondStatus(500).On("POST /"), 1)
	c.server.InjectFault(rjt.RespondStatus(502).On("/api/public/v1.0/groups/{project}/hosts/"), 1)
	c.server.InjectFault(rjt.RespondStatus(504).At(rjt.Downloads), 1)
	c.server.InjectFault(rjt.RespondBody(429, "application/json", `{"error":"rate_limited"}`).At(rjt.Tokens), 1)
	assert.Equal(t, 200, c.get(jobs(rjt.OpsManagerCluster)).status)
	assert.Equal(t, 500, c.do(http.MethodPost, jobs(rjt.OpsManagerCluster), goodBody(rjt.OpsManagerCluster)).status)
	assert.Equal(t, 502, c.get(jobs(rjt.OpsManagerHost)).status)
	link := links(c.createReady(rjt.OpsManagerCluster, 1))[0]
	assert.Equal(t, 504, c.fetch(link).status)
	assert.Equal(t, 200, c.fetch(link).status, "a fault does not count as a download")
	assert.Equal(t, 429, c.send(c.plain, c.request(http.MethodPost, "/api/oauth/token", "x")).status)

	c.server.InjectFault(rjt.RespondHTML(503).At(rjt.BeforeAuth), 1)
	before := len(c.server.Requests())
	assert.Equal(t, 503, c.send(c.plain, c.request(http.MethodGet, jobs(rjt.MMSCluster), "")).status)
	assert.Equal(t, 503, c.server.Requests()[before].Status)
	c.server.InjectFault(rjt.RespondStatus(500), 5)
	c.server.ClearFaults()
	assert.Equal(t, 200, c.get(jobs(rjt.MMSCluster)).status)
}

func TestOn_matchesThePathOnly(t *testing.T) {
	t.Parallel()
	scope := rjt.AtlasV2Cluster
	list := jobs(scope)
	cluster := strings.TrimSuffix(list, "/backup/restoreJobs")
	tests := []struct {
		pattern, method, target string
		matches                 bool
	}{
		{"GET " + cluster, http.MethodGet, list, false},
		{"GET " + cluster, http.MethodGet, cluster, true},
		{"GET " + cluster + "/", http.MethodGet, list, true},
		{"GET " + cluster + "/", http.MethodGet, cluster, false},
		{cluster + "/{rest...}", http.MethodDelete, list + "/" + scope.Jobs()[0], true},
		{"GET " + list, http.MethodGet, list + "/" + scope.Jobs()[0], false},
		{"GET " + list, http.MethodGet, list + "?pageNum=1", true},
		{"POST " + list, http.MethodGet, list, false},
		{"GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs", http.MethodGet, list, true},
		{"GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs/{job}", http.MethodGet, list, false},
		{"GET /", http.MethodGet, list, true},
		{"POST /", http.MethodGet, list, false},
		{"/", http.MethodDelete, list, true},
		{"", http.MethodGet, list, true},
		{"restorejobs.test/api/", http.MethodGet, list, true},
		{"cloud.mongodb.com/api/", http.MethodGet, list, false},
	}
	for _, tt := range tests {
		c := newInProcessCaller(t)
		c.server.InjectFault(rjt.RespondStatus(http.StatusTeapot).On(tt.pattern), 1)
		assert.Equal(t, tt.matches, c.do(tt.method, tt.target, "").status == http.StatusTeapot, "%s: %s %s", tt.pattern, tt.method, tt.target)
	}
}

func TestOn_replacesAndPanics(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	c.server.InjectFault(rjt.RespondStatus(http.StatusTeapot).On("POST /").On(""), 1)
	assert.Equal(t, http.StatusTeapot, c.get(jobs(rjt.MMSCluster)).status)
	for _, pattern := range []string{"POST", "restoreJobs", "GET /{a", "get"} {
		assert.Panics(t, func() { rjt.RespondStatus(500).On(pattern) }, pattern)
	}
}

func TestInjectFault_brokenConnections(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		target := jobs(rjt.OpsManagerCluster)
		c.get(target) // so that the next request is not a challenge
		post := func() error {
			res, err := c.signed.Do(c.request(http.MethodPost, target, goodBody(rjt.OpsManagerCluster)))
			if err == nil {
				_ = res.Body.Close()
			}
			return err
		}
		c.server.InjectFault(rjt.ResetConnection().On("POST /"), 1)
		require.ErrorIs(t, post(), syscall.ECONNRESET)
		assert.Zero(t, c.server.CreateCount(), "broken before the create ran")
		c.server.InjectFault(rjt.DropResponse().On("POST /"), 1)
		require.Error(t, post())
		assert.Equal(t, 1, c.server.CreateCount(), "broken after the create ran")
		seen := c.server.Requests()
		assert.Zero(t, seen[len(seen)-1].Status)

		c.server.InjectFault(rjt.TruncateBody(20), 1)
		res, err := c.signed.Do(c.request(http.MethodGet, target, ""))
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		data, err := io.ReadAll(res.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.Len(t, data, 20)
		assert.Greater(t, res.ContentLength, int64(20))
	})
}

func TestEndlessBody_endsWithReader(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		c.server.InjectFault(rjt.EndlessBody(), 1)
		res, err := c.signed.Do(c.request(http.MethodGet, jobs(rjt.MMSCluster), ""))
		require.NoError(t, err)
		n, err := io.CopyN(io.Discard, res.Body, 8<<20)
		require.NoError(t, err)
		assert.EqualValues(t, 8<<20, n)
		require.NoError(t, res.Body.Close())
	})
}

func TestDelayResponse_fakeClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newInProcessCaller(t, rjt.WithNonceLifetime(24*time.Hour))
		target := jobs(rjt.MMSCluster)
		c.get(target)

		began := time.Now()
		c.server.InjectFault(rjt.DelayResponse(time.Hour), 1)
		assert.Equal(t, 200, c.get(target).status)
		assert.Equal(t, time.Hour, time.Since(began))

		began = time.Now()
		whole := c.get(target).body
		c.server.InjectFault(rjt.StallBody(10, time.Hour), 1)
		assert.Equal(t, whole, c.get(target).body)
		assert.Equal(t, time.Hour, time.Since(began))

		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began = time.Now()
		c.server.InjectFault(rjt.DelayResponse(time.Hour), 1)
		_, err := c.signed.Do(c.request(http.MethodGet, target, "").WithContext(ctx))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(began))

		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c.server.InjectFault(rjt.StallBody(10, time.Hour), 1)
		res, err := c.signed.Do(c.request(http.MethodGet, target, "").WithContext(ctx))
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		data, err := io.ReadAll(res.Body)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, data, 10)
	})
}
