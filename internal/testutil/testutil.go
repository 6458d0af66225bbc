// Package testutil has the helpers that the tests of several packages share: transports made of
// functions and handlers, responses, and handlers that respond with them.
package testutil

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// RoundTripFunc is an [http.RoundTripper] made of a function.
type RoundTripFunc func(*http.Request) (*http.Response, error)

// RoundTrip calls the function, and sets the Request of a response that has none.
func (f RoundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f(req)
	if resp != nil && resp.Request == nil {
		resp.Request = req
	}
	return resp, err
}

// Handle returns a transport whose responses are a handler's, without a connection. The handler
// receives the request's body, and the transport closes it.
func Handle(handler http.Handler) RoundTripFunc {
	return func(req *http.Request) (*http.Response, error) {
		incoming := req.Clone(req.Context())
		incoming.RequestURI = req.URL.RequestURI()
		if incoming.Body == nil {
			incoming.Body = http.NoBody
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, incoming)
		_ = incoming.Body.Close()
		resp := recorder.Result()
		resp.Request = req
		return resp, nil
	}
}

// Response returns a response with a body. The header is a list of names and values. Its
// ContentLength is that of the body.
func Response(status int, body string, header ...string) *http.Response {
	return &http.Response{
		Status:        strconv.Itoa(status) + " " + http.StatusText(status),
		StatusCode:    status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        headerOf(header),
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// JSON is [Response] with the media type of JSON, unless the header has another one.
func JSON(status int, body string, header ...string) *http.Response {
	resp := Response(status, body, header...)
	if resp.Header.Get("Content-Type") == "" {
		resp.Header.Set("Content-Type", "application/json")
	}
	return resp
}

// APIError returns the API's response for an error.
func APIError(status int, code string, header ...string) *http.Response {
	return JSON(status, fmt.Sprintf(`{"error":%d,"errorCode":%q,"detail":"as scripted"}`, status, code), header...)
}

// Always returns a transport whose response to each request is [JSON] of unknown length. It closes
// the request's body.
func Always(status int, body string, header ...string) RoundTripFunc {
	return func(req *http.Request) (*http.Response, error) {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		resp := JSON(status, body, header...)
		resp.ContentLength = -1
		resp.Request = req
		return resp, nil
	}
}

// Respond returns a handler that responds with a status, a body, and a header that is a list of
// names and values.
func Respond(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		maps.Copy(w.Header(), headerOf(header))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Sequence returns a handler that calls each handler once, in order, and then the last one for
// all further requests.
func Sequence(handlers ...http.HandlerFunc) http.HandlerFunc {
	var requests atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		index := requests.Add(1) - 1
		last := int64(len(handlers) - 1)
		handlers[min(index, last)](w, r)
	}
}

// headerOf returns a header with names and values. It panics if a name has no value.
func headerOf(pairs []string) http.Header {
	header := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		header.Add(pairs[i], pairs[i+1])
	}
	return header
}

// Serve starts a server for a handler on loopback, until the end of the test, and returns its
// URL.
func Serve(tb testing.TB, handler http.Handler) *url.URL {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	return ParseURL(tb, server.URL)
}

// ParseURL returns a valid URL.
func ParseURL(tb testing.TB, text string) *url.URL {
	tb.Helper()
	u, err := url.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// Request returns a request with the context of the test. The body can be nil.
func Request(tb testing.TB, method, target string, body io.Reader) *http.Request {
	tb.Helper()
	req, err := http.NewRequestWithContext(tb.Context(), method, target, body)
	if err != nil {
		tb.Fatal(err)
	}
	return req
}
