package wire_test

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

	"example.com/restorejobs/internal/wire"
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

func judged(w *wire.Watch) verdict {
	switch odd, refused := wire.NotSent(w.Judge(errOdd)), wire.NotSent(w.Judge(errRefused)); {
	case odd && refused:
		return unsent
	case refused:
		return byKind
	default:
		return sent
	}
}

// post makes a request under a watch, with a body or without.
func post(t *testing.T, body bool) (*http.Request, *wire.Watch) {
	t.Helper()
	ctx, watch := wire.WithWatch(t.Context())
	var text io.Reader
	if body {
		text = bytes.NewReader([]byte("{}"))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://om.example.net", text)
	require.NoError(t, err)
	return request, watch
}

// through sends a request through a transport, and nothing comes of it.
func through(transport http.RoundTripper, request *http.Request) {
	response, err := (&wire.Watched{Base: transport}).RoundTrip(request)
	if err == nil {
		_ = response.Body.Close()
	}
}

// registered is net/http's transport with another protocol, which is not looked into.
func registered(other http.RoundTripper) *http.Transport {
	transport := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
	transport.RegisterProtocol("https", other)
	return transport
}

func TestWatch(t *testing.T) {
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
		"the own without a proxy":                {wire.Own(noProxy()), unsent, unsent},
		"the own without a connection":           {wire.Own(noDial()), unsent, unsent},
		"a clone with another protocol":          {wire.Own(clone), unsent, byKind},
		"refused by the service":                 {answers(http.StatusUnauthorized), unsent, unsent},
		"answered":                               {answers(http.StatusOK), sent, sent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for body, want := range map[bool]verdict{true: test.withBody, false: test.without} {
				request, watch := post(t, body)
				assert.Equal(t, unsent, judged(watch), "before anything was sent")
				through(answers(http.StatusUnauthorized), request) // the leg before
				through(test.transport, request)
				assert.Equal(t, want, judged(watch), "with a body: %v", body)
			}
		})
	}
}

// TestABodyThatWasNotSentIsWithheld from a transport that would send it later.
func TestABodyThatWasNotSentIsWithheld(t *testing.T) {
	t.Parallel()
	request, watch := post(t, true)
	var kept *http.Request
	through(registered(function(func(r *http.Request) (*http.Response, error) {
		kept = r
		return nil, errOdd
	})), request)
	require.True(t, wire.NotSent(watch.Judge(errOdd)))
	again, err := kept.GetBody()
	require.NoError(t, err)
	for _, body := range []io.Reader{kept.Body, again} {
		read, err := io.ReadAll(body)
		assert.Empty(t, read)
		require.ErrorContains(t, err, "given up")
	}
}

// TestABrokenHandshakeOfAWatchedRequest: in TLS 1.3 a request may be on its way when the
// server refuses the client's certificate. With more connections, one may have been heard.
func TestABrokenHandshakeOfAWatchedRequest(t *testing.T) {
	t.Parallel()
	for connections, want := range []bool{false, true, false, false} {
		request, watch := post(t, true)
		through(function(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			for range connections {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			}
			return nil, errAlert
		}), request)
		assert.Equal(t, want, wire.NotSent(watch.Judge(errAlert)), connections)
	}
}

// TestWatchedRequestsArriveWhole over both versions of HTTP, and nobody else is watched.
func TestWatchedRequestsArriveWhole(t *testing.T) {
	t.Parallel()
	for _, two := range []bool{false, true} {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(w, r.Body)
		}))
		server.EnableHTTP2 = two
		server.StartTLS()
		t.Cleanup(server.Close)
		request, watch := post(t, true)
		target, err := url.Parse(server.URL)
		require.NoError(t, err)
		request.URL = target
		response, err := (&wire.Watched{Base: server.Client().Transport}).RoundTrip(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "{}", string(body))
		assert.Equal(t, sent, judged(watch))

		plain := request.WithContext(t.Context())
		through(function(func(r *http.Request) (*http.Response, error) {
			assert.Same(t, plain, r)
			return nil, errOdd
		}), plain)
	}
}
