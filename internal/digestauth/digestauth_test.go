package digestauth_test

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// TestRoundTrip_hostSpellings checks that requests to the configured origin are signed in every
// spelling of its host.
func TestRoundTrip_hostSpellings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		configured, requested string
		signed                bool
	}{
		{"http://[fe80::1%25eth0]:8080", "http://[fe80::1%25eth0]:8080/x?y=z", true},
		{"http://[fe80::1%25eth0]:8080", "http://[FE80::1%25eth0]:8080/x?y=z", true},
		{"http://[fe80::1%25eth0]", "http://[fe80::1%25eth0]:80/x?y=z", true},
		{"http://[fe80::1%25eth0]", "http://[fe80::1%25eth0]/x?y=z", true},
		{"http://[::1]:80", "http://[::1]/x?y=z", true},
		{"http://[::1]:8080", "http://[::1]:8080/x?y=z", true},
		{"http://HOST.", "http://host.:80/x?y=z", true},
		{"http://[fe80::1%25eth0]:8080", "http://[fe80::1%25eth1]:8080/x?y=z", false},
		{"http://[fe80::1%25eth0]:8080", "http://[fe80::1%25ETH0]:8080/x?y=z", false},
		{"http://[fe80::1%25eth0]:8080", "http://[fe80::1]:8080/x?y=z", false},
		{"http://[fe80::1%25eth0]:8080", "http://[fe80::1%25eth0]/x?y=z", false},
		{"http://host.", "http://host/x?y=z", false},
	} {
		server := &app{}
		configured := testutil.ParseURL(t, test.configured)
		for _, origin := range []string{test.configured, transport.Origin(configured)} {
			signer := digestauth.New(digestauth.Config{
				Username: user,
				Password: password,
				Base:     testutil.Handle(server),
				Origins:  []string{origin},
			})
			for range 2 { // the second with a cached nonce
				resp, err := signer.RoundTrip(testutil.Request(t, http.MethodGet, test.requested, nil))
				require.NoError(t, err)
				assert.Equal(t, test.signed, resp.StatusCode == http.StatusOK, "%s for %s", test.requested, origin)
				require.NoError(t, resp.Body.Close())
			}
		}
		assert.Zero(t, server.refused)
	}
}

// TestRoundTrip_foreignOrigins checks that requests to other origins are not changed.
func TestRoundTrip_foreignOrigins(t *testing.T) {
	t.Parallel()
	var sent []*http.Request
	base := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		sent = append(sent, req)
		return challengeOnce(req)
	})
	signer := digestauth.New(digestauth.Config{
		Username: user,
		Password: password,
		Base:     base,
		Origins:  []string{"https://OM.example.net:8443/prefix", "https://om.example.net", ":not a URL"},
	})
	call := func(address string) *http.Request {
		req := testutil.Request(t, http.MethodGet, address, nil)
		resp, err := signer.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return req
	}
	call("https://om.example.net:8443/x")
	call("https://om.example.net:443/x")
	require.Len(t, sent, 4, "two calls of two requests")
	sent = nil
	for _, address := range []string{
		"http://om.example.net:8443/x", "https://om.example.net:8444/x", "https://om.example.net.evil.net:8443/x",
		"http://om.example.net/x", "https://om.example.net@evil.net:8443/x", "https://sub.om.example.net:8443/x",
		"https://om.example.net.:8443/x",
	} {
		req := call(address)
		require.Len(t, sent, 1, address)
		assert.Same(t, req, sent[0], "unchanged")
		assert.Empty(t, sent[0].Header, address)
		sent = nil
	}
}

func TestRoundTrip_redirectToForeignOrigin(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	evil := testutil.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.Header.Get("Authorization") != "" {
			requests.Add(100) // credentials
		}
		refuse("", chal)(w, r)
	}))
	home := testutil.Serve(t, testutil.Sequence(
		refuse("", chal), http.RedirectHandler(evil.String(), http.StatusFound).ServeHTTP,
	))
	status, _, err := get(t, newClient(t, password, home), home, "/")
	require.NoError(t, err)
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.EqualValues(t, 1, requests.Load())
}

func TestRoundTrip_invalidRequests(t *testing.T) {
	t.Parallel()
	home := testutil.ParseURL(t, "http://om.example.net")
	_, err := newTransport(&http.Transport{}, password, home).RoundTrip(&http.Request{})
	require.ErrorContains(t, err, "nil Request.URL")

	base := testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		resp, err := challengeOnce(req)
		resp.Body = nil
		return resp, err
	})
	resp, err := newTransport(base, password, home).RoundTrip(&http.Request{URL: home})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
}
