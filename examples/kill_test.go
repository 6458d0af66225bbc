package examples_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

var kills = flag.Int("kills", 5, "at how many random points each example is killed, in each situation")

const archiveSize = 16 << 20

// shop is a server that outlives the programs, and a command that restores from it.
type shop struct {
	*restorejobstest.Server

	scope    restorejobstest.Scope
	dir      string
	journals []string // in dir
	words    []string // the command
	env      []string // further settings
}

// newShop returns a server on which a restore takes a fraction of a second.
func newShop(t *testing.T, scope restorejobstest.Scope, opts ...restorejobstest.Option) *shop {
	t.Helper()
	opts = append([]restorejobstest.Option{
		restorejobstest.WithRestoreDuration(200 * time.Millisecond),
		restorejobstest.WithArchiveSize(archiveSize),
	}, opts...)
	server := restorejobstest.NewServer(opts...)
	t.Cleanup(server.Close)
	return &shop{
		Server:   server,
		scope:    scope,
		dir:      t.TempDir(),
		journals: []string{"journal.json"},
	}
}

// command returns the command of a program on this server.
func (s *shop) command(t *testing.T) *exec.Cmd {
	t.Helper()
	product, _, _ := strings.Cut(s.scope.Ref(), "/")
	args := append([]string{"-product", product, "-dir", s.dir, "-poll", "20ms", "-search", "1s"}, s.words[1:]...)
	command := program(t, s.words[0], args...)
	command.Env = append(command.Env, s.env...)
	prefix := "MONGODB_ATLAS_"
	address := "MONGODB_ATLAS_BASE_URL="
	if s.scope == restorejobstest.OpsManagerCluster {
		prefix = "MCLI_"
		address = "MCLI_OPS_MANAGER_URL="
	}
	command.Env = append(command.Env, prefix+"PUBLIC_API_KEY="+restorejobstest.PublicKey,
		prefix+"PRIVATE_API_KEY="+restorejobstest.PrivateKey, address+s.URL())
	return command
}

// run runs the command to its end, and returns its output.
func (s *shop) run(t *testing.T) string {
	t.Helper()
	command := s.command(t)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, "%s%s", out, stderr.String())
	return string(out)
}

// kill starts the command and kills it after a delay. It returns the steps of the journals then, and
// false if the command had ended before.
func (s *shop) kill(t *testing.T, delay time.Duration) (steps []durable.Step, isKilled bool) {
	t.Helper()
	command := s.command(t)
	require.NoError(t, command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	select {
	case err := <-ended:
		require.NoError(t, err)
		return nil, false
	case <-time.After(delay):
	}
	if err := command.Process.Kill(); !errors.Is(err, os.ErrProcessDone) { // SIGKILL
		require.NoError(t, err)
	}
	if err := <-ended; err == nil {
		return nil, false
	}
	for _, state := range s.states(t) {
		steps = append(steps, state.Step)
	}
	return steps, true
}

// states are the states of the journals.
func (s *shop) states(t *testing.T) []durable.State {
	t.Helper()
	var states []durable.State
	for _, name := range s.journals {
		state, err := durable.FileJournal(filepath.Join(s.dir, name)).Load(context.Background())
		require.NoError(t, err)
		states = append(states, state)
	}
	return states
}

// killAtRandomPoints kills the command of new shops, each at a random point, and runs it to its end
// again. It calls check with the steps at which it was killed.
func killAtRandomPoints(t *testing.T, open func(t *testing.T) *shop, check func(t *testing.T, s *shop, steps []durable.Step)) {
	t.Helper()
	whole := open(t)
	began := time.Now()
	whole.run(t)
	takes := time.Since(began)
	check(t, whole, nil)
	whole.Close()

	at := map[string]int{}
	for hits := 0; hits < *kills; {
		s := open(t)
		steps, isKilled := s.kill(t, randomPoint(hits, takes))
		if !isKilled {
			at["after the end"]++
			takes = takes * 9 / 10 // the first run can be slower
		} else {
			hits++
			for _, step := range steps {
				at[string(step)]++
			}
		}
		s.run(t)
		check(t, s, steps)
		s.Close()
	}
	t.Logf("%d kills in %s, by the step in the journal: %v", *kills, takes.Round(time.Millisecond), at)
}

// randomPoint is a point of the whole time, of its begin or of its end: most of the time is a wait.
func randomPoint(i int, takes time.Duration) time.Duration {
	point := rand.N(takes)
	switch i % 3 {
	case 0:
		return point / 4
	case 1:
		return takes - point/4
	default:
		return point
	}
}

// checkRestores checks that a command has started one restore for each journal. Only after a kill in
// a download by a link that works once, another one is permitted.
func (s *shop) checkRestores(t *testing.T, steps []durable.Step, isSingleUse bool) {
	t.Helper()
	attempts := 0
	for i, state := range s.states(t) {
		assert.Equal(t, durable.StepDone, state.Step)
		assert.Equal(t, 1, state.Result.Run)
		assert.Equal(t, state.Attempt, state.Result.Attempts)
		attempts += state.Attempt
		if state.Attempt == 1 {
			continue
		}
		assert.Equal(t, 2, state.Attempt)
		assert.True(t, isSingleUse && steps[i] == durable.StepDownload, "%v", steps)
	}
	assert.Equal(t, attempts, s.CreateCount(), "%v", steps)
}

// checkFiles checks that the files of a result are whole, and that nothing else is beside them except what
// a later download needs to know that they are.
func checkFiles(t *testing.T, result durable.Result, count int, others ...string) {
	t.Helper()
	assert.Len(t, result.Files, count)
	expected := others
	for _, file := range result.Files {
		sum, size := hashFile(t, file.Path)
		assert.Equal(t, file.SHA1, sum)
		assert.Equal(t, file.Size, size)
		assert.EqualValues(t, archiveSize, size)
		name := filepath.Base(file.Path)
		expected = append(expected, name, "."+name+".download.json")
	}
	entries, err := os.ReadDir(filepath.Dir(result.Files[0].Path))
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	assert.ElementsMatch(t, expected, names)
}

func hashFile(t *testing.T, path string) (sum string, size int64) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	hash := sha1.New()
	size, err = io.Copy(hash, file)
	require.NoError(t, err)
	return hex.EncodeToString(hash.Sum(nil)), size
}
