package examples_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// deployment is a server that continues after the programs end, like a real one.
type deployment struct {
	*restorejobstest.Server

	scope restorejobstest.Scope
	dir   string // for files
}

func newDeployment(t *testing.T, takes time.Duration) *deployment {
	t.Helper()
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(takes), restorejobstest.WithArchiveSize(16<<20))
	t.Cleanup(server.Close)
	return &deployment{
		Server: server,
		scope:  restorejobstest.OpsManagerCluster,
		dir:    t.TempDir(),
	}
}

// at returns the settings of a program for this server.
func (d *deployment) at(command *exec.Cmd) *exec.Cmd {
	command.Env = append(command.Env, "MCLI_PUBLIC_API_KEY="+restorejobstest.PublicKey,
		"MCLI_PRIVATE_API_KEY="+restorejobstest.PrivateKey, "MCLI_OPS_MANAGER_URL="+d.URL())
	return command
}

// restore starts a restore whose link works more than once.
func (d *deployment) restore(t *testing.T) string {
	t.Helper()
	client, err := d.Client()
	require.NoError(t, err)
	source, err := client.Source(d.scope.Ref())
	require.NoError(t, err)
	jobs := source.Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(d.scope.Snapshots()[0]), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 3}))
	require.NoError(t, err)
	return created[0].ID
}

// polled reports whether a program has polled the job that was started.
func (d *deployment) polled() bool {
	requests := d.Requests()
	created := slices.IndexFunc(requests, func(r restorejobstest.Request) bool { return r.Method == http.MethodPost && r.Status == http.StatusOK })
	if created < 0 {
		return false
	}
	last := requests[len(requests)-1]
	return last.Method == http.MethodGet && last.Status == http.StatusOK
}

// hung reports whether a restore was started whose create gets no response.
func (d *deployment) hung() bool { return d.CreateCount() == 1 }

// begun reports whether a program has bytes of a file.
func (d *deployment) begun() bool {
	parts, _ := filepath.Glob(filepath.Join(d.dir, "*.part"))
	return slices.ContainsFunc(parts, func(part string) bool {
		info, err := os.Stat(part)
		return err == nil && info.Size() > 0
	})
}

// Interrupts programs, and runs the command that they print.
func TestPrograms_resumeAfterInterrupt(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send Ctrl-C to one process")
	}
	started := func(t *testing.T, d *deployment) []string { return []string{d.restore(t)} }
	snapshot := func(_ *testing.T, d *deployment) []string { return []string{"-snapshot", d.scope.Snapshots()[0]} }
	whole := func(t *testing.T, d *deployment) []string { return append(snapshot(t, d), "-dir", d.dir) }
	for name, c := range map[string]struct {
		program string
		takes   time.Duration // the restore
		args    func(*testing.T, *deployment) []string
		want    string // in the output of the command
		hangs   bool   // the response to the create
	}{
		"create-and-wait":         {"create-and-wait", time.Hour, snapshot, "1 of 1 job finished\na link works once", false},
		"a create that hangs":     {"create-and-wait", time.Hour, snapshot, "continue with\n  go run ./examples/create-and-wait -ref ", true},
		"a quickstart that hangs": {"quickstart", time.Hour, whole, "continue with\n  go run ./examples/create-and-wait -ref ", true},
		"create-once":             {"create-once", time.Hour, snapshot, "continue with\n  go run ./examples/create-and-wait -ref ", true},
		"watch":                   {"watch", time.Hour, started, "  finished\n", false},
		"quickstart that waits":   {"quickstart", time.Hour, whole, "  verified\n1 file in ", false},
		"quickstart that fetches": {"quickstart", 0, whole, "  verified\n1 file in ", false},
		"download": {"download", 0, func(t *testing.T, d *deployment) []string {
			return append([]string{"-dir", d.dir}, started(t, d)...)
		}, "  verified\n1 file in ", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeployment(t, c.takes)
			underWay := d.polled
			switch {
			case c.hangs:
				underWay = d.hung
				d.InjectFault(restorejobstest.DelayResponse(time.Hour).On("POST /"), 1)
			case c.takes == 0: // the download stops in the middle
				underWay = d.begun
				d.InjectFault(restorejobstest.StallBody(8<<20, time.Hour).At(restorejobstest.Downloads), 1)
			}
			var stderr bytes.Buffer
			command := d.at(program(t, c.program, append([]string{"-ref", d.scope.Ref()}, c.args(t, d)...)...))
			command.Stderr = &stderr
			require.NoError(t, command.Start())
			require.Eventually(t, underWay, time.Minute, time.Millisecond)
			require.NoError(t, command.Process.Signal(os.Interrupt))
			require.Equal(t, 3, exitCode(command.Wait()), stderr.String())

			_, advice, found := strings.Cut(stderr.String(), "continue with\n")
			require.True(t, found, stderr.String())
			if !c.hangs { // else the search uses the current time
				d.Advance(c.takes)
			}
			shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", strings.ReplaceAll(advice, "go run ./examples/", folder+"/"))
			shell.Env = command.Env
			out, err := shell.Output()
			require.NoError(t, err, advice)
			assert.Contains(t, string(out), c.want)
			assert.Equal(t, 1, d.CreateCount())
		})
	}
}

// Kills create-once, which then prints nothing, and runs the same command again, as a script does.
func TestCreateOnce_killedRun(t *testing.T) {
	t.Parallel()
	d := newDeployment(t, time.Hour)
	note := filepath.Join(d.dir, "note")
	once := func() *exec.Cmd {
		return d.at(program(t, "create-once", "-ref", d.scope.Ref(), "-snapshot", d.scope.Snapshots()[0], "-note", note))
	}
	d.InjectFault(restorejobstest.DelayResponse(time.Hour).On("POST /"), 1)
	killed := once()
	require.NoError(t, killed.Start())
	require.Eventually(t, d.hung, time.Minute, time.Millisecond)
	require.NoError(t, killed.Process.Kill())
	require.Error(t, killed.Wait())
	require.FileExists(t, note)

	out, err := once().Output()
	require.NoError(t, err)
	assert.Regexp(t, `^searching for the restore of an earlier run\nrestore job [0-9a-f]{24} running`, string(out))
	assert.Equal(t, 1, d.CreateCount())
	assert.NoFileExists(t, note)

	_, err = once().Output()
	require.NoError(t, err)
	assert.Equal(t, 2, d.CreateCount(), "the next night is another restore")
	assert.NoFileExists(t, note)
}
