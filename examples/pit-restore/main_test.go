package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_pitRestore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string // in the output, or in the error
		code int
	}{
		{nil, "the servers of orders-staging have the data\n", 0},
		{[]string{"-at", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339), "Production", "orders", "orders-staging"}, "the servers of orders-staging have the data\n", 0},
		{[]string{"-at", "2001-01-01T00:00:00Z"}, "the cluster cannot be restored to 2001-01-01T00:00:00Z", 1},
		{[]string{"Production", "orders", "catalog"}, "it is a sharded cluster, the source is a replica set", 1},
		{[]string{"Production", "orders", "orders"}, "", 1},
		{[]string{"Production", "orders", "nothing"}, "nothing", 1},
		{[]string{"-timeout", "1ms"}, "context deadline exceeded", 1},
		{[]string{"-at", "yesterday"}, "-at must be a time", 2},
		{[]string{"Production", "orders"}, "PROJECT, CLUSTER and TARGET are needed", 2},
		{[]string{"-product", "opsmanager"}, "PROJECT, CLUSTER and TARGET are needed", 2},
		{[]string{"-h"}, "Usage: pit-restore [flags] PROJECT CLUSTER TARGET\n", 0},
	} {
		var out strings.Builder
		err := run(t.Context(), c.args, &out)
		assert.Equal(t, c.code, harness.ExitCode(&out, err), "%s: %v", c.args, err)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
	}
}

// The job is finished when it is made, and its end is not the end of the restore.
func TestRun_provesTheRestore(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.NoError(t, run(t.Context(), nil, &out))
	assert.Regexp(t, regexp.MustCompile(`^restoring orders as of .*Z into orders-staging
 +0s  finished
(.*\n)* +[0-9.m]+s  cluster 5ba5e0000000000000000005: 3 of 3 processes below goal \d+: .*, step Download.*
(.*\n)* +[0-9.m]+s  cluster 5ba5e0000000000000000005: 3 of 3 processes at goal \d+
the servers of orders-staging have the data
$`), out.String())
}

func TestReport_heartbeat(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	assert.NoError(t, report(&out)(restorejobs.WaitUpdate{Heartbeat: true, Elapsed: time.Minute, NextPoll: 17 * time.Second}))
	assert.Equal(t, "  1m0s  waiting, next poll in 17s\n", out.String())
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, harness.ExitCode(t.Output(), run(ctx, nil, t.Output())))
}
