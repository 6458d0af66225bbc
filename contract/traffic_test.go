package contract

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// scenario is one kind of cluster with all of its creates.
type scenario struct {
	clusterKind clusterKind
	scope       rjt.Scope
	jobs        func(c *restorejobs.Client, project, cluster string) *restorejobs.Jobs
	creates     []create
}

type create struct {
	point restorejobs.RestorePoint
	to    restorejobs.Destination
}

func scenarios() []scenario {
	past := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	oplog := restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: 1})
	snapshot := func(s rjt.Scope) restorejobs.RestorePoint { return restorejobs.FromSnapshot(s.Snapshots()[0]) }
	target := func(s rjt.Scope) restorejobs.Destination { return restorejobs.ToCluster(s.Project(), "Cluster1") }
	download := restorejobs.ToDownload()
	cloudCreates := func(s rjt.Scope) []create {
		return []create{
			{snapshot(s), download},
			{snapshot(s), target(s)},
			{restorejobs.FromPointInTime(past), target(s)},
			{oplog, target(s)},
		}
	}
	legacy := rjt.AtlasV2LegacyCluster
	return []scenario{
		{cluster, rjt.AtlasV2Cluster, func(c *restorejobs.Client, p, n string) *restorejobs.Jobs {
			return c.AtlasV2.Cluster(p, n).Jobs
		}, cloudCreates(rjt.AtlasV2Cluster)},
		{serverless, rjt.AtlasV2Serverless, func(c *restorejobs.Client, p, n string) *restorejobs.Jobs {
			return c.AtlasV2.Serverless(p, n).Jobs
		}, cloudCreates(rjt.AtlasV2Serverless)},
		{legacyCluster, legacy, func(c *restorejobs.Client, p, n string) *restorejobs.Jobs {
			return c.AtlasV2.LegacyCluster(p, n).Jobs
		}, []create{
			{snapshot(legacy), download},
			{snapshot(legacy), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 48, MaxDownloads: 5})},
			{snapshot(legacy), target(legacy)},
			{restorejobs.FromPointInTime(past.Add(123 * time.Millisecond)), target(legacy)},
			{oplog, target(legacy)},
			{restorejobs.FromCheckpoint("6a22a50000000000000002c1"), target(legacy)},
		}},
		{flexCluster, rjt.AtlasV2Flex, func(c *restorejobs.Client, p, n string) *restorejobs.Jobs {
			return c.AtlasV2.Flex(p, n).Jobs
		}, []create{
			{snapshot(rjt.AtlasV2Flex), target(rjt.AtlasV2Flex)},
			{snapshot(rjt.AtlasV2Flex), restorejobs.ToCluster("", "Cluster1")},
		}},
	}
}

// run has the state of one test run against one server.
type run struct {
	scenario

	t      *testing.T
	d      *document
	ledger *ledger
	server *rjt.Server
	client *restorejobs.Client
	record *recorder
	name   string // of the cluster
	params map[string]bool
}

// Makes every call of Atlas v2, in every form and in every state of the jobs, and compares
// requests and responses with the document.
func TestTraffic_matchesTheDocument(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	l := newLedger(tolerated)
	t.Cleanup(func() {
		if !t.Failed() && flag.Lookup("test.run").Value.String() == "" { // with -run, entries of the tables are unused
			l.checkTables(t, d)
		}
	})
	for _, s := range scenarios() {
		for _, name := range []string{s.scope.Cluster(), s.scope.Sharded()} {
			if name == "" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				server := newServer(t, rjt.WithPrivateEndpoint("vpce-3bf78b0ddee411ba1"))
				client, record := newClient(t, server)
				r := &run{
					scenario: s,
					t:        t,
					d:        d,
					ledger:   l,
					server:   server,
					client:   client,
					record:   record,
					name:     name,
					params:   map[string]bool{},
				}
				r.seeds()
				r.lists()
				r.lifecycles()
				r.errors()
				r.hasParameters()
			})
		}
	}
}

func (r *run) handle() *restorejobs.Jobs {
	return r.jobs(r.client, r.scope.Project(), r.name)
}

// with calls do with another client, which has the option.
func (r *run) with(option restorejobs.Option, do func()) {
	client := r.client
	record := r.record
	r.client, r.record = newClient(r.t, r.server, option)
	do()
	r.client = client
	r.record = record
}

// checkRecorded compares the recorded exchanges with the document, and returns the authenticated
// ones.
func (r *run) checkRecorded() []*exchange {
	r.t.Helper()
	var accepted []*exchange
	for _, x := range r.record.drain() {
		op, found, err := r.d.check(x)
		require.NoError(r.t, err)
		assert.Equal(r.t, r.clusterKind, op.clusterKind)
		r.ledger.report(r.t, op.OperationID, found)
		r.recordSeen(op, x)
		if x.status != http.StatusUnauthorized {
			accepted = append(accepted, x)
		}
	}
	return accepted
}

// expectCall checks that exactly one exchange of this verb was recorded.
func (r *run) expectCall(verb string) *exchange {
	r.t.Helper()
	accepted := r.checkRecorded()
	require.Len(r.t, accepted, 1, verb)
	route, _, err := r.d.route(accepted[0].request)
	require.NoError(r.t, err)
	assert.Equal(r.t, verb, newOperation(route.Operation).verb)
	return accepted[0]
}

// recordSeen records the parameters and properties of an exchange.
func (r *run) recordSeen(op operation, x *exchange) {
	for name := range x.request.URL.Query() {
		r.params[op.verb+" "+name] = true
	}
	for s, body := range map[side][]byte{request: x.sent, response: x.received} {
		if len(body) == 0 || x.status != http.StatusOK {
			continue
		}
		var value any
		require.NoError(r.t, json.Unmarshal(body, &value))
		r.ledger.recordSeen(op.clusterKind, s, value)
	}
}

// seeds reads the jobs of a new server, further jobs, and all pages.
func (r *run) seeds() {
	ctx := r.t.Context()
	if r.name == r.scope.Cluster() {
		for _, id := range append(r.scope.Jobs(), r.server.AddJobs(r.scope, 5)...) {
			_, err := r.handle().Get(ctx, id)
			require.NoError(r.t, err)
			r.expectCall("get")
		}
	}
	for _, err := range r.handle().All(ctx, restorejobs.ListOptions{ItemsPerPage: 2}) {
		require.NoError(r.t, err)
	}
	for _, err := range r.handle().All(ctx, restorejobs.ListOptions{}) {
		require.NoError(r.t, err)
	}
	r.checkRecorded()
}

// lists requests pages with every parameter of the library.
func (r *run) lists() {
	none := false
	options := []restorejobs.ListOptions{{}, {
		PageNum:      2,
		ItemsPerPage: 2,
		IncludeCount: &none,
	}, {ItemsPerPage: 500}}
	if r.clusterKind == legacyCluster {
		options = append(options, restorejobs.ListOptions{BatchID: "6a22a50000000000000002e1", PageNum: 1})
	}
	list := func() {
		for _, opts := range options {
			_, err := r.handle().List(r.t.Context(), opts)
			require.NoError(r.t, err)
			r.expectCall("list")
		}
	}
	list()
	r.with(restorejobs.WithPrettyJSON(), list)
	r.with(restorejobs.WithAtlasAPIVersion("2025-03-12"), func() {
		list()
		created, err := r.handle().Create(r.t.Context(), r.creates[0].point, r.creates[0].to)
		require.NoError(r.t, err)
		finishJobs(r.server, created)
		r.expectCall("create")
	})
}

// lifecycles creates every form of job and reads it in each state, up to each end.
func (r *run) lifecycles() {
	finish := func(string) { r.server.Advance(5 * time.Minute) }
	expire := func(id string) {
		finish(id)
		r.server.ExpireLinks(id)
	}
	for _, c := range r.creates {
		for _, end := range []func(id string){finish, r.server.FailJob, r.server.CancelJob, expire} {
			created, err := r.handle().Create(r.t.Context(), c.point, c.to)
			require.NoError(r.t, err)
			r.expectCall("create")
			r.read(created)
			r.server.Advance(time.Minute)
			r.read(created)
			end(created[0].ID)
			r.read(created)
			r.fetch(created)
			r.read(created)
			if r.clusterKind == cluster {
				r.cancel(created[0])
				r.read(created)
			}
			finishJobs(r.server, created)
		}
	}
}

// finishJobs finishes jobs, so that their target is not busy.
func finishJobs(server *rjt.Server, jobs []*restorejobs.Job) {
	for _, job := range jobs {
		server.FinishJob(job.ID)
	}
}

// read reads jobs individually and as a list.
func (r *run) read(jobs []*restorejobs.Job) {
	for _, job := range jobs {
		_, err := r.handle().Get(r.t.Context(), job.ID)
		require.NoError(r.t, err)
		r.expectCall("get")
	}
	_, err := r.handle().List(r.t.Context(), restorejobs.ListOptions{ItemsPerPage: 20, BatchID: jobs[0].BatchID})
	require.NoError(r.t, err)
	r.expectCall("list")
}

// fetch downloads the available files, so that jobs have hashes and used links.
func (r *run) fetch(jobs []*restorejobs.Job) {
	for _, job := range jobs {
		now, err := r.handle().Get(r.t.Context(), job.ID)
		require.NoError(r.t, err)
		r.expectCall("get")
		for _, file := range now.DownloadLinks() {
			download(r.t, &file)
		}
	}
}

func download(t *testing.T, file *restorejobs.DownloadLink) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, file.URL.Reveal(), http.NoBody)
	require.NoError(t, err)
	if file.HeaderName != "" {
		req.Header.Set(file.HeaderName, file.HeaderValue.Reveal())
	}
	transport := &http.Transport{DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode)
}

// cancel cancels a download; for other jobs the request must be refused.
func (r *run) cancel(job *restorejobs.Job) {
	err := r.handle().Cancel(r.t.Context(), job.ID)
	if job.DeliveryType == restorejobs.DeliveryTypeDownload {
		require.NoError(r.t, err)
		assert.Equal(r.t, http.StatusNoContent, r.expectCall("cancel").status)
		return
	}
	require.ErrorIs(r.t, err, restorejobs.ErrorCode("CANNOT_CANCEL_AUTOMATED_RESTORE"))
	assert.Equal(r.t, http.StatusBadRequest, r.expectCall("cancel").status)
}

// hasParameters requires every query parameter of the document to have been sent.
func (r *run) hasParameters() {
	for _, op := range r.d.operations() {
		if op.clusterKind != r.clusterKind {
			continue
		}
		for _, p := range op.Parameters {
			if p.Value.In == "query" {
				assert.True(r.t, r.params[op.verb+" "+p.Value.Name], "the library never sends %s of %s", p.Value.Name, op.OperationID)
			}
		}
	}
}
