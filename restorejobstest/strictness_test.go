package restorejobstest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// A strict request is one that the service answers in one way only.
type strict struct {
	what   string
	method string
	target string
	body   string
	accept string // "": what a request of the tests has
	status int
	code   string // "": any
}

// TestServer_strictInEveryScope: nothing that the service refuses is let through anywhere.
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
				assert.Equal(t, r.status, a.status, "%s: %s", r.what, a.body)
				if r.code != "" {
					assert.Equal(t, r.code, a.doc["errorCode"], "%s: %s", r.what, a.body)
				}
				if r.status >= http.StatusBadRequest {
					assert.Equal(t, "application/json", a.header.Get("Content-Type"), r.what)
					assert.InDelta(t, r.status, a.doc["error"], 0, r.what)
				}
			}
		})
	}
}

// forHosts picks what a mirrored config server says instead.
func forHosts(scope rjt.Scope, host, other string) string {
	if strings.HasSuffix(scope.String(), "Host") {
		return host
	}
	return other
}

func strictPaths(scope rjt.Scope) []strict {
	get := http.MethodGet
	list := jobs(scope)
	good := goodBody(scope)
	noSnapshot := strings.ReplaceAll(good, scope.Snapshots()[0], unknownID)
	oddSnapshot := strings.ReplaceAll(good, scope.Snapshots()[0], "x")
	requests := []strict{
		{"odd job", get, list + "/short", "", "", 404, "INVALID_JOB_ID"},
		{"no job", get, list + "/" + unknownID, "", "", 404, forHosts(scope, "CONFIG_RESTORE_JOB_NOT_FOUND", "RESTORE_JOB_NOT_FOUND")},
		{"no project", get, strings.Replace(list, scope.Project(), unknownID, 1), "", "", 404, "GROUP_NOT_FOUND"},
		{"odd project", get, strings.Replace(list, scope.Project(), "x", 1), "", "", 404, "INVALID_GROUP_ID"},
		{"no cluster", get, path(scope, unknownID), "", "", 404, forHosts(scope, "HOST_NOT_FOUND", "CLUSTER_NOT_FOUND")},
		{"no snapshot", http.MethodPost, list, noSnapshot, "", 404, forHosts(scope, "CONFIG_SNAPSHOT_NOT_FOUND", "SNAPSHOT_NOT_FOUND")},
		{"odd snapshot", http.MethodPost, list, oddSnapshot, "", 404, "INVALID_SNAPSHOT_ID"},
		{"PUT", http.MethodPut, list + "/" + scope.Jobs()[0], "{}", "", 405, "METHOD_NOT_ALLOWED"},
		{"PATCH", http.MethodPatch, list + "/" + scope.Jobs()[0], "{}", "", 405, "METHOD_NOT_ALLOWED"},
	}
	if !cancels(scope) {
		requests = append(requests, strict{"DELETE", http.MethodDelete, list + "/" + scope.Jobs()[0], "", "", 405, "METHOD_NOT_ALLOWED"})
	}
	return requests
}

// cancels reports whether jobs of a scope can be cancelled over the API.
func cancels(scope rjt.Scope) bool { return scope == rjt.AtlasV1Cluster || scope == rjt.AtlasV2Cluster }

func strictQueries(scope rjt.Scope) []strict {
	requests := []strict{{"500 jobs a page", http.MethodGet, jobs(scope) + "?itemsPerPage=500", "", "", 200, ""}}
	for _, query := range []string{
		"?itemsPerPage=501", "?itemsPerPage=0", "?pageNum=0", "?backupJobsEnabledOnly=true", "/" + scope.Jobs()[0] + "?pageNum=1",
	} {
		requests = append(requests, strict{query, http.MethodGet, jobs(scope) + query, "", "", 400, "INVALID_QUERY_PARAMETER"})
	}
	return requests
}

// strictAccepts asks for every operation with media types that Atlas v2 refuses, whatever
// the method, and the others do not look at.
func strictAccepts(scope rjt.Scope) []strict {
	operations := []strict{
		{"list", http.MethodGet, jobs(scope), "", "", 0, ""},
		{"get", http.MethodGet, jobs(scope) + "/" + scope.Jobs()[0], "", "", 0, ""},
		{"create", http.MethodPost, jobs(scope), goodBody(scope), "", 0, ""},
	}
	status := http.StatusOK
	code := ""
	if strings.HasPrefix(scope.String(), "AtlasV2") {
		status = http.StatusNotAcceptable
		code = "INVALID_VERSION_DATE"
		if cancels(scope) {
			operations = append(operations, strict{"cancel", http.MethodDelete, jobs(scope) + "/" + scope.Jobs()[0], "", "", 0, ""})
		}
	}
	var requests []strict
	for _, accept := range []string{
		"application/json", " ", "text/html", "application/vnd.atlas.+json", "application/vnd.atlas.2020-01-01+json", "application/vnd.atlas.2023-99-01+json",
	} {
		for _, r := range operations {
			r.what = r.what + " as " + accept
			r.accept = accept
			r.status = status
			r.code = code
			requests = append(requests, r)
		}
	}
	return requests
}

// strictBodies spoils a body that is good.
func strictBodies(t *testing.T, scope rjt.Scope) []strict {
	t.Helper()
	good := goodBody(scope)
	list := jobs(scope)
	requests := []strict{
		{"no body", http.MethodPost, list, "", "", 415, "UNSUPPORTED_MEDIA_TYPE"}, // nor a type
		{"an array", http.MethodPost, list, "[]", "", 400, "MALFORMED_JSON"},
		{"something after the end", http.MethodPost, list, good + "}}", "", 400, "MALFORMED_JSON"},
		{"nothing in it", http.MethodPost, list, "{}", "", 400, "MISSING_ATTRIBUTE"},
	}
	spoil := func(object, member string, value any) {
		var body map[string]any
		require.NoError(t, json.Unmarshal([]byte(good), &body))
		into := body
		if object != "" {
			into = body[object].(map[string]any)
		}
		into[member] = value
		spoiled, err := json.Marshal(body)
		require.NoError(t, err)
		requests = append(requests, strict{object + " with " + member, http.MethodPost, list, string(spoiled), "", 400, ""})
	}
	for _, member := range []string{
		"unknown", "ID", "SnapshotId", "snapshotid", "expirationHours", "maxDownloads", "methodName", "statusName", "status", "links", "id", "batchId",
	} {
		spoil("", member, "x")
	}
	if !strings.Contains(good, `"delivery"`) {
		spoil("", "delivery", map[string]any{"methodName": "HTTP"})
		return requests
	}
	for _, member := range []string{"targetGroupId", "targetClusterId", "deliveryType", "pointInTimeUTCSeconds"} {
		spoil("", member, scope.Project())
	}
	for _, member := range []string{"unknown", "snapshotId", "oplogTs", "deliveryType", "authValue"} {
		spoil("delivery", member, "x")
	}
	return requests
}
