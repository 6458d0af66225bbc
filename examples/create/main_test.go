package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_create(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string // in the output, or in the error
		code int
	}{
		{"", "running of snapshot 5ba5e00000000000000000a2\nstarted: snapshot 5ba5e00000000000000000a2 to a download\n", 0},
		{"-snapshot 5ba5e00000000000000000a1 -hours 48 -max 3", "started: snapshot 5ba5e00000000000000000a1 to a download\n", 0},
		{"-time 2018-09-10T20:04:48Z -into 5ba5e0000000000000000001/5ba5e0000000000000000005", "started: time 2018-09-10T20:04:48Z to cluster 5ba5e0000000000000000005 of project 5ba5e0000000000000000001\n", 0},
		{"-oplog 1536609888:1 -into 5ba5e0000000000000000001/5ba5e0000000000000000005", "started: oplog entry 2018-09-10T20:04:48Z, 1 to cluster 5ba5e0000000000000000005", 0},
		{"-checkpoint 5ba5e00000000000000000c1 -into 5ba5e0000000000000000001/5ba5e0000000000000000005", "400 CHECKPOINT_RESTORE_UNSUPPORTED_FOR_REPLICA_SETS", 1},
		{"-scope AtlasV2Flex -into 6a22a5000000000000000001/Flex1", "started: snapshot 6a22a50000000000000003b2 to cluster Flex1", 0},
		{"-scope AtlasV2Flex", "started: snapshot 6a22a50000000000000003b2 to a download\n", 0},
		{"-scope AtlasV2Flex -time 2018-09-10T20:04:48Z", "AtlasV2.Flex does not have restores from a point in time", 2},
		{"-scope MMSCluster -hours 2", "MMS.Cluster does not have", 2},
		{"-snapshot 000000000000000000000000", "404 SNAPSHOT_NOT_FOUND", 1},
		{"-time yesterday", "bad usage: -time must be like 2026-11-21T20:00:00Z;", 2},
		{"-time 2999-01-01T00:00:00Z", "must not be in the future", 2},
		{"-oplog 5", "bad usage: -oplog must be SECONDS:INCREMENT;", 2},
		{"-oplog 5:six", "-oplog must be", 2},
		{"-into X", "bad usage: -into must be PROJECT/CLUSTER;", 2},
		{"-into a/b/c", "-into must be", 2},
		{"-into a/b -max 3", "-hours and -max are for downloads", 2},
		{"-max -1", "-hours and -max must be at least 1", 2},
		{"-snapshot 5ba5e00000000000000000a1 -time 2018-09-10T20:04:48Z", "only one of -snapshot, -time, -oplog and -checkpoint", 2},
		{"-oplog 5:6 -checkpoint 5ba5e00000000000000000c1", "only one of", 2},
		{"-ref mms/groups/a/clusters/b", "bad usage: -snapshot, -time, -oplog or -checkpoint is missing;", 2},
		{"-h", "3 interrupted", 0},
	} {
		var out strings.Builder
		err := run(t.Context(), strings.Fields(c.args), &out)
		assert.Equal(t, c.code, harness.ExitCode(&out, err), "%s: %v", c.args, err)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
	}
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
