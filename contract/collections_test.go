package contract

import (
	"encoding/json"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

const collectionScope = rjt.AtlasV2Cluster

// collectionOperations are the operations of the library on collection restores and the content of
// snapshots.
var collectionOperations = []string{
	"createCollectionRestoreJob",
	"getCollectionRestoreJob",
	"listCollectionRestoreJobs",
	"listRestoreJobCollections",
	"listBackupSnapshotDatabases",
	"listSnapshotDatabaseCollections",
}

// notSent are the query parameters that the library does not send, and why.
var notSent = map[string]string{
	"envelope":        "an option of the client, which TestCollections_envelope sends",
	"includeCount":    "the default is a count, by which a list that has shifted is recognized",
	"state":           "the caller has all collections, and can filter them",
	"sourceNamespace": "the caller has all collections, and can filter them",
	"targetNamespace": "the caller has all collections, and can filter them",
}

// schemaOf returns the schema of one item in the responses of an operation.
func (d *document) schemaOf(t *testing.T, operationID string) *openapi3.Schema {
	t.Helper()
	return d.operationNamed(t, operationID).jobSchema()
}

func (d *document) operationNamed(t *testing.T, operationID string) operation {
	t.Helper()
	for _, op := range d.allOperations() {
		if op.OperationID == operationID {
			return operation{Operation: op}
		}
	}
	require.Fail(t, "the document has no operation "+operationID)
	return operation{}
}

func (d *document) allOperations() []*openapi3.Operation {
	var all []*openapi3.Operation
	for _, item := range d.Paths.Map() {
		for _, op := range item.Operations() {
			all = append(all, op)
		}
	}
	return all
}

// collectionRun makes the calls of collection restores, and compares their exchanges.
type collectionRun struct {
	t      *testing.T
	d      *document
	server *rjt.Server
	record *recorder
	source *restorejobs.Source
	seen   map[string]bool // "operation side /property", "operation parameter"
	n      int
}

func newCollectionRun(t *testing.T, opts ...restorejobs.Option) *collectionRun {
	t.Helper()
	server := newServer(t)
	client, record := newClient(t, server, opts...)
	return &collectionRun{
		t:      t,
		d:      openDocumentOf(t, aroundVariable),
		server: server,
		record: record,
		source: client.AtlasV2.Cluster(collectionScope.Project(), collectionScope.Cluster()),
		seen:   map[string]bool{},
	}
}

// check compares the recorded exchanges. Every difference is a fault.
func (c *collectionRun) check() {
	c.t.Helper()
	for _, x := range c.record.drain() {
		op, found, err := c.d.check(x)
		require.NoError(c.t, err)
		found = slices.DeleteFunc(found, isErrorParameter)
		assert.Empty(c.t, found, "%s: %s", op.OperationID, x.received)
		c.n++
		for name := range x.request.URL.Query() {
			c.seen[op.OperationID+" "+name] = true
		}
		if x.status >= http.StatusMultipleChoices {
			continue
		}
		for s, body := range map[side][]byte{request: x.sent, response: x.received} {
			c.recordSeen(op.OperationID, s, body)
		}
	}
}

// isErrorParameter reports a parameter of an error that is a text: the document has objects, and every
// recorded error has texts.
func isErrorParameter(f finding) bool {
	return f.side == response && f.at == "/parameters/*" && f.rule == "type"
}

func (c *collectionRun) recordSeen(operationID string, s side, body []byte) {
	if len(body) == 0 {
		return
	}
	var value any
	require.NoError(c.t, json.Unmarshal(body, &value))
	if doc, ok := value.(map[string]any); ok && doc["results"] != nil {
		value = doc["results"]
	}
	walk("", value, func(at string) {
		c.seen[operationID+" "+string(s)+" "+strings.TrimPrefix(at, "/*")] = true
	})
}

// restores are all forms of a create.
func restores() []restorejobs.CollectionRestore {
	past := time.Now().UTC().Add(-time.Minute).Truncate(time.Second)
	target := restorejobs.ToCluster(collectionScope.Project(), collectionScope.Target())
	orders := []restorejobs.RestoreNamespace{{Source: "sales.orders"}, {Source: "sales.customers", Target: "sales.old"}}
	snapshot := restorejobs.FromSnapshot(collectionScope.Snapshots()[0])
	return []restorejobs.CollectionRestore{
		{Point: snapshot, Target: target, Collections: orders},
		{Point: restorejobs.FromPointInTime(past), Target: target, Collections: orders, IndexStrategy: restorejobs.IndexStrategyNone},
		{
			Point:         restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: 1}),
			Target:        target,
			Databases:     []restorejobs.RestoreNamespace{{Source: "sales"}, {Source: "stock", Target: "depot"}},
			WriteStrategy: restorejobs.WriteStrategyOverwriteExisting,
			IndexStrategy: restorejobs.IndexStrategyAllExceptTTL,
		},
		{Point: snapshot, Target: target, Collections: orders, DatabaseSuffix: "_d", CollectionSuffix: "_c"},
	}
}

// Makes every call in every form and in every state of the jobs, and compares requests and
// responses with the document.
func TestCollections_matchTheDocument(t *testing.T) {
	t.Parallel()
	c := newCollectionRun(t)
	ends := []func(id string){
		func(string) { c.server.Advance(time.Hour) },
		func(id string) { c.server.FailCollectionJob(id, "sales.orders") },
		func(id string) { c.server.CancelCollectionJob(id) },
		func(id string) {
			c.server.SetCollectionOutcome(id, "sales.orders", "INDEX_BUILD_FAILED")
			c.server.FinishCollectionJob(id)
		},
	}
	for _, restore := range restores() {
		for _, end := range ends {
			job, err := c.source.CollectionJobs.Create(t.Context(), restore)
			require.NoError(t, err)
			c.check()
			c.read(job.ID)
			for range 3 {
				c.server.Advance(70 * time.Second)
				c.read(job.ID)
			}
			end(job.ID)
			c.read(job.ID)
		}
	}
	c.readContent()
	c.refusals()
	c.hasEverything()
	t.Logf("%d exchanges", c.n)
}

// read makes every read of a job.
func (c *collectionRun) read(id string) {
	c.t.Helper()
	_, err := c.source.CollectionJobs.Get(c.t.Context(), id)
	require.NoError(c.t, err)
	requireAll(c.t, c.source.CollectionJobs.All(c.t.Context(), restorejobs.ListOptions{ItemsPerPage: 3}))
	requireAll(c.t, c.source.CollectionJobs.Collections(c.t.Context(), id))
	c.check()
}

// readContent reads the content of a snapshot, with names that need escapes.
func (c *collectionRun) readContent() {
	id := collectionScope.Snapshots()[0]
	c.server.SetDatabases(id, map[string][]string{"sales": {"orders", "a/b c"}, "100%": {"x"}})
	for database, err := range c.source.Snapshots.Databases(c.t.Context(), id) {
		require.NoError(c.t, err)
		requireAll(c.t, c.source.Snapshots.Collections(c.t.Context(), id, database))
	}
	c.check()
}

// refusals are errors that the document declares.
func (c *collectionRun) refusals() {
	ctx := c.t.Context()
	none := strings.Repeat("0", 24)
	_, err := c.source.CollectionJobs.Get(ctx, none)
	require.ErrorIs(c.t, err, restorejobs.ErrNotFound)
	restore := restores()[0]
	restore.Point = restorejobs.FromSnapshot(none)
	_, err = c.source.CollectionJobs.Create(ctx, restore)
	require.ErrorIs(c.t, err, restorejobs.ErrNotFound)
	for range 2 {
		_, err = c.source.CollectionJobs.Create(ctx, restores()[0])
	}
	require.ErrorIs(c.t, err, restorejobs.ErrBusy)
	c.check()
}

func requireAll[T any](t *testing.T, items iter.Seq2[T, error]) {
	t.Helper()
	for _, err := range items {
		require.NoError(t, err)
	}
}

// hasEverything requires every property and every query parameter of the operations.
func (c *collectionRun) hasEverything() {
	for _, name := range collectionOperations {
		op := c.d.operationNamed(c.t, name)
		for _, p := range properties("", op.jobSchema(), response) {
			isOfEnd := p.at == "/errorMessage" || p.at == "/finishedAt" // a new job has not ended
			if isOfEnd && name == "createCollectionRestoreJob" {
				continue
			}
			assert.True(c.t, c.seen[name+" response "+p.at], "%s: never received: %s", name, p.at)
		}
		if body := op.bodySchema(); body != nil {
			for _, p := range properties("", body, request) {
				assert.True(c.t, c.seen[name+" request "+p.at], "%s: never sent: %s", name, p.at)
			}
		}
		for _, p := range op.Parameters {
			isQuery := p.Value.In == openapi3.ParameterInQuery
			if isQuery && p.Value.Name != "pretty" && notSent[p.Value.Name] == "" {
				assert.True(c.t, c.seen[name+" "+p.Value.Name], "%s: never sent: %s", name, p.Value.Name)
			}
		}
	}
}

// An envelope and indented JSON are parameters of every operation.
func TestCollections_options(t *testing.T) {
	t.Parallel()
	c := newCollectionRun(t, restorejobs.WithPrettyJSON(), restorejobs.WithAtlasAPIVersion("2023-01-01"))
	job, err := c.source.CollectionJobs.Create(t.Context(), restores()[0])
	require.NoError(t, err)
	c.read(job.ID)
	c.readContent()
	assert.True(t, c.seen["getCollectionRestoreJob pretty"])
}

func TestCollections_envelope(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client, record := newClient(t, server, restorejobs.WithEnvelope())
	jobs := client.AtlasV2.Cluster(collectionScope.Project(), collectionScope.Cluster()).CollectionJobs
	job, err := jobs.Create(t.Context(), restores()[0])
	require.NoError(t, err)
	_, err = jobs.Get(t.Context(), job.ID)
	require.NoError(t, err)
	requireAll(t, jobs.Collections(t.Context(), job.ID))
	for _, x := range record.drain() {
		assert.Equal(t, "true", x.request.URL.Query().Get("envelope"))
	}
}

// Every property has a field of the right type, and every value of a list a constant.
func TestCollections_everyPropertyHasAField(t *testing.T) {
	t.Parallel()
	d := openDocumentOf(t, aroundVariable)
	known := constants(t)
	listed := 0
	for name, typ := range map[string]reflect.Type{
		"getCollectionRestoreJob":   reflect.TypeFor[restorejobs.CollectionJob](),
		"listRestoreJobCollections": reflect.TypeFor[restorejobs.RestoredCollection](),
	} {
		schema := d.schemaOf(t, name)
		for _, p := range properties("", schema, response) {
			field, ok := fieldAt(typ, p.at)
			if assert.True(t, ok, "%s: no field for %s", name, p.at) {
				assert.True(t, fits(field, p.schema), "%s: %s is a %s in %s", name, p.at, kind(p.schema), field)
			}
		}
		n, missing := enums(schema, response, known)
		listed += n
		assert.Empty(t, missing, name)
	}
	n, missing := enums(d.operationNamed(t, "createCollectionRestoreJob").bodySchema(), request, known)
	assert.Empty(t, missing)
	assert.Positive(t, n)
	assert.Positive(t, listed)
}

// A job and a collection with every property are read into their fields, and marshal unchanged.
func TestCollections_keepEveryProperty(t *testing.T) {
	t.Parallel()
	d := openDocumentOf(t, aroundVariable)
	for name, into := range map[string]any{
		"getCollectionRestoreJob":   &restorejobs.CollectionJob{},
		"listRestoreJobCollections": &restorejobs.RestoredCollection{},
	} {
		full := example(d.schemaOf(t, name))
		body, err := json.Marshal(full)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(body, into))
		walk("", full, func(at string) {
			assert.False(t, valueAt(reflect.ValueOf(into).Elem(), at).IsZero(), "%s: %s is not in its field", name, at)
		})
		out, err := json.Marshal(into)
		require.NoError(t, err)
		assert.JSONEq(t, string(body), string(out))
	}
}

// Bodies are made invalid in every way that the schema describes. The test server refuses each.
func TestCollections_serverRefusesWhatTheDocumentRefuses(t *testing.T) {
	t.Parallel()
	c := newCollectionRun(t)
	raw := newRawClient(t, c.d, c.server)
	for _, restore := range restores() {
		_, err := c.source.CollectionJobs.Create(t.Context(), restore)
		require.NoError(t, err)
		c.server.Advance(time.Hour)
		exchanges := c.record.drain()
		raw.refusesBodies(exchanges[len(exchanges)-1])
	}
	t.Logf("%d invalid requests refused", raw.n)
	assert.Positive(t, raw.n)
}

// The limits and the number of members that the library knows are those of the document.
func TestCollections_limitsOfTheDocument(t *testing.T) {
	t.Parallel()
	schema := openDocumentOf(t, aroundVariable).operationNamed(t, "createCollectionRestoreJob").bodySchema()
	for _, name := range []string{"collections", "databases"} {
		limit := schema.Properties[name].Value.MaxItems
		require.NotNil(t, limit, name)
		assert.EqualValues(t, 100, *limit, name)
	}
	sent := slices.Sorted(func(yield func(string) bool) {
		for name := range schema.Properties {
			if !yield(name) {
				return
			}
		}
	})
	assert.Len(t, sent, 12, "a property that the library does not know: %v", sent)
}
