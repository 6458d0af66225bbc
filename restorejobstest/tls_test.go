package restorejobstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestWithTLS_certificate(t *testing.T) {
	t.Parallel()
	c := newCaller(t, rjt.WithTLS(), rjt.WithRestoreDuration(0))
	_, err := c.plain.Do(c.request(http.MethodGet, jobs(rjt.MMSCluster), ""))
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)

	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(c.server.Certificate()))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	c.plain = &http.Client{Transport: transport}
	c.signed = digestClient(transport)
	link := links(c.createReady(rjt.OpsManagerCluster, 1))[0]
	assert.True(t, strings.HasPrefix(link, "https://127.0.0.1:"), link)
	assert.Equal(t, http.StatusOK, c.fetch(link).status)

	assert.Nil(t, rjt.NewServer().Certificate())
}
