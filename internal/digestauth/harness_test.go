package digestauth_test

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

const (
	user     = "public-key"
	password = "private-key"
	realm    = "MMS Public API"
	denied   = `{"error":401,"reason":"Unauthorized","errorCode":"UNEXPECTED_ERROR"}`
)

// app is a server that requires digest authentication. It knows only its own nonces. Its fields are
// set before it serves.
type app struct {
	name        string
	lifetime    int    // uses of a nonce; 0 is unlimited
	noStale     bool   // never sends stale=true
	alwaysStale bool   // refuses every signature as stale
	nextNonce   bool   // sends a next nonce with each success
	code        string // error code for authenticated requests; empty accepts them

	mu         sync.Mutex
	lastCount  map[string]int
	uses       map[string]int
	issued     int
	requests   int
	outOfOrder int // counts that did not rise by one
	refused    int // wrong signatures with a known nonce
	bodies     []string
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	a.bodies = append(a.bodies, string(sent))
	ok, stale := a.check(r)
	if !ok {
		a.challenge(w, stale)
		return
	}
	if a.nextNonce {
		w.Header().Set("Authentication-Info", fmt.Sprintf("nextnonce=%q", a.issue()))
	}
	if a.code != "" {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":401,"errorCode":%q}`, a.code)
		return
	}
	_, _ = fmt.Fprintf(w, "%s %s", r.Method, r.URL.RequestURI())
}

// check verifies the signature and its count.
func (a *app) check(r *http.Request) (ok, stale bool) {
	cred, err := digest.ParseCredentials(r.Header.Get("Authorization"))
	if err != nil {
		return false, false
	}
	last, known := a.lastCount[cred.Nonce]
	switch {
	case a.alwaysStale:
		return false, true
	case !known:
		return false, !a.noStale
	case a.lifetime > 0 && a.uses[cred.Nonce] >= a.lifetime:
		return false, !a.noStale
	}
	a.uses[cred.Nonce]++
	if cred.Nc != last+1 {
		a.outOfOrder++
		return false, false
	}
	a.lastCount[cred.Nonce] = cred.Nc
	isRight := cred.Username == user && cred.URI == r.RequestURI && cred.Response == response(cred, r.Method, password)
	if !isRight {
		a.refused++
		return false, false
	}
	return true, false
}

func (a *app) issue() string {
	a.issued++
	nonce := fmt.Sprintf("%s/+%08d==", a.name, a.issued)
	if a.lastCount == nil {
		a.lastCount = map[string]int{}
		a.uses = map[string]int{}
	}
	a.lastCount[nonce] = 0
	return nonce
}

func (a *app) challenge(w http.ResponseWriter, stale bool) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(
		`Digest realm=%q, domain="", nonce=%q, algorithm=MD5, qop="auth", stale=%t`, realm, a.issue(), stale))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = io.WriteString(w, denied)
}

// response computes the MD5 response of RFC 7616 with and without qop, without the code under test.
func response(cred *digest.Credentials, method, password string) string {
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	a1 := sum(cred.Username, cred.Realm, password)
	a2 := sum(method, cred.URI)
	if cred.QOP == "" {
		return sum(a1, cred.Nonce, a2)
	}
	return sum(a1, cred.Nonce, fmt.Sprintf("%08x", cred.Nc), cred.Cnonce, cred.QOP, a2)
}

func (a *app) counts() (requests, outOfOrder, refused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests, a.outOfOrder, a.refused
}

// newClient returns a client that signs for the origins. At the end of the test every response body
// must be closed: an open one keeps a connection and its goroutines.
func newClient(t *testing.T, password string, origins ...*url.URL) *http.Client {
	t.Helper()
	base := &http.Transport{MaxIdleConnsPerHost: 64}
	var open atomic.Int32
	counting := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(req)
		if err == nil {
			open.Add(1)
			resp.Body = &countedBody{ReadCloser: resp.Body, close: sync.OnceFunc(func() { open.Add(-1) })}
		}
		return resp, err
	})
	t.Cleanup(func() {
		base.CloseIdleConnections()
		assert.Zero(t, open.Load(), "bodies left open")
	})
	return &http.Client{Transport: newTransport(counting, password, origins...)}
}

// countedBody calls a function when it is closed.
type countedBody struct {
	io.ReadCloser
	close func()
}

func (b *countedBody) Close() error {
	b.close()
	return b.ReadCloser.Close()
}

func newTransport(base http.RoundTripper, password string, origins ...*url.URL) *digestauth.Transport {
	c := digestauth.Config{Username: user, Password: password, Base: base}
	for _, o := range origins {
		c.Origins = append(c.Origins, transport.Origin(o))
	}
	return digestauth.New(c)
}

// get returns the status and body of a GET. It can be called from any goroutine.
func get(t *testing.T, client *http.Client, u *url.URL, path string) (status int, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u.String()+path, nil)
	if err != nil {
		return 0, "", err
	}
	return do(client, req)
}

func do(client *http.Client, req *http.Request) (status int, body string, err error) {
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

// script responds with handlers in order, and with the last one to all further requests.
type script struct {
	handle   http.HandlerFunc
	requests atomic.Int32
	signed   atomic.Int32
}

func newScript(handlers ...http.HandlerFunc) *script {
	return &script{handle: testutil.Sequence(handlers...)}
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests.Add(1)
	if r.Header.Get("Authorization") != "" {
		s.signed.Add(1)
	}
	s.handle(w, r)
}

const chal = `Digest realm="r", nonce="n", qop="auth"`

// refuse responds with 401.
func refuse(body string, challenges ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["WWW-Authenticate"] = challenges
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, body)
	}
}

func accept(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "welcome") }

// challengeOnce accepts every request that is signed, without verification.
func challengeOnce(req *http.Request) (*http.Response, error) {
	transport.CloseRequestBody(req)
	if req.Header.Get("Authorization") == "" {
		return testutil.Response(http.StatusUnauthorized, "", "WWW-Authenticate", chal), nil
	}
	return testutil.Response(http.StatusOK, ""), nil
}
