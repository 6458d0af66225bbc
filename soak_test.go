//go:build soak

package restorejobs_test

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
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

var soakTime = flag.Duration("soak", time.Minute, "how long TestSoak goes on")

// TestSoak lets 64 goroutines use one client on every scope while the server fails at
// random: go test -tags soak -race -run TestSoak -v . It counts, and accepts no wrong
// answer, no restore that nobody knows of, and nothing left behind.
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
	t.Logf("%d calls: %d good, %d failed as injected, %d creates whose reply was lost; %d restores started, %d known; %d requests",
		counts.calls.Load(), counts.good.Load(), counts.failed.Load(), counts.lost.Load(), server.CreateCount(), counts.created.Load(), len(server.Requests()))
	started, known := int64(server.CreateCount()), counts.created.Load()
	assert.GreaterOrEqual(t, started, known, "every create that was answered started a restore")
	assert.LessOrEqual(t, started, known+counts.lost.Load(), "and none was started twice or unseen")
	require.NoError(t, client.RevokeToken(t.Context()))
	client.CloseIdleConnections()
	server.Close()
	assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, 10*time.Second, 50*time.Millisecond, "nothing is left behind")
}

// soakFaults makes the server fail, one request in some.
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

// one makes one call of a random kind and looks at its answer.
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
		assert.Error(t, err, "there is no such job")
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
		assert.True(t, injected(err), "an error that nothing explains: %v", err)
	}
}

// soakAll reads up to 300 jobs, which must have no doubles and an error at the end or none.
func soakAll(ctx context.Context, t *testing.T, jobs *restorejobs.Jobs, scope restorejobstest.Scope) error {
	t.Helper()
	seen := map[string]bool{}
	for job, err := range jobs.All(ctx, restorejobs.ListOptions{ItemsPerPage: 50}) {
		if err != nil {
			return err
		}
		assert.False(t, seen[job.ID], "%v: a job came twice", scope)
		seen[job.ID] = true
		if len(seen) == 300 {
			return nil
		}
	}
	assert.True(t, seen[scope.Jobs()[0]], "%v: a list is whole or ends in an error", scope)
	return nil
}

func soakDestination(scope restorejobstest.Scope) restorejobs.Destination {
	if scope == restorejobstest.AtlasV2Flex {
		return restorejobs.ToCluster(scope.Project(), scope.Cluster())
	}
	return restorejobs.ToDownload()
}

// injected reports an error that one of the faults can cause.
func injected(err error) bool {
	var apiErr *restorejobs.Error
	if errors.As(err, &apiErr) {
		return apiErr.Retryable()
	}
	return errors.Is(err, restorejobs.ErrOutcomeUnknown) || !errors.Is(err, restorejobs.ErrInvalidArgument)
}
