package restorejobs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// everyOperation calls each operation that a row has, and returns what was sent.
func everyOperation(t *testing.T, r row, server *restorejobstest.Server, opts ...restorejobs.Option) []restorejobstest.Request {
	t.Helper()
	jobs := jobsOf(t, server, r.scope, opts...)
	page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, r.scope.Jobs(), restorejobs.JobIDs(page.Jobs))
	job, err := jobs.Get(t.Context(), r.scope.Jobs()[0])
	require.NoError(t, err)
	assert.Equal(t, r.scope.Jobs()[0], job.ID)
	_, err = jobs.Get(t.Context(), "5ba5e0000000000000009999")
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
	var apiErr *restorejobs.Error
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, http.StatusNotFound, apiErr.StatusCode)
	assert.NotEmpty(t, apiErr.Code)

	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]), oneDownload)
	require.NoError(t, err)
	require.Len(t, created, 1)
	if r.cancel {
		require.NoError(t, jobs.Cancel(t.Context(), created[0].ID))
	}
	if r.ranges {
		ranges, err := jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err)
		assert.Len(t, ranges, 1)
	}
	return server.Requests()
}

// TestWithAtlasAPIVersion_everyOperation: the date that was requested is that of every operation
// of Atlas v2, in both headers, and of no other variant.
func TestWithAtlasAPIVersion_everyOperation(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, _ *restorejobs.Jobs) {
		want := plainJSON
		if strings.HasPrefix(r.name, "AtlasV2") {
			want = "application/vnd.atlas.2025-02-19+json"
		}
		for _, request := range everyOperation(t, r, server, restorejobs.WithAtlasAPIVersion("2025-02-19")) {
			assert.Equal(t, []string{want}, request.Header.Values("Accept"), request.Method)
			if len(request.Body) > 0 {
				assert.Equal(t, []string{want}, request.Header.Values("Content-Type"))
			} else {
				assert.Empty(t, request.Header.Values("Content-Type"), request.Method)
			}
		}
	})
}

// TestWithAtlasAPIVersion_do: it is that of a free call too, where that goes to Atlas v2.
func TestWithAtlasAPIVersion_do(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/api/atlas/v2/groups":     "application/vnd.atlas.2025-02-19+json",
		"/api/atlas/v2":            "application/vnd.atlas.2025-02-19+json",
		"/api/atlas/v1.0/groups":   plainJSON,
		"/api/public/v1.0/groups":  plainJSON,
		"/api/atlas/v2x/something": plainJSON,
	} {
		var accept []string
		client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithAtlasAPIVersion("2025-02-19"),
			restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				accept = r.Header.Values("Accept")
				return testutil.JSON(http.StatusOK, "{}"), nil
			})))
		require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, nil))
		assert.Equal(t, []string{want}, accept, path)
	}
}

// TestWithEnvelope_everyOperation, in every form of envelope that is known.
func TestWithEnvelope_everyOperation(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]restorejobstest.Option{
		"content":   nil,
		"envelope":  {restorejobstest.WithEnvelopeKey("envelope")},
		"status OK": {restorejobstest.WithEnvelopeStatusOK()},
	} {
		for _, r := range rows() {
			t.Run(name+" of "+r.name, func(t *testing.T) {
				t.Parallel()
				server := restorejobstest.NewServer(opts...)
				t.Cleanup(server.Close)
				for _, request := range everyOperation(t, r, server, restorejobs.WithEnvelope(), restorejobs.WithPrettyJSON()) {
					assert.Equal(t, "envelope=true&pretty=true", request.Query, request.Method)
				}
			})
		}
	}
}

// TestList_includeCount can be left out, true or false.
func TestList_includeCount(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	forEachRow(t, func(t *testing.T, _ row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		for query, include := range map[string]*bool{"": nil, "includeCount=true": &yes, "includeCount=false": &no} {
			page, err := jobs.List(t.Context(), restorejobs.ListOptions{IncludeCount: include})
			require.NoError(t, err)
			requests := server.Requests()
			assert.Equal(t, query, requests[len(requests)-1].Query)
			assert.Equal(t, include == &no, page.TotalCount == -1)
		}
	})
}
