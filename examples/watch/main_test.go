package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
)

func TestRun_watch(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	assert.Zero(t, harness.ExitCode(t.Output(), run(t.Context(), []string{"-takes", "100ms"}, &out)))
	assert.Len(t, regexp.MustCompile(`(?m)^ +[0-9.m]+s  [0-9a-f]{24}  finished$`).FindAllString(out.String(), -1), 5, "four shards and a config server")
}

func TestRun_otherVariants(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string
		code int
	}{
		{"-scope MMSCluster 53bd7f38e4b0a7304e226b3f", "    0s  53bd7f38e4b0a7304e226b3f  finished\n", 0},
		{"-scope OpsManagerCluster 5ba5e00000000000000000f0", "5ba5e00000000000000000f0  cluster 5ba5e0000000000000000005: 3 of 3 processes at goal 7\n", 0},
		{"-scope CloudManagerCluster -batch 5c0ffee000000000000000e0", "    0s  5c0ffee000000000000000f0  expired\n", 1},
		{"-scope CloudManagerCluster -batch 5c0ffee000000000000000e9", "no jobs in batch", 1},
		{"-scope AtlasV2Flex -batch 5c0ffee000000000000000e9", "AtlasV2.Flex", 2},
		{"-batch 5c0ffee000000000000000e0 53bd7f38e4b0a7304e226b3f", "exclude each other", 2},
		{"-ref mms/groups/a/clusters/b", "-batch or JOB is missing", 2},
		{"-x", "bad usage", 2},
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(c.args), &out)
		assert.Equal(t, c.code, harness.ExitCode(&out, err), "%s: %v", c.args, err)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
	}
}

func TestRun_unknownJob(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := run(t.Context(), []string{"000000000000000000000000"}, &out)
	assert.ErrorIs(t, err, restorejobs.ErrNotFound)
	assert.NotContains(t, err.Error(), "continue")
	assert.Empty(t, out.String(), "asked once")
}

func TestView_repeatedFailure(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := newView(&out, []string{"job"})
	for _, err := range []error{errors.New("no network"), errors.New("no network"), nil, errors.New("no network")} {
		v.update(restorejobs.WaitUpdate{
			ID:    "job",
			State: restorejobs.StateRunning,
			Err:   err,
		})
	}
	assert.Equal(t, "    0s  job  retrying after no network\n    0s  job  running\n    0s  job  retrying after no network\n", out.String())
}

type interrupter struct {
	bytes.Buffer
	interrupt context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	i.interrupt()
	return i.Buffer.Write(p)
}

func TestRun_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := run(ctx, []string{"-takes", "1h"}, &interrupter{interrupt: cancel})
	assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
	assert.ErrorContains(t, err, "go run ./examples/watch -ref opsmanager/groups/")
}

func TestView_redraws(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := newView(&out, []string{"one", "two"})
	v.terminal = true
	v.update(restorejobs.WaitUpdate{ID: "one", State: restorejobs.StateRunning})
	out.Reset()
	v.update(restorejobs.WaitUpdate{Err: errors.New("no network")})
	assert.Equal(t, "\x1b[4A"+
		"\x1b[2KJOB                       STATE      SINCE\n"+
		"\x1b[2Kone                       running    0s\n"+
		"\x1b[2Ktwo                                  0s\n"+
		"\x1b[2Kretrying after no network\n", out.String())
}
