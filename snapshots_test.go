package restorejobs_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// snapshotService responds to requests about snapshots by method and path below the cluster, as in
// "GET /backup/snapshots". Any other request gets 404. It records the requests with their queries.
type snapshotService struct {
	mu        sync.Mutex
	responses map[string]func(r *http.Request) *http.Response
	seen      []string
}

func newSnapshotService() *snapshotService {
	return &snapshotService{responses: map[string]func(r *http.Request) *http.Response{}}
}

// on sets the response to a request.
func (s *snapshotService) on(request string, status int, body string) {
	s.responses[request] = func(*http.Request) *http.Response { return testutil.JSON(status, body) }
}

func (s *snapshotService) RoundTrip(r *http.Request) (*http.Response, error) {
	_, below, _ := strings.Cut(r.URL.Path, "/groups/p/")
	_, below, _ = strings.Cut(below, "/c/")
	request := r.Method + " /" + below
	s.mu.Lock()
	seen := request
	if r.URL.RawQuery != "" {
		seen += "?" + r.URL.RawQuery
	}
	s.seen = append(s.seen, seen)
	respond := s.responses[request]
	s.mu.Unlock()
	resp := testutil.APIError(http.StatusNotFound, "SNAPSHOT_NOT_FOUND")
	if respond != nil {
		resp = respond(r)
	}
	resp.Request = r
	return resp, nil
}

func (s *snapshotService) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

func (s *snapshotService) client(tb testing.TB) *restorejobs.Client {
	tb.Helper()
	return clienttest.New(tb, clienttest.Bearer("t"), restorejobs.WithTransport(s), restorejobs.WithBaseURL("https://api.example.net"))
}

// sharded are the snapshots of an Atlas cluster.
func (s *snapshotService) atlas(tb testing.TB) *restorejobs.Snapshots {
	tb.Helper()
	return s.client(tb).AtlasV2.Cluster("p", "c").Snapshots
}

func TestSnapshotsGet_everySource(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		service := newSnapshotService()
		_, suffix, _ := strings.Cut(r.path, "/C/")
		path := strings.Replace(suffix, "restoreJobs", "snapshots", 1)
		service.on("GET /"+path+"/S", http.StatusOK, `{"id":"S","status":"completed","complete":true}`)
		snapshot, err := sourceWith(t, r.scope, service).Snapshots.Get(t.Context(), "S")
		require.NoError(t, err, r.name)
		assert.Equal(t, "S", snapshot.ID)
		assert.True(t, snapshot.IsRestorable())
		assert.Equal(t, []string{"GET /" + path + "/S"}, service.requests(), r.name)
	}
}

// sourceWith is the source of a scope with the IDs p and c.
func sourceWith(t *testing.T, scope restorejobstest.Scope, transport http.RoundTripper) *restorejobs.Source {
	t.Helper()
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithTransport(transport), restorejobs.WithBaseURL("https://api.example.net"))
	parts := strings.Split(scope.Ref(), "/")
	source, err := client.Source(strings.Join([]string{parts[0], parts[1], "p", parts[3], "c"}, "/"))
	require.NoError(t, err)
	return source
}

func TestSnapshotsGet_shardedCluster(t *testing.T) {
	t.Parallel()
	const sharded = "GET /backup/snapshots/shardedCluster/S"
	for _, status := range []int{http.StatusNotFound, http.StatusBadRequest} {
		service := newSnapshotService()
		service.on("GET /backup/snapshots/S", status, fmt.Sprintf(`{"error":%d,"errorCode":"A_CODE_FOR_IT"}`, status))
		service.on(sharded, http.StatusOK, `{"id":"S","status":"completed","type":"shardedCluster"}`)
		snapshot, err := service.atlas(t).Get(t.Context(), "S")
		require.NoError(t, err)
		assert.Equal(t, restorejobs.SnapshotOfShardedCluster, snapshot.Type)
		assert.Equal(t, []string{"GET /backup/snapshots/S", sharded}, service.requests())
	}
}

// TestSnapshotsGet_refusedTwice returns the refusal that is about the snapshot.
func TestSnapshotsGet_refusedTwice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, second, want string }{
		{"404 SNAPSHOT_NOT_FOUND", "404 RESOURCE_NOT_FOUND", "SNAPSHOT_NOT_FOUND"},
		{"404 SNAPSHOT_NOT_FOUND", "400 NOT_SHARDED", "SNAPSHOT_NOT_FOUND"},
		{"400 IS_SHARDED", "404 SNAPSHOT_NOT_FOUND", "SNAPSHOT_NOT_FOUND"},
		{"400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "400 CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"},
		{"404 SNAPSHOT_NOT_FOUND", "403 FORBIDDEN", "FORBIDDEN"},
		{"401 USER_UNAUTHORIZED", "", "USER_UNAUTHORIZED"},
	} {
		service := newSnapshotService()
		for path, text := range map[string]string{"/backup/snapshots/S": c.first, "/backup/snapshots/shardedCluster/S": c.second} {
			var status int
			var code string
			_, _ = fmt.Sscanf(text, "%d %s", &status, &code)
			if text != "" {
				service.on("GET "+path, status, fmt.Sprintf(`{"error":%d,"errorCode":%q}`, status, code))
			}
		}
		_, err := service.atlas(t).Get(t.Context(), "S")
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, restorejobs.ErrorCode(c.want), apiErr.Code, "%+v", c)
	}
}

func TestSnapshotsGet_pageOfAProxy(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.responses["GET /backup/snapshots/S"] = func(*http.Request) *http.Response {
		return testutil.Response(http.StatusNotFound, "<html>starting</html>", "Content-Type", "text/html")
	}
	_, err := service.atlas(t).Get(t.Context(), "S")
	require.Error(t, err)
	assert.Len(t, service.requests(), 1, "a page of a proxy does not concern the topology")
}

func TestSnapshotsGet_invalidIDs(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	client := service.client(t)
	_, err := client.AtlasV2.Cluster("a/b", "").Snapshots.Get(t.Context(), "..")
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, part := range []string{"projectID", "cluster name", "snapshotID"} {
		require.ErrorContains(t, err, part)
	}
	assert.Empty(t, service.requests())
}

func TestSnapshots_printsTheReference(t *testing.T) {
	t.Parallel()
	snapshots := newSnapshotService().atlas(t)
	assert.Equal(t, "atlasv2/groups/p/clusters/c", snapshots.String())
	assert.Equal(t, "atlasv2/groups/p/clusters/c", fmt.Sprintf("%+v", snapshots))
	assert.Equal(t, slog.StringValue("atlasv2/groups/p/clusters/c"), snapshots.LogValue())
}
