package program

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/restorejobstest"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/list"
)

const goodList = "restores:\n- {product: atlas, source: a/b, to: c/d}\n"

var errNoServer = errors.New("no server in this test")

// run runs the program without a Temporal server, and returns its exit code and output.
func run(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out bytes.Buffer
	var errOut bytes.Buffer
	p := Program{
		Args:        args,
		Stdout:      &out,
		Stderr:      &errOut,
		StartServer: func(context.Context) (Server, error) { return nil, errNoServer },
	}
	code = ExitCode(&errOut, p.Run(ctx))
	return code, out.String(), errOut.String()
}

func writeList(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nightly.yaml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestRun_help(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := run(t.Context(), "-h")
	assert.Equal(t, 0, code)
	assert.Contains(t, stdout, "-per-project number")
	assert.Contains(t, stdout, "-poll duration")
	assert.Contains(t, stdout, "Exit codes: 0 all restores are done, 1 some are not")
	assert.Empty(t, stderr)
}

func TestRun_usage(t *testing.T) {
	t.Parallel()
	file := writeList(t, goodList)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no list":        {nil, "the list is missing"},
		"no such list":   {[]string{"/nowhere/fleet.yaml"}, "no such file"},
		"two lists":      {[]string{file, file}, "unexpected argument"},
		"unknown flag":   {[]string{"-concurrency", "3", file}, "flag provided but not defined"},
		"two modes":      {[]string{"-worker", "-start"}, "only one of -demo"},
		"demo and flags": {[]string{"-demo", "-limit", "3"}, "-demo has no other flags"},
		"demo and list":  {[]string{"-demo", file}, "unexpected argument"},
		"worker, list":   {[]string{"-worker", file}, "unexpected argument"},
		"pause what":     {[]string{"-address", "localhost:1", "-pause"}, "-id or the list is missing"},
		"negative poll":  {[]string{"-poll", "-1s", file}, "-poll must not be negative"},
		"no task queue":  {[]string{"-task-queue", "", file}, "-task-queue must not be empty"},
		"start alone":    {[]string{"-start", file}, "need -address"},
		"worker alone":   {[]string{"-worker"}, "need -address"},
		"wrong list":     {[]string{writeList(t, "restores: 7\n")}, "nightly.yaml: line 1"},
		"wrong plan":     {[]string{writeList(t, "restores:\n- {product: atlas, source: a/b, to: c/d, maxAttempts: -1}\n")}, "maxAttempts"},
		"unknown field":  {[]string{writeList(t, goodList+"limits: 3\n")}, `unknown field "limits"`},
	} {
		code, stdout, stderr := run(t.Context(), c.args...)
		assert.Equal(t, exitUsage, code, name)
		assert.Empty(t, stdout, name)
		assert.Contains(t, stderr, c.want, name)
	}
}

// setCredentials sets the credentials of an address where nothing runs.
func setCredentials(t *testing.T) {
	t.Helper()
	t.Setenv("MONGODB_ATLAS_PUBLIC_API_KEY", restorejobstest.PublicKey)
	t.Setenv("MONGODB_ATLAS_PRIVATE_API_KEY", restorejobstest.PrivateKey)
}

func TestRun_noServer(t *testing.T) {
	t.Setenv(envAddress, "")
	setCredentials(t)
	code, _, stderr := run(t.Context(), writeList(t, goodList))
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, stderr, errNoServer.Error())
}

// Missing credentials are reported before the embedded server, which takes seconds, is started.
func TestRun_noCredentials(t *testing.T) {
	t.Setenv(envAddress, "")
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "MONGODB_ATLAS_") || strings.HasPrefix(name, "MCLI_") {
			t.Setenv(name, "")
		}
	}
	code, _, stderr := run(t.Context(), writeList(t, goodList))
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, "none of these is set: MONGODB_ATLAS_ACCESS_TOKEN")
	assert.NotContains(t, stderr, errNoServer.Error())
}

func TestRun_downloadWithoutDir(t *testing.T) {
	t.Setenv(envAddress, "")
	setCredentials(t)
	file := writeList(t, goodList+"- {name: archive-catalog, product: atlas, source: a/b, directory: catalog}\n")
	code, _, stderr := run(t.Context(), file)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, stderr, `restore "archive-catalog" is a download: set -dir`)

	_, _, stderr = run(t.Context(), "-dir", t.TempDir(), file)
	assert.Contains(t, stderr, errNoServer.Error(), "with a folder it begins")
	_, _, stderr = run(t.Context(), "-address", "127.0.0.1:1", "-start", file)
	assert.Contains(t, stderr, "127.0.0.1:1", "the folder is that of other workers")
}

func TestRun_noConnection(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := run(ctx, "-address", "127.0.0.1:1", "-start", writeList(t, goodList))
	assert.Equal(t, exitInterrupted, code, stderr)
}

func TestReadFlags_overridesTheList(t *testing.T) {
	t.Parallel()
	file := writeList(t, "limit: 10\nperProject: 4\nfailures: 2\n"+goodList)
	flags, err := readFlags([]string{"-limit", "3", "-failures", "-1", file}, nil)
	require.NoError(t, err)
	request, err := flags.readList()
	require.NoError(t, err)
	assert.Equal(t, 3, request.MaxRunning)
	assert.Equal(t, 4, request.MaxRunningPerProject)
	assert.Equal(t, -1, request.FailureBudget)
	assert.Equal(t, "restore-fleet-nightly", flags.id)
}

func TestExitCode_errors(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{
		exitDone:        nil,
		exitFailed:      errFailed,
		exitUsage:       &list.Error{File: "f", Problems: []string{"it is empty"}},
		exitInterrupted: errors.Join(context.Canceled, errors.New("more")),
	} {
		assert.Equal(t, want, ExitCode(t.Output(), err))
	}
	refused := temporal.NewNonRetryableApplicationError("no cluster", restoretemporal.FailureInvalidPlan, nil)
	assert.Equal(t, exitUsage, ExitCode(t.Output(), refused), "a list with a wrong name")
}
