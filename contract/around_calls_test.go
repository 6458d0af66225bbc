package contract

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// aroundCalls has the state of one test run against one server.
type aroundCalls struct {
	t      *testing.T
	d      *document
	ledger *ledger
	server *rjt.Server
	client *restorejobs.Client
	record *recorder

	seen map[string]bool // operations that the service carried out
}

// Makes every call around a restore of Atlas v2, and compares requests and responses with the document.
func TestAroundCalls_matchTheDocument(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	r := &aroundCalls{
		t:      t,
		d:      openAroundDocument(t),
		ledger: newLedger(callsTolerated),
		server: server,
		seen:   map[string]bool{},
	}
	r.client, r.record = newClient(t, server)
	for _, step := range callSteps() {
		step(r)
		r.checkRecorded()
	}
	r.ledger.checkTolerated(t)
	for path, item := range r.d.Paths.Map() {
		for method, op := range item.Operations() {
			_, isOther := notCalled[op.OperationID]
			assert.NotEqual(t, isOther, r.seen[op.OperationID], "%s %s %s: made or excused, and not both", op.OperationID, method, path)
		}
	}
	t.Logf("%d exchanges of %d operations", r.ledger.n, len(r.seen))
}

// checkRecorded compares the recorded exchanges with the document. Restore jobs are in another one.
func (r *aroundCalls) checkRecorded() {
	r.t.Helper()
	for _, x := range r.record.drain() {
		isJob := strings.Contains(x.request.URL.Path, "/restoreJobs")
		if isJob {
			continue
		}
		op, found, err := r.d.check(x)
		require.NoError(r.t, err)
		r.ledger.report(r.t, op.OperationID, found)
		if x.status < http.StatusBadRequest {
			r.seen[op.OperationID] = true
		}
	}
}

// get requests a path with Client.Do, for responses of the server that no method reads.
func (r *aroundCalls) get(version, path string) {
	r.t.Helper()
	var body map[string]any
	require.NoError(r.t, r.do(version, path, &body), path)
	assert.NotEmpty(r.t, body, path)
}

func (r *aroundCalls) do(version, path string, out any) error {
	client, record := newClient(r.t, r.server, restorejobs.WithAtlasAPIVersion(version))
	err := client.Do(r.t.Context(), http.MethodGet, path, nil, out)
	r.record.add(record.drain())
	return err
}
