package digestauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// TestRoundTrip_requestIsUnchanged checks that neither the request nor the response has the
// signature.
func TestRoundTrip_requestIsUnchanged(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	for range 2 { // without and with a cached nonce
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
	requests, _, _ := a.counts()
	assert.Equal(t, 3, requests)
}

// TestRoundTrip_ownsRequests checks that a request is signed without a copy, unless it was sent before. A
// signature that it already has, as the copy for a redirect, is not sent.
func TestRoundTrip_ownsRequests(t *testing.T) {
	t.Parallel()
	var sent []*http.Request
	var signatures []string
	isRefused := false
	u := testutil.ParseURL(t, "https://om.example.net")
	signing := digestauth.New(digestauth.Config{
		Username:     user,
		Password:     password,
		Origins:      []string{transport.Origin(u)},
		OwnsRequests: true,
		Base: testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req)
			signatures = append(signatures, req.Header.Get("Authorization"))
			if isRefused {
				isRefused = false
				req = &http.Request{}
			}
			return challengeOnce(req)
		}),
	})
	send := func() *http.Request {
		sent = nil
		signatures = nil
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Digest of-a-redirect")
		resp, err := signing.RoundTrip(req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, resp.StatusCode)
		return req
	}

	req := send() // without a nonce
	require.Len(t, sent, 2)
	assert.NotSame(t, req, sent[0])
	assert.NotSame(t, req, sent[1])
	assert.Empty(t, signatures[0])
	assert.Contains(t, signatures[1], "nc=00000001")

	req = send()
	require.Len(t, sent, 1)
	assert.Same(t, req, sent[0])
	assert.Contains(t, signatures[0], "nc=00000002")

	isRefused = true
	req = send()
	require.Len(t, sent, 2)
	assert.Same(t, req, sent[0])
	assert.NotSame(t, req, sent[1], "the transport may still write it")
	assert.Equal(t, signatures[0], req.Header.Get("Authorization"))
	assert.Contains(t, signatures[1], "nc=00000001")
}

// TestRoundTrip_dropsOtherAuthorization checks that an Authorization of the caller's, as from
// user:password@ in a URL, is not sent.
func TestRoundTrip_dropsOtherAuthorization(t *testing.T) {
	t.Parallel()
	var sent []string
	base := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
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

// closeCounter is a body that counts how often it is closed.
type closeCounter struct {
	io.Reader

	closed *atomic.Int32
}

func (c closeCounter) Close() error {
	c.closed.Add(1)
	return nil
}

func TestRoundTrip_replaysBody(t *testing.T) {
	t.Parallel()
	const text = `{"snapshotId":"5"}`
	a := &app{lifetime: 2}
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	var opened, closed atomic.Int32
	open := func() (io.ReadCloser, error) {
		opened.Add(1)
		return closeCounter{strings.NewReader(text), &closed}, nil
	}
	for range 3 {
		first, err := open()
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.String(), first)
		require.NoError(t, err)
		req.GetBody = open
		req.ContentLength = int64(len(text))
		status, _, err := do(client, req)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
	}
	// The calls take two requests, one, and two again because the nonce was used up.
	assert.Equal(t, []string{text, text, text, text, text}, a.bodies)
	assert.EqualValues(t, 5, opened.Load())
	assert.EqualValues(t, 5, closed.Load())
}

// mark is what an error is marked as.
type mark int

const (
	unmarked mark = iota
	notSent
	permanent
)

func TestRoundTrip_closesBody(t *testing.T) {
	t.Parallel()
	home := testutil.ParseURL(t, "https://om.example.net")
	cut := errors.New("cut")
	tests := map[string]struct {
		cached  bool // there is a nonce
		base    testutil.RoundTripFunc
		getBody func() (io.ReadCloser, error)
		query   string
		wantErr error
		text    string
		mark    mark
	}{
		"no GetBody": {
			base:    func(*http.Request) (*http.Response, error) { panic("nothing may be sent") },
			wantErr: digestauth.ErrBodyNotReplayable, text: "digestauth: request body cannot be replayed", mark: permanent,
		},
		"GetBody fails": {
			base: challengeOnce, getBody: func() (io.ReadCloser, error) { return nil, cut },
			wantErr: cut, text: "digestauth: replay request body: cut", mark: notSent,
		},
		"second request fails": {
			base: func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("Authorization") == "" {
					return challengeOnce(req)
				}
				_ = req.Body.Close()
				return nil, cut
			},
			getBody: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil },
			wantErr: cut, text: "cut", // as it is
		},
		"cannot be signed": {
			cached: true, base: challengeOnce, query: "\r\nX: y",
			getBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
			text:    "digestauth: control character in user name or URL", mark: permanent,
		},
		"success": {
			base: challengeOnce, getBody: func() (io.ReadCloser, error) { return http.NoBody, nil },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer := newTransport(test.base, password, home)
			if test.cached {
				resp, err := signer.RoundTrip(testutil.Request(t, http.MethodGet, home.String(), nil))
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
			}
			var closed atomic.Int32
			req := testutil.Request(t, http.MethodPost, home.String(), closeCounter{strings.NewReader("x"), &closed})
			req.GetBody = test.getBody
			req.URL.RawQuery = test.query
			resp, err := signer.RoundTrip(req)
			if resp != nil {
				require.NoError(t, resp.Body.Close())
			}
			assert.Equal(t, test.mark >= notSent, transport.IsNotSent(err))
			assert.Equal(t, test.mark == permanent, transport.IsPermanent(err))
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
	s := newScript(refuse("", chal), func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, refuse("", chal), accept)
	u := testutil.Serve(t, s)
	client := newClient(t, password, u)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	require.NoError(t, err)
	_, _, err = do(client, req)
	require.ErrorIs(t, err, context.Canceled)
	// The server may receive the count of the canceled request later, so its nonce is not
	// reused: the next call begins unsigned.
	status, _, err := get(t, client, u, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.EqualValues(t, 4, s.requests.Load())
	assert.EqualValues(t, 2, s.signed.Load())
}

func TestRoundTrip_trace(t *testing.T) {
	t.Parallel()
	a := &app{lifetime: 1}
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	trace := func() (reports []transport.RoundTrip, err error) {
		outer := 0
		ctx := transport.WithTrace(t.Context(), func(transport.RoundTrip) { outer++ })
		ctx = transport.WithTrace(ctx, func(r transport.RoundTrip) {
			assert.Equal(t, len(reports)+1, outer, "the outer trace is called first")
			assert.Positive(t, r.Duration)
			r.Duration = 0
			reports = append(reports, r)
		})
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		_, _, err = do(client, req)
		return reports, err
	}
	reports, err := trace()
	require.NoError(t, err)
	assert.Equal(t, []transport.RoundTrip{{Status: 401}, {Status: 200, Signed: true}}, reports)
	reports, err = trace()
	require.NoError(t, err)
	assert.Equal(t, []transport.RoundTrip{{Status: 401, Signed: true, Stale: true}, {Status: 200, Signed: true}}, reports)

	client.Transport = newTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
		return nil, io.ErrUnexpectedEOF
	}), password, u)
	reports, err = trace()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, []transport.RoundTrip{{}}, reports)
}

// hammer sends calls from many goroutines and returns how many of them failed.
func hammer(t *testing.T, a *app, goroutines, calls int) (failed int) {
	t.Helper()
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range calls {
				status, _, err := get(t, client, u, "/jobs?pageNum=1")
				if err != nil || status != http.StatusOK {
					mu.Lock()
					failed++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// TestRoundTrip_noncesCountUp checks that the counts of a nonce rise by one, as strict servers
// require, and that few calls take more than one request. Only the first calls of several goroutines
// share a nonce: a server that refuses one of them gets no shared nonce again.
func TestRoundTrip_noncesCountUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		app               *app
		goroutines, calls int
		atMost            float64 // requests per call
	}{
		"one goroutine":               {&app{lifetime: 64}, 1, 400, 1.03},
		"eight goroutines":            {&app{lifetime: 64}, 8, 200, 1.05},
		"eight, without stale":        {&app{lifetime: 64, noStale: true}, 8, 200, 1.05},
		"cold start with fifty":       {&app{}, 50, 1, 2},
		"nonces of five uses":         {&app{lifetime: 5}, 4, 50, 1.3},
		"nonces of one use":           {&app{lifetime: 1}, 4, 50, 2.01}, // the first call can be refused for another one
		"next nonce in each response": {&app{lifetime: 1, nextNonce: true}, 1, 100, 1.01},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := hammer(t, test.app, test.goroutines, test.calls)
			requests, outOfOrder, refused := test.app.counts()
			perCall := float64(requests) / float64(test.goroutines*test.calls)
			t.Logf("%.4f requests per call", perCall)
			assert.Zero(t, failed, "calls that failed")
			first := 0 // calls that share a nonce
			if test.goroutines > 1 {
				first = test.goroutines
			}
			assert.LessOrEqual(t, outOfOrder, first, "counts that did not rise by one")
			assert.Zero(t, refused, "wrong signatures")
			assert.LessOrEqual(t, perCall, test.atMost)
		})
	}
}

func TestRoundTrip_signsWholeTarget(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	for _, target := range []string{"", "/", "/a%2Fb/c%20d?x=%22y%22&z", "/?", "/a?b=c+d&e=%2B", `/q?a="b"`} {
		status, _, err := get(t, client, u, target)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, status, target)
	}
	requests, _, _ := a.counts()
	assert.Equal(t, 7, requests)
}

// TestRoundTrip_fips checks that in FIPS mode a server that offers only MD5 is an error. The mode is
// set when a process starts, so the test runs itself again.
func TestRoundTrip_fips(t *testing.T) {
	t.Parallel()
	if os.Getenv("GODEBUG") != "fips140=only" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRoundTrip_fips$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		assert.Contains(t, string(out), "--- PASS: TestRoundTrip_fips")
		return
	}
	home := testutil.ParseURL(t, "http://om.example.net")
	offer := chal
	signer := newTransport(testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") == "" {
			return testutil.Response(http.StatusUnauthorized, "", "WWW-Authenticate", offer), nil
		}
		return testutil.Response(http.StatusOK, ""), nil
	}), password, home)
	_, err := signer.RoundTrip(&http.Request{URL: home})
	require.ErrorIs(t, err, digestauth.ErrMD5Forbidden)
	require.ErrorContains(t, err, "FIPS")
	assert.True(t, transport.IsNotSent(err))
	assert.True(t, transport.IsPermanent(err))

	offer += ", " + chal + ", algorithm=SHA-256"
	resp, err := signer.RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}

// BenchmarkRoundTrip measures the signing of a call with a cached nonce.
func BenchmarkRoundTrip(b *testing.B) {
	home := testutil.ParseURL(b, "https://cloud.mongodb.com/api/public/v1.0/groups/5/clusters/6/restoreJobs")
	accepted := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}
	const challenge = `Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`
	signer := newTransport(testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") == "" {
			return testutil.Response(http.StatusUnauthorized, "", "WWW-Authenticate", challenge), nil
		}
		return accepted, nil
	}), password, home)
	req := testutil.Request(b, http.MethodGet, home.String(), nil)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "restorejobs")
	b.ReportAllocs()
	for b.Loop() {
		resp, err := signer.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}
