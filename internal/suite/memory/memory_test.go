package memory_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// clientFor returns a client whose responses have a body of a length, -1 for an unknown one.
func clientFor(t *testing.T, respond func(r *http.Request) (status int, body io.Reader, length int64)) *restorejobs.Client {
	t.Helper()
	transport := func(r *http.Request) (*http.Response, error) {
		status, body, length := respond(r)
		resp := testutil.JSON(status, "")
		resp.Body = io.NopCloser(body)
		resp.ContentLength = length
		return resp, nil
	}
	return clienttest.New(t, clienttest.Bearer("t"),
		restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}),
		restorejobs.WithTransport(testutil.RoundTripFunc(transport)))
}

// A response without an end needs a few times the limit, however much is sent.
//
//nolint:paralleltest // measures the whole process
func TestMemory_largeResponses(t *testing.T) {
	testutil.SkipUnderRace(t)
	const limit = 1 << 20
	bomb := string(testutil.Gzip(`{"id":"` + strings.Repeat("a", 16<<20) + `"}`))
	huge := func(w http.ResponseWriter, r *http.Request) { // announces a terabyte, and ends after a byte
		testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n{")(w, r)
	}
	for _, test := range []struct {
		name  string
		serve http.HandlerFunc
		limit int64
		most  uint64
	}{
		{"an endless body", testutil.RespondEndlessly, limit, 24 * limit},
		{"a gzip bomb", testutil.RespondEncoded("gzip", bomb), limit, 24 * limit},
		{"an endless error", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			testutil.RespondEndlessly(w, r)
		}, limit, 24 * limit},
		{"a gzip bomb as an error", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, bomb)
		}, limit, 24 * limit},
		{"an endless challenge", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
			w.WriteHeader(http.StatusUnauthorized)
			testutil.RespondEndlessly(w, r)
		}, limit, 24 * limit},
		{"a wrong length", huge, 1 << 42, 24 * limit},
		{"deep nesting", testutil.Respond(http.StatusOK, strings.Repeat("[", 1<<20), "Content-Type", clienttest.JSONType), 2 * limit, 24 * limit},
		{"a list of empty entries", testutil.Respond(http.StatusOK, `{"results":[`+strings.Repeat("{},", 1<<18)+`{}]}`, "Content-Type", clienttest.JSONType), limit, 24 * limit},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := testutil.NewServer(t, test.serve)
			client := clienttest.New(t, restorejobs.APIKey("public", "private"), restorejobs.WithBaseURL(server.URL),
				restorejobs.WithMaxResponseBytes(test.limit), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
			var err error
			used := testutil.Allocated(func() { err = clienttest.Get(clienttest.ShortContext(t), client) })
			require.Error(t, err)
			t.Logf("%d KiB allocated, server and all: %v", used>>10, err)
			assert.Less(t, used, test.most)
		})
	}
}

// A list of empty entries ends early: a job needs hundreds of times the memory of a digit on the wire.
//
//nolint:paralleltest // measures the whole process
func TestMemory_listOfEmptyEntries(t *testing.T) {
	testutil.SkipUnderRace(t)
	const limit = 1 << 20
	for _, call := range clienttest.Calls() {
		bare := `%s`
		switch call.Name {
		case "List", "All", "AllSnapshots", "AllCollectionJobs", "AllRestoredCollections", "AllDatabases", "Create":
			bare = `{"results":%s}`
		case "RestorableTimeRanges":
		default:
			continue
		}
		for _, entry := range []string{"0,", "{},", "null,"} {
			t.Run(call.Name+" "+entry, func(t *testing.T) {
				body := fmt.Sprintf(bare, "["+strings.Repeat(entry, (limit-100)/len(entry))+"0]")
				server := testutil.NewServer(t, testutil.Respond(http.StatusOK, body, "Content-Type", clienttest.JSONType))
				client := clienttest.ForServer(t, server, restorejobs.WithMaxResponseBytes(limit))
				var err error
				used := testutil.Allocated(func() { err = call.Run(clienttest.ShortContext(t), client) })
				require.ErrorContains(t, err, "more than 5000 entries")
				require.ErrorContains(t, err, "for the limit of 1048576 bytes, see WithMaxResponseBytes")
				assert.Equal(t, call.Name == "Create", errors.Is(err, restorejobs.ErrOutcomeUnknown))
				assert.Less(t, used, uint64(24*limit))
				assert.Len(t, server.Requests(), 1, "a retry would receive the same list")
			})
		}
	}
}

// A higher limit permits more entries.
func TestWithMaxResponseBytes_entries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int64
		jobs  int
	}{{1 << 20, 5000}, {8 << 20, 8192}} {
		for _, extra := range []int{0, 1} {
			server := testutil.NewServer(t, testutil.Respond(http.StatusOK, `{"results":[`+strings.Repeat(`{"id":"1"},`, c.jobs+extra-1)+`{"id":"2"}]}`, "Content-Type", clienttest.JSONType))
			page, err := clienttest.ForServer(t, server, restorejobs.WithMaxResponseBytes(c.limit)).
				OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.List(clienttest.ShortContext(t), restorejobs.ListOptions{})
			if extra > 0 {
				require.ErrorContains(t, err, fmt.Sprintf("more than %d entries", c.jobs))
				continue
			}
			require.NoError(t, err)
			assert.Len(t, page.Jobs, c.jobs)
		}
	}
}

// A response of small entries is held in at most twenty times its size.
//
//nolint:paralleltest // measures the whole process
func TestMemory_listsInJobs(t *testing.T) {
	testutil.SkipUnderRace(t)
	const size = 1 << 20
	for _, c := range []struct {
		name   string
		status int
		body   string // with %s for a list
		entry  string
	}{
		{"components", 200, `{"id":"1","components":%s}`, "0,"},
		{"components, empty", 200, `{"id":"1","components":%s}`, "{},"},
		{"components, short", 200, `{"id":"1","components":%s}`, `{"downloadUrl":1},`},
		{"hashes", 200, `{"id":"1","hashes":%s}`, "0,"},
		{"hashes, empty", 200, `{"id":"1","hashes":%s}`, "{},"},
		{"hashes, short", 200, `{"id":"1","hashes":%s}`, `{"hash":1},`},
		{"hashes with a link", 200, `{"id":"1","hashes":%s}`, `{"links":[0]},`},
		{"hashes with links", 200, `{"id":"1","hashes":%s}`, `{"links":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]},`},
		{"links", 200, `{"id":"1","links":%s}`, "0,"},
		{"links of a hash", 200, `{"id":"1","hashes":[{"links":%s}]}`, "0,"},
		{"private links", 200, `{"id":"1","privateDownloadDeliveryUrls":%s}`, "0,"},
		{"private links of a component", 200, `{"id":"1","components":[{"privateDownloadDeliveryUrls":%s}]}`, "0,"},
		{"links of downloads", 200, `{"id":"1","deliveryUrl":%s}`, "0,"},
		{"a list of jobs with lists", 200, `{"results":%s}`, `{"id":"1","links":[` + hundredZeros + `],"hashes":[` + hundredZeros + `],"components":[` + hundredZeros +
			`],"deliveryUrl":[` + hundredZeros + `],"privateDownloadDeliveryUrls":[` + hundredZeros + `]},`},
		{"violations", 400, `{"errorCode":"X","badRequestDetail":{"fields":%s}}`, "0,"},
		{"violations, empty", 400, `{"errorCode":"X","badRequestDetail":{"fields":%s}}`, "{},"},
		{"parameters", 400, `{"errorCode":"X","parameters":%s}`, "0,"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := fmt.Sprintf(c.body, "["+strings.TrimSuffix(strings.Repeat(c.entry, (size-200)/len(c.entry)), ",")+"]")
			server := testutil.NewServer(t, testutil.Respond(c.status, body, "Content-Type", clienttest.JSONType))
			jobs := clienttest.ForServer(t, server).OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs
			before := heap()
			var job *restorejobs.Job
			var page *restorejobs.JobPage
			var err error
			if strings.HasPrefix(c.body, `{"results"`) {
				page, err = jobs.List(clienttest.ShortContext(t), restorejobs.ListOptions{})
			} else {
				job, err = jobs.Get(clienttest.ShortContext(t), "1")
			}
			held := heap() - before
			t.Logf("%d bytes are held as %d KiB", len(body), held>>10)
			assert.Less(t, held, int64(20*size))
			require.Equal(t, c.status != 200, err != nil)
			if job != nil {
				assert.Equal(t, body, string(job.RawJSON()), "nothing is lost")
			}
			runtime.KeepAlive([]any{job, page, err})
		})
	}
}

// heap returns the bytes in use, without those in pools.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// hundredZeros are the shortest entries.
var hundredZeros = strings.TrimSuffix(strings.Repeat("0,", 100), ",")
