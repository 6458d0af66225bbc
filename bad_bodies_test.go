package restorejobs_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

const (
	jsonType = "application/json"
	webPage  = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Sign in to the proxy</body></html>"
)

// bodyFault is a success that most calls cannot use.
type bodyFault struct {
	name   string
	serve  http.HandlerFunc
	status int      // of the error, 0 where the connection broke before the body's end
	is     error    // in the chain, nil for no matter
	says   []string // in the text
	fits   []string // verbs that may take it for an answer
	opts   []restorejobs.Option
}

func bodyFaults() []bodyFault {
	const ok = http.StatusOK
	cancelled := []string{"Cancel"} // asks for no body
	odd := func(name, body string, fits ...string) bodyFault {
		return bodyFault{name: name, serve: testutil.Respond(ok, body, "Content-Type", jsonType), status: ok, fits: fits}
	}
	cut := func(name string, serve http.HandlerFunc) bodyFault {
		return bodyFault{name: name, serve: serve, status: ok, is: io.ErrUnexpectedEOF, says: []string{"200", "the answer was cut"}}
	}
	page := func(name, contentType, body string) bodyFault {
		kind, _, _ := strings.Cut(contentType, ";")
		return bodyFault{
			name: name, serve: testutil.Respond(ok, body, "Content-Type", contentType), status: ok,
			says: []string{fmt.Sprintf("%q", kind), "not JSON", "proxy"},
		}
	}
	return []bodyFault{
		{name: "nothing", serve: testutil.Respond(ok, "", "Content-Type", jsonType), status: ok, says: []string{"200", "the body is empty"}, fits: cancelled},
		{name: "white space", serve: testutil.Respond(ok, " \r\n\t", "Content-Type", jsonType), status: ok, says: []string{"the body is empty"}, fits: cancelled},
		{name: "nothing, no content type", serve: testutil.RawBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), status: ok, says: []string{"empty"}, fits: cancelled},
		{name: "204", serve: testutil.Respond(http.StatusNoContent, "", "Content-Type", jsonType), status: http.StatusNoContent, says: []string{"204", "empty"}, fits: []string{"Cancel", "Do"}},
		{name: "JSON that ends early", serve: testutil.Respond(ok, `{"id":"5ba5","results":[{"id":`, "Content-Type", jsonType), status: ok, is: io.ErrUnexpectedEOF},
		odd("no JSON", `not JSON`), odd("a web page that calls itself JSON", webPage),
		odd("two documents", clienttest.Job+clienttest.Job), odd("garbage at the end", clienttest.Job+"x"), odd("a comma too many", `{"results":[],}`),
		odd("a byte order mark", "\ufeff"+clienttest.Job), odd("NUL bytes", "\x00\x00\x00"), odd("UTF-16", "\xff\xfe{\x00}\x00"),
		odd("NaN", `{"id":NaN,"results":NaN}`), odd("single quotes", `{'id':'x'}`), odd("a string that never ends", `{"id":"`),
		odd("control characters in a string", "{\"id\":\"a\nb\",\"results\":[]}"),
		odd("null", `null`, "Do", "Cancel"), odd("true", `true`, "Cancel"), odd("a number", `42`, "Cancel"), odd("a string", `"job"`, "Cancel"),
		odd("an empty object", `{}`, "Do", "Cancel"), odd("an empty list", `[]`, "RestorableTimeRanges", "Cancel"),
		odd("an object of something else", `{"name":"Cluster0"}`, "Do", "Cancel"),
		odd("deep nesting that never ends", strings.Repeat(`{"a":`, 1<<17)), odd("lists without end", strings.Repeat("[", 1<<20)),
		odd("deep nesting", `{"id":"x","results":[],"odd":`+strings.Repeat("[", 1<<16)+strings.Repeat("]", 1<<16)+"}"),
		odd("a list where a job is expected", clienttest.Page, "List", "All", "AllSnapshots", "Create", "Do", "Cancel"),
		odd("a list of nothing", `{"results":[],"totalCount":0}`, "List", "All", "AllSnapshots", "Do", "Cancel"),
		odd("a job where a list is expected", clienttest.Job, "Get", "GetSnapshot", "Create", "CreateSnapshot", "Do", "Cancel"),
		page("a web page", "text/html; charset=utf-8", webPage), page("plain text", "text/plain", "OK"), page("XML", "application/xml", "<?xml version='1.0'?><ok/>"),
		cut("a Content-Length too long", testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"+clienttest.Job)),
		cut("a cut chunk", testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n{\"id\":")),
		cut("no last chunk", testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")),
		{name: "a reset in the body", serve: testutil.ResetAfter("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"), status: ok, says: []string{"the answer was cut"}},
		{name: "a Content-Length too short", serve: testutil.RawBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 7\r\n\r\n" + clienttest.Job), status: ok, is: io.ErrUnexpectedEOF},
		{name: "gzip", serve: testutil.RespondEncoded("gzip", "this is not what gzip looks like"), status: ok, says: []string{"gzip"}},
		{name: "gzip that ends early", serve: testutil.RespondEncoded("gzip", string(testutil.Gzip(clienttest.Job)[:30])), status: ok, is: io.ErrUnexpectedEOF},
		{name: "an encoding that was not requested", serve: testutil.RespondEncoded("br", "\x0b\x02\x80\x03"), status: ok, says: []string{`content encoding "br"`}},
		{
			name: "endless", serve: testutil.RespondEndlessly, status: ok, says: []string{"larger than the limit of 65536 bytes", "WithMaxResponseBytes"},
			opts: []restorejobs.Option{restorejobs.WithMaxResponseBytes(1 << 16)},
		},
		{
			name: "a gzip bomb", serve: testutil.RespondEncoded("gzip", string(testutil.Gzip(`{"id":"`+strings.Repeat("a", 1<<22)+`","results":[]}`))), status: ok, says: []string{"larger than the limit"},
			opts: []restorejobs.Option{restorejobs.WithMaxResponseBytes(1 << 16)},
		},
		{
			name: "one byte too many", serve: testutil.Respond(ok, `{"id":"0123456789"}`, "Content-Type", jsonType), status: ok, says: []string{"limit of 18 bytes"},
			opts: []restorejobs.Option{restorejobs.WithMaxResponseBytes(18)}, fits: nil,
		},
		{name: "no HTTP", serve: testutil.RawBytes("220 mail.example.net ESMTP\r\n")},

		{name: "no answer", serve: testutil.RawBytes("")},
		{name: "an immediate reset", serve: testutil.ResetAfter("")},
		{name: "a reset in the status line", serve: testutil.ResetAfter("HTTP/1.1 20")},
		{name: "a reset in the header", serve: testutil.ResetAfter("HTTP/1.1 200 OK\r\nContent-Type: appl")},
		{name: "an error in an envelope", serve: testutil.Respond(ok, `{"status":404,"content":{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}}`, "Content-Type", jsonType), status: http.StatusNotFound, is: restorejobs.ErrorCode("RESTORE_JOB_NOT_FOUND")},
		{name: "an error under 200", serve: testutil.Respond(ok, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`, "Content-Type", jsonType), status: http.StatusNotFound, is: restorejobs.ErrNotFound},
	}
}

// similarCalls accept the same bodies as another call.
var similarCalls = map[string]string{
	"GetCollectionJob":       "Get",
	"CreateCollectionJob":    "Get", // one job
	"AllCollectionJobs":      "All",
	"AllRestoredCollections": "All",
	"AllDatabases":           "All",
}

// TestClient_badBodies holds every operation against every body: a response that cannot be used is an
// error with the true status, and a create never takes it for a failure it knows of.
func TestClient_badBodies(t *testing.T) {
	t.Parallel()
	for _, fault := range bodyFaults() {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, fault.serve)
			client := clienttest.ForServer(t, server, append(fault.opts, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: -1}))...)
			for _, call := range clienttest.Calls() {
				before := len(server.Requests())
				err := call.Run(clienttest.ShortContext(t), client)
				if slices.Contains(fault.fits, cmp.Or(similarCalls[call.Name], call.Name)) {
					require.NoError(t, err, call.Name)
					continue
				}
				t.Logf("%s: %v", call.Name, err)
				require.Error(t, err, call.Name)
				checkFault(t, fault, call.Name, err)
				if isCreateCall(call.Name) {
					assert.Equal(t, fault.status != http.StatusNotFound, errors.Is(err, restorejobs.ErrOutcomeUnknown))
					assert.Len(t, server.Requests(), before+1, "a create is sent once")
				}
			}
		})
	}
}

func checkFault(t *testing.T, fault bodyFault, verb string, err error) {
	t.Helper()
	var apiErr *restorejobs.Error
	if fault.status != 0 && assert.ErrorAs(t, err, &apiErr, verb) {
		assert.Equal(t, fault.status, apiErr.StatusCode, verb)
	}
	if fault.is != nil && verb != "Do" && verb != "RestorableTimeRanges" {
		require.ErrorIs(t, err, fault.is, verb)
	}
	for _, text := range fault.says {
		assert.ErrorContains(t, err, text, verb)
	}
	assert.NotContains(t, err.Error(), "s3cr3t-token")
	assert.NotContains(t, err.Error(), "\n")
	assert.Less(t, len(err.Error()), 1000)
}
