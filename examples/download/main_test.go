package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vbauerster/mpb/v8"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/harness"
	"example.com/restorejobs/restorejobstest"
)

func TestRun_allShards(t *testing.T) {
	t.Parallel()
	for scope, verdict := range map[string]string{
		"OpsManagerCluster": "verified",
		"AtlasV2Cluster":    "not verifiable: the server has no checksum",
	} {
		dir := filepath.Join(t.TempDir(), "missing", "folder")
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), []string{"-scope", scope, "-size", "100000", "-dir", dir}, &out))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, 7, "%s", out.String())
		for i := range 3 {
			assert.Regexp(t, `^\S+(config-0|shard-[01])\S*\.tar\.gz: 100000 bytes$`, lines[i])
			name, rest, _ := strings.Cut(lines[3+i], "  ")
			assert.Regexp(t, `^[0-9a-f]{40}  `+verdict+`$`, rest)
			info, err := os.Stat(filepath.Join(dir, name))
			require.NoError(t, err)
			assert.Equal(t, int64(100000), info.Size())
		}
		assert.Equal(t, "3 files in "+dir, lines[6])
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Len(t, left, 3, "no part file is left")
	}
}

func TestRun_removesTemporaryDirectory(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-size", "1000"}, &out))
	assert.True(t, strings.HasSuffix(out.String(), "\n3 files checked, then removed with the temporary folder\n"), out.String())

	require.Error(t, run(t.Context(), []string{"-scope", "CloudManagerCluster", "5c0ffee000000000000000f0"}, &out))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, run(ctx, nil, &out))
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestRun_exitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		want string
		code int
	}{
		{"-scope CloudManagerCluster 5c0ffee000000000000000f0", "expired", 1},
		{"-scope OpsManagerCluster 5ba5e00000000000000000f0", "restores into a cluster", 2},
		{"-dir main.go/folder", "not a directory", 1},
		{"-dir . ../job", "invalid argument", 2},
		{"-ref mms/groups/a/clusters/b -h", "Usage: download [flags] JOB...", 0},
		{"-size much", "bad usage", 2},
		{"5ba5e00000000000000000f0 -repeat", "bad usage: -repeat must come before 5ba5e00000000000000000f0;", 2},
		{"-ref mms/groups/a/clusters/b", "JOB is missing", 2},
		{"-ref mms/groups/a/clusters/b JOB", "-dir is missing", 2},
	} {
		var out bytes.Buffer
		err := run(t.Context(), strings.Fields(c.args), &out)
		assert.Equal(t, c.code, harness.ExitCode(&out, err), "%s: %v", c.args, err)
		assert.Contains(t, out.String(), c.want, "%s", c.args)
	}
}

func TestRun_interruptedKeepsPart(t *testing.T) {
	t.Parallel()
	const longest = 2 * time.Second // of a download that takes longer
	for delay := 250 * time.Millisecond; ; delay *= 2 {
		dir := t.TempDir()
		err := interruptedRun(t, dir, delay)
		assert.Equal(t, 3, harness.ExitCode(t.Output(), err))
		hasBytes := strings.Contains(err.Error(), " of 1000000000 bytes are kept in ")
		if !hasBytes && delay < longest {
			continue // the part has its size before it has bytes
		}
		require.True(t, hasBytes, err)
		require.ErrorContains(t, err, "go run ./examples/download -ref opsmanager/groups/5ba5e0000000000000000001/clusters/5ba5e0000000000000000002 -dir "+dir)
		return
	}
}

// interruptedRun interrupts a download when its part has existed for some time.
func interruptedRun(t *testing.T, dir string, delay time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		const pause = 10 * time.Millisecond
		for ctx.Err() == nil {
			time.Sleep(pause)
			if parts, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(parts) > 0 {
				time.Sleep(delay)
				cancel()
			}
		}
	}()
	err := run(ctx, []string{"-size", "1000000000", "-dir", dir}, t.Output())
	require.Error(t, err)
	return err
}

// The error of a download that fails repeatedly shows how to continue, with -repeat only if the
// link works once.
func TestRun_failureNamesResumeCommand(t *testing.T) {
	t.Parallel()
	for limit, repeat := range map[int]string{1: "-repeat ", 3: ""} {
		server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithArchiveSize(1<<20))
		defer server.Close()
		client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		source, err := client.Source(scope.Ref())
		require.NoError(t, err)
		jobs := source.Jobs
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: limit}))
		require.NoError(t, err)
		server.InjectFault(restorejobstest.TruncateBody(1000).At(restorejobstest.Downloads), 100)

		dir := filepath.Join(t.TempDir(), "a folder")
		require.NoError(t, os.Mkdir(dir, 0o700))
		opened := &harness.Env{
			Client: client,
			Source: source,
		}
		_, err = fetch(t.Context(), opened, []string{created[0].ID}, dir, restorejobs.DownloadOptions{}, t.Output())
		require.Error(t, err)
		lines := strings.Split(err.Error(), "\n")
		assert.Equal(t, "  go run ./examples/download -ref "+scope.Ref()+" -dir '"+dir+"' "+repeat+created[0].ID, lines[len(lines)-1])
	}
}

// Without a terminal, only a resumed download prints a line about it, once.
func TestRun_resumedDownload(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithArchiveSize(size))
	defer server.Close()
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	jobs := source.Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 9}))
	require.NoError(t, err)
	server.InjectFault(restorejobstest.TruncateBody(400<<10).At(restorejobstest.Downloads), 6)
	dir := t.TempDir()
	opened := &harness.Env{
		Client: client,
		Source: source,
	}
	ids := restorejobs.JobIDs(created)
	var out bytes.Buffer
	_, err = fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, &out)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Empty(t, out.String())
	server.ClearFaults()
	_, err = fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, &out)
	require.NoError(t, err)
	assert.Regexp(t, `^(\S+\.tar\.gz): resumed after [1-9]\d+ bytes\n\S+\.tar\.gz: 1048576 bytes\n$`, out.String())
}

// A run that was killed between two jobs is repeated: existing files are unchanged, even if their
// link no longer works.
func TestRun_existingFiles(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithShards(2))
	defer server.Close()
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	jobs := source.Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
	require.NoError(t, err)
	require.Greater(t, len(created), 1)
	dir := t.TempDir()
	opened := &harness.Env{
		Client: client,
		Source: source,
	}
	ids := restorejobs.JobIDs(created)
	first, err := fetch(t.Context(), opened, ids[:1], dir, restorejobs.DownloadOptions{}, t.Output())
	require.NoError(t, err)
	all, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
	require.NoError(t, err)
	require.Len(t, all, len(ids))
	assert.Equal(t, first[0].SHA1, all[0].SHA1)

	require.NoError(t, os.WriteFile(all[0].Path, []byte("something else"), 0o600))
	_, err = fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
	require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
}

// atlasDownload returns a server with a finished download of a cluster, sharded or not.
func atlasDownload(t *testing.T, opts ...restorejobstest.Option) (server *restorejobstest.Server, opened *harness.Env, ids []string) {
	t.Helper()
	server = restorejobstest.NewServer(append(opts, restorejobstest.WithRestoreDuration(0))...)
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Cluster
	source, err := client.Source(scope.Ref())
	require.NoError(t, err)
	jobs := source.Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
	require.NoError(t, err)
	return server, &harness.Env{
		Client: client,
		Source: source,
	}, restorejobs.JobIDs(created)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	return names
}

// Atlas has no checksum, and removes the links of shards after their use. A second run still finds
// the files.
func TestFetch_atlasFilesExist(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts  []restorejobstest.Option
		later time.Duration
		files int
	}{
		"replica set":          {nil, 0, 1},
		"replica set, expired": {nil, 24 * time.Hour, 1},
		"sharded":              {[]restorejobstest.Option{restorejobstest.WithShards(2)}, 0, 3},
		"sharded, expired":     {[]restorejobstest.Option{restorejobstest.WithShards(2)}, 24 * time.Hour, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, opened, ids := atlasDownload(t, c.opts...)
			dir := t.TempDir()
			first, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
			require.NoError(t, err)
			require.Len(t, first, c.files)
			server.Advance(c.later)
			var out bytes.Buffer
			second, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, &out)
			require.NoError(t, err)
			require.Len(t, second, c.files)
			sums := map[string]string{}
			for _, file := range first {
				sums[file.Path] = file.SHA1
			}
			for _, file := range second {
				assert.Equal(t, sums[file.Path], file.SHA1)
				assert.False(t, file.Verified)
				assert.Contains(t, out.String(), filepath.Base(file.Path)+": exists, and the server has no checksum for it; -overwrite downloads it again\n")
			}
			assert.Len(t, names(t, dir), c.files)
		})
	}
}

// A file that is missing, empty or incomplete does not count as downloaded.
func TestFetch_atlasFilesMissing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"missing":    os.Remove,
		"empty":      func(path string) error { return os.Truncate(path, 0) },
		"unfinished": func(path string) error { return os.Rename(path, path+".part") },
		"a folder":   func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, opened, ids := atlasDownload(t, restorejobstest.WithShards(2))
			dir := t.TempDir()
			files, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
			require.NoError(t, err)
			require.NoError(t, spoil(files[0].Path))
			_, err = fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
			require.ErrorIs(t, err, restorejobs.ErrDownloadsExhausted)
		})
	}
}

// An existing file is downloaded again with -overwrite; the file of another snapshot also without it.
func TestFetch_atlasFilesReplaced(t *testing.T) {
	t.Parallel()
	server, opened, ids := atlasDownload(t)
	dir := t.TempDir()
	files, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{}, t.Output())
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0].Path, []byte("something else"), 0o600))
	again, err := fetch(t.Context(), opened, ids, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace}, t.Output())
	require.NoError(t, err)
	assert.Equal(t, files, again)

	created, err := opened.Source.Jobs.Create(t.Context(), restorejobs.FromSnapshot(restorejobstest.AtlasV2Cluster.Snapshots()[1]), restorejobs.ToDownload())
	require.NoError(t, err)
	server.Advance(time.Minute)
	others, err := fetch(t.Context(), opened, restorejobs.JobIDs(created), dir, restorejobs.DownloadOptions{}, t.Output())
	require.NoError(t, err)
	assert.NotEqual(t, files[0].Path, others[0].Path)
	assert.Len(t, names(t, dir), 2)
}

// If a run was killed after the rename, the next run removes the sidecar.
func TestFetch_sidecarOfAFinishedFile(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{restorejobstest.OpsManagerCluster, restorejobstest.AtlasV2Cluster} {
		server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0))
		t.Cleanup(server.Close)
		client, err := server.Client()
		require.NoError(t, err)
		source, err := client.Source(scope.Ref())
		require.NoError(t, err)
		jobs := source.Jobs
		created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
		require.NoError(t, err)
		dir := t.TempDir()
		var sidecar []byte
		var path string
		files, err := jobs.Download(t.Context(), []string{created[0].ID}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
			if p.Done {
				path = filepath.Join(dir, p.File) + ".part.json"
				sidecar, err = os.ReadFile(path)
				assert.NoError(t, err)
			}
		}})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, sidecar, 0o600))

		again, err := fetch(t.Context(), &harness.Env{
			Client: client,
			Source: source,
		}, restorejobs.JobIDs(created), dir, restorejobs.DownloadOptions{}, t.Output())
		require.NoError(t, err)
		assert.Equal(t, files, again)
		assert.Equal(t, []string{filepath.Base(files[0].Path)}, names(t, dir))

		require.NoError(t, os.WriteFile(path, []byte("another program's"), 0o600))
		again, err = fetch(t.Context(), &harness.Env{
			Client: client,
			Source: source,
		}, restorejobs.JobIDs(created), dir, restorejobs.DownloadOptions{}, t.Output())
		if scope == restorejobstest.AtlasV2Cluster {
			require.ErrorIs(t, err, fs.ErrExist, "nothing proves that it is whole")
			continue
		}
		require.NoError(t, err, "its checksum proves it")
		assert.Equal(t, files[0].Path, again[0].Path)
		assert.Equal(t, files[0].SHA1, again[0].SHA1)
	}
}

func TestBars_oneForEachFile(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBars(&out)
	b.terminal = mpb.New(mpb.WithOutput(&out), mpb.WithWidth(100), mpb.WithAutoRefresh())
	b.show(restorejobs.DownloadProgress{
		File:       "one",
		ReplicaSet: "shard-0",
		Total:      2048,
	})
	b.show(restorejobs.DownloadProgress{
		File:       "two",
		ReplicaSet: "shard-1",
		Bytes:      1024,
		Total:      4096,
		Resumed:    1024,
	})
	b.show(restorejobs.DownloadProgress{
		File:       "one",
		ReplicaSet: "shard-0",
		Bytes:      2048,
		Total:      2048,
		Done:       true,
	})
	b.end() // the second is incomplete
	assert.Regexp(t, `shard-0 +2\.0 KiB / 2\.0 KiB \[=+\] +100 %`, out.String())
	assert.Regexp(t, `shard-1 +1\.0 KiB / 4\.0 KiB \[=+>-+\] +25 %`, out.String())
}
