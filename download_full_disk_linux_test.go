package restorejobs_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

const diskPage = 4096

// requireFull requires that an error is that of a full disk, and names the file.
func requireFull(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.ErrorContains(t, err, fileA)
}

// firstRange is where a request for the rest of a file begins.
func firstRange(t *testing.T, d *archive, request int) int64 {
	t.Helper()
	from, _, _ := strings.Cut(strings.TrimPrefix(d.requests()[request].Get("Range"), "bytes="), "-")
	start, err := strconv.ParseInt(from, 10, 64)
	require.NoError(t, err)
	return start
}

// The bytes that fit are kept. The next call continues with them when there is room.
func TestDownload_fullDisk(t *testing.T) {
	t.Parallel()
	testutil.OnSmallDisk(t, 2<<20, func(t *testing.T, disk *testutil.SmallDisk) {
		d := newArchive(t, 3<<20)
		d.job["hashes"] = hashes(d.sha1())
		files, err := d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, restorejobs.DownloadOptions{})
		requireFull(t, err)
		require.ErrorContains(t, err, "bytes are kept in "+fileA+".part")
		assert.Empty(t, files)
		assert.Len(t, d.requests(), 1, "another request would not help")

		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, restorejobs.DownloadOptions{})
		requireFull(t, err)
		require.ErrorContains(t, err, "bytes are kept in "+fileA+".part")

		disk.Resize(t, 8<<20)
		files, err = d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assert.True(t, files[0].Verified)
		assert.GreaterOrEqual(t, firstRange(t, d, 2), int64(1<<20), "what is certain is at most two buffers less than the disk")
		assertOnly(t, disk.Dir, fileA, d.content)
	})
}

// A disk without any room is an error before the link is requested.
func TestDownload_diskWithoutRoom(t *testing.T) {
	t.Parallel()
	testutil.OnSmallDisk(t, 1<<20, func(t *testing.T, disk *testutil.SmallDisk) {
		d := newArchive(t, 1<<19)
		filler := filepath.Join(disk.Dir, "filler")
		require.ErrorIs(t, os.WriteFile(filler, make([]byte, 2<<20), 0o600), syscall.ENOSPC)
		_, err := d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, restorejobs.DownloadOptions{})
		requireFull(t, err)
		assert.Empty(t, d.requests())
		assert.Equal(t, []string{"filler"}, entries(t, disk.Dir))

		require.NoError(t, os.Remove(filler))
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assertOnly(t, disk.Dir, fileA, d.content)
	})
}

// A file that fits, while its record does not, is kept with its sidecar, which proves it to the next call.
func TestDownload_fullDiskForTheRecord(t *testing.T) {
	t.Parallel()
	const pages = 64
	testutil.OnSmallDisk(t, (pages+1)*diskPage, func(t *testing.T, disk *testutil.SmallDisk) {
		d := newAtlasArchive(t, pages*diskPage)
		jobs := d.jobs(t)
		_, err := jobs.Download(t.Context(), []string{"J"}, disk.Dir, keep)
		requireFull(t, err)
		assertContent(t, filepath.Join(disk.Dir, fileA), d.content)

		disk.Resize(t, 1<<20)
		files, err := jobs.Download(t.Context(), []string{"J"}, disk.Dir, keep)
		require.NoError(t, err)
		assert.Len(t, files, 1)
		assert.Len(t, d.requests(), 1, "the file was complete")
		again, err := jobs.Download(t.Context(), []string{"J"}, disk.Dir, keep)
		require.NoError(t, err)
		assert.Equal(t, files, again)
	})
}

// Ranges need the room for the whole file, which the system refuses before they are fetched.
func TestDownload_fullDiskForRanges(t *testing.T) {
	t.Parallel()
	const size = 80 << 20
	testutil.OnSmallDisk(t, 8<<20, func(t *testing.T, disk *testutil.SmallDisk) {
		d := newArchive(t, size)
		opts := restorejobs.DownloadOptions{Connections: 4}
		_, err := d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, opts)
		requireFull(t, err)

		disk.Resize(t, size+1<<20)
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, disk.Dir, opts)
		require.NoError(t, err)
		assertOnly(t, disk.Dir, fileA, d.content)
	})
}
