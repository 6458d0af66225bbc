package durable_test

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

var modelRuns = flag.Int("model.runs", 150, "how many random histories TestRestore_model runs")

// TestRestore_model runs random plans whose processes are killed at random events, with random
// faults, until one of them ends. Each plan must then have started exactly one restore, with a
// true result. A seed fixes a history.
func TestRestore_model(t *testing.T) {
	t.Parallel()
	for seed := range uint64(*modelRuns) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				skipToSeeds()
				newHistory(t, seed, dir).run()
			})
		})
	}
}

// modelKind is a kind of restore.
type modelKind struct {
	scope      restorejobstest.Scope
	isDownload bool
	shards     int
}

var modelKinds = []modelKind{
	{scope: restorejobstest.AtlasV2Cluster},
	{scope: restorejobstest.AtlasV2Cluster, isDownload: true},
	{scope: restorejobstest.AtlasV2Cluster, isDownload: true, shards: 2},
	{scope: restorejobstest.AtlasV2Flex},
	{scope: restorejobstest.AtlasV2Flex, isDownload: true},
	{scope: restorejobstest.OpsManagerCluster},
	{scope: restorejobstest.OpsManagerCluster, shards: 2},
	{scope: restorejobstest.OpsManagerCluster, isDownload: true},
	{scope: restorejobstest.OpsManagerCluster, isDownload: true, shards: 2},
	{scope: restorejobstest.CloudManagerCluster},
}

// history is one random history.
type history struct {
	t       *testing.T
	random  *rand.Rand
	kind    modelKind
	server  *restorejobstest.Server
	journal durable.Journal
	dir     string
	others  sync.WaitGroup // second processes
}

func newHistory(t *testing.T, seed uint64, dir string) *history {
	random := newRand(seed)
	kind := modelKinds[random.IntN(len(modelKinds))]
	server := restorejobstest.NewServer(
		restorejobstest.InProcess(),
		restorejobstest.WithShards(kind.shards),
		restorejobstest.WithArchiveSize(int64(random.IntN(200_000))),
	)
	t.Cleanup(server.Close)
	h := &history{
		t:       t,
		random:  random,
		kind:    kind,
		server:  server,
		journal: &durable.MemoryJournal{},
		dir:     dir,
	}
	if random.IntN(4) == 0 {
		h.journal = durable.FileJournal(dir + "/journal.json")
	}
	return h
}

const maxKilledProcesses = 6

func (h *history) run() {
	for range h.random.IntN(maxKilledProcesses) {
		h.injectFaults()
		const lastEvent = 120
		h.runProcess(h.random.IntN(lastEvent))
		time.Sleep(time.Duration(h.random.IntN(600)) * time.Second)
	}
	h.others.Wait()
	h.server.ClearFaults()
	var result *durable.Result
	for range 3 { // a link that was used up is no reason for a second restore, but for an error
		p := h.runProcess(-1)
		if result = p; result != nil {
			break
		}
	}
	require.LessOrEqual(h.t, h.server.CreateCount(), 1, "restores")
	if result == nil {
		return // the error was checked
	}
	require.Equal(h.t, 1, h.server.CreateCount(), "restores")
	h.checkResult(result)
	again := h.runProcess(-1)
	assert.Equal(h.t, result, again, "a run after the end")
	assert.Equal(h.t, 1, h.server.CreateCount(), "restores after another run")
}

// injectFaults injects faults that a service or a network has.
func (h *history) injectFaults() {
	create := "POST /"
	for _, fault := range []restorejobstest.Fault{
		restorejobstest.DropResponse().On(create),
		restorejobstest.ResetConnection().On(create),
		restorejobstest.RespondStatus(http.StatusServiceUnavailable),
		restorejobstest.TooManyRequests(time.Second),
		restorejobstest.RespondError(http.StatusConflict, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS").On(create),
		restorejobstest.ResetConnection().At(restorejobstest.Downloads),
		restorejobstest.TruncateBody(int64(h.random.IntN(100_000))).At(restorejobstest.Downloads),
		restorejobstest.DropResponse(),
	} {
		if h.random.IntN(6) == 0 {
			h.server.InjectFault(fault, 1+h.random.IntN(2))
		}
	}
}

func (h *history) plan(client *restorejobs.Client) durable.Plan {
	source, err := client.Source(h.kind.scope.Ref())
	require.NoError(h.t, err)
	plan := durable.Plan{
		Source: source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(h.kind.scope.Project(), h.kind.scope.Target()),
	}
	if h.kind.shards > 0 {
		plan.To = restorejobs.ToCluster(h.kind.scope.Project(), h.kind.scope.Sharded())
	}
	if h.kind.isDownload {
		plan.To = restorejobs.ToDownload()
		plan.Directory = h.dir
	}
	return plan
}

// runProcess runs a process until it ends or is killed. It returns nil if it has not ended well.
func (h *history) runProcess(killAt int) *durable.Result {
	p := newProcess(h.t.Context(), killAt)
	defer p.cancel(nil)
	client, err := h.server.Client(restorejobs.WithTransport(p.transport(h.server.Transport())))
	require.NoError(h.t, err)
	journal := p.journal(h.journal)
	if killAt >= 0 && h.random.IntN(4) == 0 {
		h.runSecond(client)
	}
	result, err := durable.Restore(p.context, h.plan(client), journal)
	switch {
	case err == nil:
		return result
	case p.wasKilled():
		return nil
	default:
		h.checkError(err, killAt < 0)
		return nil
	}
}

// runSecond starts another process on the same journal. One of them must be refused, or both
// must perform the same restore.
func (h *history) runSecond(client *restorejobs.Client) {
	plan := h.plan(client)
	h.others.Go(func() { _, _ = durable.Restore(h.t.Context(), plan, h.journal) })
}

// checkError accepts the errors that a history can end with.
func (h *history) checkError(err error, isLast bool) {
	isUsedUp := errors.Is(err, restorejobs.ErrDownloadsExhausted) || errors.Is(err, restorejobs.ErrLinkExpired) || errors.Is(err, restorejobs.ErrJobExpired)
	var failed *durable.FailedError
	isFailed := errors.As(err, &failed)
	isRefused := errors.Is(err, durable.ErrLocked) || errors.Is(err, durable.ErrConflict)
	switch {
	case h.kind.isDownload && (isUsedUp || isFailed), isRefused:
	case isLast:
		require.NoError(h.t, err, "a process without faults")
	}
}

// checkResult verifies the evidence.
func (h *history) checkResult(result *durable.Result) {
	h.t.Helper()
	assert.Equal(h.t, h.kind.scope.Ref(), result.Source)
	assert.Equal(h.t, 1, result.Attempts)
	assert.NotEmpty(h.t, result.Jobs)
	for _, job := range result.Jobs {
		assert.Equal(h.t, restorejobs.StateFinished, job.State, job.ID)
	}
	if !h.kind.isDownload {
		assert.False(h.t, result.InPlace.IsZero())
		return
	}
	files := 1
	if h.kind.shards > 0 {
		files = h.kind.shards + 1 // the config server has one too
	}
	assert.Len(h.t, result.Files, files)
	for _, file := range result.Files {
		content, err := os.ReadFile(file.Path)
		require.NoError(h.t, err)
		sum := sha1.Sum(content)
		assert.Equal(h.t, hex.EncodeToString(sum[:]), file.SHA1, file.Path)
		assert.Len(h.t, content, int(file.Size), file.Path)
	}
}
