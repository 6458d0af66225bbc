package testutil_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

func TestAuthority_issue(t *testing.T) {
	t.Parallel()
	authority := testutil.NewAuthority(t, "authority")
	for name, test := range map[string]struct {
		end  time.Time
		host string
		want any // the type of the error, or nil
	}{
		"valid":      {time.Now().Add(time.Hour), "127.0.0.1", nil},
		"expired":    {time.Now().Add(-time.Minute), "127.0.0.1", new(x509.CertificateInvalidError)},
		"other host": {time.Now().Add(time.Hour), "host.example", new(x509.HostnameError)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewUnstartedServer(t, testutil.Respond(http.StatusOK, ""))
			server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Issue(t, test.end, test.host)}}
			server.StartTLS()
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}}
			t.Cleanup(transport.CloseIdleConnections)
			resp, err := transport.RoundTrip(testutil.Request(t, http.MethodGet, server.URL, nil))
			if test.want != nil {
				require.ErrorAs(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.NoError(t, resp.Body.Close())
		})
	}
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(authority.PEM))
	assert.True(t, pool.Equal(authority.Pool()))
}
