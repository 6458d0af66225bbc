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

	"example.com/restorejobs/internal/transport"
)

// function is a transport made of a function.
type function func(*http.Request) (*http.Response, error)

func (f function) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

var (
	errOdd     = errors.New("something odd")
	errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errAlert   = &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}
)

// verdict is what a watch says: certain either way, or what the error's kind says.
type verdict string

const (
	sent   verdict = "sent"
	unsent verdict = "not sent"
	byKind verdict = "by the kind of the error"
)

func judged(w *transport.SendTracker) verdict {
	switch odd, refused := transport.IsNotSent(w.Classify(errOdd)), transport.IsNotSent(w.Classify(errRefused)); {
	case odd && refused:
		return unsent
	case refused:
		return byKind
	default:
		return sent
	}
}

// post makes a request under a watch, with a body or without.
func post(t *testing.T, body bool) (*http.Request, *transport.SendTracker) {
	t.Helper()
	ctx, watch := transport.WithSendTracker(t.Context())
	var text io.Reader
	if body {
		text = bytes.NewReader([]byte("{}"))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://om.example.net", text)
	require.NoError(t, err)
	return req, watch
}

// through sends a request through a transport, and nothing comes of it.
func through(roundTripper http.RoundTripper, req *http.Request) {
	resp, err := (&transport.TrackedTransport{Base: roundTripper}).RoundTrip(req)
	if err == nil {
		_ = resp.Body.Close()
	}
}

// registered is net/http's transport with another protocol, which is not looked into.
func registered(other http.RoundTripper) *http.Transport {
	roundTripper := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
	roundTripper.RegisterProtocol("https", other)
	return roundTripper
}

func TestSendTracker(t *testing.T) {
	t.Parallel()
	fails := func(work func(*http.Request)) function {
		return func(r *http.Request) (*http.Response, error) {
			work(r)
			return nil, errOdd
		}
	}
	nothing := fails(func(*http.Request) {})
	reads := fails(func(r *http.Request) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
	})
	readsAgain := fails(func(r *http.Request) {
		if r.GetBody != nil {
			body, err := r.GetBody()
			require.NoError(t, err)
			_, _ = io.Copy(io.Discard, body)
		}
	})
	connects := fails(func(r *http.Request) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.GotConn(httptrace.GotConnInfo{})
		trace.GetConn("metrics.example.net:443") // for somebody else
	})
	writes := fails(func(r *http.Request) { httptrace.ContextClientTrace(r.Context()).WroteHeaders() })
	answers := func(status int) function {
		return func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Body: http.NoBody}, nil
		}
	}
	noProxy := func() *http.Transport {
		return &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errOdd }}
	}
	noDial := func() *http.Transport {
		return &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, errOdd }}
	}
	clone := noDial()
	clone.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	for name, test := range map[string]struct {
		transport         http.RoundTripper
		withBody, without verdict
	}{
		"does nothing":                           {nothing, byKind, byKind},
		"reads the body":                         {reads, sent, byKind},
		"reads the body again":                   {readsAgain, sent, byKind},
		"has a connection":                       {connects, sent, sent},
		"writes headers":                         {writes, sent, sent},
		"has no connection":                      {function(noDial().RoundTrip), unsent, byKind},
		"net/http's without a proxy":             {noProxy(), unsent, byKind},
		"net/http's without a connection":        {noDial(), unsent, byKind},
		"net/http's, a protocol does nothing":    {registered(nothing), unsent, byKind},
		"net/http's, a protocol reads the body":  {registered(reads), sent, byKind},
		"net/http's, a protocol has connections": {registered(connects), sent, sent},
		"the own without a proxy":                {transport.Track(noProxy()), unsent, unsent},
		"the own without a connection":           {transport.Track(noDial()), unsent, unsent},
		"a clone with another protocol":          {transport.Track(clone), unsent, byKind},
		"refused by the service":                 {answers(http.StatusUnauthorized), unsent, unsent},
		"answered":                               {answers(http.StatusOK), sent, sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for body, want := range map[bool]verdict{true: test.withBody, false: test.without} {
				req, watch := post(t, body)
				assert.Equal(t, unsent, judged(watch), "before anything was sent")
				through(answers(http.StatusUnauthorized), req) // the leg before
				through(test.transport, req)
				assert.Equal(t, want, judged(watch), "with a body: %v", body)
			}
		})
	}
}

// TestClassify_withholdsBody from a transport that would send it later.
func TestClassify_withholdsBody(t *testing.T) {
	t.Parallel()
	req, watch := post(t, true)
	var kept *http.Request
	through(registered(function(func(r *http.Request) (*http.Response, error) {
		kept = r
		return nil, errOdd
	})), req)
	require.True(t, transport.IsNotSent(watch.Classify(errOdd)))
	again, err := kept.GetBody()
	require.NoError(t, err)
	for _, body := range []io.Reader{kept.Body, again} {
		read, err := io.ReadAll(body)
		assert.Empty(t, read)
		require.ErrorContains(t, err, "given up")
	}
}

// TestClassify_brokenHandshake: in TLS 1.3 a request may be on its way when the
// server refuses the client's certificate. With more connections, one may have been heard.
func TestClassify_brokenHandshake(t *testing.T) {
	t.Parallel()
	for connections, want := range []bool{false, true, false, false} {
		req, watch := post(t, true)
		through(function(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			for range connections {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			}
			return nil, errAlert
		}), req)
		assert.Equal(t, want, transport.IsNotSent(watch.Classify(errAlert)), connections)
	}
}

// TestTrackedTransport_requestsArriveComplete over both versions of HTTP, and nobody else is watched.
func TestTrackedTransport_requestsArriveComplete(t *testing.T) {
	t.Parallel()
	for _, two := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		server.EnableHTTP2 = two
		server.StartTLS()
		t.Cleanup(server.Close)
		req, watch := post(t, true)
		target, err := url.Parse(server.URL)
		require.NoError(t, err)
		req.URL = target
		resp, err := (&transport.TrackedTransport{Base: server.Client().Transport}).RoundTrip(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, "{}", string(body))
		assert.Equal(t, sent, judged(watch))

		plain := req.WithContext(t.Context())
		through(function(func(r *http.Request) (*http.Response, error) {
			assert.Same(t, plain, r)
			return nil, errOdd
		}), plain)
	}
}
