package digestauth_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRoundTrip is a call that finds a nonce, over a base that costs
// nothing: the price of signing.
func BenchmarkRoundTrip(b *testing.B) {
	home := &url.URL{Scheme: "https", Host: "cloud.mongodb.com", Path: "/api/public/v1.0/groups/5/clusters/6/restoreJobs"}
	accepted := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}
	transport := newTransport(roundTrip(func(req *http.Request) (*http.Response, error) {
		if req.Header.Get("Authorization") == "" {
			return answer(req, http.StatusUnauthorized, http.Header{"Www-Authenticate": {
				`Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`,
			}}), nil
		}
		return accepted, nil
	}), password, home)
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, home.String(), nil)
	require.NoError(b, err)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "restorejobs")
	b.ReportAllocs()
	for b.Loop() {
		resp, err := transport.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}
