package restorejobs_test

import (
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// setEnv makes an environment that has these variables and none that could disturb them.
func setEnv(t *testing.T, variables map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "MONGODB_ATLAS_") || strings.HasPrefix(name, "MCLI_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// authProof reports how a client proves who it is: by what it sends to a server that asks for a
// token or for digest.
func authProof(t *testing.T, credentials restorejobs.Credentials, opts ...restorejobs.Option) string {
	t.Helper()
	said := ""
	client := clienttest.New(t, credentials, append(opts, restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		signed := r.Header.Get("Authorization")
		switch {
		case r.URL.Path == tokenPath:
			id, secret, _ := r.BasicAuth()
			said = "account " + id + " " + secret
			return testutil.JSON(http.StatusOK, `{"access_token":"t"}`), nil
		case signed == "":
			return testutil.JSON(http.StatusUnauthorized, "{}", "WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`), nil
		case strings.HasPrefix(signed, "Digest "):
			_, rest, _ := strings.Cut(signed, `username="`)
			said, _, _ = strings.Cut(rest, `"`)
			said = "key " + said
		case said == "":
			said = signed
		}
		said += " at " + r.URL.Host
		return testutil.JSON(http.StatusOK, clienttest.Job), nil
	})))...)
	_, err := client.CloudManager.Cluster("p", "c").Jobs.Get(t.Context(), clienttest.JobID)
	require.NoError(t, err)
	return said
}

//nolint:paralleltest // changes the environment
func TestCredentialsFromEnv(t *testing.T) {
	atlasToken := map[string]string{"MONGODB_ATLAS_ACCESS_TOKEN": "token"}
	atlasAccount := map[string]string{"MONGODB_ATLAS_CLIENT_ID": "aid", "MONGODB_ATLAS_CLIENT_SECRET": "s3cr3t"}
	atlasKey := map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": "apub", "MONGODB_ATLAS_PRIVATE_API_KEY": "s3cr3t"}
	terraformKey := map[string]string{"MONGODB_ATLAS_PUBLIC_KEY": "tpub", "MONGODB_ATLAS_PRIVATE_KEY": "s3cr3t"}
	mcliAccount := map[string]string{"MCLI_CLIENT_ID": "mid", "MCLI_CLIENT_SECRET": "s3cr3t"}
	mcliKey := map[string]string{"MCLI_PUBLIC_API_KEY": "mpub", "MCLI_PRIVATE_API_KEY": "s3cr3t"}
	both := func(sets ...map[string]string) map[string]string {
		all := map[string]string{}
		for _, set := range sets {
			maps.Copy(all, set)
		}
		return all
	}
	for name, test := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"a token":                {atlasToken, "Bearer token at cloud.mongodb.com"},
		"a service account":      {atlasAccount, "account aid s3cr3t at cloud.mongodb.com"},
		"a key":                  {atlasKey, "key apub at cloud.mongodb.com"},
		"a key of Terraform":     {terraformKey, "key tpub at cloud.mongodb.com"},
		"an account of mongocli": {mcliAccount, "account mid s3cr3t at cloud.mongodb.com"},
		"a key of mongocli":      {mcliKey, "key mpub at cloud.mongodb.com"},
		"everything":             {both(atlasToken, atlasAccount, atlasKey, terraformKey, mcliAccount, mcliKey), "Bearer token at cloud.mongodb.com"},
		"all but the token":      {both(atlasAccount, atlasKey, terraformKey, mcliAccount, mcliKey), "account aid s3cr3t at cloud.mongodb.com"},
		"keys":                   {both(atlasKey, terraformKey, mcliKey), "key apub at cloud.mongodb.com"},
		"older keys":             {both(terraformKey, mcliKey), "key tpub at cloud.mongodb.com"},
		"of mongocli":            {both(mcliAccount, mcliKey), "account mid s3cr3t at cloud.mongodb.com"},
		"a later half":           {both(atlasKey, map[string]string{"MCLI_PUBLIC_API_KEY": "mpub"}), "key apub at cloud.mongodb.com"},
		"set to nothing":         {both(atlasKey, map[string]string{"MONGODB_ATLAS_ACCESS_TOKEN": "", "MONGODB_ATLAS_CLIENT_ID": " "}), "key apub at cloud.mongodb.com"},
		"line ends":              {map[string]string{"MONGODB_ATLAS_CLIENT_ID": " aid\n", "MONGODB_ATLAS_CLIENT_SECRET": "s3cr3t\r\n"}, "account aid s3cr3t at cloud.mongodb.com"},
		"their base URL":         {both(atlasKey, map[string]string{"MONGODB_ATLAS_BASE_URL": "https://gov.example.net/"}), "key apub at gov.example.net"},
		"the CLI's base URL":     {both(atlasKey, map[string]string{"MONGODB_ATLAS_OPS_MANAGER_URL": "https://om.example.net/"}), "key apub at om.example.net"},
		"two base URLs":          {both(atlasKey, map[string]string{"MONGODB_ATLAS_BASE_URL": "https://a.example.net", "MONGODB_ATLAS_OPS_MANAGER_URL": "https://b.example.net"}), "key apub at a.example.net"},
		"another's base URL":     {both(atlasKey, map[string]string{"MCLI_OPS_MANAGER_URL": "https://om.example.net/"}), "key apub at cloud.mongodb.com"},
		"mongocli's base URL":    {both(mcliKey, map[string]string{"MCLI_OPS_MANAGER_URL": "https://om.example.net/", "MONGODB_ATLAS_BASE_URL": "https://a.example.net"}), "key mpub at om.example.net"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, test.variables)
			credentials, err := restorejobs.CredentialsFromEnv()
			require.NoError(t, err)
			assert.Equal(t, test.want, authProof(t, credentials, restorejobs.WithBaseURLFromEnv()))
			assert.NotContains(t, credentials.String(), "s3cr3t")
		})
	}
}

//nolint:paralleltest // changes the environment
func TestCredentialsFromEnv_errors(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		says      []string
	}{
		"nothing": {nil, []string{
			"none of these is set", "MONGODB_ATLAS_ACCESS_TOKEN", "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY",
			"MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY", "MCLI_CLIENT_ID and MCLI_CLIENT_SECRET", "MCLI_PUBLIC_API_KEY and MCLI_PRIVATE_API_KEY",
		}},
		"no private half":    {map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": "s3cr3t"}, []string{"MONGODB_ATLAS_PUBLIC_API_KEY is set and MONGODB_ATLAS_PRIVATE_API_KEY is not"}},
		"no public half":     {map[string]string{"MCLI_PRIVATE_API_KEY": "s3cr3t"}, []string{"MCLI_PRIVATE_API_KEY is set and MCLI_PUBLIC_API_KEY is not"}},
		"halves of two":      {map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": "s3cr3t", "MCLI_PRIVATE_API_KEY": "s3cr3t"}, []string{"MONGODB_ATLAS_PRIVATE_API_KEY is not"}},
		"halves of spelling": {map[string]string{"MONGODB_ATLAS_PUBLIC_KEY": "s3cr3t", "MONGODB_ATLAS_PRIVATE_API_KEY": "s3cr3t"}, []string{"MONGODB_ATLAS_PRIVATE_API_KEY is set and MONGODB_ATLAS_PUBLIC_API_KEY is not"}},
		"a half before a whole": {
			map[string]string{"MONGODB_ATLAS_CLIENT_ID": "s3cr3t", "MCLI_PUBLIC_API_KEY": "s3cr3t", "MCLI_PRIVATE_API_KEY": "s3cr3t"},
			[]string{"MONGODB_ATLAS_CLIENT_ID is set and MONGODB_ATLAS_CLIENT_SECRET is not"},
		},
		"a half that is white space": {map[string]string{"MCLI_CLIENT_ID": "s3cr3t", "MCLI_CLIENT_SECRET": "\n"}, []string{"MCLI_CLIENT_SECRET is not"}},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, test.variables)
			credentials, err := restorejobs.CredentialsFromEnv()
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			for _, text := range test.says {
				assert.ErrorContains(t, err, text)
			}
			assert.NotContains(t, err.Error(), "s3cr3t")
			_, err = restorejobs.NewClient(credentials)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, "what comes with the error is no credentials")
		})
	}
}

//nolint:paralleltest // changes the environment
func TestWithBaseURLFromEnv_variables(t *testing.T) {
	setEnv(t, nil)
	require.Equal(t, "key public at cloud.mongodb.com", authProof(t, restorejobs.APIKey("public", "private"), restorejobs.WithBaseURLFromEnv()))
	setEnv(t, map[string]string{"MCLI_OPS_MANAGER_URL": "https://om.example.net/"})
	require.Equal(t, "key public at om.example.net", authProof(t, restorejobs.APIKey("public", "private"), restorejobs.WithBaseURLFromEnv()))
	require.Equal(t, "key public at mine.example.net", authProof(t, restorejobs.APIKey("public", "private"), restorejobs.WithBaseURLFromEnv(), restorejobs.WithBaseURL("https://mine.example.net")))

	for text, says := range map[string]string{
		"https://user:s3cr3t@om.example.net": "MCLI_OPS_MANAGER_URL: must not hold a user or password", "om.example.net": "MCLI_OPS_MANAGER_URL: must be like https://host:port",
		"http://om.example.net": "plain http", "https://om.example.net/api/public/v1.0": "MCLI_OPS_MANAGER_URL: ends before /api",
	} {
		setEnv(t, map[string]string{"MCLI_OPS_MANAGER_URL": text})
		_, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithBaseURLFromEnv())
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, says)
		assert.NotContains(t, err.Error(), "s3cr3t")
	}
}

// TestWithBaseURLFromEnv_addressOfAnotherKey: an address that does not go with the key is not used, and the
// error that misses one says so.
//
//nolint:paralleltest // changes the environment
func TestWithBaseURLFromEnv_addressOfAnotherKey(t *testing.T) {
	for name, test := range map[string]struct {
		variables map[string]string
		says      string
	}{
		"Atlas key": {
			map[string]string{"MONGODB_ATLAS_PUBLIC_API_KEY": "s3cr3t", "MONGODB_ATLAS_PRIVATE_API_KEY": "s3cr3t", "MCLI_OPS_MANAGER_URL": "https://s3cr3t.example.net"},
			"MCLI_OPS_MANAGER_URL is set, but not used with a key from MONGODB_ATLAS_… variables",
		},
		"mongocli key": {
			map[string]string{"MCLI_PUBLIC_API_KEY": "s3cr3t", "MCLI_PRIVATE_API_KEY": "s3cr3t", "MONGODB_ATLAS_OPS_MANAGER_URL": "https://s3cr3t.example.net"},
			"MONGODB_ATLAS_OPS_MANAGER_URL is set, but not used with a key from MCLI_… variables",
		},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, test.variables)
			credentials, err := restorejobs.CredentialsFromEnv()
			require.NoError(t, err)
			client, err := restorejobs.NewClient(credentials, restorejobs.WithBaseURLFromEnv())
			require.NoError(t, err)
			_, err = client.OpsManager.Cluster("p", "c").Jobs.Get(t.Context(), "j")
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "s3cr3t")
		})
	}
}

//nolint:paralleltest // changes the environment
func TestNewClientFromEnv(t *testing.T) {
	setEnv(t, nil)
	_, err := restorejobs.NewClientFromEnv()
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "MONGODB_ATLAS_PUBLIC_API_KEY")

	server := restorejobstest.NewServer()
	defer server.Close()
	setEnv(t, map[string]string{
		"MCLI_PUBLIC_API_KEY":  restorejobstest.PublicKey,
		"MCLI_PRIVATE_API_KEY": restorejobstest.PrivateKey,
		"MCLI_OPS_MANAGER_URL": server.URL(),
	})
	client, err := restorejobs.NewClientFromEnv()
	require.NoError(t, err)
	source, err := client.Source(restorejobstest.OpsManagerCluster.Ref())
	require.NoError(t, err)
	_, err = source.Jobs.Get(t.Context(), restorejobstest.OpsManagerCluster.Jobs()[0])
	require.NoError(t, err)

	_, err = restorejobs.NewClientFromEnv(restorejobs.WithLogger(nil))
	require.ErrorContains(t, err, "WithLogger", "options are used")
	client, err = restorejobs.NewClientFromEnv(restorejobs.WithBaseURL("https://mine.example.net"))
	require.NoError(t, err)
	assert.Contains(t, client.String(), "mine.example.net", "an option overrides the environment")
}
