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

func TestRun_createAndWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string // in the output, or in the error
		code int
	}{
		{"-takes 50ms", "3 of 3 jobs finished\na link works 3 times (-max), so an interrupted download can be resumed\n", 0}, // two shards and a config server
		{"-takes 50ms -scope AtlasV2Flex -into 6a22a5000000000000000001/Flex1", "1 of 1 job finished\n", 0},
		{"-takes 50ms -into 5ba5e0000000000000000001/5ba5e0000000000000000005", "3 of 3 jobs finished\n", 0},
		{"-takes 50ms -max 1", "a link works once: an interrupted download cannot be resumed", 0},
		{"-scope MMSCluster 53bd7f38e4b0a7304e226b3f 53bd7f13e4b0a7304e226998", "2 of 2 jobs finished\n", 0},
		{"-scope AtlasV2Cluster 32b6e34b3d91647abb20e7b8", "1 job ended badly: 32b6e34b3d91647abb20e7b8 failed", 1},
		{"-takes 1h -timeout 50ms", "the restore continues; the embedded server ends here", 1},
		{"-takes 50ms -scope AtlasV2Flex", "1 of 1 job finished\n", 0},
		{"-takes 1h ../job", "invalid argument", 2},
		{"-takes long", "bad usage", 2},
		{"-into X", "bad usage: -into must be PROJECT/CLUSTER;", 2},
		{"-ref mms/groups/a/clusters/b", "bad usage: -snapshot or JOB is missing;", 2},
		{"-max 3 53bd7f38e4b0a7304e226b3f", "bad usage: -snapshot, -into, -hours and -max start a restore", 2},
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(c.args), &out)
		assert.Equal(t, c.code, harness.ExitCode(&out, err), "%s: %v", c.args, err)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
	}
}

// If the machine is too slow to see the restore running, the test repeats it with a longer one.
func TestRun_printsEveryChange(t *testing.T) {
	t.Parallel()
	every := regexp.MustCompile(`^ +0s  ([0-9a-f]{24})  running\n +[0-9.m]+s  [0-9a-f]{24}  finished\n1 of 1 job finished\n$`)
	var out bytes.Buffer
	for _, takes := range []string{"50ms", "1s", "5s"} {
		out.Reset()
		assert.NoError(t, run(t.Context(), []string{"-takes", takes, "-scope", "AtlasV2Cluster", "-snapshot", "6a22a50000000000000000b1", "-into", "6a22a5000000000000000001/Cluster1"}, &out))
		if every.Match(out.Bytes()) {
			return
		}
	}
	assert.Regexp(t, every, out.String())
}

func TestRun_unknownJob(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := run(t.Context(), []string{"000000000000000000000000"}, &out)
	assert.ErrorIs(t, err, restorejobs.ErrNotFound)
	assert.NotContains(t, err.Error(), "continue")
	assert.Empty(t, out.String(), "asked once")
}

func TestReport_repeatedFailure(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	tell := report(&out)
	for _, err := range []error{errors.New("no network"), errors.New("no network"), errors.New("no name"), nil} {
		assert.NoError(t, tell(restorejobs.WaitUpdate{
			ID:    "job",
			State: restorejobs.StateRunning,
			Err:   err,
		}))
	}
	assert.Equal(t, "    0s  job  retrying after no network\n    0s  job  retrying after no name\n    0s  job  running\n", out.String())
}

// interrupter ends a context as soon as something is printed.
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
	out := &interrupter{interrupt: cancel}
	err := run(ctx, []string{"-takes", "1h"}, out)
	assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
	id, _, _ := strings.Cut(strings.TrimPrefix(out.String(), "    0s  "), " ")
	assert.ErrorContains(t, err, "go run ./examples/create-and-wait -ref opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000002 "+id)
}
