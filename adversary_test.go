package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func adversaryJSON(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, body)
}

// All never ends when a server repeats a page of entries without ids.
func TestAll_repeatedPageWithoutIDs(t *testing.T) {
	t.Parallel()
	requests := 0
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		if requests > 300 {
			t.Log("300 requests for the same page")
		}
		adversaryJSON(w, `{"results":[{"statusName":"FINISHED"}],"totalCount":1,"links":[{"rel":"next","href":"x"}]}`)
	})
	n := 0
	for _, err := range f.client(t).OpsManager.Cluster("p", "c").Jobs.All(t.Context(), restorejobs.ListOptions{ReadAhead: -1}) {
		if err != nil {
			return
		}
		if n++; n > 200 {
			t.Fatal("200 times the same page, and no error")
		}
	}
}

// paged serves total jobs in pages of at most most, without links.
func paged(total, most int, count bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
		page = max(page, 1)
		if size == 0 || size > most {
			size = most
		}
		var results []string
		for i := (page - 1) * size; i < min(page*size, total); i++ {
			results = append(results, fmt.Sprintf(`{"id":"%024x","statusName":"FINISHED"}`, i))
		}
		text := ""
		if count {
			text = fmt.Sprintf(`,"totalCount":%d`, total)
		}
		adversaryJSON(w, `{"results":[`+strings.Join(results, ",")+`]`+text+`}`)
	}
}

// HasNext of page 3 is false while jobs are left: the server caps pages at 100.
func TestHasNext_serverCapsPages(t *testing.T) {
	t.Parallel()
	for _, count := range []bool{true, false} {
		for _, total := range []int{950, 1000} {
			f := newFake(t, paged(total, 100, count))
			jobs := f.client(t).OpsManager.Cluster("p", "c").Jobs
			n := 0
			for page := 1; ; page++ {
				got, err := jobs.List(t.Context(), restorejobs.ListOptions{PageNum: page, ItemsPerPage: 500})
				require.NoError(t, err)
				n += len(got.Jobs)
				if !got.HasNext {
					break
				}
			}
			assert.Equal(t, total, n, "counted: %t", count)
		}
	}
}

func adversaryCount(t *testing.T, jobs *restorejobs.Jobs, o restorejobs.ListOptions) (int, error) {
	n := 0
	for _, err := range jobs.All(t.Context(), o) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// All from page 2 on under a cap.
func TestAll_pageNumWithCappedPages(t *testing.T) {
	t.Parallel()
	f := newFake(t, paged(1000, 100, true))
	n, err := adversaryCount(t, f.client(t).OpsManager.Cluster("p", "c").Jobs, restorejobs.ListOptions{PageNum: 3})
	if err == nil {
		assert.Equal(t, 800, n)
	}
}

// FindCreated stops early in a list that is oldest first and dense.
func TestFindCreated_oldestFirst(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	var results []string
	for i := range 199 {
		created := now.Add(-time.Hour + time.Duration(i)*4*time.Second)
		results = append(results, fmt.Sprintf(`{"id":"old%d","statusName":"FINISHED","snapshotId":"x","created":%q,"delivery":{"methodName":"HTTP"}}`, i, created.Format(time.RFC3339)))
	}
	results = append(results, fmt.Sprintf(`{"id":"mine","statusName":"IN_PROGRESS","snapshotId":"S","created":%q,"delivery":{"methodName":"HTTP"}}`, now.Format(time.RFC3339)))
	f := newFake(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		first := (max(page, 1) - 1) * 100
		links := `[]`
		if first+100 < len(results) {
			links = `[{"rel":"next","href":"x"}]`
		}
		first = min(first, len(results))
		adversaryJSON(w, fmt.Sprintf(`{"results":[%s],"totalCount":%d,"links":%s}`, strings.Join(results[first:min(first+100, len(results))], ","), len(results), links))
	})
	found, err := f.client(t).OpsManager.Cluster("p", "c").Jobs.FindCreated(t.Context(), now.Add(-time.Minute),
		restorejobs.FromSnapshot("S"), restorejobs.ToDownload())
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

// A create without any restore point.
func TestCreate_withoutRestorePoint(t *testing.T) {
	t.Parallel()
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		adversaryJSON(w, `{"id":"j","statusName":"IN_PROGRESS"}`)
	}))
	defer s.Close()
	c := newTestClient(t, bearer("x"), restorejobs.WithBaseURL(s.URL))
	_, err := c.OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), restorejobs.FromPointInTime(time.Unix(0, 0)), restorejobs.ToCluster("p", "c"))
	if err == nil {
		assert.Contains(t, string(body), "pointInTimeUTCMillis", "sent: %s", body)
	}
}

// Two links, two private links: the same file twice, the other never.
func TestDownload_privateLinksOfSeveralFiles(t *testing.T) {
	t.Parallel()
	d := newAtlasDepot(t, 1000)
	d.job["deliveryUrl"] = []any{d.address("a.tar.gz"), d.address("b.tar.gz")}
	d.job["privateDownloadDeliveryUrls"] = []any{
		map[string]any{"endpointId": "vpce-1", "deliveryUrl": d.address("p/a.tar.gz")},
		map[string]any{"endpointId": "vpce-1", "deliveryUrl": d.address("p/b.tar.gz")},
	}
	jobs := d.jobs(t)
	_, err := jobs.Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{PrivateEndpoint: "vpce-1"})
	var asked []string
	for _, r := range d.asked {
		asked = append(asked, filepath.Base(r.URL.Path))
	}
	if err == nil {
		assert.ElementsMatch(t, []string{"a.tar.gz", "b.tar.gz"}, asked)
	}
}

func adversaryCreate(ctx context.Context, c *restorejobs.Client) error {
	_, err := c.OpsManager.Cluster("p", "c").Jobs.Create(ctx, restorejobs.FromSnapshot("S"), restorejobs.ToDownload())
	return err
}

// Cancelled before the call: nothing was sent.
func TestCreate_contextCancelledBefore(t *testing.T) {
	t.Parallel()
	f := newFake(t, answerWith(200, "application/json", `{"id":"j"}`))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]*restorejobs.Client{
		"bearer": f.client(t), "digest": newTestClient(t, restorejobs.APIKey("a", "b"), restorejobs.WithBaseURL(f.URL)),
	} {
		err := adversaryCreate(ctx, c)
		assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%s: %v", name, err)
	}
	assert.Empty(t, f.requests())
}

// The proxy function fails: nothing was sent.
func TestCreate_proxyFunctionFails(t *testing.T) {
	t.Parallel()
	f := newFake(t, answerWith(200, "application/json", `{"id":"j"}`))
	c := f.client(t, restorejobs.WithTransport(&http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("bad proxy") }}))
	err := adversaryCreate(t.Context(), c)
	assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%v", err)
	assert.Empty(t, f.requests())
}

type adversaryTripper func(*http.Request) (*http.Response, error)

func (f adversaryTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The context ends after the challenge: only an unsigned request was sent.
func TestCreate_contextCancelledAfterChallenge(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest realm="MMS Public API", domain="", nonce="abc", algorithm=MD5, qop="auth", stale=false`)
		w.WriteHeader(401)
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	plain := &http.Transport{}
	defer plain.CloseIdleConnections()
	c := newTestClient(t, restorejobs.APIKey("a", "b"), restorejobs.WithBaseURL(f.URL), restorejobs.WithTransport(adversaryTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := plain.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			cancel()
		}
		return resp, err
	})))
	err := adversaryCreate(ctx, c)
	assert.Len(t, f.requests(), 1)
	assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%v", err)
}

// UntilDownloadable: classic, READY, no link, past its end: waits for ever.
func TestWait_classicLinkMissingAfterExpiry(t *testing.T) {
	t.Parallel()
	f := newFake(t, answerWith(200, "application/json", `{"id":"j","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","expires":"2014-07-09T09:20:00Z"}}`))
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := f.client(t).OpsManager.Cluster("p", "c").Jobs.Wait(ctx, []string{"j"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, MinInterval: 50 * time.Millisecond})
	assert.False(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
}

// UntilDownloadable succeeds although the link is past its end and Download refuses.
func TestWait_downloadableLinkExpired(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"classic": `{"id":"j","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"http://127.0.0.1:1/a.tar.gz","expires":"2014-07-09T09:20:00Z"}}`,
		"cloud":   `{"id":"j","deliveryType":"download","deliveryUrl":["http://127.0.0.1:1/a.tar.gz"],"expired":false,"expiresAt":"2014-07-09T09:20:00Z"}`,
		"flex":    `{"id":"j","status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":"http://127.0.0.1:1/a.tar.gz","expirationDate":"2014-07-09T09:20:00Z"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, answerWith(200, "application/json", body))
			jobs := f.client(t).OpsManager.Cluster("p", "c").Jobs
			_, err := jobs.Wait(t.Context(), []string{"j"}, restorejobs.WaitOptions{Goal: restorejobs.UntilDownloadable, MinInterval: -1})
			_, refused := jobs.Download(t.Context(), []string{"j"}, t.TempDir(), restorejobs.DownloadOptions{})
			require.ErrorIs(t, refused, restorejobs.ErrLinkExpired)
			assert.ErrorIs(t, err, restorejobs.ErrLinkExpired)
		})
	}
}

// A success that is a JSON error, or nothing at all.
func TestDownload_responseIsNotAnArchive(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]http.HandlerFunc{
		"json": answerWith(200, "application/json", `{"error":404,"errorCode":"NOT_FOUND"}`),
		"empty": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(200)
		},
		"xml": answerWith(200, "application/xml", "<Error><Code>AccessDenied</Code></Error>"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newAtlasDepot(t, 10)
			d.link = link
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{})
			assert.Error(t, err, "%+v", files)
		})
	}
}

// The note of a part is cut: a link for one use is asked a second time.
func TestDownload_singleUseLinkWithTruncatedSidecar(t *testing.T) {
	t.Parallel()
	d := newDepot(t, 100<<10)
	d.delivery("maxDownloads", 1)
	d.link = cutAfter(50<<10, d.serve)
	dir := t.TempDir()
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	require.Len(t, d.requests(), 1)
	note := filepath.Join(dir, fileA+".part.json")
	text, err := os.ReadFile(note)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(note, append(text, `0"}`...), 0o600)) // killed between write and truncate
	d.link = nil
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	assert.Len(t, d.requests(), 1, "requested twice: %v", err)
}

// A transport that leaves out the body.
func TestDownload_transportReturnsNilBody(t *testing.T) {
	t.Parallel()
	d := newAtlasDepot(t, 10)
	jobs := d.jobs(t, restorejobs.WithTransport(adversaryTripper(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			return http.DefaultTransport.RoundTrip(r)
		}
		return &http.Response{StatusCode: 200, ContentLength: 10}, nil
	})))
	assert.NotPanics(t, func() { _, _ = jobs.DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{}) })
}

// The text of a refused reference.
func TestSourceRef_errorText(t *testing.T) {
	t.Parallel()
	c := newTestClient(t, bearer("x"), restorejobs.WithBaseURL("https://h"))
	_, err := c.Source("opsmanager/groups/p/clusters/")
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(err.Error(), "invalid argument"), "%v", err)
}

// FindCreated takes a snapshot's job for a checkpoint's.
func TestFindCreated_checkpointIsNotASnapshot(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Format(time.RFC3339)
	f := newFake(t, answerWith(200, "application/json", fmt.Sprintf(`{"results":[{"id":"other","statusName":"IN_PROGRESS","created":%q,"pointInTime":false,"snapshotId":"S","delivery":{"methodName":"HTTP","targetGroupId":"p","targetClusterId":"t"}}],"totalCount":1,"links":[]}`, now)))
	found, err := f.client(t).OpsManager.Cluster("p", "c").Jobs.FindCreated(t.Context(), time.Now().Add(-time.Minute), restorejobs.FromCheckpoint("K"), restorejobs.ToCluster("p", "t"))
	require.NoError(t, err)
	assert.Empty(t, found)
}
