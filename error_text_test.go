package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// What an error, and what is observed of it, may show of a response.

// recorded is all that a client reports of its calls.
type noted struct {
	log   bytes.Buffer
	texts []string
}

func (n *noted) options() []restorejobs.Option {
	return []restorejobs.Option{
		restorejobs.WithLogger(slog.New(slog.NewTextHandler(&n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) {
			n.texts = append(n.texts, fmt.Sprintf("%+v %#v", e, e))
		}),
	}
}

// all gives what was told, with an error and its whole chain in every form.
func (n *noted) all(err error) []string {
	texts := append(slices.Clone(n.texts), n.log.String())
	for each := err; each != nil; each = errors.Unwrap(each) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			texts = append(texts, fmt.Sprintf(verb, each))
		}
	}
	return texts
}

// echoes are responses of a port that echoes the request, in the places that net/http
// reads: ALL is the request, SECRET a part of it.
func echoes() map[string]string {
	const ok = "HTTP/1.1 200 OK\r\n"
	return map[string]string{
		"all of it":              "ALL",
		"in the protocol":        "SECRET 200 OK\r\n\r\n",
		"alone":                  "SECRET\r\n\r\n",
		"in the status":          "HTTP/1.1 SECRET\r\n\r\n",
		"as the first header":    ok + " SECRET\r\n\r\n",
		"as a header":            ok + "A: b\r\nSECRET\r\n\r\n",
		"in a header's name":     ok + "A: b\r\nX (SECRET): b\r\n\r\n",
		"after the status":       ok + "ALL",
		"as the length":          ok + "Content-Length: SECRET\r\n\r\n",
		"as another length":      ok + "Content-Length: 1\r\nContent-Length: SECRET\r\n\r\n",
		"as the encoding":        ok + "Transfer-Encoding: SECRET\r\n\r\n",
		"as one of the encoding": ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: SECRET\r\n\r\n",
		"as a trailer":           ok + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nSECRET\r\n\r\n",
	}
}

// echo answers a request in one of the forms.
func echo(t *testing.T, form string, r *http.Request, secret string) http.HandlerFunc {
	t.Helper()
	request, err := httputil.DumpRequest(r, false)
	assert.NoError(t, err)
	return testutil.RawBytes(strings.NewReplacer("ALL", string(request), "SECRET", secret).Replace(form))
}

// TestError_redactsEchoedCredentials: a service that sends requests back would put the credentials
// into errors and logs.
func TestError_redactsEchoedCredentials(t *testing.T) {
	t.Parallel()
	const token = "t0ken-s3cr3t"
	for name, form := range echoes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, credentials := range []restorejobs.Credentials{
				clienttest.Bearer(token), restorejobs.ServiceAccount("id", token), restorejobs.APIKey("public", token),
			} {
				var secret string
				server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
					if secret = r.Header.Get("Authorization"); secret == "" {
						w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					echo(t, form, r, secret)(w, r)
				})
				told := &noted{}
				client := clienttest.New(t, credentials, append(told.options(), restorejobs.WithBaseURL(server.URL), withoutRetry())...)
				for _, call := range clienttest.Calls()[:2] {
					err := call.Run(clienttest.ShortContext(t), client)
					require.Error(t, err)
					t.Log(err)
					proof := strings.Trim(secret[strings.LastIndexAny(secret, " =")+1:], `"`)
					require.NotEmpty(t, proof)
					for _, text := range told.all(err) {
						assert.NotContains(t, text, proof)
						assert.NotContains(t, text, token)
					}
				}
			}
		})
	}
}

func TestDownload_redactsEchoedLink(t *testing.T) {
	t.Parallel()
	for name, form := range echoes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newArchive(t, 1000)
			d.link = func(w http.ResponseWriter, r *http.Request) {
				echo(t, strings.ReplaceAll(form, "json", "gzip"), r, r.URL.Path)(w, r)
			}
			_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, t.TempDir(), restorejobs.DownloadOptions{})
			require.Error(t, err)
			t.Log(err)
			for each := err; each != nil; each = errors.Unwrap(each) {
				assertRedacted(t, each)
			}
		})
	}
}

// TestError_textIsBounded, whatever a server sends, and what is logged of them too.
func TestError_textIsBounded(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	tooLong := strings.Repeat("x", 1<<20) // for a header
	long := tooLong[:128<<10]
	fields := strings.Repeat(`{"field":"`+long[:200]+`","description":"`+long[:1000]+`"},`, 100)
	for name, serve := range map[string]http.HandlerFunc{
		"a status line":       testutil.RawBytes("HTTP/1.1 2x0 " + tooLong + "\r\n\r\n"),
		"no HTTP":             testutil.RawBytes(strings.Repeat("\x01", len(tooLong)) + "\r\n\r\n"),
		"a header":            testutil.RawBytes(ok + tooLong + "\r\n\r\n"),
		"a length":            testutil.RawBytes(ok + "Content-Length: " + tooLong + "\r\n\r\n"),
		"a trailer":           testutil.RawBytes(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + tooLong + "\r\n\r\n"),
		"a redirect's host":   redirect(http.StatusFound, "https://"+long+"/"),
		"a redirect's scheme": redirect(http.StatusFound, long+"://host/"),
		"a type":              testutil.Respond(http.StatusOK, "x", "Content-Type", "text/"+long),
		"an encoding": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", long)
			clienttest.Succeed(w, r)
		},
		"fields":                testutil.Respond(http.StatusBadRequest, `{"errorCode":"X","badRequestDetail":{"fields":[`+fields+`{}]}}`, "Content-Type", jsonType),
		"a number that is none": testutil.Respond(http.StatusOK, `{"id":`+strings.Repeat("9", len(long))+`}`, "Content-Type", jsonType),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, serve)
			told := &noted{}
			client := clienttest.ForServer(t, server, append(told.options(), withoutRetry())...)
			var out struct {
				ID int `json:"id"`
			}
			failed := client.Do(clienttest.ShortContext(t), http.MethodGet, "/api/x", nil, &out)
			require.Error(t, failed)
			for _, err := range []error{failed, clienttest.Get(clienttest.ShortContext(t), client), clienttest.Create(clienttest.ShortContext(t), client)} {
				if err != nil {
					t.Logf("%d bytes: %.200s", len(err.Error()), err)
					assert.Less(t, len(err.Error()), 8<<10)
				}
			}
			assert.Less(t, told.log.Len(), 32<<10)
		})
	}
}

// TestError_textNamesTenFields, and the error has them all.
func TestError_textNamesTenFields(t *testing.T) {
	t.Parallel()
	for count, says := range map[int]string{1: "; f: d", 10: "; f: d; f: d", 11: "; f: d; and 1 more", 30000: "; f: d; and 29990 more"} {
		fields := strings.Repeat(`,{"field":"f","description":"d"}`, count)[1:]
		server := testutil.NewServer(t, testutil.Respond(http.StatusBadRequest, `{"errorCode":"X","badRequestDetail":{"fields":[`+fields+`]}}`, "Content-Type", jsonType))
		err := clienttest.Get(clienttest.ShortContext(t), clienttest.ForServer(t, server))
		assert.True(t, strings.HasSuffix(err.Error(), says), err.Error())
		assert.Equal(t, min(count, 10), strings.Count(err.Error(), "f: d"))
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		assert.Len(t, apiErr.FieldViolations, count)
	}
}
