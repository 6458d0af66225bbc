package restorejobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// seedBodies starts a fuzz target with every body of testdata, whole and cut.
func seedBodies(f *testing.F) {
	f.Helper()
	for _, name := range bodyFiles(f) {
		body := bodyFile(f, name)
		f.Add(body)
		f.Add(body[:len(body)*2/3])
	}
	for _, odd := range []string{
		``, `null`, `42`, `"x"`, `[]`, `{}`, `[null]`, `{"results":[42,null,"x",[],{}],"totalCount":"5"}`,
		`{"id":1,"id":null,"delivery":{"url":7},"delivery":null,"timestamp":"2018-09-10T20:11:28+0000"}`,
		`{"deliveryType":"download","deliveryUrl":"https://h/f","failed":1,"cancelled":"0","finishedAt":1786331410000,"expiresAt":"2026-08-10T03:44:60Z"}`,
		`{"deliveryType":"automated","failed":2,"finishedAt":{},"components":[1],"statusName":["x"],"delivery":{"statusName":true}}`,
		`{"status":404,"content":{"error":404,"errorCode":"X"}}`, `{"error":429,"reason":"r"}`, "{\"id\":\"a\xff\\ud800\"}",
		"{\"id\":\"1\"}\v",
	} {
		f.Add([]byte(odd))
	}
}

// typed drops what a job was read from.
func typed(job *Job) Job {
	byHand := *job
	byHand.raw = ""
	return byHand
}

// assertStable encodes a job, reads it back and expects the same, as it came and built by
// hand.
func assertStable(t *testing.T, job *Job) {
	t.Helper()
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	if !bytes.HasPrefix(job.RawJSON(), []byte("{")) {
		assert.Equal(t, Job{}, typed(job), "what is no object has no fields")
		return
	}
	var back Job
	require.NoError(t, json.Unmarshal(stored, &back))
	require.Equal(t, typed(job), typed(&back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(stored), string(again))

	byHand := typed(job)
	encoded, err := json.Marshal(byHand)
	require.NoError(t, err)
	var copied Job
	require.NoError(t, json.Unmarshal(encoded, &copied))
	require.Equal(t, withoutLoss(byHand), withoutLoss(typed(&copied)), "%s", encoded)

	_ = job.DownloadLinks()
	assert.Equal(t, job.State(), back.State())
	assert.NotContains(t, job.String(), "\n")
	assert.True(t, utf8.ValidString(job.String()))
}

// withoutLoss takes out what a job built by hand cannot write: members that could not be read,
// and the increment of a time that is written as a plain string.
func withoutLoss(job Job) Job {
	job.unread = 0
	if job.format() == cloud {
		job.Timestamp.Increment = 0
	}
	return job
}

// FuzzJob reads anything as a job.
func FuzzJob(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		var job Job
		err := json.Unmarshal(body, &job)
		var object map[string]json.RawMessage
		isObject := json.Unmarshal(body, &object) == nil && object != nil
		isNull := string(bytes.TrimSpace(body)) == "null"
		require.Equal(t, isObject || isNull, err == nil, "what encoding/json takes for an object is a job: %v", err)
		if isObject {
			assert.Equal(t, string(bytes.TrimSpace(body)), string(job.RawJSON()))
			assertStable(t, &job)
		}
		kept := bytes.Clone(body)
		read, err := decodeJob(kept)
		if err == nil {
			before := read.String() + string(read.RawJSON())
			clear(kept)
			assert.Equal(t, before, read.String()+string(read.RawJSON()), "nothing of the body is kept")
			assertStable(t, read)
		}
	})
}

// FuzzPage reads anything as a list and as the response to a create.
func FuzzPage(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		page, err := decodePage(kept, defaultMaxBody, new(jobReader).read)
		created, createErr := decodeCreateResponse(kept, defaultMaxBody)
		clear(kept)
		assertSameTexts(t, body, page, err)
		if !json.Valid(body) {
			require.Error(t, err)
			require.Error(t, createErr)
		}
		for _, jobs := range [][]*Job{page.items, created} {
			for _, job := range jobs {
				require.NotNil(t, job)
				require.True(t, json.Valid(job.RawJSON()), "%s", job.RawJSON())
				assertStable(t, job)
			}
		}
		if err != nil {
			return
		}
		require.True(t, page.hasResults)
		var theirs struct{ Results []json.RawMessage }
		if json.Unmarshal(body, &theirs) == nil && bytes.Count(body, []byte("results")) == 1 && bytes.Contains(body, []byte(`"results"`)) &&
			theirs.Results != nil {
			require.Len(t, page.items, len(theirs.Results))
			for i, raw := range theirs.Results {
				assert.Equal(t, string(raw), string(page.items[i].RawJSON()))
			}
		}
		first := newPage(0, &page, http.Header{})
		assert.Equal(t, page.total, first.Total)
		assert.Len(t, first.Items, len(page.items))
	})
}

// FuzzEnvelope wraps anything and expects the same inside.
func FuzzEnvelope(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		inner, e, err := unwrapEnvelope(body)
		if err == nil && e.content != nil {
			assert.LessOrEqual(t, len(inner), len(body))
		}
		bare, bareErr := decodeJob(body)
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) != nil || object == nil || bareErr != nil {
			return
		}
		for _, member := range []string{"status", "content", "envelope", "error", "results"} {
			if bytes.Contains(bytes.ToLower(body), []byte(member)) || bytes.Contains(body, []byte(`\u`)) {
				return // a wrapper itself, perhaps
			}
		}
		for _, format := range []string{
			`{"status":200,"content":%s}`, `{"envelope":%s,"status":2e2}`, ` {"new":[],"status":201,"content":%s,"links":[]} `,
		} {
			within, err := decodeJob(wrapped(format, body))
			require.NoError(t, err)
			assert.Equal(t, string(bare.RawJSON()), string(within.RawJSON()))
			assert.Equal(t, typed(bare), typed(within))
			created, err := decodeCreateResponse(wrapped(format, body), defaultMaxBody)
			require.NoError(t, err)
			assert.Equal(t, []*Job{within}, created)
		}
		page, err := decodePage(wrapped(`{"status":200,"content":{"results":[%s]}}`, body), defaultMaxBody, new(jobReader).read)
		require.NoError(t, err)
		require.Len(t, page.items, 1)
		assert.Equal(t, typed(bare), typed(page.items[0]))
		for _, format := range []string{`{"status":404,"content":%s}`, `{"content":%s,"status":404}`} {
			_, err := decodeJob(wrapped(format, body))
			var failed *api.InnerError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, 404, failed.Status)
		}
	})
}

// FuzzError makes errors of anything, under a status of failure and of success.
func FuzzError(f *testing.F) {
	seedBodies(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for status, header := range map[int]string{503: "application/json", 404: "text/html", 200: "text/plain; x=" + strings.ToValidUTF8(string(body), "?")} {
			client := clientWithoutRetries(t, testutil.Always(status, string(body), "Content-Type", header, "X-Error-Code", header, "X-Request-Id", header))
			_, err := client.MMS.Cluster("p", "c").Jobs.Get(t.Context(), "j")
			if err == nil {
				require.Equal(t, 200, status)
				continue
			}
			var apiErr *Error
			require.ErrorAs(t, err, &apiErr)
			if status == 200 { // or the one inside an envelope, whose body it then is
				assert.Contains(t, string(body), string(apiErr.Body()))
			} else {
				assert.Equal(t, status, apiErr.StatusCode)
				assert.Equal(t, string(body[:min(len(body), transport.MaxErrorBody)]), string(apiErr.Body()))
			}
			for _, text := range []string{err.Error(), apiErr.Error()} {
				assert.NotContains(t, text, "\n")
				assert.NotContains(t, text, "\x00")
				assert.NotContains(t, text, "://")
				assert.True(t, utf8.ValidString(text), "%q", text)
				assert.Less(t, len(text), 100_000)
			}
			encoded, err := json.Marshal(apiErr)
			require.NoError(t, err)
			assert.True(t, json.Valid(encoded))
			assert.Equal(t, apiErr.Code != "", errors.Is(apiErr, apiErr.Code))
		}
	})
}

// FuzzSegment asks with any ids: the path has them as they are and goes nowhere else, or
// nothing is sent.
func FuzzSegment(f *testing.F) {
	for _, id := range []string{
		"53bd7f13e4b0a7304e226998", "", ".", "..", "...", "a/b", `a\b`, "%2e%2e", "%2F", "?x", "#x", "a b", "é", "a;b", "a:b", "@", "+", "\x00", "a\nb", "\xff",
		"{JOB-ID}", "a%", "restoreJobs", "~", "//", "a&b=c",
	} {
		f.Add("project", id, "job")
		f.Add(id, "cluster", id)
	}
	var requested *url.URL
	transport := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		requested = r.URL
		return testutil.Always(404, "")(r)
	})
	client, err := NewClient(APIKey("a", "b"), WithBaseURL("https://api.example.com/om%2Fproxy"), WithTransport(transport), WithRetry(RetryPolicy{MaxRetries: -1}))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, project, cluster, job string) {
		requested = nil
		_, err := client.AtlasV1.LegacyCluster(project, cluster).Jobs.Get(t.Context(), job)
		if errors.Is(err, ErrInvalidArgument) {
			require.Nil(t, requested, "refused, so nothing is sent")
			return
		}
		require.ErrorIs(t, err, ErrNotFound)
		require.NotNil(t, requested)
		assert.Equal(t, "https://api.example.com", requested.Scheme+"://"+requested.Host)
		assert.Empty(t, requested.RawQuery)
		parsed, err := url.Parse(requested.String())
		require.NoError(t, err)
		segments := strings.Split(parsed.EscapedPath(), "/")
		require.Len(t, segments, 11, parsed.EscapedPath())
		for i, want := range []string{"", "om%2Fproxy", "api", "atlas", "v1.0", "groups", url.PathEscape(project), "clusters", url.PathEscape(cluster), "restoreJobs", url.PathEscape(job)} {
			assert.Equal(t, want, segments[i])
		}
		for i, id := range map[int]string{6: project, 8: cluster, 10: job} {
			plain, err := url.PathUnescape(segments[i])
			require.NoError(t, err)
			assert.Equal(t, id, plain)
			assert.NotContains(t, plain, "/")
			assert.NotContains(t, []string{"", ".", ".."}, plain)
		}
		assert.Equal(t, parsed.Path, parsed.JoinPath().Path, "nothing that a cleaner of paths would change")
	})
}

// FuzzRef reads a reference, writes it and reads it again.
func FuzzRef(f *testing.F) {
	client, err := NewClient(APIKey("a", "b"), WithBaseURL("https://api.example.com"), WithTransport(testutil.Always(404, "")))
	require.NoError(f, err)
	for _, s := range endpoints {
		f.Add(newSource(client, s, "53bd7f13e4b0a7304e226998", "Cluster 0").Ref())
		f.Add(s.refPrefix + "/%2e%2e/" + s.refCollection + "/..")
	}
	for _, ref := range []string{"", "/", "////", "opsmanager/groups/a/clusters/b/c", "opsmanager/groups/%zz/clusters/b", "OPSMANAGER/groups/a/clusters/b"} {
		f.Add(ref)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		source, err := client.Source(ref)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidArgument)
			assert.Nil(t, source)
			assert.NotContains(t, err.Error(), "\n")
			return
		}
		written := source.Ref()
		again, err := client.Source(written)
		require.NoError(t, err)
		assert.Equal(t, source, again)
		assert.Equal(t, written, again.Ref())
		_, err = source.Jobs.Get(t.Context(), "j")
		require.ErrorIs(t, err, ErrNotFound, "what was read can be asked")
	})
}

// FuzzLink takes links apart.
func FuzzLink(f *testing.F) {
	for _, link := range []string{
		"https://h/pull/key/rs0-1536602400-job.tar.gz", "https://h/pull/key/group-rs0-1404897877.tar.gz?x=/y#z", "{JOB-ID}/1/e-{JOB-ID}.tar.gz",
		"https://h", "https://h/", "//", "https://h/a/..", `https://h/a\..\b`, "https://h/%2e%2e", "://", "a://b://c/d", "https://h/a\x00b", "-.tar",
	} {
		f.Add(link, "job", "group")
	}
	f.Fuzz(func(t *testing.T, link, id, group string) {
		name := lastPathSegment(link)
		assert.NotContains(t, name, "/")
		assert.NotContains(t, name, "?")
		assert.NotContains(t, name, "#")
		assert.Contains(t, link, name)
		job := Job{ID: id, GroupID: group, StatusName: JobStatusFinished, Delivery: Delivery{URL: Secret(link)}}
		set := job.replicaSetFromFileName(name)
		assert.Contains(t, name, set)
		files := job.DownloadLinks()
		if link == "" {
			assert.Empty(t, files)
			return
		}
		require.Len(t, files, 1)
		assert.Equal(t, []any{link, name, set}, []any{files[0].URL.Reveal(), files[0].FileName, files[0].ReplicaSet})

		cloudJob := Job{DeliveryType: DeliveryTypeDownload, DeliveryURL: []Secret{Secret(link)}, Components: []ClusterComponent{{}, {DownloadURL: Secret(link)}}}
		require.LessOrEqual(t, len(cloudJob.DownloadLinks()), 1)
		cloudJob.Components = nil
		for _, file := range cloudJob.DownloadLinks() {
			assert.Equal(t, []string{link, name}, []string{file.URL.Reveal(), file.FileName})
		}
	})
}
