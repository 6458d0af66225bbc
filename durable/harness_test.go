package durable_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// skipToSeeds sleeps until the jobs and snapshots of a new server are in the past.
func skipToSeeds() { time.Sleep(time.Until(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))) }

// fixture is a server, and a source on it.
type fixture struct {
	t      *testing.T
	server *restorejobstest.Server
	source *restorejobs.Source
	scope  restorejobstest.Scope
}

func newFixture(t *testing.T, scope restorejobstest.Scope, opts ...restorejobstest.Option) *fixture {
	t.Helper()
	server := restorejobstest.NewServer(append(opts, restorejobstest.InProcess())...)
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	return &fixture{
		t:      t,
		server: server,
		source: source,
		scope:  scope,
	}
}

// toCluster is a plan to restore the newest snapshot into another cluster.
func (f *fixture) toCluster() durable.Plan {
	return durable.Plan{
		Source: f.source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(f.scope.Project(), f.scope.Target()),
	}
}

// toDirectory is a plan to download the newest snapshot.
func (f *fixture) toDirectory() durable.Plan {
	return durable.Plan{
		Source:    f.source,
		Point:     durable.NewestSnapshot(),
		To:        restorejobs.ToDownload(),
		Directory: f.t.TempDir(),
	}
}

// restore restores with a result.
func (f *fixture) restore(plan durable.Plan, journal durable.Journal) *durable.Result {
	f.t.Helper()
	result, err := durable.Restore(f.t.Context(), plan, journal)
	require.NoError(f.t, err)
	return result
}

// addSnapshot adds a newer snapshot of an Atlas cluster.
func (f *fixture) addSnapshot() string {
	f.t.Helper()
	created := time.Now().UTC().Format(time.RFC3339)
	return f.server.AddSnapshot(f.scope, `{"status":"completed","type":"replicaSet","snapshotType":"scheduled","createdAt":"`+created+`"}`)
}

// stateAt returns the state of a plan before a step, as another process reads it.
func (f *fixture) stateAt(plan durable.Plan, step durable.Step) durable.State {
	f.t.Helper()
	state := durable.State{}
	for state.Step != step {
		var err error
		state, err = durable.Advance(f.t.Context(), plan, state)
		require.NoError(f.t, err)
	}
	encoded, err := json.Marshal(state)
	require.NoError(f.t, err)
	state = durable.State{}
	require.NoError(f.t, json.Unmarshal(encoded, &state))
	return state
}

// journalOf returns a journal with a state.
func (f *fixture) journalOf(state durable.State) *durable.MemoryJournal {
	f.t.Helper()
	journal := &durable.MemoryJournal{}
	state.Revision = 1
	require.NoError(f.t, journal.Save(f.t.Context(), state))
	return journal
}

// create performs the create of a state, as a process that was killed afterwards.
func (f *fixture) create(plan durable.Plan, state durable.State) []string {
	f.t.Helper()
	jobs, err := f.source.Jobs.Create(f.t.Context(), restorejobs.FromSnapshot(state.Choice.SnapshotID), plan.To)
	require.NoError(f.t, err)
	return restorejobs.JobIDs(jobs)
}

// editLists keeps these jobs only in the lists of the next requests.
func (f *fixture) editLists(requests int, keep func(job map[string]any) bool) {
	edit := restorejobstest.RewriteBody(func(body []byte) []byte { return editList(body, keep) })
	for _, pattern := range []string{listPath, managerListPath} {
		f.server.InjectFault(edit.On(pattern), requests)
	}
}

// editList keeps these jobs only in the body of a list of jobs.
func editList(body []byte, keep func(job map[string]any) bool) []byte {
	var list map[string]any
	results, isList := []any(nil), false
	if json.Unmarshal(body, &list) == nil {
		results, isList = list["results"].([]any)
	}
	if !isList {
		return body
	}
	kept := []any{}
	for _, item := range results {
		job, isObject := item.(map[string]any)
		if isObject && keep(job) {
			kept = append(kept, job)
		}
	}
	list["results"] = kept
	list["totalCount"] = len(kept)
	edited, err := json.Marshal(list)
	if err != nil {
		return body
	}
	return edited
}

const (
	listPath        = "GET /api/atlas/v2/groups/{project}/clusters/{cluster}/backup/restoreJobs"
	managerListPath = "GET /api/public/v1.0/groups/{project}/clusters/{cluster}/restoreJobs"
)

var errStop = errors.New("stop")
