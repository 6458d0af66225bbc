package digestauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// burstServer requires digest authentication with the latency of a network. Counts of one nonce may
// arrive in any order, or must rise.
type burstServer struct {
	mustRise bool
	isOneUse bool // a nonce signs once
	isOpen   bool // requires no signature
	noStale  bool
	silent   bool          // the first request has no response
	hasNext  bool          // sends a next nonce with each success
	lifetime time.Duration // of a nonce; 0 is unlimited

	mu       sync.Mutex
	requests int
	signed   int
	issued   int
	last     map[string]int
	seen     map[string]map[int]bool
	issuedAt map[string]time.Time
	refused  int // signatures of known nonces
}

func (b *burstServer) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests++
	number := b.requests
	b.mu.Unlock()
	time.Sleep(10*time.Millisecond + time.Duration(number%7)*time.Millisecond) // in another order
	if b.silent && number == 1 {
		<-r.Context().Done()
		b.mu.Lock()
		return nil, r.Context().Err()
	}
	b.mu.Lock()
	if b.isOpen {
		return testutil.Response(http.StatusOK, ""), nil
	}
	cred, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	if err != nil {
		return b.challenge("false"), nil
	}
	b.signed++
	counts := b.seen[cred.Nonce]
	isWrong := cred.Response != response(cred, r.Method, password)
	isUsedUp := b.isOneUse && len(counts) > 0
	isUsedUp = isUsedUp || b.lifetime > 0 && time.Since(b.issuedAt[cred.Nonce]) > b.lifetime
	if isWrong || isUsedUp || counts == nil || counts[cred.Nc] || b.mustRise && cred.Nc <= b.last[cred.Nonce] {
		b.refused++
		if b.noStale || isWrong {
			return b.challenge("false"), nil
		}
		return b.challenge("true"), nil
	}
	counts[cred.Nc] = true
	b.last[cred.Nonce] = cred.Nc
	if b.hasNext {
		return testutil.Response(http.StatusOK, "", "Authentication-Info", `nextnonce="`+b.issue()+`"`), nil
	}
	return testutil.Response(http.StatusOK, ""), nil
}

func (b *burstServer) issue() string {
	b.issued++
	nonce := time.Duration(b.issued).String()
	if b.seen == nil {
		b.seen = map[string]map[int]bool{}
		b.last = map[string]int{}
		b.issuedAt = map[string]time.Time{}
	}
	b.issuedAt[nonce] = time.Now()
	b.seen[nonce] = map[int]bool{}
	return nonce
}

func (b *burstServer) challenge(stale string) *http.Response {
	nonce := b.issue()
	return testutil.Response(http.StatusUnauthorized, "",
		"WWW-Authenticate", `Digest realm="r", nonce="`+nonce+`", qop="auth", algorithm=MD5, stale=`+stale)
}

// wave sends calls at the same time, and returns how many failed and how many requests they took.
func (b *burstServer) wave(t *testing.T, client http.RoundTripper, calls int) (failed, requests int) {
	t.Helper()
	before := b.requests
	var mu sync.Mutex
	var group sync.WaitGroup
	for range calls {
		group.Go(func() {
			resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil))
			mu.Lock()
			defer mu.Unlock()
			if err != nil || resp.StatusCode != http.StatusOK {
				failed++
			}
			if err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		})
	}
	group.Wait()
	return failed, b.requests - before
}

func TestRoundTrip_burst(t *testing.T) {
	t.Parallel()
	const calls = 1000
	for name, test := range map[string]struct {
		server *burstServer
		first  float64 // most requests per call of the first wave
		later  float64 // of the next two waves
		last   float64
	}{
		"counts in any order":         {&burstServer{}, 1.002, 1.002, 1.002},
		"counts must rise":            {&burstServer{mustRise: true}, 2, 1.5, 1.002},
		"counts must rise, no stale":  {&burstServer{mustRise: true, noStale: true}, 2, 1.5, 1.002},
		"nonces of one use, no stale": {&burstServer{isOneUse: true, noStale: true}, 2.001, 2, 2},
		"no authentication":           {&burstServer{isOpen: true}, 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newTransport(test.server, password, testutil.ParseURL(t, "http://om.example.net"))
				for wave, most := range []float64{test.first, test.later, test.later, test.last} {
					failed, requests := test.server.wave(t, client, calls)
					t.Logf("wave %d: %d requests", wave+1, requests)
					assert.Zero(t, failed)
					assert.LessOrEqual(t, float64(requests), most*calls)
				}
			})
		})
	}
}

// TestRoundTrip_moreCallsThanNonces: calls that find no idle nonce share one in use. It costs a server
// that refuses that no more than unsigned requests would.
func TestRoundTrip_moreCallsThanNonces(t *testing.T) {
	t.Parallel()
	const calls = 8
	for name, test := range map[string]struct {
		server *burstServer
		most   int // requests of the first wave
		later  int
	}{
		"counts in any order": {&burstServer{}, calls, calls},
		"counts must rise":    {&burstServer{mustRise: true}, 2 * calls, calls},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newTransport(test.server, password, testutil.ParseURL(t, "http://om.example.net"))
				failed, requests := test.server.wave(t, client, 1)
				assert.Zero(t, failed)
				assert.Equal(t, 2, requests)
				start := time.Now()
				failed, requests = test.server.wave(t, client, calls)
				assert.Zero(t, failed)
				assert.LessOrEqual(t, requests, test.most)
				const slowest = 17 * time.Millisecond
				assert.LessOrEqual(t, time.Since(start), 2*slowest, "nothing waits for another call")
				_, _ = test.server.wave(t, client, calls)
				_, requests = test.server.wave(t, client, calls)
				assert.Equal(t, test.later, requests)
			})
		})
	}
}

// TestRoundTrip_burstAfterPause: a nonce that was idle for long may have expired, so only one call uses it.
func TestRoundTrip_burstAfterPause(t *testing.T) {
	t.Parallel()
	const calls = 1000
	for name, test := range map[string]struct {
		pause    time.Duration
		lifetime time.Duration // of a nonce
	}{
		"short pause": {time.Second, 0},
		"long pause":  {30 * time.Second, 0},
		"expired":     {30 * time.Second, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &burstServer{lifetime: test.lifetime}
				client := newTransport(server, password, testutil.ParseURL(t, "http://om.example.net"))
				_, _ = server.wave(t, client, 1)
				for range 3 {
					time.Sleep(test.pause)
					start := time.Now()
					failed, requests := server.wave(t, client, calls)
					assert.Zero(t, failed)
					assert.LessOrEqual(t, requests, calls*101/100)
					assert.Less(t, time.Since(start), 60*time.Millisecond)
				}
			})
		})
	}
}

// TestRoundTrip_burstAfterExpiry: the last responses before a nonce expires can arrive after refusals. That
// does not end the sharing of other nonces.
func TestRoundTrip_burstAfterExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{lifetime: time.Minute}
		base := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := server.RoundTrip(r)
			if err == nil && resp.StatusCode == http.StatusOK {
				time.Sleep(50 * time.Millisecond) // a refusal is faster
			}
			return resp, err
		})
		client := newTransport(base, password, testutil.ParseURL(t, "http://om.example.net"))
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				for range 3000 {
					resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil))
					assert.NoError(t, err)
					assert.Equal(t, http.StatusOK, resp.StatusCode)
					assert.NoError(t, resp.Body.Close())
				}
			})
		}
		group.Wait()
		assert.Less(t, server.requests, 8*3000*102/100)
		time.Sleep(30 * time.Second)
		failed, requests := server.wave(t, client, 1000)
		assert.Zero(t, failed)
		assert.Less(t, requests, 1020)
	})
}

// TestRoundTrip_burstWithNextNonces: the next nonce of a call that shared one is its own.
func TestRoundTrip_burstWithNextNonces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{hasNext: true}
		client := newTransport(server, password, testutil.ParseURL(t, "http://om.example.net"))
		failed, requests := server.wave(t, client, 100)
		assert.Zero(t, failed)
		assert.Equal(t, 101, requests)
		failed, requests = server.wave(t, client, 100)
		assert.Zero(t, failed)
		assert.Equal(t, 100, requests)
		assert.Zero(t, server.refused)
	})
}

// opaqueServer knows one nonce for each opaque value, as Apache does with nonces of one use: the next
// nonce of one call ends that of another with the same opaque value.
type opaqueServer struct {
	mu       sync.Mutex
	requests int
	refused  int
	nonces   map[string]string // by opaque value
}

func (o *opaqueServer) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	o.requests++
	o.mu.Unlock()
	time.Sleep(10 * time.Millisecond)
	o.mu.Lock()
	defer o.mu.Unlock()
	next := "n" + strconv.Itoa(len(o.nonces)) + "-" + strconv.Itoa(o.requests) + "-" + strconv.Itoa(o.refused)
	cred, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	if err != nil {
		return o.challenge("o"+strconv.Itoa(len(o.nonces)), next), nil
	}
	if o.nonces[cred.Opaque] != cred.Nonce {
		o.refused++
		return o.challenge(cred.Opaque, next), nil
	}
	o.nonces[cred.Opaque] = next
	return testutil.Response(http.StatusOK, "", "Authentication-Info", `nextnonce="`+next+`"`), nil
}

func (o *opaqueServer) challenge(opaque, nonce string) *http.Response {
	o.nonces[opaque] = nonce
	return testutil.Response(http.StatusUnauthorized, "",
		"WWW-Authenticate", `Digest realm="r", nonce="`+nonce+`", opaque="`+opaque+`", qop="auth", stale=true`)
}

// TestRoundTrip_burstWithOpaque: an opaque value is the state of one caller, and is not shared.
func TestRoundTrip_burstWithOpaque(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &opaqueServer{nonces: map[string]string{}}
		client := newTransport(server, password, testutil.ParseURL(t, "http://om.example.net"))
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 25 {
					resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil))
					if assert.NoError(t, err) {
						assert.Equal(t, http.StatusOK, resp.StatusCode)
						assert.NoError(t, resp.Body.Close())
					}
				}
			})
		}
		group.Wait()
		assert.Zero(t, server.refused)
		assert.Equal(t, 8*25+8, server.requests)
	})
}

// TestRoundTrip_burstAfterFailure: a failure of the server does not show that it requires no signature.
func TestRoundTrip_burstAfterFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{}
		isDown := true
		base := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if isDown {
				return testutil.Response(http.StatusServiceUnavailable, ""), nil
			}
			return server.RoundTrip(r)
		})
		client := newTransport(base, password, testutil.ParseURL(t, "http://om.example.net"))
		resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		isDown = false
		failed, requests := server.wave(t, client, 100)
		assert.Zero(t, failed)
		assert.Equal(t, 101, requests)
	})
}

// TestRoundTrip_burstWithWrongKey: each call has its own refusal.
func TestRoundTrip_burstWithWrongKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{}
		client := newTransport(server, "wrong", testutil.ParseURL(t, "http://om.example.net"))
		failed, requests := server.wave(t, client, 100)
		assert.Equal(t, 100, failed)
		assert.LessOrEqual(t, requests, 201)
	})
}

// TestRoundTrip_burstWaitsShortly: a first request without a response delays the others by a second
// at most, and by nothing once their context has ended.
func TestRoundTrip_burstWaitsShortly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{silent: true}
		client := newTransport(server, password, testutil.ParseURL(t, "http://om.example.net"))
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil).WithContext(ctx))
			assert.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		start := time.Now()
		short, cancelShort := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("short"))
		defer cancelShort()
		_, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/x", nil).WithContext(short))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(start))
		assert.Equal(t, 1, server.requests, "nothing was sent")

		start = time.Now()
		failed, _ := server.wave(t, client, 10)
		assert.Zero(t, failed)
		assert.Less(t, time.Since(start), 1100*time.Millisecond)
		cancel()
		group.Wait()
	})
}

// TestRoundTrip_burstRefusesFirst: the request that got the shared nonce may be refused for another
// one, before the credential was accepted.
func TestRoundTrip_burstRefusesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		issued := 0
		base := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			header := r.Header.Get("Authorization")
			cred, err := digest.ParseCredentials(header)
			isSigned := err == nil
			switch {
			case !isSigned, cred.Nonce == "1" && r.URL.Path == "/first":
				issued++
				nonce := strconv.Itoa(issued)
				time.Sleep(10 * time.Millisecond)
				return testutil.Response(http.StatusUnauthorized, "", "WWW-Authenticate", `Digest realm="r", nonce="`+nonce+`", qop="auth"`), nil
			case cred.Nonce == "1":
				time.Sleep(time.Minute)
			}
			return testutil.Response(http.StatusOK, ""), nil
		})
		client := newTransport(base, password, testutil.ParseURL(t, "http://om.example.net"))
		call := func(path string) {
			resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net"+path, nil))
			assert.NoError(t, err)
			assert.Equal(t, http.StatusOK, resp.StatusCode, path)
			assert.NoError(t, resp.Body.Close())
		}
		var group sync.WaitGroup
		group.Go(func() { call("/first") })
		time.Sleep(time.Millisecond)
		group.Go(func() { call("/second") })
		group.Wait()
	})
}

// TestRoundTrip_burstAfterMissingPermission: the 401 of a call without permission does not show that the
// server refused its count.
func TestRoundTrip_burstAfterMissingPermission(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &burstServer{}
		base := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := server.RoundTrip(r)
			if r.URL.Path != "/forbidden" || err != nil || resp.StatusCode != http.StatusOK {
				return resp, err
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			refusal := server.challenge("false")
			refusal.Header.Set("Content-Type", "application/json")
			refusal.Body = io.NopCloser(strings.NewReader(`{"error":401,"errorCode":"USER_UNAUTHORIZED"}`))
			return refusal, nil
		})
		client := newTransport(base, password, testutil.ParseURL(t, "http://om.example.net"))
		failed, _ := server.wave(t, client, 1)
		assert.Zero(t, failed)
		var group sync.WaitGroup
		group.Go(func() {
			resp, err := client.RoundTrip(testutil.Request(t, http.MethodGet, "http://om.example.net/forbidden", nil))
			if assert.NoError(t, err) {
				assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
				assert.NoError(t, resp.Body.Close())
			}
		})
		failed, _ = server.wave(t, client, 50)
		assert.Zero(t, failed)
		group.Wait()
		time.Sleep(2 * time.Second) // longer than a pause of sharing
		const calls = 100
		failed, requests := server.wave(t, client, calls)
		assert.Zero(t, failed)
		assert.LessOrEqual(t, requests, calls+1)
	})
}
