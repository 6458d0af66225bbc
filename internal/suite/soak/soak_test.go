//go:build soak

package soak_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

var soakTime = flag.Duration("soak", time.Minute, "the duration of TestSoak")

// TestSoak has 64 goroutines use one client for every endpoint while the server fails:
//
//	go test -tags soak -race -v ./internal/suite/soak -soak 10m
//
// Responses are correct, the client knows of each restore, and no goroutine remains.
func TestSoak(t *testing.T) { //nolint:paralleltest // it counts goroutines
	before := runtime.NumGoroutine()
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithNonceUses(64))
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond}))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), *soakTime)
	defer cancel()

	var counts soakCounts
	var group sync.WaitGroup
	group.Go(func() { soakFaults(ctx, server) })
	for worker := range 64 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for ctx.Err() == nil {
				scope := restorejobstest.Scopes()[random.IntN(len(restorejobstest.Scopes()))]
				source, err := client.Source(scope.Ref())
				jobs := source.Jobs
				if assert.NoError(t, err) {
					counts.one(ctx, t, jobs, scope, random)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d calls: %d successful, %d failed as injected, %d creates without a response; %d restores started, %d known; %d requests",
		counts.calls.Load(), counts.good.Load(), counts.failed.Load(), counts.lost.Load(), server.CreateCount(), counts.created.Load(), len(server.Requests()))
	started, known := int64(server.CreateCount()), counts.created.Load()
	assert.GreaterOrEqual(t, started, known, "each successful create started a restore")
	assert.LessOrEqual(t, started, known+counts.lost.Load(), "no other restore was started")
	require.NoError(t, client.RevokeToken(t.Context()))
	client.CloseIdleConnections()
	server.Close()
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 10*time.Second, 50*time.Millisecond, "no goroutine remains")
}

// soakFaults injects a fault every two milliseconds.
func soakFaults(ctx context.Context, server *restorejobstest.Server) {
	faults := []restorejobstest.Fault{
		restorejobstest.RespondStatus(503), restorejobstest.RespondStatus(500), restorejobstest.RespondHTML(200), restorejobstest.RespondHTML(502), restorejobstest.TooManyRequests(0),
		restorejobstest.ResetConnection(), restorejobstest.DropResponse(), restorejobstest.TruncateBody(40), restorejobstest.RespondEmpty(), restorejobstest.ResetConnection().At(restorejobstest.BeforeAuth),
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			server.ClearFaults()
			return
		case <-tick.C:
			server.InjectFault(faults[i%len(faults)], 1)
		}
	}
}

type soakCounts struct{ calls, good, failed, lost, created atomic.Int64 }

// one makes a call of a random operation and verifies its result.
func (c *soakCounts) one(ctx context.Context, t *testing.T, jobs *restorejobs.Jobs, scope restorejobstest.Scope, random *rand.Rand) {
	t.Helper()
	c.calls.Add(1)
	var err error
	switch random.IntN(10) {
	case 0:
		var created []*restorejobs.Job
		created, err = jobs.Create(ctx, restorejobs.FromSnapshot(scope.Snapshots()[0]), soakDestination(scope))
		switch {
		case err == nil:
			c.created.Add(1)
			assert.NotEmpty(t, created)
		case errors.Is(err, restorejobs.ErrOutcomeUnknown):
			c.lost.Add(1)
		}
	case 1:
		_, err = jobs.Get(ctx, "5ba5e0000000000000009999")
		assert.Error(t, err, "the job does not exist")
		if errors.Is(err, restorejobs.ErrNotFound) {
			err = nil
		}
	case 2:
		var page *restorejobs.JobPage
		if page, err = jobs.List(ctx, restorejobs.ListOptions{ItemsPerPage: 3}); err == nil {
			assert.NotEmpty(t, page.Jobs)
		}
	case 3:
		err = soakAll(ctx, t, jobs, scope)
	default:
		id := scope.Jobs()[0]
		var job *restorejobs.Job
		if job, err = jobs.Get(ctx, id); err == nil {
			assert.Equal(t, id, job.ID)
		}
	}
	switch {
	case err == nil:
		c.good.Add(1)
	case ctx.Err() == nil:
		c.failed.Add(1)
		assert.True(t, injected(err), "an error that was not injected: %v", err)
	}
}

// soakAll reads up to 300 jobs. None may repeat, and a list is complete or ends with an error.
func soakAll(ctx context.Context, t *testing.T, jobs *restorejobs.Jobs, scope restorejobstest.Scope) error {
	t.Helper()
	seen := map[string]bool{}
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{ItemsPerPage: 50}) {
		if err != nil {
			return err
		}
		assert.False(t, seen[job.ID], "%v: a repeated job", scope)
		seen[job.ID] = true
		if len(seen) == 300 {
			return nil
		}
	}
	assert.True(t, seen[scope.Jobs()[0]], "%v: an incomplete list", scope)
	return nil
}

func soakDestination(scope restorejobstest.Scope) restorejobs.Destination {
	if scope == restorejobstest.AtlasV2Flex {
		return restorejobs.ToCluster(scope.Project(), scope.Cluster())
	}
	return restorejobs.ToDownload()
}

// injected reports whether one of the faults can cause an error.
func injected(err error) bool {
	if errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return true
	}
	var apiErr *restorejobs.Error
	if errors.As(err, &apiErr) {
		unusable := apiErr.StatusCode == http.StatusOK // a body that is empty or a web page
		return unusable || apiErr.Retryable()
	}
	return !errors.Is(err, restorejobs.ErrInvalidArgument)
}
