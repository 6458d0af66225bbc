package digestauth_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

func TestRoundTrip_wrongKey(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := testutil.Serve(t, a)
	client := newClient(t, "wrong", u)
	for call := 1; call <= 3; call++ {
		status, body, err := get(t, client, u, "/")
		require.NoError(t, err)
		assert.Equal(t, http.StatusUnauthorized, status)
		assert.JSONEq(t, denied, body)
		requests, _, _ := a.counts()
		assert.Equal(t, 2*call, requests)
	}
}

func TestRoundTrip_alwaysStale(t *testing.T) {
	t.Parallel()
	a := &app{alwaysStale: true}
	u := testutil.Serve(t, a)
	status, body, err := get(t, newClient(t, password, u), u, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.JSONEq(t, denied, body)
	requests, _, _ := a.counts()
	assert.Equal(t, 5, requests)
}

// TestRoundTrip_notPermitted checks that a 401 for a missing permission is final.
func TestRoundTrip_notPermitted(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := testutil.Serve(t, a)
	client := newClient(t, password, u)
	for _, want := range []struct {
		code             string
		status, requests int
	}{
		{"NOT_IN_GROUP", http.StatusUnauthorized, 2},      // challenge and response
		{"", http.StatusOK, 3},                            // its nonce was kept
		{"USER_UNAUTHORIZED", http.StatusUnauthorized, 4}, // even after a success
		{"", http.StatusOK, 5},
	} {
		a.code = want.code
		status, body, err := get(t, client, u, "/")
		require.NoError(t, err)
		assert.Equal(t, want.status, status)
		assert.Contains(t, body, want.code)
		requests, _, _ := a.counts()
		assert.Equal(t, want.requests, requests, want.code)
	}
}

// TestRoundTrip_unauthorized makes calls and checks the response to the last one.
func TestRoundTrip_unauthorized(t *testing.T) {
	t.Parallel()
	const forbidden = `{"errorCode":"USER_UNAUTHORIZED"}`
	tests := map[string]struct {
		responses []http.HandlerFunc
		calls     int
		requests  int32
		status    int
		body      string
	}{
		"no challenge":            {[]http.HandlerFunc{refuse("text")}, 1, 1, 401, "text"},
		"only Basic":              {[]http.HandlerFunc{refuse("text", `Basic realm="x"`)}, 1, 1, 401, "text"},
		"unknown algorithm":       {[]http.HandlerFunc{refuse("text", chal+", algorithm=MD6")}, 1, 1, 401, "text"},
		"Basic before, one":       {[]http.HandlerFunc{refuse("", `Basic realm="x", `+chal), accept}, 1, 2, 200, "welcome"},
		"Basic after, one":        {[]http.HandlerFunc{refuse("", chal+`, Basic realm="x"`), accept}, 1, 2, 200, "welcome"},
		"Basic before, two":       {[]http.HandlerFunc{refuse("", `Basic realm="x"`, chal), accept}, 1, 2, 200, "welcome"},
		"Basic after, two":        {[]http.HandlerFunc{refuse("", chal, `Basic realm="x"`), accept}, 1, 2, 200, "welcome"},
		"final without challenge": {[]http.HandlerFunc{refuse("", chal), refuse("end")}, 1, 2, 401, "end"},
		"cached, no challenge":    {[]http.HandlerFunc{refuse("", chal), accept, refuse(""), refuse("", chal), accept}, 2, 5, 200, "welcome"},
		"cached, not permitted, no challenge": {
			[]http.HandlerFunc{refuse("", chal), accept, refuse(forbidden)}, 2, 3, 401, forbidden,
		},
		"cached, any code, challenge": { // the nonce may have expired
			[]http.HandlerFunc{refuse("", chal), accept, refuse(forbidden, chal), accept}, 2, 4, 200, "welcome",
		},
		"trusted, not permitted": {
			[]http.HandlerFunc{refuse("", chal), accept, refuse("", chal), refuse(forbidden, chal)}, 2, 4, 401, forbidden,
		},
		"trusted, not permitted, envelope": {
			[]http.HandlerFunc{
				refuse("", chal), accept, refuse("", chal),
				refuse(`{"status":401,"content":`+forbidden+`}`, chal),
			}, 2, 4, 401, `{"status":401,"content":` + forbidden + `}`,
		},
		"trusted, not permitted, header": {
			[]http.HandlerFunc{refuse("", chal), accept, refuse("", chal), func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Error-Code", "NOT_IN_GROUP")
				refuse("<html>", chal)(w, r)
			}}, 2, 4, 401, "<html>",
		},
		"trusted, then refused": {
			[]http.HandlerFunc{refuse("", chal), accept, refuse(denied, chal)}, 2, 7, 401, denied,
		},
		"trusted, then refused in every call": { // a revoked key: 2 requests, three times 5, then 2 each
			[]http.HandlerFunc{refuse("", chal), accept, refuse(denied, chal)}, 7, 23, 401, denied,
		},
		"stale for a fresh nonce": {
			[]http.HandlerFunc{refuse("", chal), refuse(forbidden, chal+", stale=TRUE"), accept}, 1, 3, 200, "welcome",
		},
		"500 is not a success": {
			[]http.HandlerFunc{refuse("", chal), func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusInternalServerError)
			}, refuse("", chal), refuse("end", chal)}, 2, 4, 401, "end",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScript(test.responses...)
			u := testutil.Serve(t, s)
			client := newClient(t, password, u)
			var status int
			var body string
			for range test.calls {
				var err error
				status, body, err = get(t, client, u, "/")
				require.NoError(t, err)
			}
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.body, body)
			assert.Equal(t, test.requests, s.requests.Load())
		})
	}
}

// TestRoundTrip_unsharedNoncesByConnection checks that a trusted credential works with servers
// that do not share nonces, behind a balancer of connections.
func TestRoundTrip_unsharedNoncesByConnection(t *testing.T) {
	t.Parallel()
	for _, noStale := range []bool{false, true} {
		t.Run(fmt.Sprintf("noStale=%t", noStale), func(t *testing.T) {
			t.Parallel()
			apps := []*app{{name: "a", noStale: noStale}, {name: "b", noStale: noStale}}
			var mu sync.Mutex
			random := rand.New(rand.NewPCG(7, 7))
			of := map[string]*app{} // by the client's address
			u := testutil.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				a, known := of[r.RemoteAddr]
				if !known {
					a = apps[random.IntN(len(apps))]
					of[r.RemoteAddr] = a
				}
				if random.IntN(5) == 0 {
					w.Header().Set("Connection", "close")
				}
				mu.Unlock()
				a.ServeHTTP(w, r)
			}))
			client := newClient(t, password, u)
			warmUp(t, client, u)
			failed, worst := countFailures(t, client, u, 400)
			mu.Lock()
			defer mu.Unlock()
			t.Logf("%d of 400 calls failed; at most %d requests for one; %d connections", failed, worst, len(of))
			assert.Zero(t, failed)
			assert.LessOrEqual(t, worst, 5)
			assert.Greater(t, len(of), 50, "the balancer must have changed servers")
		})
	}
}

// TestRoundTrip_unsharedNoncesByRequest: if each request reaches a random server, half of all
// signatures are refused. With five requests one call in 32 fails.
func TestRoundTrip_unsharedNoncesByRequest(t *testing.T) {
	t.Parallel()
	for _, noStale := range []bool{false, true} {
		t.Run(fmt.Sprintf("noStale=%t", noStale), func(t *testing.T) {
			t.Parallel()
			apps := []*app{{name: "a", noStale: noStale}, {name: "b", noStale: noStale}}
			var mu sync.Mutex
			random := rand.New(rand.NewPCG(7, 7))
			u := testutil.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				a := apps[random.IntN(len(apps))]
				mu.Unlock()
				a.ServeHTTP(w, r)
			}))
			client := newClient(t, password, u)
			warmUp(t, client, u)
			failed, worst := countFailures(t, client, u, 400)
			t.Logf("%d of 400 calls failed; at most %d requests for one", failed, worst)
			assert.LessOrEqual(t, failed, 400*6/100)
			assert.Equal(t, 5, worst)
		})
	}
}

// warmUp makes calls until the credential is accepted.
func warmUp(t *testing.T, client *http.Client, u *url.URL) {
	t.Helper()
	for range 50 {
		status, _, err := get(t, client, u, "/")
		require.NoError(t, err)
		if status == http.StatusOK {
			return
		}
	}
	require.Fail(t, "the credential was never accepted")
}

func countFailures(t *testing.T, client *http.Client, u *url.URL, calls int) (failed, worst int) {
	t.Helper()
	for range calls {
		requests := 0
		ctx := transport.WithTrace(t.Context(), func(transport.RoundTrip) { requests++ })
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		require.NoError(t, err)
		status, _, err := do(client, req)
		require.NoError(t, err)
		if status != http.StatusOK {
			failed++
		}
		worst = max(worst, requests)
	}
	return failed, worst
}

// TestRoundTrip_reusesConnection checks that the connection of a refused request is reused, unless
// the body is too long.
func TestRoundTrip_reusesConnection(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body        func(http.ResponseWriter)
		connections int32 // for ten calls that all need a new nonce
	}{
		"short": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, denied) }, 1},
		"chunked": {func(w http.ResponseWriter) {
			for range 10 {
				_, _ = io.WriteString(w, strings.Repeat("x", 1000))
				w.(http.Flusher).Flush()
			}
		}, 1},
		"64 KiB": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("x", 64<<10)) }, 1},
		"1 MiB":  {func(w http.ResponseWriter) { _, _ = io.WriteString(w, strings.Repeat("x", 1<<20)) }, 11},
		"endless": {func(w http.ResponseWriter) {
			for {
				if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, 11},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var connections, issued atomic.Int32
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				want := fmt.Sprintf(`nonce="%d"`, issued.Load())
				if issued.Load() > 0 && strings.Contains(r.Header.Get("Authorization"), want) &&
					strings.Contains(r.Header.Get("Authorization"), "nc=00000001") {
					accept(w, r)
					return
				}
				w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="r", nonce="%d", qop="auth"`, issued.Add(1)))
				w.WriteHeader(http.StatusUnauthorized)
				test.body(w)
			}))
			s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			s.Start()
			t.Cleanup(s.Close)
			u := testutil.ParseURL(t, s.URL)
			client := newClient(t, password, u)
			for range 10 {
				status, body, err := get(t, client, u, "/")
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, status)
				require.Equal(t, "welcome", body)
			}
			assert.EqualValues(t, 10, issued.Load())
			assert.Equal(t, test.connections, connections.Load())
		})
	}
}

// TestRoundTrip_finalBodyIsComplete checks that a final 401 has its whole body, beyond what was
// peeked at.
func TestRoundTrip_finalBodyIsComplete(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 20_000)
	s := newScript(refuse("", chal), accept, refuse(long, chal))
	u := testutil.Serve(t, s)
	client := newClient(t, password, u)
	warmUp(t, client, u)
	status, body, err := get(t, client, u, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Equal(t, long, body)
}
