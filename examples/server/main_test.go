package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

// start serves until the test ends, and returns what was printed. The server must stop without an error.
func start(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), writer)
		_ = writer.CloseWithError(err) // nil is the end of the file
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		_ = reader.Close()
		assert.NoError(t, <-ended)
	})
	var text strings.Builder
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		text.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "–  is found") {
			return text.String()
		}
	}
	t.Fatalf("the last line is missing: %v\n%s", lines.Err(), text.String())
	return ""
}

// export sets the variables of the line for the shell.
func export(t *testing.T, text string) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^export (.*)$`).FindStringSubmatch(text)
	require.Len(t, line, 2, text)
	for word := range strings.FieldsSeq(line[1]) {
		name, value, found := strings.Cut(word, "=")
		require.True(t, found, word)
		t.Setenv(name, value)
	}
}

func TestRun_restores(t *testing.T) {
	t.Setenv("MONGODB_ATLAS_ACCESS_TOKEN", "of another service")
	text := start(t, "-takes", "0")
	export(t, text)
	client, err := restorejobs.NewClientFromEnv()
	require.NoError(t, err)

	rows := regexp.MustCompile(`(?m)^(.*\S) +([^ ]+) +([^ ]+) +([a-z0-9]+/groups/\S+)$`).FindAllStringSubmatch(text, -1)
	require.Len(t, rows, len(restorejobstest.Scopes()))
	for i, scope := range restorejobstest.Scopes() {
		row := rows[i]
		source, err := client.Source(row[4])
		require.NoError(t, err)
		created, err := source.Jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err, row[4])
		_, err = source.Jobs.Wait(t.Context(), restorejobs.JobIDs(created), restorejobs.WaitOptions{MinInterval: time.Millisecond})
		require.NoError(t, err, row[4])
		files, err := source.Jobs.Download(t.Context(), restorejobs.JobIDs(created), t.TempDir(), restorejobs.DownloadOptions{})
		require.NoError(t, err, row[4])
		assert.Len(t, files, 1)

		product, _, _ := strings.Cut(row[4], "/")
		if row[1] == "–" {
			continue
		}
		found, err := harness.FinderOf(client, product).FindCluster(t.Context(), row[1], row[2])
		require.NoError(t, err)
		assert.Equal(t, row[4], found.Ref())
		target, err := harness.FinderOf(client, product).FindCluster(t.Context(), row[1], row[3])
		require.NoError(t, err)
		require.NoError(t, source.CheckTarget(t.Context(), restorejobs.ToCluster(target.ProjectID(), target.ClusterID())))
	}
}

func TestRun_takes(t *testing.T) { //nolint:paralleltest // sets the environment
	export(t, start(t, "-takes", "1h"))
	client, err := restorejobs.NewClientFromEnv()
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	jobs := client.OpsManager.Cluster(scope.Project(), scope.Cluster()).Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
	require.NoError(t, err)
	job, err := jobs.Get(t.Context(), created[0].ID)
	require.NoError(t, err)
	assert.Equal(t, restorejobs.StateRunning, job.State())
}

func TestRun_serviceAccount(t *testing.T) { //nolint:paralleltest // sets the environment
	text := start(t)
	export(t, text)
	account := regexp.MustCompile(`(?m)^service account  (\S+), (\S+)$`).FindStringSubmatch(text)
	require.Len(t, account, 3)
	client, err := restorejobs.NewClient(restorejobs.ServiceAccount(account[1], account[2]), restorejobs.WithBaseURLFromEnv())
	require.NoError(t, err)
	project, err := client.AtlasV2.FindProject(t.Context(), "Production")
	require.NoError(t, err)
	assert.Equal(t, restorejobstest.AtlasV2Cluster.Project(), project.ID)
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	used, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = used.Close() }()
	for args, code := range map[string]int{
		"-x":                              2,
		"more":                            2,
		"-takes -1s":                      2,
		"-listen 0.0.0.0:8480":            2,
		"-listen 8480":                    2,
		"-listen " + used.Addr().String(): 1,
		"-h":                              0,
	} {
		assert.Equal(t, code, harness.ExitCode(t.Output(), run(t.Context(), strings.Fields(args), t.Output())), args)
	}
	closed, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, errors.Join(closed.Close(), writer.Close()))
	assert.Equal(t, 1, harness.ExitCode(t.Output(), run(t.Context(), []string{"-listen", "127.0.0.1:0"}, writer)), "nobody reads it")
}
