package restorejobs_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// scriptedAPI is an API in process that responds by a function of the test.
type scriptedAPI struct {
	handle func(n int, r *http.Request) (*http.Response, error) // n counts from 1

	mu    sync.Mutex
	start time.Time
	seen  []request
}

// request is one request that a service received.
type request struct {
	path  string // after the scope's own, with the query
	after time.Duration
}

func newScriptedAPI(handle func(n int, r *http.Request) (*http.Response, error)) *scriptedAPI {
	return &scriptedAPI{handle: handle, start: time.Now()}
}

func (s *scriptedAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	_, below, _ := strings.Cut(r.URL.Path, "/restoreJobs")
	if r.URL.RawQuery != "" {
		below += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	s.seen = append(s.seen, request{below, time.Since(s.start)})
	n := len(s.seen)
	s.mu.Unlock()
	resp, err := s.handle(n, r)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

func (s *scriptedAPI) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *scriptedAPI) paths() []string {
	var paths []string
	for _, a := range s.requests() {
		paths = append(paths, a.path)
	}
	return paths
}

// times are the times of the requests since the start.
func (s *scriptedAPI) times() []time.Duration {
	var times []time.Duration
	for _, a := range s.requests() {
		times = append(times, a.after)
	}
	return times
}

func (s *scriptedAPI) client(tb testing.TB) *restorejobs.Client {
	tb.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(s),
		restorejobs.WithBaseURL("https://api.example.net"))
	require.NoError(tb, err)
	return client
}

// cluster are the jobs of an Atlas cluster: the plainest scope.
func (s *scriptedAPI) cluster(tb testing.TB) *restorejobs.Jobs {
	tb.Helper()
	return s.client(tb).AtlasV2.Cluster("p", "c").Jobs
}

// manager are the jobs of an Ops Manager's cluster: those that come in batches.
func (s *scriptedAPI) manager(tb testing.TB) *restorejobs.Jobs {
	tb.Helper()
	return s.client(tb).OpsManager.Cluster("p", "c").Jobs
}

// bodies responds with one body after the other, then always with the last.
func bodies(each ...string) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		return testutil.JSON(http.StatusOK, each[min(n, len(each))-1]), nil
	}
}

const (
	cloudRunning  = `{"id":"a","deliveryType":"automated","deliveryUrl":[],"cancelled":false,"expired":false,"failed":false}`
	cloudFinished = `{"id":"a","deliveryType":"automated","deliveryUrl":[],"cancelled":false,"expired":false,"failed":false,"finishedAt":"2026-08-10T03:44:52Z"}`
)

// jobList responds to lists and gets of the jobs that it holds, newest first.
type jobList struct {
	ids     []string
	body    func(id string) string // of one job
	largest int                    // page that is returned, 0 for the requested size
	refuses int                    // pages larger than this are refused, 0 for none
	hidden  map[string]bool        // not in the list, although they exist
	unseen  func() bool            // while the jobs are not visible yet
}

func (l *jobList) isUnseen() bool { return l.unseen != nil && l.unseen() }

func (l *jobList) handle(_ int, r *http.Request) (*http.Response, error) {
	_, id, one := strings.Cut(r.URL.Path, "/restoreJobs/")
	if one {
		if l.isUnseen() || !slices.Contains(l.ids, id) {
			return testutil.APIError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND"), nil
		}
		return testutil.JSON(http.StatusOK, l.body(id)), nil
	}
	query := r.URL.Query()
	size, number := intOr(query.Get("itemsPerPage"), 100), intOr(query.Get("pageNum"), 1)
	if l.refuses > 0 && size > l.refuses {
		return testutil.APIError(http.StatusBadRequest, "INVALID_QUERY_PARAMETER"), nil
	}
	if l.largest > 0 {
		size = min(size, l.largest)
	}
	var shown []string
	for _, id := range l.ids {
		batch := query.Get("batchId")
		if !l.hidden[id] && !l.isUnseen() && (batch == "" || strings.Contains(l.body(id), `"batchId":"`+batch+`"`)) {
			shown = append(shown, id)
		}
	}
	first, last := min((number-1)*size, len(shown)), min(number*size, len(shown))
	links := `{"rel":"self","href":"x"}`
	if last < len(shown) {
		links += `,{"rel":"next","href":"x"}`
	}
	results := make([]string, 0, last-first)
	for _, id := range shown[first:last] {
		results = append(results, l.body(id))
	}
	return testutil.JSON(http.StatusOK, `{"links":[`+links+`],"results":[`+strings.Join(results, ",")+`]}`), nil
}

func intOr(text string, missing int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return missing
}

// numberedIDs returns n ids, as an ObjectID is written.
func numberedIDs(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%0*d", prefix, 24-len(prefix), i)
	}
	return ids
}

// managerJob is a job whose state is all that a wait needs: it has neither a file nor a target.
func managerJob(id, batch, status string) string {
	job := fmt.Sprintf(`{"id":%q,"statusName":%q,"delivery":{"methodName":"QUERY"}`, id, status)
	if batch != "" {
		job += fmt.Sprintf(`,"batchId":%q`, batch)
	}
	return job + "}"
}
