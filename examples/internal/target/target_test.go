package target_test

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
	"example.com/restorejobs/examples/internal/target"
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

func open(t *testing.T, args ...string) (*target.Target, error) {
	t.Helper()
	flags := target.NewFlags("test", restorejobstest.MMSCluster)
	require.NoError(t, flags.Read(args, 0, t.Output()))
	opened, err := flags.Open()
	if err == nil {
		t.Cleanup(opened.Close)
	}
	return opened, err
}

func TestARealDeploymentIsNamedByFlagAndEnvironment(t *testing.T) {
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
	page, err := opened.Jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobstest.OpsManagerCluster.Jobs(), restorejobs.IDs(page.Jobs))

	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", "half of another")
	_, err = open(t, "-ref", ref)
	require.ErrorContains(t, err, "MONGODB_ATLAS_PRIVATE_API_KEY")
	assert.Equal(t, 2, target.Exit(t.Output(), err))

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
	assert.Equal(t, 2, target.Exit(t.Output(), err))
	_, err = open(t, "-ref", ref)
	require.ErrorContains(t, err, "MCLI_PRIVATE_API_KEY")
	assert.Equal(t, 2, target.Exit(t.Output(), err))
}

func TestAServiceAccountOfTheEnvironment(t *testing.T) {
	noEnvironment(t)
	server := restorejobstest.NewServer()
	defer server.Close()
	t.Setenv("MONGODB_ATLAS_CLIENT_ID", restorejobstest.ClientID)
	t.Setenv("MONGODB_ATLAS_CLIENT_SECRET", restorejobstest.ClientSecret)
	t.Setenv("MONGODB_ATLAS_BASE_URL", server.URL())
	scope := restorejobstest.AtlasV2Flex

	opened, err := open(t, "-ref", scope.Ref())
	require.NoError(t, err)
	page, err := opened.Jobs.List(t.Context(), restorejobs.ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, scope.Jobs(), restorejobs.IDs(page.Jobs))
}

func TestEveryScopeIsServed(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		opened, err := open(t, "-scope", scope.String())
		require.NoError(t, err)
		assert.Equal(t, "-scope "+scope.String(), opened.Flag())
		page, err := opened.Jobs.List(t.Context(), restorejobs.ListOptions{})
		require.NoError(t, err)
		assert.Equal(t, scope.Jobs(), restorejobs.IDs(page.Jobs), "%s", scope)
	}
}

func TestTheUsageNamesFlagsAndExitCodes(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := target.NewFlags("get [flags] JOB", restorejobstest.MMSCluster).Read([]string{"-h"}, 1, &out)
	require.ErrorIs(t, err, flag.ErrHelp)
	for _, text := range []string{"Usage: get [flags] JOB\n", "-ref scope", "(default MMSCluster)", "3 interrupted\n"} {
		assert.Contains(t, out.String(), text)
	}
}

func TestBadUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-nope"}, {"-scope", "Mars"}, {"one", "two"}, {"one", "-nope"}, {""}, {"-ref", ""}, {"-ref", "mms/groups/a/clusters/b", "-scope", "MMSCluster"}} {
		var out bytes.Buffer
		err := target.NewFlags("test", restorejobstest.MMSCluster).Read(args, 1, &out)
		require.ErrorIs(t, err, target.ErrUsage, "%q", args)
		assert.Equal(t, 2, target.Exit(&out, err))
		assert.Equal(t, err.Error()+"\n", out.String(), "said once")
	}
}

func TestNewsAreToldOnce(t *testing.T) {
	t.Parallel()
	var news target.News
	notFound := func(request string) error {
		return &restorejobs.Error{StatusCode: 404, Code: "RESTORE_JOB_NOT_FOUND", RequestID: request}
	}
	running := restorejobs.StateRunning
	assert.Contains(t, news.Of(restorejobs.Update{ID: "a", Err: notFound("1")}), "asking again after ")
	assert.Contains(t, news.Of(restorejobs.Update{ID: "b", Err: notFound("2")}), "asking again after ")
	assert.Empty(t, news.Of(restorejobs.Update{ID: "a", Err: notFound("3")}), "the same in another request")
	assert.Contains(t, news.Of(restorejobs.Update{ID: "a", Err: errors.New("no network")}), "no network")
	assert.Equal(t, "running", news.Of(restorejobs.Update{ID: "a", State: running}))
	assert.Contains(t, news.Of(restorejobs.Update{ID: "a", Err: notFound("4")}), "asking again after ")
}

func TestCount(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 jobs, 1 job, 2 jobs", target.Count(0, "job")+", "+target.Count(1, "job")+", "+target.Count(int64(2), "job"))
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for err, code := range map[error]int{
		nil:                      0,
		flag.ErrHelp:             0,
		errors.New("disk full"):  1,
		context.DeadlineExceeded: 1,
		target.Usage("no job"):   2,
		fmt.Errorf("create: %w", restorejobs.ErrInvalidArgument): 2,
		fmt.Errorf("cancel: %w", errors.ErrUnsupported):          2,
		fmt.Errorf("list: %w", context.Canceled):                 3,
	} {
		var out bytes.Buffer
		assert.Equal(t, code, target.Exit(&out, err), "%v", err)
		if code > 0 {
			assert.Equal(t, err.Error()+"\n", out.String())
		}
	}
}
