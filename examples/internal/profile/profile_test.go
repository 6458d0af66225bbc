package profile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/profile"
	"example.com/restorejobs/restorejobstest"
)

func noVariables(string) string { return "" }

func variables(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestClient_everyForm(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close) // after the subtests
	const (
		key     = "public_api_key = \"" + restorejobstest.PublicKey + "\"\nprivate_api_key = \"" + restorejobstest.PrivateKey + "\"\n"
		account = "client_id = \"" + restorejobstest.ClientID + "\"\nclient_secret = \"" + restorejobstest.ClientSecret + "\"\n"
	)
	url := fmt.Sprintf("ops_manager_url = %q\n", server.URL()+"/")
	for name, c := range map[string]struct {
		content string
		product string
		scope   restorejobstest.Scope
	}{
		"API key of Atlas":                      {"[default]\n" + key + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"API key of Ops Manager":                {"[default]\nservice = \"ops-manager\"\n" + key + url, "opsmanager", restorejobstest.OpsManagerCluster},
		"API key of Cloud Manager":              {"[default]\nservice = \"cloud-manager\"\nops_manager_skip_verify = \"no\"\n" + key + url, "cloudmanager", restorejobstest.CloudManagerCluster},
		"service account":                       {"version = 2\n[default]\nauth_type = \"service_account\"\nservice = \"cloud\"\n" + account + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"auth_type chooses the API key":         {"[default]\nauth_type = \"api_keys\"\nclient_id = \"no\"\nclient_secret = \"no\"\n" + key + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"auth_type chooses the service account": {"[default]\nauth_type = \"service_account\"\npublic_api_key = \"no\"\nprivate_api_key = \"no\"\n" + account + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"an API key and a login":                {"[default]\naccess_token = \"a\"\nrefresh_token = \"b\"\n" + key + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"base_url":                              {"[default]\n" + key + strings.Replace(url, "ops_manager_url", "base_url", 1), "atlasv2", restorejobstest.AtlasV2Cluster},
		"properties above the profiles":         {url + "service = \"ops-manager\"\n[default]\nservice = \"cloud\"\nops_manager_url = \"https://nowhere.invalid\"\n" + key, "opsmanager", restorejobstest.OpsManagerCluster},
		"the only profile":                      {"skip_update_check = true\n[Staging]\n" + key + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"upper case":                            {"[DEFAULT]\n" + strings.ToUpper(key[:14]) + key[14:] + url, "atlasv2", restorejobstest.AtlasV2Cluster},
		"byte order mark and line ends":         {"\ufeff" + strings.ReplaceAll("[default]\n"+key+url, "\n", "\r\n"), "atlasv2", restorejobstest.AtlasV2Cluster},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Find(writeFile(t, c.content), "")
			require.NoError(t, err)
			product, err := p.Product()
			require.NoError(t, err)
			assert.Equal(t, c.product, product)
			client, err := p.Client(noVariables)
			require.NoError(t, err)
			source, err := client.Source(c.scope.Ref())
			require.NoError(t, err)
			_, err = source.Jobs.Get(t.Context(), c.scope.Jobs()[0])
			require.NoError(t, err)
		})
	}
}

func TestClient_certificateAuthority(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithTLS())
	defer server.Close()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "ca.pem"), server.Certificate(), 0o600))
	content := fmt.Sprintf("[default]\nservice = \"ops-manager\"\nops_manager_url = %q\npublic_api_key = %q\nprivate_api_key = %q\n",
		server.URL(), restorejobstest.PublicKey, restorejobstest.PrivateKey)
	for certificate, trusted := range map[string]bool{"": false, "ca.pem": true} {
		text := content
		if trusted {
			text += fmt.Sprintf("ops_manager_ca_certificate = %q\n", filepath.Join(folder, certificate))
		}
		p, err := profile.Find(writeFile(t, text), "")
		require.NoError(t, err)
		client, err := p.Client(noVariables)
		require.NoError(t, err)
		_, err = client.OpsManager.FindProject(t.Context(), "Production")
		assert.Equal(t, trusted, err == nil, "%v", err)
	}
}

func TestClient_refused(t *testing.T) {
	t.Parallel()
	const key = "public_api_key = \"HIDDEN1\"\nprivate_api_key = \"HIDDEN2\"\n"
	const account = "client_id = \"HIDDEN3\"\nclient_secret = \"HIDDEN4\"\n"
	for name, c := range map[string]struct{ content, want string }{
		"login":                 {"[default]\naccess_token = \"HIDDEN\"\nrefresh_token = \"HIDDEN\"\n", "token expires and belongs to the tool"},
		"login in the keyring":  {"version = 2\n[default]\nauth_type = \"user_account\"\n", "token expires and belongs to the tool"},
		"keyring":               {"version = 2\n[default]\nauth_type = \"api_keys\"\n", "in the keyring of the system, which this program does not read; set MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY"},
		"account in keyring":    {"version = 2\n[default]\nauth_type = \"service_account\"\n", "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET"},
		"what a move leaves":    {"version = 2\n[default]\nauth_type = \"api_keys\"\n[default.public_api_key]\n[default.private_api_key]\n", "in the keyring"},
		"version 2 only":        {"version = 2\n[default]\norg_id = \"HIDDEN\"\n", "PRIVATE_API_KEY, or MONGODB_ATLAS_CLIENT_ID and"},
		"no authentication":     {"version = 2\n[default]\nauth_type = \"no_auth\"\n", "auth_type must be api_keys or service_account"},
		"no keys":               {"[default]\norg_id = \"HIDDEN\"\n", "it has no keys"},
		"half of a key":         {"[default]\npublic_api_key = \"HIDDEN\"\n", "public_api_key is set and private_api_key is not"},
		"other half":            {"[default]\nclient_secret = \"HIDDEN\"\n", "client_secret is set and client_id is not"},
		"empty half":            {"[default]\npublic_api_key = \"HIDDEN\"\nprivate_api_key = \" \"\n", "private_api_key is not"},
		"two kinds":             {"[default]\n" + key + account, "set auth_type to api_keys or service_account"},
		"number as a key":       {"[default]\npublic_api_key = 987654321012\nprivate_api_key = \"HIDDEN\"\n", "public_api_key must be a string in quotes"},
		"list as a key":         {"[default]\npublic_api_key = \"HIDDEN\"\nprivate_api_key = [\"HIDDEN\"]\n", "private_api_key must be a string"},
		"table as a key":        {"[default]\nprivate_api_key = {a = \"HIDDEN\"}\npublic_api_key = \"HIDDEN\"\n", "private_api_key must be a string"},
		"number as auth_type":   {"[default]\nauth_type = 987654321012\n" + key, "auth_type must be a string"},
		"number as a token":     {"[default]\naccess_token = 987654321012\n" + key, "access_token must be a string"},
		"number as a service":   {"[default]\nservice = 987654321012\n" + key, "service must be a string"},
		"unknown service":       {"[default]\nservice = \"HIDDEN\"\n" + key, "service must be cloud, cloudgov, cloud-manager or ops-manager"},
		"no address":            {"[default]\nservice = \"ops-manager\"\n" + key, "ops_manager_url is missing"},
		"number as an address":  {"[default]\nservice = \"ops-manager\"\nops_manager_url = 987654321012\n" + key, "ops_manager_url must be a string"},
		"address with password": {"[default]\nops_manager_url = \"https://HIDDEN:HIDDEN@host\"\n" + key, "must not hold a user or password"},
		"not an address":        {"[default]\nops_manager_url = \"HIDDEN\"\n" + key, "must be like https://host:port"},
		"broken address":        {"[default]\nops_manager_url = \"https://HIDDEN:%zz/\"\n" + key, "not a URL"},
		"plain http":            {"[default]\nops_manager_url = \"http://hidden.example.net\"\n" + key, "WithInsecureHTTP"},
		"key with a line end":   {"[default]\npublic_api_key = \"HID\\nDEN\"\nprivate_api_key = \"HIDDEN\"\n", "a part of the key"},
		"no verification":       {"[default]\nops_manager_skip_verify = \"yes\"\n" + key, "ops_manager_skip_verify is refused: without verification"},
		"no verification, bool": {"[default]\nops_manager_skip_verify = true\n" + key, "set ops_manager_ca_certificate instead"},
		"verification number":   {"[default]\nops_manager_skip_verify = 987654321012\n" + key, "ops_manager_skip_verify must be a string"},
		"no certificate":        {"[default]\nops_manager_ca_certificate = \"/HIDDEN/ca.pem\"\n" + key, "cannot read the file of ops_manager_ca_certificate: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := profile.Find(writeFile(t, c.content), "")
			require.NoError(t, err)
			_, err = p.Client(noVariables)
			require.ErrorContains(t, err, c.want)
			assert.Contains(t, err.Error(), `profile "default" of `)
			assertNoSecret(t, fmt.Sprintf("%v %+v %#v", err, err, err))
			assertNoSecret(t, fmt.Sprintf("%v %+v %#v %s %d", p, p, p, p, p))
		})
	}
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	assert.NotContains(t, strings.ToUpper(text), "HIDDEN")
	assert.NotContains(t, text, "987654321012")
}

func TestClient_noCertificateInFile(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "no certificate")
	p, err := profile.Find(writeFile(t, fmt.Sprintf("[default]\nops_manager_ca_certificate = %q\npublic_api_key = \"a\"\nprivate_api_key = \"b\"\n", path)), "")
	require.NoError(t, err)
	_, err = p.Client(noVariables)
	require.ErrorContains(t, err, "holds no certificate in PEM form")
}

func TestClient_government(t *testing.T) {
	t.Parallel()
	p, err := profile.Find(writeFile(t, "[default]\nservice = \"cloudgov\"\npublic_api_key = \"a\"\nprivate_api_key = \"b\"\n"), "")
	require.NoError(t, err)
	client, err := p.Client(noVariables)
	require.NoError(t, err)
	assert.Contains(t, client.String(), "cloud.mongodbgov.com")
}

func TestClient_keysOfEnvironment(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	content := fmt.Sprintf("version = 2\n[default]\nauth_type = \"api_keys\"\nops_manager_url = %q\n", server.URL())
	p, err := profile.Find(writeFile(t, content), "")
	require.NoError(t, err)
	values := map[string]string{
		"MONGODB_ATLAS_PUBLIC_API_KEY":  restorejobstest.PublicKey,
		"MONGODB_ATLAS_PRIVATE_API_KEY": restorejobstest.PrivateKey + "\n",
	}
	client, err := p.Client(variables(values))
	require.NoError(t, err)
	_, err = client.AtlasV2.FindProject(t.Context(), restorejobstest.AtlasV2Cluster.Project())
	require.NoError(t, err)

	values["MONGODB_ATLAS_BASE_URL"] = "https://other.example.net"
	_, err = p.Client(variables(values))
	require.ErrorContains(t, err, "MONGODB_ATLAS_BASE_URL must not be set")
	delete(values, "MONGODB_ATLAS_BASE_URL")
	delete(values, "MONGODB_ATLAS_PRIVATE_API_KEY")
	_, err = p.Client(variables(values))
	require.ErrorContains(t, err, "in the keyring")
}

func TestFind_damage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ content, profile, want string }{
		"syntax":        {"[default]\n\nprivate_api_key = HIDDEN\n", "", "is not valid TOML: line 3"},
		"cut":           {"[default]\nprivate_api_key = \"HIDDEN", "", "is not valid TOML: line 2"},
		"twice":         {"[default]\nprivate_api_key = \"HIDDEN\"\nprivate_api_key = \"HIDDEN\"\n", "", "is not valid TOML"},
		"binary":        {"\x00\xff\xfeHIDDEN", "", "is not valid TOML"},
		"two cases":     {"[a]\n[A]\n", "a", `has profile "a" twice, in different case`},
		"no table":      {"default = \"HIDDEN\"\n", "", `profile "default" of `},
		"list":          {"[[default]]\na = \"HIDDEN\"\n", "", "must be a table"},
		"too long":      {strings.Repeat("#HIDDEN\n", 1<<18), "", "more than 1 MiB"},
		"empty":         {"", "", "has no profiles"},
		"missing":       {"version = 2\n[b]\nx = \"HIDDEN\"\n[A]\n", "c", `profile "c" does not exist: `},
		"those it has":  {"[b]\n[A]\n", "c", `has "a", "b"`},
		"none chosen":   {"[b]\n[A]\n", "", `profile "default" does not exist`},
		"dot":           {"[a.b]\n", "a.b", "must not contain a dot"},
		"other than it": {"[a]\n", "default", `has "a"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.Find(writeFile(t, c.content), c.profile)
			require.ErrorContains(t, err, c.want)
			assertNoSecret(t, err.Error())
		})
	}
	_, err := profile.Find(filepath.Join(t.TempDir(), "nothing"), "")
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = profile.Find(t.TempDir(), "")
	require.ErrorContains(t, err, "it is a folder")
}

func TestFind_caseOfName(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "[default]\n[myOpsManager]\nproject_id = \"5cac6a2179358edabd12b572\"\n")
	for _, name := range []string{"myOpsManager", "MYOPSMANAGER", "myopsmanager"} {
		p, err := profile.Find(path, name)
		require.NoError(t, err)
		assert.Equal(t, "myopsmanager", p.Name)
		project, err := p.ProjectID()
		require.NoError(t, err)
		assert.Equal(t, "5cac6a2179358edabd12b572", project)
	}
}

// Sets the folder of the configuration on each OS, so it is not parallel.
func TestFind_defaultFiles(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "xdg"))
	t.Setenv("AppData", filepath.Join(home, "appdata"))
	_, err := profile.Find("", "")
	require.ErrorIs(t, err, profile.ErrNoFile)

	paths := profile.Paths()
	require.Len(t, paths, 2)
	for _, path := range paths {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	}
	require.NoError(t, os.WriteFile(paths[0], []byte("telemetry_enabled = true\n"), 0o600))
	_, err = profile.Find("", "")
	require.ErrorIs(t, err, profile.ErrNoFile, "the Atlas CLI was not set up")

	require.NoError(t, os.WriteFile(paths[1], []byte("[default]\nproject_id = \"of mongocli\"\n[om]\n"), 0o600))
	p, err := profile.Find("", "")
	require.NoError(t, err)
	project, err := p.ProjectID()
	require.NoError(t, err)
	assert.Equal(t, "of mongocli", project)

	require.NoError(t, os.WriteFile(paths[0], []byte("[default]\nproject_id = \"of the Atlas CLI\"\n[atlas]\n"), 0o600))
	p, err = profile.Find("", "DEFAULT")
	require.NoError(t, err)
	project, err = p.ProjectID()
	require.NoError(t, err)
	assert.Equal(t, "of the Atlas CLI", project)
	_, err = profile.Find("", "om")
	require.NoError(t, err, "in the second file")
	_, err = profile.Find("", "none")
	require.ErrorContains(t, err, `atlascli`+string(filepath.Separator)+`config.toml has "atlas", "default"; `)
	require.ErrorContains(t, err, `mongocli`+string(filepath.Separator)+`config.toml has "default", "om"`)
}

func TestWarning_permissions(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	path := writeFile(t, "[default]\nprivate_api_key = \"HIDDEN\"\n")
	for mode, warns := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o666: true} {
		require.NoError(t, os.Chmod(path, mode))
		p, err := profile.Find(path, "")
		require.NoError(t, err)
		assert.Equal(t, warns, strings.Contains(p.Warning(), "chmod 600 "+path), "%v", mode)
		assertNoSecret(t, p.Warning())
	}
}
