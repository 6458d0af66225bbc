package restorejobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// clientWithoutRetries returns a client of a transport.
func clientWithoutRetries(tb testing.TB, f testutil.RoundTripFunc, opts ...Option) *Client {
	tb.Helper()
	key := APIKey("key-5d1e7c", "key-77c2b9") // in no body, where it would be redacted
	client, err := NewClient(key, append([]Option{
		WithBaseURL("https://api.example.com"), WithTransport(f), WithRetry(RetryPolicy{MaxRetries: -1}),
	}, opts...)...)
	require.NoError(tb, err)
	return client
}

// wrapped puts a document in a wrapper: %s stands for it.
func wrapped(format string, document []byte) []byte {
	return []byte(strings.Replace(format, "%s", string(bytes.TrimSpace(document)), 1))
}

func TestGet_envelopes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, inner string }{
		"content":          {"envelopes/content.json", "classic/cloudmanager_job.json"},
		"envelope":         {"envelopes/envelope.json", "classic/opsmanager_host_job.json"},
		"flex, two status": {"envelopes/flex_in_content.json", "flex/created.json"},
		"no envelope":      {"cloud/atlasv2_job.json", "cloud/atlasv2_job.json"},
		"flex without":     {"flex/completed.json", "flex/completed.json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clientWithoutRetries(t, testutil.Always(200, string(bodyFile(t, c.file))))
			var inner struct{ ID string }
			require.NoError(t, json.Unmarshal(bodyFile(t, c.inner), &inner))
			job, err := client.AtlasV2.Flex("p", "c").Jobs.Get(t.Context(), inner.ID)
			require.NoError(t, err)
			assert.JSONEq(t, string(bodyFile(t, c.inner)), string(job.RawJSON()))
			assert.Equal(t, jobFiles[c.inner].state, job.State())

			created, err := client.AtlasV2.Flex("p", "c").Jobs.Create(t.Context(), FromSnapshot("s"), ToCluster("", "c"))
			require.NoError(t, err)
			assert.Equal(t, []*Job{job}, created)

			var free json.RawMessage
			require.NoError(t, client.Do(t.Context(), http.MethodGet, "/api/x", nil, &free))
			assert.JSONEq(t, string(bodyFile(t, c.inner)), string(free), "Do opens envelopes too")
		})
	}
}

func TestGet_envelopeShapes(t *testing.T) {
	t.Parallel()
	for body, id := range map[string]string{
		`{"status":200,"content":{"id":"1"}}`:                               "1",
		`{"content":{"id":"1"},"status":200}`:                               "1",
		`{ "status" : 2.0e2 , "content" : { "id" : "1" } }`:                 "1",
		`{"status":200,"envelope":{"id":"1"}}`:                              "1",
		`{"status":201,"content":{"id":"1","status":"PENDING"}}`:            "1",
		`{"status":200,"content":{"id":"1","status":3}}`:                    "1",
		`{"status":200,"content":{"id":"1","content":{"id":"2"}}}`:          "1",
		`{"status":200,"new":[{"id":"3"}],"content":{"id":"1"},"links":[]}`: "1",
		`{"id":"1","status":"COMPLETED","content":{"id":"2"}}`:              "1",
		`{"id":"1","status":"404"}`:                                         "1",
		`{"id":"1","content":{"id":"2"}}`:                                   "1",
		`{"id":"1","error":"text"}`:                                         "1",
		`{"id":"1","error":0,"errorCode":null}`:                             "1",
		`{"id":"1","results":7}`:                                            "1",
		`{"id":"1","status":200}`:                                           "1",
		`{"id":"1","status":null,"error":null}`:                             "1",
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		job, err := client.CloudManager.Cluster("p", "c").Jobs.Get(t.Context(), id)
		require.NoError(t, err, body)
		assert.Equal(t, id, job.ID, body)
	}
	for body, says := range map[string]string{
		`{"status":200}`:                 "the envelope is empty",
		`{"status":200,"content":null}`:  "not a JSON object",
		`{"status":200,"content":[]}`:    "not a JSON object",
		`{"status":200,"envelope":"x"}`:  "not a JSON object",
		`{"status":200,"content":{]}`:    "invalid JSON",
		`{"status":200,"content":{"id":`: "unexpected end",
		"{\"id\":\"1\"}\v":               "invalid JSON", // white space elsewhere, but not in JSON
		"\u00a0{\"id\":\"1\"}":           "invalid JSON",
		"\f":                             "invalid JSON",
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		_, err := client.CloudManager.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		require.ErrorContains(t, err, says, body)
	}
}

func TestList_envelopes(t *testing.T) {
	t.Parallel()
	const jobs = `"results":[{"id":"1","status":"FAILED"},{"id":"2","results":[],"content":{}}]`
	for body, c := range map[string]struct {
		total int
		next  bool
	}{
		`{` + jobs + `}`: {-1, false},
		`{"status":200,` + jobs + `,"totalCount":7,"links":[{"rel":"next"}]}`:                        {7, true},
		`{"links":[{"rel":"self"}],"totalCount":2,` + jobs + `,"status":200}`:                        {2, false},
		`{"status":200,"content":{` + jobs + `,"totalCount":7,"links":[{"href":"x","rel":"next"}]}}`: {7, true},
		`{"status":200,"envelope":{` + jobs + `,"totalCount":2}}`:                                    {2, false},
		`{"content":{` + jobs + `},"status":200,"totalCount":2}`:                                     {2, false},
		`{"content":null,` + jobs + `,"envelope":{}}`:                                                {-1, false},
		`{"content":{"status":"x",` + jobs + `}}`:                                                    {-1, false},
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		page, err := client.OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.NoError(t, err, body)
		require.Len(t, page.Jobs, 2)
		assert.Equal(t, []any{"1", "2", c.total, c.next}, []any{page.Jobs[0].ID, page.Jobs[1].ID, page.TotalCount, page.HasNext}, body)
		assert.Equal(t, FlexStatusFailed, page.Jobs[0].Status)

		if c.total == -1 && !bytes.HasPrefix([]byte(body), []byte(`{"res`)) {
			continue // without a status it is no envelope, but only a list can be meant above
		}
		created, err := client.OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
		require.NoError(t, err, body)
		assert.Equal(t, page.Jobs, created)
	}
	for _, file := range []string{"envelopes/list.json", "envelopes/list_in_content.json"} {
		client := clientWithoutRetries(t, testutil.Always(200, string(bodyFile(t, file))), WithEnvelope())
		wrapped, err := client.AtlasV1.Serverless("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.NoError(t, err)
		client = clientWithoutRetries(t, testutil.Always(200, string(bodyFile(t, "cloud/atlasv1_serverless_list.json"))))
		bare, err := client.AtlasV1.Serverless("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.NoError(t, err)
		require.Len(t, wrapped.Jobs, 1)
		assert.JSONEq(t, string(bare.Jobs[0].RawJSON()), string(wrapped.Jobs[0].RawJSON()))
		assert.Equal(t, []any{bare.TotalCount, bare.HasNext}, []any{wrapped.TotalCount, wrapped.HasNext})
	}
	for body, want := range map[string]string{
		`{}`: "no results", `{"results":{}}`: "no results", `{"results":"x"}`: "no results", `{"results":7,"totalCount":0}`: "no results",
		`{"status":200}`: "no results", `{"status":200,"content":{}}`: "no results", `{"content":{"content":{` + jobs + `}}}`: "no results",
		`[]`: "not a list", `null`: "not a list", `[{"id":"1"}]`: "not a list", `{"id":"1"}`: "no results",
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		page, err := client.OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.ErrorContains(t, err, want, body)
		assert.Nil(t, page)
	}
	for _, body := range []string{`{"results":[]}`, `{"results":null}`, `{"status":200,"content":{"results":null,"totalCount":0}}`} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		page, err := client.OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.NoError(t, err, body)
		assert.Empty(t, page.Jobs)
		assert.False(t, page.HasNext)
	}
}

func TestCreate_bareArray(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[{"id":"1"},null,{"id":"2"}]`, ` {"status":200,"content":[{"id":"1"},null,{"id":"2"}]}`} {
		client := clientWithoutRetries(t, testutil.Always(201, body))
		created, err := client.OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
		require.NoError(t, err, body)
		require.Len(t, created, 3)
		assert.Equal(t, []string{"1", "", "2"}, []string{created[0].ID, created[1].ID, created[2].ID})
	}
	for _, body := range []string{`[{"id":"1"}`, `[{"id":"1"}]]`, `[{"id":}]`, `42`, `null`, `{"status":200,"content":null}`} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		_, err := client.OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
		require.ErrorIs(t, err, ErrOutcomeUnknown, body)
	}
}

// TestCreate_everyResponseForm: a list, a job or an envelope, under whichever success.
func TestCreate_everyResponseForm(t *testing.T) {
	t.Parallel()
	job := []byte(`{"id":"5ba5e00000000000000000f0","statusName":"IN_PROGRESS"}`)
	for _, form := range []string{
		`%s`, `[%s]`, `{"results":[%s]}`, `{"status":200,"content":%s}`, `{"content":%s,"status":201}`, `{"status":200,"envelope":%s}`,
		`{"status":200,"results":[%s],"totalCount":1}`, `{"status":200,"content":{"results":[%s]}}`,
		`{"status":200,"envelope":{"results":[%s],"links":[]}}`,
	} {
		for _, status := range []int{http.StatusOK, http.StatusCreated, http.StatusAccepted} {
			client := clientWithoutRetries(t, testutil.Always(status, string(wrapped(form, job))))
			created, err := client.OpsManager.Host("p", "h").Jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
			require.NoError(t, err, form)
			require.Len(t, created, 1, form)
			assert.JSONEq(t, string(job), string(created[0].RawJSON()), form)
		}
	}
}

// TestError_insideStatus200: an error that comes under HTTP 200, in whatever wrapper, is an
// error of the inner status, for every operation.
func TestError_insideStatus200(t *testing.T) {
	t.Parallel()
	const plain = `{"error":404,"errorCode":"CLUSTER_NOT_FOUND","detail":"why","parameters":["p"],"reason":"Not Found"}`
	for _, body := range []string{
		plain,
		`{"status":404,"content":` + plain + `}`,
		`{"content":` + plain + `,"status":404}`,
		`{"status":404,"envelope":` + plain + `}`,
		`{"status":404,` + plain[1:],
		`{"status":200,"content":` + plain + `}`,
		`{"content":` + plain + `,"status":200}`,
		`{"status":200,` + plain[1:],
		`{"status":404,"content":` + plain + `,"results":[]}`,
		string(wrapped(` {"status":404,"content":%s}`, []byte(plain))),
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		jobs := client.CloudManager.Cluster("p", "c").Jobs
		for name, ask := range map[string]func() error{
			"get":  func() error { _, err := jobs.Get(t.Context(), "j"); return err },
			"list": func() error { _, err := jobs.List(t.Context(), ListOptions{}); return err },
			"create": func() error {
				_, err := jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
				return err
			},
			"ranges": func() error { _, err := jobs.RestorableTimeRanges(t.Context()); return err },
			"do":     func() error { var out any; return client.Do(t.Context(), "GET", "/api/x", nil, &out) },
		} {
			err := ask()
			var apiErr *Error
			require.ErrorAs(t, err, &apiErr, "%s: %s", name, body)
			assert.Equal(t, []any{404, ErrorCode("CLUSTER_NOT_FOUND"), "why", []string{"p"}, "Not Found"},
				[]any{apiErr.StatusCode, apiErr.Code, apiErr.Detail, apiErr.Parameters, apiErr.Reason}, "%s: %s", name, body)
			require.ErrorIs(t, err, ErrNotFound)
			require.NotErrorIs(t, err, ErrOutcomeUnknown)
			assert.NotErrorIs(t, err, io.ErrUnexpectedEOF)
		}
	}
}

func TestError_insideStatus200WithoutDetail(t *testing.T) {
	t.Parallel()
	for body, status := range map[string]int{
		`{"status":503}`:                                     503,
		`{"status":401,"content":null}`:                      401,
		`{"status":500,"content":"<html>"}`:                  500,
		`{"status":429,"content":{}}`:                        429,
		`{"status":403,"content":[1]}`:                       403,
		`{"error":500,"reason":"Internal Server Error"}`:     500,
		`{"error":404,"detail":"no"}`:                        404,
		`{"status":404,"content":{"status":"x"}}`:            404,
		`{"content":{"status":"x"},"status":404}`:            404,
		`{"status":404,"content":{"results":[],"status":1}}`: 404,
		`{"status":404,"results":[]}`:                        404,
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		_, getErr := client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		_, listErr := client.AtlasV2.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		for _, err := range []error{getErr, listErr} {
			var apiErr *Error
			require.ErrorAs(t, err, &apiErr, body)
			assert.Equal(t, status, apiErr.StatusCode, body)
			require.NoError(t, errors.Unwrap(apiErr), "the service's own word: %s", body)
		}
	}
}

// TestError_envelopeWithOwnStatus: servers may keep the HTTP status beside an envelope.
func TestError_envelopeWithOwnStatus(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"envelopes/error_in_content.json", "envelopes/error_with_status.json"} {
		for _, status := range []int{200, 404} {
			e := getError(t, testutil.Always(status, string(bodyFile(t, file))))
			assert.Equal(t, []any{404, ErrorCode("CLUSTER_NOT_FOUND")}, []any{e.StatusCode, e.Code}, "%s under %d", file, status)
			assert.Contains(t, e.Detail, "cluster-989")
		}
	}
}

func TestRestorableTimeRanges_envelopes(t *testing.T) {
	t.Parallel()
	read := func(body []byte) []TimeRange {
		client := clientWithoutRetries(t, testutil.Always(200, string(body)))
		ranges, err := client.CloudManager.Cluster("p", "c").Jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err)
		return ranges
	}
	want := read(bodyFile(t, "classic/time_ranges.json"))
	require.Len(t, want, 1)
	assert.Equal(t, want, read(bodyFile(t, "envelopes/time_ranges_in_content.json")))
	assert.Equal(t, want, read(wrapped(`{"envelope":%s,"status":200}`, bodyFile(t, "classic/time_ranges.json"))))
}

func TestWithEnvelope_query(t *testing.T) {
	t.Parallel()
	for query, opts := range map[string][]Option{
		"": nil, "envelope=true": {WithEnvelope()}, "envelope=true&pretty=true": {WithEnvelope(), WithPrettyJSON()},
	} {
		client := clientWithoutRetries(t, func(r *http.Request) (*http.Response, error) {
			assert.Equal(t, query, r.URL.RawQuery)
			return testutil.Always(204, "")(r)
		}, opts...)
		require.NoError(t, client.AtlasV2.Cluster("p", "c").Jobs.Cancel(t.Context(), "j"), "an empty 204 is no body to open")
	}
}

func TestList_invalidEntries(t *testing.T) {
	t.Parallel()
	body := `{"results":[5,"x",null,[],{"id":7},{"id":"j","statusName":"FINISHED","links":"no","delivery":[],"hashes":{"a":1},"timestamp":3}],"totalCount":"6","links":[]}`
	page, err := clientWithoutRetries(t, testutil.Always(http.StatusOK, body)).OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
	require.NoError(t, err)
	assert.Len(t, page.Jobs, 6)
	assert.Equal(t, 6, page.TotalCount)
	assert.Equal(t, "7", page.Jobs[4].ID)
}

func TestGet_bodyIsOneJobOrAnError(t *testing.T) {
	t.Parallel()
	for body, isJob := range map[string]bool{
		`{"status":200,"content":{"id":"j","status":"PENDING"}}`:                          true,
		`{"status":200,"envelope":{"id":"j"}}`:                                            true,
		`{"status":404,"content":{"error":404,"errorCode":"X"}}`:                          false,
		`{"status":200,"content":{"status":404,"content":{"error":404,"errorCode":"X"}}}`: false,
		`{"status":200,"content":null}`:                                                   false,
		`{"status":200,"content":[]}`:                                                     false,
		`{"status":500}`:                                                                  false,
		`{"status":"404","content":{"id":"j"}}`:                                           false,
		`{"error":404,"id":"j"}`:                                                          true,
		`{"error":404,"reason":"Not Found"}`:                                              false,
		`{}`:                                                                              false,
		`null`:                                                                            false,
		`[]`:                                                                              false,
		`[{"id":"j"}]`:                                                                    false,
		`"x"`:                                                                             false,
		``:                                                                                false,
		`{"id":"j"}{"id":"k"}`:                                                            false,
	} {
		client := clientWithoutRetries(t, testutil.Always(http.StatusOK, body))
		job, err := client.OpsManager.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		assert.Equal(t, isJob, err == nil, "%s: %v", body, err)
		if err == nil {
			assert.Equal(t, "j", job.ID, body)
		}
	}
}

func TestList_bodyIsAListOrAnError(t *testing.T) {
	t.Parallel()
	for body, jobs := range map[string]int{
		`{"status":200,"results":[{"id":"a"}],"totalCount":1}`:             1,
		`{"status":200,"content":{"results":[{"id":"a"}],"totalCount":1}}`: 1,
		`{"results":null}`: 0,
	} {
		client := clientWithoutRetries(t, testutil.Always(http.StatusOK, body))
		page, err := client.OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		require.NoError(t, err, body)
		assert.Len(t, page.Jobs, jobs, body)
	}
	for _, body := range []string{
		`{"status":200,"content":[{"id":"a"}]}`,
		`[{"id":"a"}]`,
		`{"status":404,"results":[]}`,
		`{"status":200,"content":{"error":404,"errorCode":"X","results":[]}}`,
		`{"results":{}}`,
		`{"totalCount":0}`,
	} {
		client := clientWithoutRetries(t, testutil.Always(http.StatusOK, body))
		_, err := client.OpsManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
		assert.Error(t, err, body)
	}
}
