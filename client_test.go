package restorejobs_test

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestNewClient_plainHTTP sends credentials in the clear to this machine only, however it is spelt.
func TestNewClient_plainHTTP(t *testing.T) {
	t.Parallel()
	for host, here := range map[string]bool{
		"localhost": true, "LocalHost:8080": true, "127.0.0.1": true, "127.0.0.1:1": true, "127.8.9.10": true, "[::1]": true, "[::1]:80": true, "[::ffff:127.0.0.1]": true, "[0:0:0:0:0:0:0:1]": true,
		"localhost.": false, "localhost.example": false, "localhost.localdomain": false, "my-localhost": false, "127.0.0.1.example": false, "127.0.0.1.": false, "127.1": false, "0": false, "0.0.0.0": false, "[::]": false,
		"2130706433": false, "0x7f000001": false, "0177.0.0.1": false, "128.0.0.1": false, "10.0.0.1": false, "169.254.0.1": false, "[fe80::1]": false, "[::1%25eth0]": false, "[::ffff:10.0.0.1]": false, "om.example.net": false, "xn--localhost": false, "ⓛocalhost": false,
	} {
		base := restorejobs.WithBaseURL("http://" + host)
		for _, credentials := range []restorejobs.Credentials{restorejobs.APIKey("public", "private"), restorejobs.ServiceAccount("id", "secret"), clienttest.Bearer("t")} {
			_, err := restorejobs.NewClient(credentials, base)
			if here {
				require.NoError(t, err, host)
			} else {
				require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, host)
				require.ErrorContains(t, err, "plain http", host)
			}
			_, err = restorejobs.NewClient(credentials, base, restorejobs.WithInsecureHTTP())
			require.NoError(t, err, host)
		}
	}
	_, err := restorejobs.NewClient(clienttest.Bearer("t"), restorejobs.WithBaseURL("HTTP://om.example.net"))
	require.Error(t, err, "the scheme is not told by its case")
}

// TestNewClient_optionsAreNotShared makes two clients of the same options.
func TestNewClient_optionsAreNotShared(t *testing.T) {
	t.Parallel()
	base, err := url.Parse("https://om.example.net/mms/")
	require.NoError(t, err)
	opts := []restorejobs.Option{restorejobs.WithBaseURL(base.String()), restorejobs.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}), restorejobs.WithRootCAs(testutil.NewAuthority(t, "a").PEM)}
	for range 2 {
		client, err := restorejobs.NewClient(clienttest.Bearer("t"), opts...)
		require.NoError(t, err)
		assert.Equal(t, "restorejobs client for om.example.net", client.String())
	}
}

// TestOpsManager_needsBaseURL sends nothing where it would go to somebody else.
func TestOpsManager_needsBaseURL(t *testing.T) {
	t.Parallel()
	var asked []string
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		asked = append(asked, r.URL.Host)
		return respondSuccess(r)
	})))
	require.ErrorIs(t, clienttest.Get(t.Context(), client), restorejobs.ErrInvalidArgument)
	require.ErrorIs(t, clienttest.Get(t.Context(), client), restorejobs.ErrBaseURLRequired)
	require.ErrorContains(t, clienttest.Get(t.Context(), client), "WithBaseURL")
	_, err := client.OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), restorejobs.FromSnapshot(""), restorejobs.ToDownload())
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	require.ErrorContains(t, err, "snapshotID must not be empty", "all problems together")
	_, err = client.OpsManager.Cluster("p", "").Jobs.Get(t.Context(), clienttest.JobID)
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	require.ErrorContains(t, err, "cluster id must not be empty", "all problems together")
	_, err = client.CloudManager.Cluster("p", "").Jobs.Get(t.Context(), clienttest.JobID)
	require.NotErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	_, err = client.Source("opsmanager/groups/p/clusters/c")
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	for _, jobs := range []*restorejobs.Jobs{client.CloudManager.Cluster("p", "c").Jobs, client.MMS.Cluster("p", "c").Jobs, client.AtlasV1.Cluster("p", "c").Jobs, client.AtlasV2.Flex("p", "c").Jobs} {
		_, err := jobs.Get(t.Context(), clienttest.JobID)
		require.NoError(t, err)
	}
	assert.Equal(t, []string{"cloud.mongodb.com", "mms.mongodb.com", "cloud.mongodb.com", "cloud.mongodb.com"}, asked)
}
