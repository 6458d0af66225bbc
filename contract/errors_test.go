package contract

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// undeclared has errors of the whole API that the operations do not declare.
var undeclared = map[int]string{http.StatusGone: "VERSION_GONE", http.StatusServiceUnavailable: "SERVICE_UNAVAILABLE"}

// errors provokes every error that the document declares for an operation, the undeclared ones,
// and those that the server itself returns.
func (r *run) errors() {
	id := r.createJob()
	for _, op := range r.d.operations() {
		if op.clusterKind != r.clusterKind {
			continue
		}
		for status, code := range r.declared(op) {
			r.server.InjectFault(rjt.RespondError(status, code), 1)
			r.expectError(op.verb, id, status, code)
		}
	}
	for status, code := range undeclared {
		r.server.InjectFault(rjt.RespondError(status, code), 1)
		r.expectError("get", id, status, code)
	}
	r.callerErrors()
}

// createJob returns the id of a new job.
func (r *run) createJob() string {
	created, err := r.handle().Create(r.t.Context(), r.creates[0].point, r.creates[0].to)
	require.NoError(r.t, err)
	finishJobs(r.server, created)
	r.expectCall("create")
	return created[0].ID
}

// declared returns the error statuses of an operation, each with the code of the example.
func (r *run) declared(op operation) map[int]string {
	all := map[int]string{}
	for name, res := range op.Responses.Map() {
		status, err := strconv.Atoi(name)
		require.NoError(r.t, err)
		if status < http.StatusBadRequest {
			continue
		}
		given, ok := res.Value.Content["application/json"].Example.(map[string]any)
		require.True(r.t, ok, name)
		all[status] = given["errorCode"].(string)
	}
	require.NotEmpty(r.t, all, op.OperationID)
	return all
}

// expectError makes one call and checks the error in the response and from the library.
func (r *run) expectError(verb, id string, status int, code string) {
	r.t.Helper()
	err := r.do(r.t.Context(), verb, id)
	var apiErr *restorejobs.Error
	require.ErrorAs(r.t, err, &apiErr, "%s %d", verb, status)
	assert.Equal(r.t, status, apiErr.StatusCode)
	require.ErrorIs(r.t, err, restorejobs.ErrorCode(code))
	assert.Equal(r.t, http.StatusText(status), apiErr.Reason)
	assert.NotEmpty(r.t, apiErr.Detail)
	all := r.record.seen
	assert.Equal(r.t, status, all[len(all)-1].status)
	r.checkRecorded()
}

func (r *run) do(ctx context.Context, verb, id string) error {
	var err error
	switch verb {
	case "get":
		_, err = r.handle().Get(ctx, id)
	case "list":
		_, err = r.handle().List(ctx, restorejobs.ListOptions{})
	case "create":
		_, err = r.handle().Create(ctx, r.creates[0].point, r.creates[0].to)
	case "cancel":
		err = r.handle().Cancel(ctx, id)
	default:
		err = errors.New("unknown verb: " + verb)
	}
	return err
}

// callerErrors makes calls with wrong arguments. Except for the version, the requests are
// well-formed and are compared with the document too.
func (r *run) callerErrors() {
	const unknownID = "6a22a5000000000000000bad"
	r.expectError("get", unknownID, http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
	name := r.name
	r.name = "Nowhere"
	r.expectError("list", "", http.StatusNotFound, "CLUSTER_NOT_FOUND")
	r.expectError("create", "", http.StatusNotFound, "CLUSTER_NOT_FOUND")
	r.name = rjt.AtlasV2Flex.Cluster()
	wrong := "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"
	if r.clusterKind == flexCluster {
		r.name = rjt.AtlasV2Cluster.Cluster()
		wrong = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	}
	r.expectError("list", "", http.StatusBadRequest, wrong)
	r.name = name
	r.wrongKey()
	r.wrongVersion()
}

// wrongKey is refused twice, with a body.
func (r *run) wrongKey() {
	client, err := restorejobs.NewClient(restorejobs.APIKey("somebody", "else"),
		restorejobs.WithBaseURL(r.server.URL()), restorejobs.WithTransport(r.record))
	require.NoError(r.t, err)
	_, err = r.jobs(client, r.scope.Project(), r.name).List(r.t.Context(), restorejobs.ListOptions{})
	require.ErrorIs(r.t, err, restorejobs.ErrUnauthorized)
	assert.Len(r.t, r.record.seen, 2)
	assert.Empty(r.t, r.checkRecorded())
}

// wrongVersion requests a date before the first version, which Client.Do alone can send. The request
// is invalid on purpose, so only the response is compared with the document.
func (r *run) wrongVersion() {
	_, err := r.handle().List(r.t.Context(), restorejobs.ListOptions{})
	require.NoError(r.t, err)
	path := r.expectCall("list").request.URL.Path
	r.with(restorejobs.WithAtlasAPIVersion("2020-01-01"), func() {
		err := r.client.Do(r.t.Context(), http.MethodGet, path, nil, nil)
		require.ErrorIs(r.t, err, restorejobs.ErrorCode("INVALID_VERSION_DATE"))
		seen := r.record.drain()
		last := seen[len(seen)-1]
		assert.Equal(r.t, http.StatusNotAcceptable, last.status)
		op, found, err := r.d.check(last)
		require.NoError(r.t, err)
		r.ledger.report(r.t, op.OperationID, slices.DeleteFunc(found, func(f finding) bool { return f.side == request }))
		assert.True(r.t, strings.HasPrefix(last.header.Get("Content-Type"), "application/json"))
	})
}
