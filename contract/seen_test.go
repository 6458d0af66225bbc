package contract

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// A valid response is made invalid in every property, to prove that the check finds each.
func TestRecorder_findsWrongResponses(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	for _, s := range scenarios() {
		t.Run(string(s.clusterKind), func(t *testing.T) {
			t.Parallel()
			client, record := newClient(t, newServer(t))
			_, err := s.jobs(client, s.scope.Project(), s.scope.Cluster()).List(t.Context(), restorejobs.ListOptions{})
			require.NoError(t, err)
			seen := record.drain()
			good := seen[len(seen)-1]
			job := decode(t, good.received)["results"].([]any)[0].(map[string]any)
			expectFinding := func(at, rule string, change func(x *exchange)) {
				bad := *good
				bad.header = good.header.Clone()
				change(&bad)
				_, found, err := d.check(&bad)
				require.NoError(t, err)
				assert.True(t, slices.ContainsFunc(untolerated(found), func(f finding) bool { return f.at == at && f.rule == rule }),
					"%s at %s is not found: %v", rule, at, found)
			}
			for name := range job {
				if slices.ContainsFunc(tolerated, func(e difference) bool { return e.at == "/"+name }) {
					continue
				}
				expectFinding("/"+name, "type", func(x *exchange) { x.received = list(t, job, name, json.Number("1.5")) })
				expectFinding("/"+name, "nullable", func(x *exchange) { x.received = list(t, job, name, nil) })
			}
			expectFinding("/unheardOf", "properties", func(x *exchange) { x.received = list(t, job, "unheardOf", 1) })
			expectFinding("/results", "required", func(x *exchange) { x.received = []byte(`{}`) })
			expectFinding("/", "body", func(x *exchange) { x.received = []byte(`<html>`) })
			expectFinding("/", "body", func(x *exchange) { x.header.Set("Content-Type", "application/json") })
			expectFinding("GET 418", "status", func(x *exchange) { x.status = http.StatusTeapot })
			for _, accept := range []string{"application/json", "application/vnd.atlas.2020-01-01+json"} {
				expectFinding("Accept", "media", func(x *exchange) {
					x.request = x.request.Clone(t.Context())
					x.request.Header.Set("Accept", accept)
				})
			}
			expectFinding("unheardOf", "query", func(x *exchange) {
				x.request = x.request.Clone(t.Context())
				x.request.URL.RawQuery = "unheardOf=1"
			})
		})
	}
}

// list returns a list of one job with one property changed.
func list(t *testing.T, job map[string]any, name string, value any) []byte {
	t.Helper()
	changed := maps.Clone(job)
	changed[name] = value
	body, err := json.Marshal(map[string]any{"results": []any{changed}})
	require.NoError(t, err)
	return body
}
