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

// TestRecorder_findsWrongResponses spoils a good answer in every property that it has: a check that
// finds nothing is worth something only if it would have found that.
func TestRecorder_findsWrongResponses(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	for _, s := range scenarios() {
		t.Run(string(s.place), func(t *testing.T) {
			t.Parallel()
			client, record := newClient(t, newServer(t))
			_, err := s.jobs(client, s.scope.Project(), s.scope.Cluster()).List(t.Context(), restorejobs.ListOptions{})
			require.NoError(t, err)
			seen := record.take()
			good := seen[len(seen)-1]
			job := decode(t, good.received)["results"].([]any)[0].(map[string]any)
			sees := func(at, rule string, change func(x *exchange)) {
				bad := *good
				bad.header = good.header.Clone()
				change(&bad)
				_, found, err := d.check(&bad)
				require.NoError(t, err)
				assert.True(t, slices.ContainsFunc(untolerated(found), func(f finding) bool { return f.at == at && f.rule == rule }),
					"%s at %s is not seen: %v", rule, at, found)
			}
			for name := range job {
				if slices.ContainsFunc(tolerated, func(e difference) bool { return e.at == "/"+name }) {
					continue
				}
				sees("/"+name, "type", func(x *exchange) { x.received = list(t, job, name, json.Number("1.5")) })
				sees("/"+name, "nullable", func(x *exchange) { x.received = list(t, job, name, nil) })
			}
			sees("/unheardOf", "properties", func(x *exchange) { x.received = list(t, job, "unheardOf", 1) })
			sees("/results", "required", func(x *exchange) { x.received = []byte(`{}`) })
			sees("/", "body", func(x *exchange) { x.received = []byte(`<html>`) })
			sees("/", "body", func(x *exchange) { x.header.Set("Content-Type", "application/json") })
			sees("GET 418", "status", func(x *exchange) { x.status = http.StatusTeapot })
			for _, accept := range []string{"application/json", "application/vnd.atlas.2020-01-01+json"} {
				sees("Accept", "media", func(x *exchange) {
					x.request = x.request.Clone(t.Context())
					x.request.Header.Set("Accept", accept)
				})
			}
			sees("unheardOf", "query", func(x *exchange) {
				x.request = x.request.Clone(t.Context())
				x.request.URL.RawQuery = "unheardOf=1"
			})
		})
	}
}

// list is a list of one job with one property changed.
func list(t *testing.T, job map[string]any, name string, value any) []byte {
	t.Helper()
	changed := maps.Clone(job)
	changed[name] = value
	body, err := json.Marshal(map[string]any{"results": []any{changed}})
	require.NoError(t, err)
	return body
}
