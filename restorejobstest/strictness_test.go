package restorejobstest_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// A strictCase is a request with exactly one correct response.
type strictCase struct {
	name   string
	method string
	target string
	body   string
	accept string // empty: the default of the caller
	status int
	code   string // empty: any
}

// The server refuses in every scope what the service refuses.
func TestServer_strictInEveryScope(t *testing.T) {
	t.Parallel()
	for _, scope := range rjt.Scopes() {
		t.Run(scope.String(), func(t *testing.T) {
			t.Parallel()
			c := newInProcessCaller(t)
			requests := append(strictPaths(scope), strictQueries(scope)...)
			requests = append(requests, strictAccepts(scope)...)
			requests = append(requests, strictBodies(t, scope)...)
			for _, r := range requests {
				var header []string
				if r.accept != "" {
					header = []string{"Accept", strings.TrimSpace(r.accept)}
				}
				a := c.do(r.method, r.target, r.body, header...)
				assert.Equal(t, r.status, a.status, "%s: %s", r.name, a.body)
				if r.code != "" {
					assert.Equal(t, r.code, a.doc["errorCode"], "%s: %s", r.name, a.body)
				}
				if r.status >= http.StatusBadRequest {
					assert.Equal(t, "application/json", a.header.Get("Content-Type"), r.name)
					assert.InDelta(t, r.status, a.doc["error"], 0, r.name)
				}
			}
		})
	}
}

// forHosts selects the error code of a mirrored config server.
func forHosts(scope rjt.Scope, host, other string) string {
	if strings.HasSuffix(scope.String(), "Host") {
		return host
	}
	return other
}

func strictPaths(scope rjt.Scope) []strictCase {
	get := http.MethodGet
	list := jobs(scope)
	good := goodBody(scope)
	unknownSnapshot := strings.ReplaceAll(good, scope.Snapshots()[0], unknownID)
	invalidSnapshot := strings.ReplaceAll(good, scope.Snapshots()[0], "x")
	requests := []strictCase{
		{"invalid job id", get, list + "/short", "", "", 404, "INVALID_JOB_ID"},
		{"unknown job", get, list + "/" + unknownID, "", "", 404, forHosts(scope, "CONFIG_RESTORE_JOB_NOT_FOUND", "RESTORE_JOB_NOT_FOUND")},
		{"unknown project", get, strings.Replace(list, scope.Project(), unknownID, 1), "", "", 404, "GROUP_NOT_FOUND"},
		{"invalid project id", get, strings.Replace(list, scope.Project(), "x", 1), "", "", 404, "INVALID_GROUP_ID"},
		{"unknown cluster", get, path(scope, unknownID), "", "", 404, forHosts(scope, "HOST_NOT_FOUND", "CLUSTER_NOT_FOUND")},
		{"unknown snapshot", http.MethodPost, list, unknownSnapshot, "", 404, forHosts(scope, "CONFIG_SNAPSHOT_NOT_FOUND", "SNAPSHOT_NOT_FOUND")},
		{"invalid snapshot id", http.MethodPost, list, invalidSnapshot, "", 404, "INVALID_SNAPSHOT_ID"},
		{"PUT", http.MethodPut, list + "/" + scope.Jobs()[0], "{}", "", 405, "METHOD_NOT_ALLOWED"},
		{"PATCH", http.MethodPatch, list + "/" + scope.Jobs()[0], "{}", "", 405, "METHOD_NOT_ALLOWED"},
	}
	if !canCancel(scope) {
		requests = append(requests, strictCase{"DELETE", http.MethodDelete, list + "/" + scope.Jobs()[0], "", "", 405, "METHOD_NOT_ALLOWED"})
	}
	return requests
}

// canCancel reports whether the API can cancel jobs of a scope.
func canCancel(scope rjt.Scope) bool {
	return scope == rjt.AtlasV1Cluster || scope == rjt.AtlasV2Cluster
}

func strictQueries(scope rjt.Scope) []strictCase {
	requests := []strictCase{{"500 jobs a page", http.MethodGet, jobs(scope) + "?itemsPerPage=500", "", "", 200, ""}}
	for _, query := range []string{
		"?itemsPerPage=501", "?itemsPerPage=0", "?pageNum=0", "?backupJobsEnabledOnly=true", "/" + scope.Jobs()[0] + "?pageNum=1",
	} {
		requests = append(requests, strictCase{query, http.MethodGet, jobs(scope) + query, "", "", 400, "INVALID_QUERY_PARAMETER"})
	}
	return requests
}

// strictAccepts requests every operation with media types that Atlas v2 refuses and the other
// variants ignore.
func strictAccepts(scope rjt.Scope) []strictCase {
	operations := []strictCase{
		{"list", http.MethodGet, jobs(scope), "", "", 0, ""},
		{"get", http.MethodGet, jobs(scope) + "/" + scope.Jobs()[0], "", "", 0, ""},
		{"create", http.MethodPost, jobs(scope), goodBody(scope), "", 0, ""},
	}
	status := http.StatusOK
	code := ""
	if strings.HasPrefix(scope.String(), "AtlasV2") {
		status = http.StatusNotAcceptable
		code = "INVALID_VERSION_DATE"
		if canCancel(scope) {
			operations = append(operations, strictCase{"cancel", http.MethodDelete, jobs(scope) + "/" + scope.Jobs()[0], "", "", 0, ""})
		}
	}
	var requests []strictCase
	for _, accept := range []string{
		"application/json", " ", "text/html", "application/vnd.atlas.+json", "application/vnd.atlas.2020-01-01+json", "application/vnd.atlas.2023-99-01+json",
	} {
		for _, r := range operations {
			r.name = r.name + " as " + accept
			r.accept = accept
			r.status = status
			r.code = code
			requests = append(requests, r)
		}
	}
	return requests
}

// strictBodies makes a valid body invalid in several ways.
func strictBodies(t *testing.T, scope rjt.Scope) []strictCase {
	t.Helper()
	good := goodBody(scope)
	list := jobs(scope)
	requests := []strictCase{
		{"no body", http.MethodPost, list, "", "", 415, "UNSUPPORTED_MEDIA_TYPE"}, // and no Content-Type
		{"an array", http.MethodPost, list, "[]", "", 400, "MALFORMED_JSON"},
		{"data after the end", http.MethodPost, list, good + "}}", "", 400, "MALFORMED_JSON"},
		{"empty object", http.MethodPost, list, "{}", "", 400, "MISSING_ATTRIBUTE"},
	}
	addInvalid := func(object, member string, value any) {
		var body map[string]any
		require.NoError(t, json.Unmarshal([]byte(good), &body))
		into := body
		if object != "" {
			into = body[object].(map[string]any)
		}
		into[member] = value
		invalid, err := json.Marshal(body)
		require.NoError(t, err)
		requests = append(requests, strictCase{object + " with " + member, http.MethodPost, list, string(invalid), "", 400, ""})
	}
	for _, member := range []string{
		"unknown", "ID", "SnapshotId", "snapshotid", "expirationHours", "maxDownloads", "methodName", "statusName", "status", "links", "id", "batchId",
	} {
		addInvalid("", member, "x")
	}
	if !strings.Contains(good, `"delivery"`) {
		addInvalid("", "delivery", map[string]any{"methodName": "HTTP"})
		return requests
	}
	for _, member := range []string{"targetGroupId", "targetClusterId", "deliveryType", "pointInTimeUTCSeconds"} {
		addInvalid("", member, scope.Project())
	}
	for _, member := range []string{"unknown", "snapshotId", "oplogTs", "deliveryType", "authValue"} {
		addInvalid("delivery", member, "x")
	}
	return requests
}

func TestServer_refusesMalformedRequests(t *testing.T) {
	t.Parallel()
	server := rjt.NewServer()
	defer server.Close()
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	base := "/api/public/v1.0/" + strings.TrimPrefix(rjt.OpsManagerCluster.Ref(), "opsmanager/") + "/restoreJobs"
	status := func(method, path string, body any) int {
		err := client.Do(t.Context(), method, path, body, nil)
		var apiErr *restorejobs.Error
		if errors.As(err, &apiErr) {
			return apiErr.StatusCode
		}
		if err != nil {
			t.Log(err)
			return -1
		}
		return 200
	}
	assert.Equal(t, 400, status("GET", base+"?itemsPerPage=501", nil))
	assert.Equal(t, 400, status("GET", base+"?pageNum=0", nil))
	assert.Equal(t, 400, status("GET", base+"?itemsPerPage=0", nil))
	assert.Equal(t, 400, status("GET", base+"?nosuch=1", nil))
	assert.Equal(t, 404, status("GET", base+"/zzz", nil))
	assert.Equal(t, 404, status("GET", base+"/ffffffffffffffffffffffff", nil))
	assert.Equal(t, 405, status("PUT", base, map[string]any{}))
	for _, body := range []map[string]any{
		{},
		{"snapshotId": "x"},
		{"delivery": map[string]any{"methodName": "HTTP", "maxDownloads": 1, "expirationHours": 1, "statusName": "READY"}, "snapshotId": "5e7a00000000000000000001"},
		{"delivery": map[string]any{"methodName": "HTTP", "expirationHours": 1}, "snapshotId": "x"},
		{"delivery": map[string]any{"methodName": "AUTOMATED_RESTORE", "targetGroupId": "p", "targetClusterId": "c"}},
		{"delivery": map[string]any{"methodName": "AUTOMATED_RESTORE", "targetGroupId": "p", "targetClusterId": "c"}, "checkPointId": "5e7a00000000000000000001"},
		{"maxDownloads": 1, "delivery": map[string]any{"methodName": "HTTP", "expirationHours": 1}, "snapshotId": "x"},
	} {
		got := status("POST", base, body)
		assert.True(t, got == 400 || got == 404, "%v: %d", body, got)
	}
}
