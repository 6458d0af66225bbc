package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_findCluster(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{nil, `opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000003
  type           SHARDED_REPLICA_SET
  shards         2, config servers DEDICATED
`, 0},
		{[]string{"-scope", "AtlasV2Flex"}, `atlasv2/groups/6a22a5000000000000000001/flexClusters/Flex0
  type           REPLICASET
  state          IDLE
`, 0},
		{[]string{"-into", "orders-staging", "Production", "orders"}, "opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000002\n", 0},
		{[]string{"-into", "orders-staging"}, "opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000003\n", 1},
		{[]string{"Production", "nothing"}, "", 1},
		{[]string{"Nothing", "orders"}, "", 1},
		{[]string{"a/b", "orders"}, "", 2},
		{[]string{"Production"}, "", 2},
		{[]string{"-product", "opsmanager"}, "", 2},
		{[]string{"-product", "mars", "Production", "orders"}, "", 2},
		{[]string{"-scope", "MMSCluster"}, "", 2},
		{[]string{"-h"}, "Usage: find-cluster [flags] PROJECT CLUSTER\n", 0},
	} {
		var out strings.Builder
		err := run(t.Context(), c.args, &out)
		assert.Equal(t, c.code, harness.ExitCode(t.Output(), err), "%s", c.args)
		assert.True(t, strings.HasPrefix(out.String(), c.want), "%s: %s", c.args, out.String())
	}
}

func TestRun_target(t *testing.T) {
	t.Parallel()
	var good strings.Builder
	assert.NoError(t, run(t.Context(), []string{"-into", "orders-staging", "Production", "orders"}, &good))
	assert.True(t, strings.HasSuffix(good.String(), "\nnothing is known against a restore into orders-staging\n"), "%s", good.String())
	var refused strings.Builder
	assert.Error(t, run(t.Context(), []string{"-into", "orders-staging"}, &refused))
	assert.Contains(t, refused.String(), "do not restore into orders-staging: it is a replica set, the source is a sharded cluster\n")
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
