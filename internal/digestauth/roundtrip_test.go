package digestauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
)

// roundTrip is a base transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(req *http.Request, status int, header http.Header) *http.Response {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: req}
}

func challenged() http.Header { return http.Header{"Www-Authenticate": {chal}} }

// challengeOnce is a server that wants a signature, without looking at it.
func challengeOnce(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") == "" {
		return answer(req, http.StatusUnauthorized, challenged()), nil
	}
	return answer(req, http.StatusOK, nil), nil
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://cloud.mongodb.com/api": "https://cloud.mongodb.com:443",
		"HTTPS://Cloud.MongoDB.com:443": "https://cloud.mongodb.com:443",
		"http://om.example.net":         "http://om.example.net:80",
		"http://om.example.net:":        "http://om.example.net:80",
		"http://u:p@om.example.net:808": "http://om.example.net:808",
		"https://[2001:DB8::1]/":        "https://[2001:db8::1]:443",
		"https://[::1]:8443/":           "https://[::1]:8443",
	} {
		u, err := url.Parse(in)
		require.NoError(t, err)
		assert.Equal(t, want, digestauth.Origin(u), in)
	}
}

// Only the configured origins learn anything about the credential, whatever
// they ask for.
func TestRoundTrip_foreignOrigins(t *testing.T) {
	t.Parallel()
	var sent []*http.Request
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req)
		return challengeOnce(req)
	})
	transport := digestauth.New(digestauth.Config{
		Username: user, Password: password, Base: base,
		Origins: []string{"https://OM.example.net:8443/prefix", "https://om.example.net", ":not a URL"},
	})
	call := func(address string) *http.Request {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return req
	}
	call("https://om.example.net:8443/x")
	call("https://om.example.net:443/x")
	require.Len(t, sent, 4, "two calls, two legs each")
	sent = nil
	for _, address := range []string{
		"http://om.example.net:8443/x", "https://om.example.net:8444/x", "https://om.example.net.evil.net:8443/x",
		"http://om.example.net/x", "https://om.example.net@evil.net:8443/x", "https://sub.om.example.net:8443/x",
		"https://om.example.net.:8443/x",
	} {
		req := call(address)
		require.Len(t, sent, 1, address)
		assert.Same(t, req, sent[0], "untouched")
		assert.Empty(t, sent[0].Header, address)
		sent = nil
	}
}

func TestRoundTrip_redirectToForeignOrigin(t *testing.T) {
	t.Parallel()
	var seen atomic.Int32
	evil := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		if r.Header.Get("Authorization") != "" {
			seen.Add(100)
		}
		refuse("", chal)(w, r)
	}))
	home := serve(t, &scripted{responses: []http.HandlerFunc{
		refuse("", chal), http.RedirectHandler(evil.String(), http.StatusFound).ServeHTTP,
	}})
	status, _, err := get(t, newClient(t, password, home), home, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.EqualValues(t, 1, seen.Load())
}

// What the caller passed in stays as it was, and what comes back does not show
// the signature.
func TestRoundTrip_requestIsUnchanged(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := serve(t, a)
	client := newClient(t, password, u)
	for range 2 { // cold and warm
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.String()+"/jobs", strings.NewReader("body"))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Basic bWluZQ==")
		req.Header.Set("X-Mine", "1")
		before := req.Clone(t.Context())
		resp, err := client.Transport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Equal(t, before.Header, req.Header)
		assert.Equal(t, before.URL, req.URL)
		assert.Same(t, req, resp.Request)
	}
	requests, _, _ := a.seen()
	assert.Equal(t, 3, requests)
}

// An Authorization of the caller's, as from user:password@ in a URL, is not for
// a server that asks for digest.
func TestRoundTrip_dropsOtherAuthorization(t *testing.T) {
	t.Parallel()
	var sent []string
	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req.Header.Get("Authorization"))
		return challengeOnce(req)
	})
	u := &url.URL{Scheme: "https", Host: "om.example.net", User: url.UserPassword("a", "b")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)
	require.NoError(t, err)
	_, _, err = do(&http.Client{Transport: newTransport(base, password, u)}, req)
	require.NoError(t, err)
	require.Len(t, sent, 2)
	assert.Empty(t, sent[0])
	assert.True(t, strings.HasPrefix(sent[1], "Digest "))
}

// body counts how often it is closed.
type body struct {
	io.Reader
	closed *atomic.Int32
}

func (b body) Close() error { b.closed.Add(1); return nil }

func TestRoundTrip_replaysBody(t *testing.T) {
	t.Parallel()
	const text = `{"snapshotId":"5"}`
	a := &app{lifetime: 2}
	u := serve(t, a)
	client := newClient(t, password, u)
	var opened, closed atomic.Int32
	open := func() (io.ReadCloser, error) {
		opened.Add(1)
		return body{strings.NewReader(text), &closed}, nil
	}
	for range 3 {
		first, err := open()
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.String(), first)
		require.NoError(t, err)
		req.GetBody, req.ContentLength = open, int64(len(text))
		status, _, err := do(client, req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
	}
	// The calls cost two legs, one, and two again for the nonce was used up.
	assert.Equal(t, []string{text, text, text, text, text}, a.bodies)
	assert.EqualValues(t, 5, opened.Load())
	assert.EqualValues(t, 5, closed.Load())
}

func TestRoundTrip_closesBody(t *testing.T) {
	t.Parallel()
	home := &url.URL{Scheme: "https", Host: "om.example.net"}
	cut := errors.New("cut")
	tests := map[string]struct {
		warm    bool
		base    roundTrip
		getBody func() (io.ReadCloser, error)
		query   string
		wantErr error
		text    string
	}{
		"no GetBody": {
			base:    func(*http.Request) (*http.Response, error) { panic("nothing may be sent") },
			wantErr: digestauth.ErrBodyNotReplayable, text: "digestauth: request body cannot be replayed",
		},
		"GetBody fails": {
			base: challengeOnce, getBody: func() (io.ReadCloser, error) { return nil, cut },
			wantErr: cut, text: "digestauth: replay request body: cut",
		},
		"second leg fails": {
			base: func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("Authorization") == "" {
					return answer(req, http.StatusUnauthorized, challenged()), nil
				}
				_ = req.Body.Close()
				return nil, cut
			},
			getBody: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil },
			wantErr: cut, text: "cut", // as it is
		},
		"cannot be signed": {
			warm: true, base: challengeOnce, query: "\r\nX: y",
			getBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
			text:    "digestauth: control character in user name or URL",
		},
		"success": {
			base: challengeOnce, getBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := newTransport(test.base, password, home)
			if test.warm {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, home.String(), nil)
				require.NoError(t, err)
				resp, err := transport.RoundTrip(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
			}
			var closed atomic.Int32
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, home.String(),
				body{strings.NewReader("x"), &closed})
			require.NoError(t, err)
			req.GetBody, req.URL.RawQuery = test.getBody, test.query
			resp, err := transport.RoundTrip(req)
			if resp != nil {
				require.NoError(t, resp.Body.Close())
			}
			if test.text == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.text)
			}
			if test.wantErr != nil {
				require.ErrorIs(t, err, test.wantErr)
			}
			assert.EqualValues(t, 1, closed.Load())
		})
	}
}

func TestRoundTrip_contextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := &scripted{responses: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
		refuse("", chal)(w, r)
	}, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, refuse("", chal), accept}}
	u := serve(t, s)
	client := newClient(t, password, u)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	require.NoError(t, err)
	_, _, err = do(client, req)
	require.ErrorIs(t, err, context.Canceled)
	// The server may yet see the count of the leg that was given up, so that its
	// nonce is not used again: the next call starts unsigned.
	status, _, err := get(t, client, u, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.EqualValues(t, 4, s.requests.Load())
	assert.EqualValues(t, 2, s.signed.Load())
}

func TestWithTrace(t *testing.T) {
	t.Parallel()
	a := &app{lifetime: 1}
	u := serve(t, a)
	client := newClient(t, password, u)
	trace := func() (legs []digestauth.RoundTrip, err error) {
		told := 0
		ctx := digestauth.WithTrace(t.Context(), func(digestauth.RoundTrip) { told++ })
		ctx = digestauth.WithTrace(ctx, func(l digestauth.RoundTrip) {
			assert.Equal(t, len(legs)+1, told, "the trace before is told first")
			assert.Positive(t, l.Duration)
			l.Duration = 0
			legs = append(legs, l)
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		_, _, err = do(client, req)
		return legs, err
	}
	legs, err := trace()
	require.NoError(t, err)
	assert.Equal(t, []digestauth.RoundTrip{{Status: 401}, {Status: 200, Signed: true}}, legs)
	legs, err = trace()
	require.NoError(t, err)
	assert.Equal(t, []digestauth.RoundTrip{{Status: 401, Signed: true, Stale: true}, {Status: 200, Signed: true}}, legs)

	client.Transport = newTransport(roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	}), password, u)
	legs, err = trace()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, []digestauth.RoundTrip{{}}, legs)
}

// Requests that break the rules get the base transport's answer, not a panic.
func TestRoundTrip_invalidRequests(t *testing.T) {
	t.Parallel()
	home := &url.URL{Scheme: "http", Host: "om.example.net"}
	_, err := newTransport(&http.Transport{}, password, home).RoundTrip(&http.Request{})
	require.ErrorContains(t, err, "nil Request.URL")

	base := roundTrip(func(req *http.Request) (*http.Response, error) {
		resp, err := challengeOnce(req)
		resp.Body = nil
		return resp, err
	})
	resp, err := newTransport(base, password, home).RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}
