package workers_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/temporal/cmd/internal/workers"
)

const processVariable = "WORKERS_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(processVariable) != "" {
		fmt.Println(os.Args[1:])
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

func start(t *testing.T, output io.Writer) *workers.Worker {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	command := workers.Command{
		Path:   path,
		Args:   []string{"-address", "a"},
		Env:    []string{processVariable + "=1"},
		Output: output,
	}
	worker, err := command.Start(t.Context(), "one")
	require.NoError(t, err)
	return worker
}

func TestStop_endsTheProcess(t *testing.T) {
	t.Parallel()
	var output bytes.Buffer
	worker := start(t, &output)
	worker.Stop()
	assert.Equal(t, "[-address a -worker -stdin -identity one]\n", output.String())
	require.Error(t, worker.Kill(), "it has ended")
}

func TestKill_endsTheProcess(t *testing.T) {
	t.Parallel()
	worker := start(t, io.Discard)
	assert.Positive(t, worker.PID())
	require.NoError(t, worker.Kill())
	worker.Stop()
}

func TestStart_noProgram(t *testing.T) {
	t.Parallel()
	command := workers.Command{Path: t.TempDir() + "/none"}
	_, err := command.Start(t.Context(), "one")
	require.ErrorIs(t, err, os.ErrNotExist)
}
