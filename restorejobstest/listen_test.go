package restorejobstest_test

import (
	"net"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

func TestListen_address(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]rjt.Option{
		"plain":            nil,
		"TLS":              {rjt.WithTLS()},
		"download origin":  {rjt.WithDownloadOrigin()},
		"after a bad call": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := rjt.NewServer(append([]rjt.Option{rjt.WithRestoreDuration(0)}, opts...)...)
			t.Cleanup(server.Close)
			if name == "after a bad call" {
				require.Error(t, server.Listen("192.0.2.1:8480"))
			}
			require.NoError(t, server.Listen("localhost:0"))
			client, err := server.Client()
			require.NoError(t, err)
			scope := rjt.AtlasV2Cluster
			jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs
			created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
			require.NoError(t, err)
			files, err := jobs.Download(t.Context(), restorejobs.JobIDs(created), t.TempDir(), restorejobs.DownloadOptions{})
			require.NoError(t, err)
			assert.Len(t, files, 1)
			require.ErrorContains(t, server.Listen("127.0.0.1:0"), "already listens")
		})
	}
}

func TestListen_refused(t *testing.T) {
	t.Parallel()
	server := rjt.NewServer()
	defer server.Close()
	for _, address := range []string{"", "8480", ":8480", "0.0.0.0:8480", "192.0.2.1:8480", "127.0.0.1", "127.0.0.1:", "example.com:80", "[::]:0"} {
		err := server.Listen(address)
		var addressErr *net.AddrError
		require.ErrorAs(t, err, &addressErr)
		require.EqualError(t, err, `restorejobstest: address "`+address+`": must be loopback with a port, such as 127.0.0.1:8480`)
	}
	used, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = used.Close() }()
	require.ErrorContains(t, server.Listen(used.Addr().String()), "in use")
	base, err := url.Parse(server.URL())
	require.NoError(t, err)
	assert.Equal(t, "127.0.0.1", base.Hostname(), "a free port after all")

	closed := rjt.NewServer()
	closed.Close()
	require.ErrorContains(t, closed.Listen("127.0.0.1:0"), "closed")
	inProcess := rjt.NewServer(rjt.InProcess())
	defer inProcess.Close()
	require.ErrorContains(t, inProcess.Listen("127.0.0.1:0"), "InProcess")
}
