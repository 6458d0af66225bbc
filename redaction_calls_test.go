package restorejobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// callRecord is the output of calls with secrets.
type callRecord struct {
	mu        sync.Mutex
	exchanges []Attempt
	errors    []*Error
	texts     []string // of all errors, as they are
	log       bytes.Buffer
	sent      []string // Authorization headers, which hold what must not be seen
}

func (r *callRecord) observe(_ context.Context, e Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, e)
}

func (r *callRecord) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.Write(p)
}

// failed records an error in every form.
func (r *callRecord) failed(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for ; err != nil; err = errors.Unwrap(err) {
		var apiErr *Error
		if errors.As(err, &apiErr) {
			r.errors = append(r.errors, apiErr)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			r.texts = append(r.texts, fmt.Sprintf(verb, err))
		}
	}
}

// runFailingCalls makes calls that fail in many ways, with secrets in the credentials, the
// tokens, the headers and the responses.
func runFailingCalls(t *testing.T) *callRecord {
	t.Helper()
	record := &callRecord{}
	body := `{"error":500,"errorCode":"see ` + secretLink + `","reason":"` + secretLink + `","detail":"get ` + secretLink + ` with\n` + secretLink + `",
		"parameters":["` + secretLink + `"],"badRequestDetail":{"fields":[{"field":"` + secretLink + `","description":"` + secretLink + `"}]},"x":"` + secretText + `"}`
	answers := map[string]testutil.RoundTripFunc{
		"error":       testutil.Always(500, body, "X-Request-Id", secretLink, "Set-Cookie", secretText, "WWW-Authenticate", secretText),
		"envelope":    testutil.Always(200, `{"status":403,"content":`+body+`}`),
		"page":        testutil.Always(200, "<html>"+secretText, "Content-Type", "text/html"),
		"cut":         testutil.Always(200, `{"id":"1","delivery":{"url":"`+secretLink),
		"odd":         testutil.Always(200, `{"url":"`+secretText+`",`+secretText+`}`),
		"redirect":    testutil.Always(302, secretText, "Location", "https://u:"+secretText+"@elsewhere.example.com/"+secretText+"?"+secretText),
		"compressed":  testutil.Always(200, secretText, "Content-Encoding", "br"),
		"code":        testutil.Always(400, "", "X-Error-Code", secretLink),
		"wrong key":   testutil.Always(401, body, "WWW-Authenticate", `Digest realm="MMS Public API", nonce="`+secretText+`", algorithm=MD5, qop="auth"`),
		"wrong nonce": testutil.Always(401, "", "WWW-Authenticate", `Digest realm="`+secretText+`", nonce="`+secretText+`", algorithm=`+secretText),
	}
	credentials := map[string]Credentials{
		"key":     APIKey("public"+secretText, "private"+secretText),
		"service": ServiceAccount("id"+secretText, "secret"+secretText),
		"bearer":  BearerToken(func(context.Context) (string, error) { return "token" + secretText, nil }),
	}
	for _, answer := range answers {
		for _, credential := range credentials {
			for _, tokens := range []bool{true, false} {
				client, err := NewClient(credential, WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: 1, MinDelay: -1}),
					WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
						record.mu.Lock()
						record.sent = append(record.sent, r.Header.Get("Authorization"))
						record.mu.Unlock()
						if r.URL.Path == tokenPath && tokens {
							return testutil.Always(200, `{"access_token":"`+secretText+`","token_type":"Bearer","expires_in":3600}`)(r)
						}
						return answer(r)
					})),
					WithObserver(record.observe), WithLogger(slog.New(slog.NewTextHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))),
					WithLogger(slog.New(slog.NewJSONHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				require.NoError(t, err)
				jobs := client.CloudManager.Cluster("p", "c").Jobs
				_, err = jobs.Get(t.Context(), "j")
				record.failed(t, err)
				_, err = jobs.List(t.Context(), ListOptions{})
				record.failed(t, err)
				_, err = jobs.Create(t.Context(), FromSnapshot("s"), ToDownload())
				record.failed(t, err)
				var out struct{ At time.Time }
				record.failed(t, client.Do(t.Context(), http.MethodPost, "/api/x?key="+secretText, map[string]string{"key": secretText}, &out))
				if err = client.RevokeToken(t.Context()); err != nil {
					record.failed(t, err)
				}
			}
		}
	}
	return record
}

func TestRedaction_calls(t *testing.T) {
	t.Parallel()
	record := runFailingCalls(t)
	require.NotEmpty(t, record.errors)
	require.NotEmpty(t, record.exchanges)
	require.NotZero(t, record.log.Len())
	for _, text := range record.texts {
		assert.Empty(t, findLeak(text), text)
	}
	for line := range strings.Lines(record.log.String()) {
		assert.Empty(t, findLeak(line), line)
	}
	for i := range record.errors {
		encoded, err := json.Marshal(record.errors[i])
		require.NoError(t, err)
		assert.Empty(t, findLeak(string(encoded)), "%s", encoded)
	}
	all := strings.Join(record.texts, "\n") + record.log.String() + fmt.Sprintf("%+v %#v", record.exchanges, record.exchanges)
	digests := 0
	for _, header := range record.sent {
		if _, response, ok := strings.Cut(header, `response="`); ok {
			digests++
			assert.NotContains(t, all, response[:32], "the digest that proves the key")
		}
	}
	assert.NotZero(t, digests)
}

// TestRedaction_downloads fetches a secret link from servers that fail, and searches
// the errors, the progress, and the files that are left.
func TestRedaction_downloads(t *testing.T) {
	t.Parallel()
	job := jobsWithSecrets(t)[0].RawJSON()
	for name, host := range map[string]testutil.RoundTripFunc{
		"refused":    testutil.Always(403, secretText, "X-Error", secretText),
		"gone":       testutil.Always(410, `{"detail":"`+secretLink+`"}`),
		"page":       testutil.Always(200, "<html>"+secretText, "Content-Type", "text/html"),
		"redirect":   testutil.Always(302, "", "Location", "ftp://"+secretText),
		"downgrade":  testutil.Always(302, "", "Location", "http://elsewhere.example.com/"+secretText),
		"circle":     testutil.Always(307, "", "Location", secretLink),
		"cut":        testutil.Always(200, "data", "Content-Length", "10", "ETag", `"1"`),
		"partial":    testutil.Always(206, "data", "Content-Range", secretText),
		"compressed": testutil.Always(200, "data", "Content-Encoding", secretText),
		"whole":      testutil.Always(200, "data", "Content-Disposition", "attachment; filename="+secretText, "Content-Length", "4", "Content-Type", "application/gzip"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { assertDownloadIsRedacted(t, job, host, name == "whole") })
		})
	}
}

// assertDownloadIsRedacted downloads a job's file from a host.
func assertDownloadIsRedacted(t *testing.T, job []byte, host testutil.RoundTripFunc, works bool) {
	t.Helper()
	record := &callRecord{}
	client, err := NewClient(APIKey("a", "b"), WithBaseURL("https://api.example.com"), WithRetry(RetryPolicy{MaxRetries: -1, MinDelay: -1}),
		WithLogger(slog.New(slog.NewTextHandler(record, &slog.HandlerOptions{Level: slog.LevelDebug}))), WithObserver(record.observe),
		WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "api.example.com" {
				return testutil.Always(200, string(job))(r)
			}
			resp, err := host(r)
			if _, err := fmt.Sscan(resp.Header.Get("Content-Length"), &resp.ContentLength); err != nil {
				resp.ContentLength = -1
			}
			return resp, err
		})))
	require.NoError(t, err)
	directory := t.TempDir()
	var told []DownloadProgress
	files, err := client.OpsManager.Cluster("p", "c").Jobs.Download(t.Context(), []string{"job"}, directory,
		DownloadOptions{ReuseSingleUseLinks: true, Progress: func(p DownloadProgress) { told = append(told, p) }})
	texts := []string{fmt.Sprintf("%+v %#v %+v %#v", files, files, told, record.exchanges), record.log.String()}
	if err != nil {
		record.failed(t, err)
		texts = append(texts, record.texts...)
	}
	assert.Equal(t, works, err == nil, "%v", err)
	left, err := os.ReadDir(directory)
	require.NoError(t, err)
	for _, file := range left {
		content, err := os.ReadFile(filepath.Join(directory, file.Name()))
		require.NoError(t, err)
		texts = append(texts, file.Name(), string(content))
	}
	for _, text := range texts {
		assert.Empty(t, findLeak(text), text)
	}
}

// failingTransport fails as a transport does that is made of an http.Client.
type failingTransport struct{}

func (failingTransport) RoundTrip(*http.Request) (*http.Response, error) {
	inner := &url.Error{Op: "Get", URL: secretLink, Err: errors.New("no route")}
	return nil, fmt.Errorf("by proxy: %w", &url.Error{Op: "Get", URL: "https://proxy.example.com/?key=" + secretText, Err: inner})
}

func TestRedaction_transportErrors(t *testing.T) {
	t.Parallel()
	record := &callRecord{}
	client, err := NewClient(APIKey("a", "b"), WithTransport(failingTransport{}), WithRetry(RetryPolicy{MaxRetries: -1}), WithObserver(record.observe),
		WithLogger(slog.New(slog.NewTextHandler(record, nil))))
	require.NoError(t, err)
	_, err = client.CloudManager.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	record.failed(t, err)
	require.ErrorContains(t, err, "no route")
	for _, text := range append(record.texts, record.log.String(), fmt.Sprintf("%+v", record.exchanges)) {
		assert.Empty(t, findLeak(text), text)
	}
}

func TestRedaction_invalidOptions(t *testing.T) {
	t.Parallel()
	for _, opt := range []Option{
		WithBaseURL("https://user:" + secretText + "@host"), WithBaseURL("https://host?key=" + secretText), WithBaseURL("https://host/#" + secretText),
		WithBaseURL("ftp://" + secretText), WithBaseURL("https://%zz" + secretText), WithBaseURL("https://host/api/" + secretText),
		WithRootCAs([]byte(secretText)), WithUserAgent("\n" + secretText), WithAtlasAPIVersion(secretText),
	} {
		_, err := NewClient(APIKey(secretText, secretText), opt)
		require.ErrorIs(t, err, ErrInvalidArgument)
		assert.Empty(t, findLeak(fmt.Sprintf("%v %+v %#v %q", err, err, err, err)), err)
	}
	for _, credentials := range []Credentials{APIKey("", secretText), APIKey(secretText, ""), ServiceAccount(secretText, "")} {
		_, err := NewClient(credentials)
		require.ErrorIs(t, err, ErrInvalidArgument)
		assert.Empty(t, findLeak(fmt.Sprintf("%v %+v %#v %q", err, err, err, err)), err)
	}
}

// TestRedaction_panics panics in a program of its own and reads what the runtime prints.
func TestRedaction_panics(t *testing.T) {
	const variable = "RESTOREJOBS_TEST_PANIC"
	values := map[string]func() any{
		"job": func() any { return jobsWithSecrets(t)[0] }, "pointer": func() any { return &jobsWithSecrets(t)[0] },
		"secret": func() any { return Secret(secretLink) }, "credentials": func() any { return APIKey(secretText, secretText) },
		"delivery": func() any { return jobsWithSecrets(t)[0].Delivery }, "page": func() any { return JobPage{Jobs: []*Job{&jobsWithSecrets(t)[0]}} },
		"error":   func() any { return getError(t, testutil.Always(500, `{"detail":"`+secretLink+`"}`)) },
		"wrapped": func() any { return fmt.Errorf("%v: %w", jobsWithSecrets(t), io.EOF) },
	}
	if name := os.Getenv(variable); name != "" {
		panic(values[name]())
	}
	t.Parallel()
	for name := range values {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRedaction_panics$")
		command.Env = append(os.Environ(), variable+"="+name)
		output, err := command.CombinedOutput()
		require.Error(t, err)
		require.Contains(t, string(output), "panic:")
		assert.Empty(t, findLeak(string(output)), "%s: %s", name, output)
	}
}

// TestRedaction_storedJobKeepsLinks pins what Job's document says of json.Marshal.
func TestRedaction_storedJobKeepsLinks(t *testing.T) {
	t.Parallel()
	for _, job := range jobsWithSecrets(t) {
		for _, value := range []any{job, &job, []*Job{&job}, JobPage{Jobs: []*Job{&job}}} {
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Contains(t, string(encoded), secretLink)
		}
		for _, value := range []any{job.Delivery, job.Components, job.DeliveryURL, job.SnapshotURL, job.DownloadLinks()} {
			if reflect.ValueOf(value).IsZero() {
				continue
			}
			encoded, err := json.Marshal(value)
			require.NoError(t, err)
			assert.Empty(t, findLeak(string(encoded)), "a part by itself is redacted: %s", encoded)
		}
	}
}
