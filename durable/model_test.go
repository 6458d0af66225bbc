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
	"slices"
	"sync"
	"sync/atomic"
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
	figures := &modelFigures{}
	start := time.Now()
	t.Cleanup(func() {
		t.Logf("%d runs in %s: %d processes, %d of them killed, %d restores, %d files", *modelRuns, time.Since(start).Round(time.Second),
			figures.processes.Load(), figures.kills.Load(), figures.restores.Load(), figures.files.Load())
	})
	for seed := range uint64(*modelRuns) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				skipToSeeds()
				newHistory(t, seed, dir, figures).run()
			})
		})
	}
}

// modelFigures count what has happened in all histories.
type modelFigures struct {
	processes atomic.Int64
	kills     atomic.Int64
	restores  atomic.Int64
	files     atomic.Int64
}

// modelKind is a kind of restore.
type modelKind struct {
	scope      restorejobstest.Scope
	isDownload bool
	shards     int
	isPoint    bool // a point in time
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
	{scope: restorejobstest.OpsManagerCluster, isPoint: true},
	{scope: restorejobstest.CloudManagerCluster},
	{scope: restorejobstest.CloudManagerHost},
	{scope: restorejobstest.OpsManagerHost, isDownload: true},
	{scope: restorejobstest.MMSCluster, isDownload: true},
	{scope: restorejobstest.MMSCluster, isDownload: true, isPoint: true},
	{scope: restorejobstest.AtlasV1Cluster, isDownload: true},
	{scope: restorejobstest.AtlasV2LegacyCluster},
	{scope: restorejobstest.AtlasV2Serverless},
	{scope: restorejobstest.AtlasV2Cluster, isPoint: true},
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
	figures *modelFigures

	point       durable.Point
	maxAttempts int
	foreign     int // restores that others have started
	mu          sync.Mutex
	listedAt    map[string]time.Time // when a job was first read from a list, in which it is hidden at first
	hasFailed   atomic.Bool          // a job was made to fail
}

func newHistory(t *testing.T, seed uint64, dir string, figures *modelFigures) *history {
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
		figures: figures,

		point:       durable.NewestSnapshot(),
		maxAttempts: 1 + random.IntN(5)/4,
		listedAt:    map[string]time.Time{},
	}
	if kind.isPoint {
		h.point = durable.FixedPoint(restorejobs.FromPointInTime(time.Now().Add(-time.Hour).Truncate(time.Second)))
	}
	if random.IntN(4) == 0 {
		h.journal = durable.FileJournal(dir + "/journal.json")
	}
	return h
}

const maxKilledProcesses = 6

func (h *history) run() {
	if h.random.IntN(4) == 0 {
		h.createForeign()
	}
	for range h.random.IntN(maxKilledProcesses) {
		h.injectFaults()
		const lastEvent = 120
		h.runProcess(h.random.IntN(lastEvent))
		time.Sleep(time.Duration(h.random.IntN(600)) * time.Second)
	}
	h.others.Wait()
	h.server.ClearFaults()
	var result *durable.Result
	h.server.InjectFault(h.hideNewJobs(), 1_000_000)
	for range 4 { // a link that was used up causes an error, not a second restore
		p := h.runProcess(-1)
		if result = p; result != nil {
			break
		}
	}
	require.LessOrEqual(h.t, h.creates(), h.maxAttempts, "restores")
	if result == nil {
		return // the error was checked
	}
	h.figures.restores.Add(1)
	require.Equal(h.t, result.Attempts, h.creates(), "restores")
	h.checkResult(result)
	again := h.runProcess(-1)
	assert.Equal(h.t, result, again, "a run after the end")
	assert.Equal(h.t, result.Attempts, h.creates(), "restores after another run")
	h.checkNextRun(result)
}

// creates is how many restores were started for the plan.
func (h *history) creates() int { return h.server.CreateCount() - h.foreign }

// createForeign starts an equal restore that is of somebody else.
func (h *history) createForeign() {
	client, err := h.server.Client()
	require.NoError(h.t, err)
	plan := h.plan(client)
	point := restorejobs.FromPointInTime(time.Now().Add(-time.Hour).Truncate(time.Second))
	if !h.kind.isPoint {
		snapshot, err := plan.Source.Snapshots.Newest(h.t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(h.t, err)
		point = restorejobs.FromSnapshot(snapshot.ID)
	}
	jobs, err := plan.Source.Jobs.Create(h.t.Context(), point, plan.To)
	require.NoError(h.t, err)
	for _, job := range jobs {
		h.server.FinishJob(job.ID)
		h.listedAt[job.ID] = time.Now().Add(-time.Hour)
	}
	h.foreign = 1
	time.Sleep(time.Duration(h.random.IntN(200)) * time.Second)
}

// checkNextRun requires that a newer snapshot is restored once, by the next run.
func (h *history) checkNextRun(last *durable.Result) {
	if h.kind.isPoint || h.kind.isDownload || h.kind.scope == restorejobstest.AtlasV2LegacyCluster {
		return
	}
	creates := h.creates()
	cluster := h.kind.scope.Cluster()
	h.server.TakeSnapshot(h.kind.scope, cluster)
	time.Sleep(time.Hour)
	next := h.runProcess(-1)
	require.NotNil(h.t, next)
	assert.Equal(h.t, last.Run+1, next.Run)
	assert.NotEqual(h.t, last.Choice.SnapshotID, next.Choice.SnapshotID)
	assert.Equal(h.t, creates+next.Attempts, h.creates(), "restores of the next run")
}

// hideNewJobs hides each job for a while after its first list. The jobs of a batch appear one
// after the other.
func (h *history) hideNewJobs() restorejobstest.Fault {
	return restorejobstest.RewriteBody(func(body []byte) []byte {
		return editList(body, func(job map[string]any) bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			_, isClassic := job["delivery"]
			_, isCloud := job["snapshotId"]
			if !isClassic && !isCloud {
				return true
			}
			id, _ := job["id"].(string)
			if _, isListed := h.listedAt[id]; !isListed {
				h.listedAt[id] = time.Now()
			}
			const longest = 110
			delay := time.Duration(sha1.Sum([]byte(id))[0]) * longest / 256 * time.Second
			isOld := slices.Contains(h.kind.scope.Jobs(), id)
			return isOld || time.Since(h.listedAt[id]) >= delay
		})
	}).On("GET /")
}

// failOnce makes the first job of a history fail, if another attempt is permitted.
func (h *history) failOnce(event durable.Event) error {
	isRunning := event.Wait != nil && event.Wait.Job != nil && event.Wait.State == restorejobs.StateRunning
	if h.maxAttempts > 1 && isRunning && !h.hasFailed.Swap(true) {
		h.server.FailJob(event.Wait.ID)
	}
	return nil
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
	h.server.InjectFault(h.hideNewJobs(), 1_000_000)
}

func (h *history) plan(client *restorejobs.Client) durable.Plan {
	source, err := client.Source(h.kind.scope.Ref())
	require.NoError(h.t, err)
	plan := durable.Plan{
		Source: source,
		Point:  h.point,
		To:     restorejobs.ToCluster(h.kind.scope.Project(), h.kind.scope.Target()),

		MaxAttempts: h.maxAttempts,
		OnEvent:     h.failOnce,
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
	const skews = 5
	skew := time.Duration(h.random.IntN(skews)-skews/2) * time.Hour
	journal := p.journal(h.journal, skew)
	if killAt >= 0 && h.random.IntN(4) == 0 {
		h.runSecond()
		_, isMemory := h.journal.(*durable.MemoryJournal) // a file needs the lock for its revision
		if isMemory && h.random.IntN(2) == 0 {
			journal = unlockedJournal{journal}
		}
	}
	h.figures.processes.Add(1)
	result, err := durable.Restore(p.context, h.plan(client), journal)
	if p.wasKilled() {
		h.figures.kills.Add(1)
	}
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
func (h *history) runSecond() {
	client, err := h.server.Client()
	require.NoError(h.t, err)
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
	if h.kind.scope == restorejobstest.MMSCluster || h.kind.scope == restorejobstest.OpsManagerCluster || h.kind.scope == restorejobstest.OpsManagerHost {
		for _, file := range result.Files {
			assert.True(h.t, file.Verified, "the service has a checksum of %s", file.Path)
		}
	}
	for _, file := range result.Files {
		h.figures.files.Add(1)
		content, err := os.ReadFile(file.Path)
		require.NoError(h.t, err)
		sum := sha1.Sum(content)
		assert.Equal(h.t, hex.EncodeToString(sum[:]), file.SHA1, file.Path)
		assert.Len(h.t, content, int(file.Size), file.Path)
	}
}
