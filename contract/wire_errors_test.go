package contract

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// recordedError has every field of the recorded errors.
type recordedError struct {
	Error      int      `json:"error"`
	ErrorCode  *string  `json:"errorCode"`
	Reason     string   `json:"reason"`
	Detail     string   `json:"detail"`
	Parameters []string `json:"parameters"`
}

// wireError is one recorded refusal and the error that the library must return.
type wireError struct {
	file      string
	method    string
	path      string
	status    int
	code      restorejobs.ErrorCode
	sentinels []error // those of statusSentinels that match
	hint      string  // a part of the hint; empty: no hint if the response has no code
	verbs     []string
	flex      bool
}

// statusSentinels are the sentinels that depend on the status or the code.
var statusSentinels = []error{
	restorejobs.ErrUnauthorized, restorejobs.ErrForbidden, restorejobs.ErrIPNotAllowed, restorejobs.ErrNotFound,
	restorejobs.ErrBusy, restorejobs.ErrConflict, restorejobs.ErrGone, restorejobs.ErrRateLimited, restorejobs.ErrUnavailable,
}

var (
	allVerbs    = []string{"get", "list", "create", "cancel"}
	notFound    = []error{restorejobs.ErrNotFound}
	wrongKey    = []error{restorejobs.ErrUnauthorized}
	unavailable = []error{restorejobs.ErrUnavailable}
)

func wireErrors() []wireError {
	const notFlex = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	flexVerbs := []string{"get", "list", "create"}
	return []wireError{
		{
			file:   "error-a-flex-cluster.http",
			method: http.MethodGet,
			path:   "/api/atlas/v2/groups/b0123456789abcdef012345b/clusters/snapshotCluster0",
			status: 400,
			code:   "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API",
			hint:   "AtlasV2.Flex",
			verbs:  allVerbs,
		},
		{
			file:   "error-not-a-flex-cluster-restore-job.http",
			method: http.MethodGet,
			path: "/api/atlas/v2/groups/6a793f6b2c88faeba59bae37/flexClusters/backupRestores-305/backup/restoreJobs/" +
				"6a7948342c88faeba59eb866",
			status: 400,
			code:   notFlex,
			hint:   "AtlasV2.Cluster",
			verbs:  flexVerbs,
			flex:   true,
		},
		{
			file:   "error-not-a-flex-cluster-snapshots.http",
			method: http.MethodGet,
			path:   "/api/atlas/v2/groups/b0123456789abcdef012345b/flexClusters/cluster-209/backup/snapshots",
			status: 400,
			code:   notFlex,
			hint:   "AtlasV2.Cluster",
			verbs:  flexVerbs,
			flex:   true,
		},
		{
			file:      "error-cluster-not-found.http",
			method:    http.MethodGet,
			path:      "/api/atlas/v2/groups/6a799efbc0eb9e7a177d7e0e/clusters/cluster-712",
			status:    404,
			code:      "CLUSTER_NOT_FOUND",
			sentinels: notFound,
			hint:      "source cluster",
			verbs:     allVerbs,
		},
		{
			file:      "error-flex-cluster-not-found.http",
			method:    http.MethodGet,
			path:      "/api/atlas/v2/groups/b0123456789abcdef012345b/flexClusters/cluster-833",
			status:    404,
			code:      "CLUSTER_NOT_FOUND",
			sentinels: notFound,
			hint:      "source cluster",
			verbs:     flexVerbs,
			flex:      true,
		},
		{
			file:      "error-group-not-found.http",
			method:    http.MethodPost,
			path:      "/api/atlas/v2/groups/111111111111111111111111/databaseUsers",
			status:    404,
			code:      "GROUP_NOT_FOUND",
			sentinels: notFound,
			verbs:     allVerbs,
		},
		{
			file:      "error-backup-config-not-found.http",
			method:    http.MethodDelete,
			path:      "/api/atlas/v2/groups/684277a08dba3d3587c5b7ee/clusters/backupSchedule-6/backup/schedule",
			status:    404,
			code:      "BACKUP_CONFIG_NOT_FOUND",
			sentinels: notFound,
			verbs:     allVerbs,
		},
		{
			file:      "error-code-null.http",
			method:    http.MethodDelete,
			path:      "/api/atlas/v2/orgs/a0123456789abcdef012345a/liveMigrations/linkTokens",
			status:    404,
			sentinels: notFound,
			verbs:     allVerbs,
		},
		{
			file:   "error-cluster-deletion-requested.http",
			method: http.MethodDelete,
			path:   "/api/atlas/v2/groups/684277b68dba3d3587c5bd80/clusters/cluster-26",
			status: 400,
			code:   "CLUSTER_ALREADY_REQUESTED_DELETION",
			hint:   "being deleted",
			verbs:  allVerbs,
		},
		{
			file:   "error-termination-protection.http",
			method: http.MethodDelete,
			path:   "/api/atlas/v2/groups/6a799efbc0eb9e7a177d7e0e/clusters/cluster-712",
			status: 400,
			code:   "CANNOT_TERMINATE_CLUSTER_WHEN_TERMINATION_PROTECTION_ENABLED",
			verbs:  allVerbs,
		},
		{
			file:   "error-method-not-allowed.http",
			method: http.MethodDelete,
			path:   "/api/atlas/v2/groups/",
			status: 405,
			verbs:  allVerbs,
		},
		{
			file:      "error-unauthorized.http",
			method:    http.MethodGet,
			path:      "/api/atlas/v2/groups/6a793f7fc0eb9e7a17716153/clusters/cluster-29",
			status:    401,
			code:      "UNEXPECTED_ERROR",
			sentinels: wrongKey,
			hint:      "wrong key",
			verbs:     allVerbs,
		},
		{
			file:      "error-unauthorized-without-code.http",
			method:    http.MethodGet,
			path:      "/api/atlas/v2/groups/6a5d95ba62e88d96fa099a9a/clusters/cluster-45",
			status:    401,
			sentinels: wrongKey,
			hint:      "wrong key",
			verbs:     allVerbs,
		},
		{
			file:      "error-unexpected.http",
			method:    http.MethodPost,
			path:      "/api/atlas/v2/groups/6923c92021519f56cb87793b/clusters/cluster-216/index",
			status:    500,
			code:      "UNEXPECTED_ERROR",
			sentinels: unavailable,
			verbs:     allVerbs,
		},
		{
			file:      "error-bad-gateway-html.http",
			method:    http.MethodGet,
			path:      "/api/atlas/v2/groups/68806f8ff4d3513528472c20/clusters/cluster-986",
			status:    502,
			sentinels: unavailable,
			hint:      "text/html",
			verbs:     allVerbs,
		},
	}
}

// Each recorded refusal is the response of its own call, then of every call on restore jobs.
func TestWireErrors_everyPart(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, row := range wireErrors() {
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			replayed(t, wire, []string{row.file}, func(r *replay) {
				recorded := wire[row.file]
				var out json.RawMessage
				err := r.client.Do(wireContext(r.t), row.method, row.path, nil, &out)
				r.observed(recorded, row.method, row.path, err)
				assert.Nil(r.t, out)
				row.same(r.t, recorded, err, row.method == http.MethodGet)
				assert.Empty(r.t, asError(r.t, err).Variant)
				for _, verb := range row.verbs {
					err := row.call(wireContext(r.t), r.client, verb)
					req := r.sent()
					r.observed(recorded, req.Method, req.URL.Path, err)
					row.same(r.t, recorded, err, verb != "create")
					assert.Equal(r.t, restorejobs.VariantAtlasV2, asError(r.t, err).Variant)
					assert.Equal(r.t, req.Method, asError(r.t, err).Method)
					assert.Equal(r.t, req.URL.Path, asError(r.t, err).Path)
				}
			})
		})
	}
}

func (w *wireError) call(ctx context.Context, client *restorejobs.Client, verb string) error {
	jobs := client.AtlasV2.Cluster(recordedProject, recordedCluster).Jobs
	if w.flex {
		jobs = client.AtlasV2.Flex(recordedFlexProject, recordedFlexCluster).Jobs
	}
	var err error
	switch verb {
	case "get":
		_, err = jobs.Get(ctx, recordedAutomated)
	case "list":
		_, err = jobs.List(ctx, restorejobs.ListOptions{})
	case "create":
		_, err = jobs.Create(ctx, restorejobs.FromSnapshot(recordedSnapshot), restorejobs.ToCluster(recordedTarget, "target"))
	case "cancel":
		err = jobs.Cancel(ctx, recordedDownload)
	default:
		err = errors.New("unknown verb: " + verb)
	}
	return err
}

// same compares an error with the response as encoding/json reads it. After a 5xx the outcome of a
// call that is not repeatable is unknown.
func (w *wireError) same(t *testing.T, recorded *recording, err error, repeatable bool) {
	t.Helper()
	got := asError(t, err)
	var read recordedError
	if json.Valid(recorded.body) {
		readStrictly(t, recorded.body, &read)
		assert.Equal(t, w.status, read.Error)
	} else {
		read.Reason = http.StatusText(recorded.status)
	}
	code := ""
	if read.ErrorCode != nil {
		code = *read.ErrorCode
	}
	assert.Equal(t, w.status, recorded.status)
	assert.Equal(t, w.status, got.StatusCode)
	assert.Equal(t, w.code, restorejobs.ErrorCode(code))
	assert.Equal(t, w.code, got.Code)
	if header := recorded.header.Get("X-Error-Code"); header != "" {
		assert.Equal(t, header, string(got.Code))
	}
	assert.Equal(t, read.Reason, got.Reason)
	assert.Equal(t, read.Detail, got.Detail)
	if len(read.Parameters) == 0 {
		assert.Empty(t, got.Parameters)
	} else {
		assert.Equal(t, read.Parameters, got.Parameters)
	}
	assert.Nil(t, got.FieldViolations)
	assert.Equal(t, recordedRequestID(recorded.header), got.RequestID)
	assert.Zero(t, got.RetryAfter)
	assert.Equal(t, 1, got.Attempts)
	assert.Equal(t, repeatable && w.status >= http.StatusInternalServerError, got.Retryable())
	assert.Equal(t, string(recorded.body), string(got.Body()))
	assert.Contains(t, got.Hint, w.hint)
	if w.hint == "" && w.code == "" {
		assert.Empty(t, got.Hint)
	}
	w.checkSentinels(t, err, repeatable)
}

func asError(t *testing.T, err error) *restorejobs.Error {
	t.Helper()
	var apiErr *restorejobs.Error
	require.ErrorAs(t, err, &apiErr)
	return apiErr
}

func (w *wireError) checkSentinels(t *testing.T, err error, repeatable bool) {
	t.Helper()
	unknown := w.status >= http.StatusInternalServerError && !repeatable
	assert.Equal(t, unknown, errors.Is(err, restorejobs.ErrOutcomeUnknown))
	if w.code != "" {
		require.ErrorIs(t, err, w.code)
	}
	if unknown {
		return // such an error matches no status sentinel
	}
	for _, kind := range statusSentinels {
		want := false
		for _, match := range w.sentinels {
			want = want || errors.Is(kind, match)
		}
		assert.Equal(t, want, errors.Is(err, kind), "%v", kind)
	}
}
