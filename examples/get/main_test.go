package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_get(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.NoError(t, run(t.Context(), nil, &out))
	assert.Equal(t, `restore job 53bd7f38e4b0a7304e226b3f finished of snapshot 53bd4356e4b0774946a16455
  data as of   2014-07-08T21:24:37Z
  has ended
  file         525ec8394f5e625c80c7404a-rs0-1404854677.tar.gz
  link         [redacted] until 2014-07-09T18:43:21Z
`, out.String())
}

func TestRun_otherVariants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string
		code int
	}{
		{"-scope CloudManagerCluster", "restore job 5c0ffee000000000000000f0 expired of snapshot 5c0ffee000000000000000a1 in batch 5c0ffee000000000000000e0\n", 0},
		{"-scope AtlasV2Flex 6a793f812c88faeba59bc399", "restore job 6a793f812c88faeba59bc399 finished of snapshot 6a6f78e0cab84da5c4476b25\n", 0},
		{
			"-scope OpsManagerCluster 5ba5e00000000000000000f0",
			"restore job 5ba5e00000000000000000f0 finished of snapshot 5ba5e00000000000000000a1\n  data as of   2017-04-19T21:14:25Z\n  has ended\nthe service reports the job as finished: create-and-wait proves that the servers of the target have the data\n", 0,
		},
		{"000000000000000000000000", "", 1},
		{"../53bd7f38e4b0a7304e226b3f", "", 2},
		{"one two", "", 2},
		{"one -x", "", 2},
		{"-ref mms/groups/a/clusters/b", "", 2},
		{"-h", "Usage: get [flags] JOB\n", 0},
	} {
		var out strings.Builder
		err := run(t.Context(), strings.Fields(c.args), &out)
		assert.Equal(t, c.code, harness.ExitCode(t.Output(), err), "%s", c.args)
		assert.True(t, strings.HasPrefix(out.String(), c.want), "%s: %s", c.args, out.String())
	}
}

func TestRun_emptyJobID(t *testing.T) {
	t.Parallel()
	err := run(t.Context(), []string{""}, t.Output())
	assert.EqualError(t, err, "bad usage: an argument is empty; -h shows the flags")
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
