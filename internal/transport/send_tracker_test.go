package transport_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

var (
	errUnknown = errors.New("an unknown error")
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errAlert   = &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
)

// classification is the result of a SendTracker.
type classification string

const (
	sent      classification = "sent"
	notSent   classification = "not sent"
	byError   classification = "by the type of the error"
	createURL                = "https://om.example.net"
)

func classify(tracker *transport.SendTracker) classification {
	isUnknownNotSent := transport.IsNotSent(tracker.Classify(errUnknown))
	isRefusedNotSent := transport.IsNotSent(tracker.Classify(errRefused))
	switch {
	case isUnknownNotSent && isRefusedNotSent:
		return notSent
	case isRefusedNotSent:
		return byError
	default:
		return sent
	}
}

// newTrackedPost returns a tracked request, with a body or without.
func newTrackedPost(t *testing.T, withBody bool) (*http.Request, *transport.SendTracker) {
	t.Helper()
	var body io.Reader
	if withBody {
		body = bytes.NewReader([]byte("{}"))
	}
	ctx, tracker := transport.WithSendTracker(t.Context())
	return testutil.Request(t, http.MethodPost, createURL, body).WithContext(ctx), tracker
}

// sendTracked sends a request and ignores the result.
func sendTracked(base http.RoundTripper, req *http.Request) {
	resp, err := (&transport.TrackedTransport{Base: base}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
}

// failAfter returns a transport that calls a function and fails.
func failAfter(work func(*http.Request)) testutil.RoundTripFunc {
	return func(req *http.Request) (*http.Response, error) {
		work(req)
		return nil, errUnknown
	}
}

func respondWith(status int) testutil.RoundTripFunc {
	return func(*http.Request) (*http.Response, error) { return testutil.Response(status, ""), nil }
}

// withProtocol returns net/http's transport with a protocol, which hides another transport.
func withProtocol(other http.RoundTripper) *http.Transport {
	base := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
	base.RegisterProtocol("https", other)
	return base
}

func readBody(req *http.Request) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
}

func TestClassify_transports(t *testing.T) {
	t.Parallel()
	nothing := failAfter(func(*http.Request) {})
	reads := failAfter(readBody)
	replays := failAfter(func(req *http.Request) {
		if req.GetBody != nil {
			body, err := req.GetBody()
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, body)
		}
	})
	connects := failAfter(func(req *http.Request) {
		trace := httptrace.ContextClientTrace(req.Context())
		trace.GotConn(httptrace.GotConnInfo{})
		trace.GetConn("metrics.example.net:443") // for another request
	})
	writes := failAfter(func(req *http.Request) { httptrace.ContextClientTrace(req.Context()).WroteHeaders() })
	noProxy := func() *http.Transport {
		return &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errUnknown }}
	}
	noDial := func() *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errUnknown }}
	}
	clone := noDial()
	clone.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	for name, test := range map[string]struct {
		transport   http.RoundTripper
		withBody    classification
		withoutBody classification
	}{
		"does nothing":                        {nothing, byError, byError},
		"reads the body":                      {reads, sent, byError},
		"replays the body":                    {replays, sent, byError},
		"gets a connection":                   {connects, sent, sent},
		"writes headers":                      {writes, sent, sent},
		"gets no connection":                  {testutil.RoundTripFunc(noDial().RoundTrip), notSent, byError},
		"net/http, no proxy":                  {noProxy(), notSent, byError},
		"net/http, no connection":             {noDial(), notSent, byError},
		"net/http, protocol does nothing":     {withProtocol(nothing), notSent, byError},
		"net/http, protocol reads the body":   {withProtocol(reads), sent, byError},
		"net/http, protocol gets connections": {withProtocol(connects), sent, sent},
		"own, no proxy":                       {transport.Track(noProxy()), notSent, notSent},
		"own, no connection":                  {transport.Track(noDial()), notSent, notSent},
		"own, clone with another protocol":    {transport.Track(clone), notSent, byError},
		"401":                                 {respondWith(http.StatusUnauthorized), notSent, notSent},
		"200":                                 {respondWith(http.StatusOK), sent, sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for withBody, want := range map[bool]classification{true: test.withBody, false: test.withoutBody} {
				req, tracker := newTrackedPost(t, withBody)
				assert.Equal(t, notSent, classify(tracker), "before anything was sent")
				sendTracked(respondWith(http.StatusUnauthorized), req) // the request before
				sendTracked(test.transport, req)
				assert.Equal(t, want, classify(tracker), "with a body: %v", withBody)
			}
		})
	}
}

func TestClassify_nilTracker(t *testing.T) {
	t.Parallel()
	var tracker *transport.SendTracker
	assert.Equal(t, io.EOF, tracker.Classify(io.EOF))
}

// TestClassify_nestedCall checks that a call which a transport makes with the context of its
// request does not change the classification of that request.
func TestClassify_nestedCall(t *testing.T) {
	t.Parallel()
	req, tracker := newTrackedPost(t, true)
	sendTracked(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
		readBody(r)
		inner := testutil.Request(t, http.MethodGet, createURL, nil).WithContext(r.Context())
		sendTracked(respondWith(http.StatusUnauthorized), inner) // of another client
		return nil, io.ErrUnexpectedEOF
	}), req)
	assert.False(t, transport.IsNotSent(tracker.Classify(io.ErrUnexpectedEOF)))
}

func TestTrackedTransport_requestsArriveComplete(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		server.EnableHTTP2 = http2
		server.StartTLS()
		t.Cleanup(server.Close)
		req, tracker := newTrackedPost(t, true)
		req.URL = testutil.ParseURL(t, server.URL)
		resp, err := (&transport.TrackedTransport{Base: server.Client().Transport}).RoundTrip(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, "{}", string(body))
		assert.Equal(t, sent, classify(tracker))
	}
}

func TestTrackedTransport_untrackedIsUnchanged(t *testing.T) {
	t.Parallel()
	req := testutil.Request(t, http.MethodGet, createURL, nil)
	sendTracked(failAfter(func(r *http.Request) { assert.Same(t, req, r) }), req)
}
