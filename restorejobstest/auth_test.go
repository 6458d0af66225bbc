package restorejobstest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestAuthenticate_challenge(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		a := c.send(c.plain, c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), ""))
		assert.Equal(t, http.StatusUnauthorized, a.status)
		assert.Regexp(t, `^Digest realm="MMS Public API", domain="", nonce="[A-Za-z0-9+/]{32}", algorithm=MD5, qop="auth", stale=false$`,
			a.header.Get("WWW-Authenticate"))
		assert.Equal(t, "UNEXPECTED_ERROR", a.doc["errorCode"])
		assert.Empty(t, a.header.Get("X-Error-Code"))
		assert.Contains(t, a.body, "\n")
	})
}

func TestAuthenticate_wrongKey(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, key := range [][2]string{{rjt.PublicKey, "wrong"}, {"wrong", rjt.PrivateKey}} {
		client := &http.Client{Transport: &digest.Transport{
			Username:  key[0],
			Password:  key[1],
			Transport: c.server.Transport(),
		}}
		a := c.send(client, c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), ""))
		assert.Equal(t, http.StatusUnauthorized, a.status)
		assert.Contains(t, a.header.Get("WWW-Authenticate"), "stale=false")
	}
	req := c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), "")
	req.SetBasicAuth(rjt.PublicKey, rjt.PrivateKey)
	assert.Equal(t, http.StatusUnauthorized, c.send(c.plain, req).status)
	assert.Equal(t, http.StatusUnauthorized,
		c.send(c.plain, c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), "", "Authorization", `Digest nonsense, username="x`)).status)
}

// A signer signs requests for one challenge, with nonce counts that the test selects.
type signer struct {
	c    *caller
	chal *digest.Challenge
}

func newSigner(c *caller) *signer {
	c.t.Helper()
	a := c.send(c.plain, c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), ""))
	chal, err := digest.ParseChallenge(a.header.Get("WWW-Authenticate"))
	require.NoError(c.t, err)
	return &signer{c: c, chal: chal}
}

func (s *signer) do(count int, change func(*digest.Credentials)) response {
	s.c.t.Helper()
	target := jobs(rjt.OpsManagerCluster)
	cred, err := digest.Digest(s.chal, digest.Options{
		Method:   http.MethodGet,
		URI:      target,
		Username: rjt.PublicKey,
		Password: rjt.PrivateKey,
		Count:    count,
	})
	require.NoError(s.c.t, err)
	if change != nil {
		change(cred)
	}
	return s.c.send(s.c.plain, s.c.request(http.MethodGet, target, "", "Authorization", cred.String()))
}

func TestAuthenticate_nonceCounts(t *testing.T) {
	t.Parallel()
	t.Run("each once, in any order", func(t *testing.T) {
		t.Parallel()
		s := newSigner(newInProcessCaller(t))
		for _, count := range []int{1, 3, 2} {
			assert.Equal(t, http.StatusOK, s.do(count, nil).status)
		}
		replay := s.do(3, nil)
		assert.Equal(t, http.StatusUnauthorized, replay.status)
		assert.Contains(t, replay.header.Get("WWW-Authenticate"), "stale=false")
	})
	t.Run("strictly rising", func(t *testing.T) {
		t.Parallel()
		s := newSigner(newInProcessCaller(t, rjt.WithRisingNonceCount()))
		assert.Equal(t, http.StatusOK, s.do(3, nil).status)
		assert.Equal(t, http.StatusUnauthorized, s.do(2, nil).status)
		assert.Equal(t, http.StatusOK, s.do(4, nil).status)
	})
	t.Run("used up", func(t *testing.T) {
		t.Parallel()
		s := newSigner(newInProcessCaller(t, rjt.WithNonceUses(2)))
		assert.Equal(t, http.StatusOK, s.do(1, nil).status)
		assert.Equal(t, http.StatusOK, s.do(2, nil).status)
		stale := s.do(3, nil)
		assert.Equal(t, http.StatusUnauthorized, stale.status)
		assert.Contains(t, stale.header.Get("WWW-Authenticate"), "stale=true")
	})
	t.Run("too old", func(t *testing.T) {
		t.Parallel()
		c := newInProcessCaller(t, rjt.WithNonceLifetime(time.Second))
		s := newSigner(c)
		assert.Equal(t, http.StatusOK, s.do(1, nil).status)
		c.server.Advance(2 * time.Second)
		assert.Contains(t, s.do(2, nil).header.Get("WWW-Authenticate"), "stale=true")
	})
	t.Run("changed credentials", func(t *testing.T) {
		t.Parallel()
		s := newSigner(newInProcessCaller(t))
		for _, change := range []func(*digest.Credentials){
			func(c *digest.Credentials) { c.URI = "/elsewhere" },
			func(c *digest.Credentials) { c.Response = strings.Repeat("0", 32) },
			func(c *digest.Credentials) { c.QOP = "" },
			func(c *digest.Credentials) { c.Realm = "other" },
			func(c *digest.Credentials) { c.Cnonce = "" },
		} {
			assert.Equal(t, http.StatusUnauthorized, s.do(1, change).status)
		}
		assert.Equal(t, http.StatusOK, s.do(1, nil).status, "a refused count is not used up")
	})
}

func TestAuthenticate_challengeStyles(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]rjt.Option{
		"documented": rjt.WithOpChallenge(),
		"SHA-256":    rjt.WithSHA256(),
		"custom":     rjt.WithChallenge(`Basic realm="x"`, `Digest realm="other", nonce="{nonce}", qop="auth", algorithm=SHA-256, stale={stale}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newInProcessCaller(t, opt)
			assert.Equal(t, http.StatusOK, c.get(jobs(rjt.OpsManagerCluster)).status)
			assert.Equal(t, http.StatusOK, c.get(jobs(rjt.OpsManagerCluster)).status)
		})
	}
}

func TestAuthenticate_concurrentCalls(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		c.get(jobs(rjt.OpsManagerCluster))
		var wg sync.WaitGroup
		statuses := make([]int, 20)
		for i := range statuses {
			req := c.request(http.MethodGet, jobs(rjt.OpsManagerCluster), "")
			wg.Go(func() {
				res, err := c.signed.Do(req)
				if err == nil {
					statuses[i] = res.StatusCode
					_ = res.Body.Close()
				}
			})
		}
		wg.Wait()
		for _, status := range statuses {
			assert.Equal(t, http.StatusOK, status)
		}
		assert.Len(t, c.server.Requests(), 22, "one challenge for all")
	})
}

func TestWithAPIKey_replacesDefault(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithAPIKey("mine", "secret"), rjt.WithServiceAccount("id", "s/e c"))
	assert.Equal(t, http.StatusUnauthorized, c.get(jobs(rjt.MMSCluster)).status, "the default key is out")
	client := &http.Client{Transport: &digest.Transport{
		Username:  "mine",
		Password:  "secret",
		Transport: c.server.Transport(),
	}}
	assert.Equal(t, http.StatusOK, c.send(client, c.request(http.MethodGet, jobs(rjt.MMSCluster), "")).status)
	req := c.request(http.MethodPost, "/api/oauth/token", "grant_type=client_credentials")
	req.SetBasicAuth("id", url.QueryEscape("s/e c"))
	assert.Equal(t, http.StatusOK, c.send(c.plain, req).status)
}
