package harness_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

// noEnvironment hides what the caller's environment says about real deployments.
func noEnvironment(t *testing.T) {
	t.Helper()
	for _, product := range []string{"MONGODB_ATLAS_", "MCLI_"} {
		for _, name := range []string{"PUBLIC_API_KEY", "PRIVATE_API_KEY", "CLIENT_ID", "CLIENT_SECRET", "OPS_MANAGER_URL", "BASE_URL", "PUBLIC_KEY", "PRIVATE_KEY"} {
			t.Setenv(product+name, "")
		}
	}
}

func open(t *testing.T, args ...string) (*harness.Env, error) {
	t.Helper()
	flags := harness.NewFlags("test", restorejobstest.MMSCluster)
	require.NoError(t, flags.Read(args, 0, t.Output()))
	opened, err := flags.Open()
	if err == nil {
		t.Cleanup(opened.Close)
	}
	return opened, err
}

func TestOpen_flagAndEnvironment(t *testing.T) {
	noEnvironment(t)
	server := restorejobstest.NewServer()
	defer server.Close()
	t.Setenv("MCLI_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MCLI_PRIVATE_API_KEY", restorejobstest.PrivateKey)
	t.Setenv("MCLI_OPS_MANAGER_URL", server.URL())
	ref := restorejobstest.OpsManagerCluster.Ref()

	opened, err := open(t, "-ref", ref)
	require.NoError(t, err)
	assert.Nil(t, opened.Server)
	assert.Equal(t, "-ref "+ref, opened.Flag())
	page, err := opened.Source.Jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobstest.OpsManagerCluster.Jobs(), restorejobs.JobIDs(page.Jobs))

	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", "half of another")
	_, err = open(t, "-ref", ref)
	require.ErrorContains(t, err, "MONGODB_ATLAS_PRIVATE_API_KEY")
	assert.Equal(t, 2, harness.ExitCode(t.Output(), err))

	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", "")
	t.Setenv("MCLI_PUBLIC_API_KEY", "")
	t.Setenv("MCLI_PRIVATE_API_KEY", "")
	t.Setenv("MCLI_OPS_MANAGER_URL", "")
	_, err = open(t, "-ref", ref)
	require.ErrorContains(t, err, "MCLI_OPS_MANAGER_URL")
	t.Setenv("MCLI_OPS_MANAGER_URL", server.URL())
	_, err = open(t, "-ref", "nowhere")
	require.ErrorContains(t, err, `"nowhere"`, "before the credentials")
	require.ErrorContains(t, err, "; -h shows the flags")
	assert.Equal(t, 2, harness.ExitCode(t.Output(), err))
	_, err = open(t, "-ref", ref)
	require.ErrorContains(t, err, "MCLI_PRIVATE_API_KEY")
	assert.Equal(t, 2, harness.ExitCode(t.Output(), err))
}

func TestOpen_serviceAccount(t *testing.T) {
	noEnvironment(t)
	server := restorejobstest.NewServer()
	defer server.Close()
	t.Setenv("MONGODB_ATLAS_CLIENT_ID", restorejobstest.ClientID)
	t.Setenv("MONGODB_ATLAS_CLIENT_SECRET", restorejobstest.ClientSecret)
	t.Setenv("MONGODB_ATLAS_BASE_URL", server.URL())
	scope := restorejobstest.AtlasV2Flex

	opened, err := open(t, "-ref", scope.Ref())
	require.NoError(t, err)
	page, err := opened.Source.Jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, scope.Jobs(), restorejobs.JobIDs(page.Jobs))
}

func TestOpen_everyScope(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		opened, err := open(t, "-scope", scope.String())
		require.NoError(t, err)
		assert.Equal(t, "-scope "+scope.String(), opened.Flag())
		page, err := opened.Source.Jobs.List(t.Context(), restorejobs.ListOptions{})
		require.NoError(t, err)
		assert.Equal(t, scope.Jobs(), restorejobs.JobIDs(page.Jobs), "%s", scope)
	}
}

func TestRead_help(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := harness.NewFlags("get [flags] JOB", restorejobstest.MMSCluster).Read([]string{"-h"}, 1, &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, text := range []string{"Usage: get [flags] JOB\n", "-ref scope", "(default MMSCluster)", "3 interrupted\n"} {
		assert.Contains(t, out.String(), text)
	}
}

func TestRead_helpWithoutRef(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	flags := harness.NewFlags("drill", restorejobstest.OpsManagerCluster, "ref")
	flags.Durable()
	require.ErrorIs(t, flags.Read([]string{"-h"}, 1, &out), flag.ErrHelp)
	assert.NotContains(t, out.String(), "-ref")
	assert.Contains(t, out.String(), "without -product: ")
}

func TestRead_products(t *testing.T) {
	t.Parallel()
	read := func(product string) error {
		flags := harness.NewFlags("drill", restorejobstest.OpsManagerCluster, "ref")
		flags.Durable()
		return flags.Read([]string{"-product", product}, 1, t.Output())
	}
	for _, product := range []string{"atlas", "atlasv2", "cloudmanager", "opsmanager"} {
		assert.NoError(t, read(product), product)
	}
	assert.ErrorContains(t, read("mars"), `product must be atlas, cloudmanager or opsmanager, not "mars"`)
}

func TestRead_badUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nope"}, {"-scope", "Mars"}, {"one", "two"}, {"one", "-nope"}, {""}, {"-ref", ""}, {"-ref", "mms/groups/a/clusters/b", "-scope", "MMSCluster"}} {
		var out bytes.Buffer
		err := harness.NewFlags("test", restorejobstest.MMSCluster).Read(args, 1, &out)
		require.ErrorIs(t, err, harness.ErrUsage, "%q", args)
		assert.Equal(t, 2, harness.ExitCode(&out, err))
		assert.Equal(t, err.Error()+"\n", out.String(), "once")
	}
}

func TestUpdatePrinter_repeatedFailure(t *testing.T) {
	t.Parallel()
	var news harness.UpdatePrinter
	notFound := func(request string) error {
		return &restorejobs.Error{StatusCode: 404, Code: "RESTORE_JOB_NOT_FOUND", RequestID: request}
	}
	running := restorejobs.StateRunning
	assert.Contains(t, news.Format(restorejobs.WaitUpdate{ID: "a", Err: notFound("1")}), "retrying after ")
	assert.Contains(t, news.Format(restorejobs.WaitUpdate{ID: "b", Err: notFound("2")}), "retrying after ")
	assert.Empty(t, news.Format(restorejobs.WaitUpdate{ID: "a", Err: notFound("3")}), "the same in another request")
	assert.Contains(t, news.Format(restorejobs.WaitUpdate{ID: "a", Err: errors.New("no network")}), "no network")
	assert.Equal(t, "running", news.Format(restorejobs.WaitUpdate{ID: "a", State: running}))
	assert.Contains(t, news.Format(restorejobs.WaitUpdate{ID: "a", Err: notFound("4")}), "retrying after ")
}

func TestPlural(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 jobs, 1 job, 2 jobs", harness.Plural(0, "job")+", "+harness.Plural(1, "job")+", "+harness.Plural(int64(2), "job"))
}

func TestExitCode(t *testing.T) {
	t.Parallel()
	for err, code := range map[error]int{
		nil:                      0,
		flag.ErrHelp:             0,
		errors.New("disk full"):  1,
		context.DeadlineExceeded: 1,
		harness.Usage("no job"):  2,
		fmt.Errorf("create: %w", restorejobs.ErrInvalidArgument): 2,
		fmt.Errorf("cancel: %w", errors.ErrUnsupported):          2,
		fmt.Errorf("list: %w", context.Canceled):                 3,
	} {
		var out bytes.Buffer
		assert.Equal(t, code, harness.ExitCode(&out, err), "%v", err)
		if code > 0 {
			assert.Equal(t, err.Error()+"\n", out.String())
		}
	}
}
