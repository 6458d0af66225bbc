package restorejobs_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// service is an API in process that responds by a function of the test.
type service struct {
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

func newService(handle func(n int, r *http.Request) (*http.Response, error)) *service {
	return &service{handle: handle, start: time.Now()}
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
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

func (s *service) requests() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *service) paths() []string {
	var paths []string
	for _, a := range s.requests() {
		paths = append(paths, a.path)
	}
	return paths
}

// times are the times of the requests since the start.
func (s *service) times() []time.Duration {
	var times []time.Duration
	for _, a := range s.requests() {
		times = append(times, a.after)
	}
	return times
}

func (s *service) client(tb testing.TB) *restorejobs.Client {
	tb.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(s),
		restorejobs.WithBaseURL("https://api.example.net"))
	require.NoError(tb, err)
	return client
}

// cluster are the jobs of an Atlas cluster: the plainest scope.
func (s *service) cluster(tb testing.TB) *restorejobs.Jobs {
	tb.Helper()
	return s.client(tb).AtlasV2.Cluster("p", "c").Jobs
}

// manager are the jobs of an Ops Manager's cluster: those that come in batches.
func (s *service) manager(tb testing.TB) *restorejobs.Jobs {
	tb.Helper()
	return s.client(tb).OpsManager.Cluster("p", "c").Jobs
}

// respond returns a response; header are names and values in turn.
func respond(status int, body string, header ...string) (*http.Response, error) {
	h := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{
		StatusCode: status, Header: h, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

// refuse returns an error of the API.
func refuse(status int, code string) (*http.Response, error) {
	return respond(status, fmt.Sprintf(`{"error":%d,"errorCode":%q,"detail":"as scripted"}`, status, code))
}

// bodies responds with one body after the other, then always with the last.
func bodies(each ...string) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		return respond(http.StatusOK, each[min(n, len(each))-1])
	}
}

const (
	cloudRunning  = `{"id":"a","deliveryType":"automated","deliveryUrl":[],"cancelled":false,"expired":false,"failed":false}`
	cloudFinished = `{"id":"a","deliveryType":"automated","deliveryUrl":[],"cancelled":false,"expired":false,"failed":false,"finishedAt":"2026-08-10T03:44:52Z"}`
)

// listing responds to lists and gets of the jobs that it holds, newest first.
type listing struct {
	ids     []string
	body    func(id string) string // of one job
	largest int                    // page that is returned, 0 for the requested size
	refuses int                    // pages larger than this are refused, 0 for none
	hidden  map[string]bool        // not in the list, although they exist
	unseen  func() bool            // while the jobs are not visible yet
}

func (l *listing) isUnseen() bool { return l.unseen != nil && l.unseen() }

func (l *listing) handle(_ int, r *http.Request) (*http.Response, error) {
	_, id, one := strings.Cut(r.URL.Path, "/restoreJobs/")
	if one {
		if l.isUnseen() || !slices.Contains(l.ids, id) {
			return refuse(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND")
		}
		return respond(http.StatusOK, l.body(id))
	}
	query := r.URL.Query()
	size, number := whole(query.Get("itemsPerPage"), 100), whole(query.Get("pageNum"), 1)
	if l.refuses > 0 && size > l.refuses {
		return refuse(http.StatusBadRequest, "INVALID_QUERY_PARAMETER")
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
	return respond(http.StatusOK, `{"links":[`+links+`],"results":[`+strings.Join(results, ",")+`]}`)
}

func whole(text string, missing int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return missing
}

// numbered are n ids, as an ObjectID is written.
func numbered(prefix string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s%0*d", prefix, 24-len(prefix), i)
	}
	return ids
}

func managerJob(id, batch, status string) string {
	job := fmt.Sprintf(`{"id":%q,"statusName":%q,"delivery":{"methodName":"HTTP","targetClusterId":"t","targetGroupId":"g"}`, id, status)
	if batch != "" {
		job += fmt.Sprintf(`,"batchId":%q`, batch)
	}
	return job + "}"
}
