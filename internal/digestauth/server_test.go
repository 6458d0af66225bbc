package digestauth_test

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
)

const (
	user     = "public-key"
	password = "private-key"
	realm    = "MMS Public API"
	denied   = `{"error":401,"reason":"Unauthorized","errorCode":"UNEXPECTED_ERROR"}`
)

// app is an application server that asks for digest authentication and knows
// only the nonces it has issued itself. Its fields are set before it serves.
type app struct {
	name      string
	lifetime  int  // uses of a nonce; 0 is unlimited
	noStale   bool // never says stale=true
	always    bool // refuses every signature as stale
	nextNonce bool // names a next nonce in each good response
	body      string
	code      string // error code for those who are authenticated; empty lets them pass

	mu         sync.Mutex
	lastCount  map[string]int
	uses       map[string]int
	issued     int
	requests   int
	outOfOrder int // counts that did not rise by exactly one
	refused    int // signatures of a known nonce that were not right
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
	case a.always:
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
	if cred.Username != user || cred.URI != r.RequestURI || cred.Response != response(cred, r.Method, password) {
		a.refused++
		return false, false
	}
	return true, false
}

func (a *app) issue() string {
	a.issued++
	nonce := fmt.Sprintf("%s/+%08d==", a.name, a.issued)
	if a.lastCount == nil {
		a.lastCount, a.uses = map[string]int{}, map[string]int{}
	}
	a.lastCount[nonce] = 0
	return nonce
}

func (a *app) challenge(w http.ResponseWriter, stale bool) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(
		`Digest realm=%q, domain="", nonce=%q, algorithm=MD5, qop="auth", stale=%t`, realm, a.issue(), stale))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnauthorized)
	body := a.body
	if body == "" {
		body = denied
	}
	_, _ = io.WriteString(w, body)
}

// response computes the MD5 answer of RFC 7616 with and without qop, apart from
// the code under test.
func response(cred *digest.Credentials, method, password string) string {
	sum := func(parts ...string) string {
		h := md5.Sum([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h[:])
	}
	a1, a2 := sum(cred.Username, cred.Realm, password), sum(method, cred.URI)
	if cred.QOP == "" {
		return sum(a1, cred.Nonce, a2)
	}
	return sum(a1, cred.Nonce, fmt.Sprintf("%08x", cred.Nc), cred.Cnonce, cred.QOP, a2)
}

func (a *app) seen() (requests, outOfOrder, refused int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests, a.outOfOrder, a.refused
}

// serve starts h on loopback and returns its address.
func serve(t *testing.T, h http.Handler) *url.URL {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	return u
}

// newClient returns a client that signs for the origins, over a transport of its
// own. In the end no response's body may have been left open, since each would
// hold a connection and its goroutines.
func newClient(t *testing.T, password string, origins ...*url.URL) *http.Client {
	t.Helper()
	base := &http.Transport{MaxIdleConnsPerHost: 64}
	var open atomic.Int32
	counting := roundTrip(func(req *http.Request) (*http.Response, error) {
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

// countedBody tells when it is closed for the first time.
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
		c.Origins = append(c.Origins, digestauth.Origin(o))
	}
	return digestauth.New(c)
}

// get returns status and body of a GET. It may be called from any goroutine.
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
