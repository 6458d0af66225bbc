package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/harness"
)

func list(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var b strings.Builder
	err := run(t.Context(), args, &b)
	return b.String(), harness.ExitCode(t.Output(), err)
}

func TestRun_list(t *testing.T) {
	t.Parallel()
	out, code := list(t)
	assert.Zero(t, code)
	assert.Equal(t, `53bd7f38e4b0a7304e226b3f  finished   snapshot 53bd4356e4b0774946a16455
53bd7f13e4b0a7304e226998  finished   snapshot 53bd439ae4b0774946a16490
2 jobs of mms/groups/525ec8394f5e625c80c7404a/clusters/53bc556ce4b049c88baec825
`, out)
}

func TestRun_filters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string // start of the last line
		code int
	}{
		{"-limit 1", "1 job of mms/", 0},
		{"-state failed", "0 jobs of mms/", 0},
		{"-scope AtlasV2Cluster -state failed", "1 job of atlasv2/", 0},
		{"-scope CloudManagerCluster -batch 5c0ffee000000000000000e0", "1 job of cloudmanager/", 0},
		{"-scope CloudManagerCluster -batch 5c0ffee000000000000000e1", "0 jobs of cloudmanager/", 0},
		{"-scope AtlasV2Flex -batch 5c0ffee000000000000000e0", "", 2},
		{"-limit many", "", 2},
		{"-limit -3", "", 2},
		{"-state bogus", "", 2},
		{"operand", "", 2},
	} {
		out, code := list(t, strings.Fields(c.args)...)
		assert.Equal(t, c.code, code, "%s", c.args)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		assert.True(t, strings.HasPrefix(lines[len(lines)-1], c.want), "%s: %s", c.args, out)
	}
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := run(ctx, nil, t.Output())
	require.ErrorContains(t, err, "the list ends after 0 jobs")
	assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
}
