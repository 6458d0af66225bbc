package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func writeConfig(t *testing.T, server *restorejobstest.Server, rest string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.toml")
	content := fmt.Sprintf("[staging]\nops_manager_url = %q\npublic_api_key = %q\nprivate_api_key = %q\n%s",
		server.URL(), restorejobstest.PublicKey, restorejobstest.PrivateKey, rest)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestRun_profiles(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	atlas := writeConfig(t, server, fmt.Sprintf("project_id = %q\n", restorejobstest.AtlasV2Cluster.Project()))
	manager := writeConfig(t, server, "service = \"ops-manager\"\n")
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"-config", atlas}, "\nFlex0 ", 0},
		{[]string{"-config", atlas}, "profile staging: atlasv2, project ", 0},
		{[]string{"-config", atlas, "-profile", "STAGING", restorejobstest.AtlasV2Cluster.Cluster()}, restorejobstest.AtlasV2Cluster.Jobs()[0] + "  finished ", 0},
		{[]string{"-config", atlas, "Flex0"}, "flexClusters/Flex0\n", 0},
		{[]string{"-config", manager, "-project", "Production"}, "catalog               SHARDED_REPLICA_SET  opsmanager/groups/", 0},
		{[]string{"-config", manager, "-project", "Production", "orders"}, "1 job of opsmanager/groups/", 0},
		{[]string{"-config", manager, "-project", "Nothing"}, "", 1},
		{[]string{"-config", manager, "-project", "Production", "nothing"}, "", 1},
		{[]string{"-config", manager}, "", 2},
		{[]string{"-config", manager, "-profile", "other"}, "", 2},
		{[]string{"-config", manager + ".none"}, "", 2},
		{[]string{"-h"}, "Usage: profiles [flags] [CLUSTER]\n", 0},
		{[]string{"a", "b"}, "", 2},
	} {
		var out strings.Builder
		err := run(t.Context(), c.args, &out, t.Output())
		assert.Equal(t, c.code, harness.ExitCode(t.Output(), err), "%s", c.args)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
		assert.NotContains(t, out.String(), restorejobstest.PrivateKey)
	}
}

func TestRun_pages(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	project := restorejobstest.OpsManagerCluster.Project()
	for i := range 120 {
		server.AddCluster(restorejobstest.ClusterSpec{Scope: restorejobstest.OpsManagerCluster, Name: fmt.Sprintf("more-%d", i)})
	}
	var out strings.Builder
	config := writeConfig(t, server, fmt.Sprintf("service = \"ops-manager\"\nproject_id = %q\n", project))
	require.NoError(t, run(t.Context(), []string{"-config", config}, &out, t.Output()))
	assert.Equal(t, 1+3+120, strings.Count(out.String(), "\n"), "%s", out.String())
}

func TestRun_warning(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other permissions")
	}
	server := restorejobstest.NewServer()
	defer server.Close()
	config := writeConfig(t, server, "service = \"ops-manager\"\n")
	require.NoError(t, os.Chmod(config, 0o644))
	var stderr strings.Builder
	require.NoError(t, run(t.Context(), []string{"-config", config, "-project", "Production"}, t.Output(), &stderr))
	assert.Equal(t, "warning: other users have access to "+config+", which can contain keys; run: chmod 600 "+config+"\n", stderr.String())
}

// Hides the profiles of the caller, so it is not parallel.
func TestRun_withoutFile(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("AppData", home)
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out, t.Output()))
	assert.True(t, strings.HasPrefix(out.String(), "no profile file: using one for the embedded server\nprofile default: opsmanager, project Production\n"), "%s", out.String())
	err := run(t.Context(), []string{"-profile", "default"}, t.Output(), t.Output())
	require.ErrorContains(t, err, "have no profile file here")
	assert.Equal(t, 2, harness.ExitCode(t.Output(), err))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output(), t.Output())))
}
