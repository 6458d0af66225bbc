package digestauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth"
)

func TestOrigin_spellings(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://cloud.mongodb.com":          "https://cloud.mongodb.com:443",
		"HTTPS://Cloud.MongoDB.com:443/x":    "https://cloud.mongodb.com:443",
		"http://host":                        "http://host:80",
		"http://host.":                       "http://host.:80",
		"http://HOST.:8080":                  "http://host.:8080",
		"http://127.0.0.1:8080":              "http://127.0.0.1:8080",
		"http://[::1]":                       "http://[::1]:80",
		"https://[FE80::1]":                  "https://[fe80::1]:443",
		"https://[fe80::1]:8443":             "https://[fe80::1]:8443",
		"http://[fe80::1%25eth0]":            "http://[fe80::1%25eth0]:80",
		"http://[FE80::1%25Eth0]:8080":       "http://[fe80::1%25Eth0]:8080",
		"https://[fe80::1%25en0%2520x]:8443": "https://[fe80::1%25en0%2520x]:8443",
	} {
		u, err := url.Parse(address)
		require.NoError(t, err, address)
		origin := digestauth.Origin(u)
		assert.Equal(t, want, origin)
		again, err := url.Parse(origin)
		require.NoError(t, err, origin)
		assert.Equal(t, origin, digestauth.Origin(again), "an origin is an address of itself")
	}
}

// TestRoundTrip_hostSpellings: a challenge of the configured origin is met however the request
// spells its host.
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
		u, err := url.Parse(test.configured)
		require.NoError(t, err)
		for _, origin := range []string{test.configured, digestauth.Origin(u)} {
			transport := digestauth.New(digestauth.Config{Username: user, Password: password, Base: handlerTransport{server}, Origins: []string{origin}})
			for range 2 { // the second on a nonce that is known
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, test.requested, nil)
				require.NoError(t, err)
				resp, err := transport.RoundTrip(req)
				require.NoError(t, err)
				assert.Equal(t, test.signed, resp.StatusCode == http.StatusOK, "%s for %s", test.requested, origin)
				require.NoError(t, resp.Body.Close())
			}
		}
		assert.Zero(t, server.refused)
	}
}

// handlerTransport is a base transport that lets a handler respond.
type handlerTransport struct{ http.Handler }

func (t handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	incoming := req.Clone(req.Context())
	incoming.Body = http.NoBody
	incoming.RequestURI = req.URL.RequestURI()
	recorder := httptest.NewRecorder()
	t.ServeHTTP(recorder, incoming)
	return recorder.Result(), nil
}
