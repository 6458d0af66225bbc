package contract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// wireVariable is the environment variable with the folder of recorded responses.
const wireVariable = "RESTOREJOBS_WIRE"

// recordedChallenge is the file with the response to a request without credentials.
const recordedChallenge = "error-unauthorized-without-code.http"

// recording is one recorded response, read with net/http only.
type recording struct {
	raw    []byte
	status int
	header http.Header
	body   []byte
}

// wireCall is one recorded call about a resource of a cluster.
type wireCall struct {
	file    string
	verb    string // get, list or create
	flex    bool
	project string
	cluster string
	id      string // of the resource; empty for a list
}

func (w *wireCall) source(client *restorejobs.Client) *restorejobs.Source {
	if w.flex {
		return client.AtlasV2.Flex(w.project, w.cluster)
	}
	return client.AtlasV2.Cluster(w.project, w.cluster)
}

// pathOf returns the recorded path of a kind of resource.
func (w *wireCall) pathOf(resource string) string {
	kind := "clusters"
	if w.flex {
		kind = "flexClusters"
	}
	path := "/api/atlas/v2/groups/" + w.project + "/" + kind + "/" + w.cluster + "/backup/" + resource
	if w.verb == "get" {
		path += "/" + w.id
	}
	return path
}

// openWire reads all recorded responses by file name, or skips the test if the variable is not set.
func openWire(t *testing.T) map[string]*recording {
	t.Helper()
	folder := os.Getenv(wireVariable)
	if folder == "" {
		t.Skipf("nothing is checked: set %s to the folder of the recorded responses, which are not part of this repository", wireVariable)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.http"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "%s has no recorded responses", wireVariable)
	all := map[string]*recording{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		name := filepath.Base(file)
		all[name] = newRecording(t, name, raw)
	}
	return all
}

func newRecording(t *testing.T, name string, raw []byte) *recording {
	t.Helper()
	head, body, found := bytes.Cut(raw, []byte("\n\n"))
	require.True(t, found, "%s: no empty line after the headers", name)
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	require.NoError(t, err, name)
	require.NoError(t, resp.Body.Close())
	if length := resp.Header.Get("Content-Length"); length != "" {
		n, err := strconv.Atoi(length)
		require.NoError(t, err, name)
		require.GreaterOrEqual(t, len(body), n, "%s: the body is truncated", name)
		body = body[:n]
	}
	require.NotContains(t, string(head), "\r", name)
	return &recording{
		raw:    raw,
		status: resp.StatusCode,
		header: resp.Header,
		body:   body,
	}
}

// replay serves recordings to one client, and records its requests and attempts.
type replay struct {
	t         *testing.T
	challenge *recording
	client    *restorejobs.Client

	mu        sync.Mutex
	responses []*recording // the last one is repeated
	requests  []*http.Request
	attempts  []restorejobs.Attempt
}

// replays has the ways in which a client is served.
var replays = map[string]func(r *replay, opts ...restorejobs.Option){
	"in process": (*replay).inProcess,
	"loopback":   (*replay).loopback,
}

// replayed runs check once for each way, with a client that gets the recorded responses in order.
func replayed(t *testing.T, wire map[string]*recording, files []string, check func(r *replay)) {
	t.Helper()
	for name, start := range replays {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReplay(t, wire, files)
			start(r)
			check(r)
		})
	}
}

func newReplay(t *testing.T, wire map[string]*recording, files []string) *replay {
	t.Helper()
	r := &replay{t: t, challenge: wire[recordedChallenge]}
	require.NotNil(t, r.challenge, recordedChallenge)
	for _, file := range files {
		require.Contains(t, wire, file)
		r.responses = append(r.responses, wire[file])
	}
	return r
}

// next returns the response to a request: the recorded challenge if it has no credentials.
func (r *replay) next(req *http.Request) *recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Header.Get("Authorization") == "" {
		return r.challenge
	}
	r.requests = append(r.requests, req)
	resp := r.responses[0]
	if len(r.responses) > 1 {
		r.responses = r.responses[1:]
	}
	return resp
}

// RoundTrip implements [http.RoundTripper] with the recorded responses.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	return http.ReadResponse(bufio.NewReader(bytes.NewReader(r.next(req).raw)), req)
}

func (r *replay) inProcess(opts ...restorejobs.Option) {
	r.connect(append(opts, restorejobs.WithTransport(r))...)
}

// loopback writes the recorded bytes to a connection. Only the protocol in the status line differs.
func (r *replay) loopback(opts ...restorejobs.Option) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		recorded := r.next(req)
		connection, buffered, err := http.NewResponseController(w).Hijack()
		if !assert.NoError(r.t, err) {
			return
		}
		_, err = buffered.Write(bytes.Replace(recorded.raw, []byte("HTTP/2.0"), []byte("HTTP/1.1"), 1))
		assert.NoError(r.t, err)
		assert.NoError(r.t, buffered.Flush())
		_ = connection.Close()
	}))
	r.t.Cleanup(server.Close)
	transport := &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext}
	r.connect(append(opts, restorejobs.WithTransport(transport), restorejobs.WithBaseURL(server.URL))...)
}

func (r *replay) connect(opts ...restorejobs.Option) {
	r.t.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("wirepubl", "31c2a4e6-9d0b-4f7a-8a51-6be0c1d2f3a4"), append(opts,
		restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}),
		restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.attempts = append(r.attempts, e)
		}))...)
	require.NoError(r.t, err)
	r.client = client
}

// observed checks that one attempt was reported, with the values of the response headers.
func (r *replay) observed(recorded *recording, method, path string, err error) {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(r.t, r.attempts, 1)
	seen := r.attempts[0]
	r.attempts = nil
	assert.Equal(r.t, method, seen.Method)
	assert.Equal(r.t, path, seen.Path)
	assert.NotEmpty(r.t, seen.Operation)
	assert.Equal(r.t, 1, seen.Number)
	assert.Contains(r.t, []int{1, 2}, seen.HTTPRequests)
	assert.Equal(r.t, recorded.status, seen.StatusCode)
	assert.Equal(r.t, recorded.header.Get("X-Mongodb-Service-Version"), seen.ServiceVersion)
	assert.Equal(r.t, headerCount(r.t, recorded.header, "Ratelimit-Limit"), seen.RateLimit.Limit)
	assert.Equal(r.t, headerCount(r.t, recorded.header, "Ratelimit-Remaining"), seen.RateLimit.Remaining)
	assert.Empty(r.t, recorded.header.Values("Retry-After"), "no recorded response had one before: compare it")
	assert.Zero(r.t, seen.RateLimit.RetryAfter)
	assert.Equal(r.t, recordedRequestID(recorded.header), seen.RequestID)
	assert.Equal(r.t, headerDate(r.t, recorded.header, "Deprecation"), seen.Deprecation)
	assert.Equal(r.t, headerDate(r.t, recorded.header, "Sunset"), seen.Sunset)
	if recorded.status < http.StatusBadRequest {
		require.NoError(r.t, err)
		require.NoError(r.t, seen.Err)
		return
	}
	require.Error(r.t, err)
	var apiErr *restorejobs.Error
	require.ErrorAs(r.t, seen.Err, &apiErr)
	assert.Equal(r.t, recorded.status, apiErr.StatusCode)
}

// sent returns the last request with credentials.
func (r *replay) sent() *http.Request {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NotEmpty(r.t, r.requests)
	return r.requests[len(r.requests)-1]
}

// headerCount returns the number in a header, or -1 without the header.
func headerCount(t *testing.T, header http.Header, name string) int {
	t.Helper()
	text := header.Get(name)
	if text == "" {
		return -1
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// headerDate returns the date in a header, or zero without the header. The recorded days have one or
// two digits.
func headerDate(t *testing.T, header http.Header, name string) time.Time {
	t.Helper()
	text := header.Get(name)
	if text == "" {
		return time.Time{}
	}
	date, err := time.Parse("Mon, 2 Jan 2006 15:04:05 GMT", text)
	require.NoError(t, err)
	return date
}

func recordedRequestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Envoy-Request-Id", "X-Correlation-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// Every recorded response is in exactly one row of the tables.
func TestWire_everyFileHasARow(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	var rows []string
	for _, row := range wireJobs() {
		rows = append(rows, row.file)
	}
	for _, row := range wireSnapshots() {
		rows = append(rows, row.file)
	}
	for _, row := range wireErrors() {
		rows = append(rows, row.file)
	}
	for _, row := range wireFree() {
		rows = append(rows, row.file)
	}
	slices.Sort(rows)
	assert.Equal(t, rows, slices.Compact(slices.Clone(rows)), "a file has several rows")
	for _, row := range rows {
		assert.Contains(t, wire, row, "a row without a file")
	}
	for name := range wire {
		assert.Contains(t, rows, name, "a file without a row")
	}
}

// wireContext limits a call to a minute.
func wireContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// recordedVersion returns the version date in the media type of a response, or "".
func recordedVersion(header http.Header) string {
	_, rest, found := strings.Cut(header.Get("Content-Type"), "application/vnd.atlas.")
	if !found {
		return ""
	}
	date, _, _ := strings.Cut(rest, "+")
	return date
}

// recordedValue is a value of the library that was read from a recorded response.
type recordedValue interface {
	RawJSON() []byte
}

// sameValue compares every exported field of a value, its bytes and its JSON.
func sameValue(t *testing.T, raw []byte, expected, got recordedValue) {
	t.Helper()
	require.NotNil(t, got)
	want := reflect.ValueOf(expected).Elem()
	have := reflect.ValueOf(got).Elem()
	for i := range want.NumField() {
		if field := want.Type().Field(i); field.IsExported() {
			assert.Equal(t, want.Field(i).Interface(), have.Field(i).Interface(), field.Name)
		}
	}
	assert.Equal(t, string(raw), string(got.RawJSON()))
	marshalled, err := json.Marshal(got)
	require.NoError(t, err)
	assert.JSONEq(t, string(raw), string(marshalled))
}
