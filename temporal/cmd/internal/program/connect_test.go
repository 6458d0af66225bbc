package program

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
)

// unsetAll removes the variables of Temporal.
func unsetAll(t *testing.T) {
	t.Helper()
	for _, name := range []string{envAddress, envNamespace, envAPIKey, envTLS, envClientCert, envClientKey, envServerCA, envServerName} {
		t.Setenv(name, "")
	}
}

func TestTemporalTarget_embedded(t *testing.T) {
	unsetAll(t)
	t.Setenv(envNamespace, "n")
	_, isReal, err := temporalTarget(&flags{})
	require.NoError(t, err)
	assert.False(t, isReal)
}

func TestTemporalTarget_environment(t *testing.T) {
	unsetAll(t)
	t.Setenv(envAddress, "a:1\n")
	t.Setenv(envNamespace, "n")
	opts, isReal, err := temporalTarget(&flags{})
	require.NoError(t, err)
	assert.True(t, isReal)
	assert.Equal(t, "a:1", opts.HostPort)
	assert.Equal(t, "n", opts.Namespace)
	assert.Nil(t, opts.ConnectionOptions.TLS)
	opts, _, err = temporalTarget(&flags{address: "b:2", namespace: "m"})
	require.NoError(t, err)
	assert.Equal(t, "b:2", opts.HostPort)
	assert.Equal(t, "m", opts.Namespace)
}

func TestTemporalTarget_apiKeyUsesTLS(t *testing.T) {
	unsetAll(t)
	t.Setenv(envAPIKey, "secret")
	t.Setenv(envServerName, "temporal.example.net")
	opts, _, err := temporalTarget(&flags{address: "a:1"})
	require.NoError(t, err)
	require.NotNil(t, opts.ConnectionOptions.TLS)
	assert.Equal(t, "temporal.example.net", opts.ConnectionOptions.TLS.ServerName)
	assert.NotNil(t, opts.Credentials)
}

func TestTemporalTarget_noPort(t *testing.T) {
	unsetAll(t)
	for _, address := range []string{"localhost", "localhost:", "https://localhost:7233"} {
		_, _, err := temporalTarget(&flags{address: address})
		require.ErrorIs(t, err, errUsage, address)
		require.ErrorContains(t, err, "-address must be host:port, such as localhost:7233, not \""+address)
	}
	t.Setenv(envAddress, "localhost")
	_, _, err := temporalTarget(&flags{})
	require.ErrorContains(t, err, "TEMPORAL_ADDRESS must be host:port")
	_, _, err = temporalTarget(&flags{address: "[::1]:7233"})
	require.NoError(t, err)
}

func TestDial_unreachable(t *testing.T) {
	t.Parallel()
	_, err := Dial(t.Context(), client.Options{HostPort: "127.0.0.1:1"})
	require.EqualError(t, err, "the Temporal server 127.0.0.1:1 cannot be reached: the connection is refused")
	_, err = Dial(t.Context(), client.Options{HostPort: "nowhere.invalid:7233"})
	require.EqualError(t, err, "the Temporal server nowhere.invalid:7233 cannot be reached: its host cannot be resolved")
}

func TestTemporalTarget_problems(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(noPEM, []byte("nothing"), 0o600))
	for name, c := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"a wrong flag":         {map[string]string{envTLS: "maybe"}, `TEMPORAL_TLS must be true or false, not "maybe"`},
		"a key without TLS":    {map[string]string{envTLS: "false", envAPIKey: "secret"}, "TEMPORAL_API_KEY needs TLS"},
		"half of a pair":       {map[string]string{envClientCert: "x"}, "must be set together"},
		"no such certificate":  {map[string]string{envClientCert: "/none", envClientKey: "/none"}, "TEMPORAL_TLS_CLIENT_CERT_PATH: "},
		"no such authority":    {map[string]string{envServerCA: "/none"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH: "},
		"an authority, no PEM": {map[string]string{envServerCA: noPEM}, "has no certificate in PEM"},
	} {
		t.Run(name, func(t *testing.T) {
			unsetAll(t)
			for variable, value := range c.variables {
				t.Setenv(variable, value)
			}
			_, _, err := temporalTarget(&flags{address: "a:1"})
			require.ErrorIs(t, err, errUsage)
			assert.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "secret")
		})
	}
}
