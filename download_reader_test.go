package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

func open(t *testing.T, d *archive, opts restorejobs.DownloadOptions) *restorejobs.DownloadReader {
	t.Helper()
	r, err := d.jobs(t).Open(t.Context(), "J", opts)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, r.Close()) })
	return r
}

func TestOpen_readsAndVerifies(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1<<20)
	d.job["hashes"] = hashes(d.sha1())
	var last restorejobs.DownloadProgress
	r := open(t, d, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) { last = p }})
	assert.EqualValues(t, 1<<20, r.Size())
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, content))
	assert.Equal(t, restorejobs.DownloadedFile{JobID: "J", Size: 1 << 20, SHA1: d.sha1(), Verified: true, ReplicaSet: "rs0"}, r.File())
	assert.Equal(t, restorejobs.DownloadProgress{JobID: "J", File: fileA, ReplicaSet: "rs0", Bytes: 1 << 20, Total: 1 << 20, Done: true}, last)
	n, err := r.Read(make([]byte, 1))
	assert.Zero(t, n)
	assert.Equal(t, io.EOF, err)
	require.NoError(t, r.Close())
}

// A broken connection is resumed where the server proves the same file.
func TestOpen_resumes(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 1<<20)
	broken := 0
	d.link = func(w http.ResponseWriter, r *http.Request) {
		if broken++; broken < 4 {
			cutAfter(100<<10, d.serve)(w, r)
			return
		}
		d.serve(w, r)
	}
	content, err := io.ReadAll(open(t, d, restorejobs.DownloadOptions{}))
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, content))
	assert.Len(t, d.requests(), 4)
}

// The end of a file that is wrong or not whole is an error, never EOF.
func TestOpen_noFalseEOF(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(d *archive)
		want   error
	}{
		"wrong checksum": {func(d *archive) { d.job["hashes"] = hashes(strings.Repeat("0", 40)) }, restorejobs.ErrChecksumMismatch},
		"cut":            {func(d *archive) { d.link = cutAfter(100<<10, d.serve) }, io.ErrUnexpectedEOF},
		"other version": {func(d *archive) {
			asked := 0
			d.link = func(w http.ResponseWriter, r *http.Request) {
				asked++
				r.Header.Del("If-Range")
				w.Header().Set("ETag", `"v`+strconv.Itoa(asked)+`"`)
				cutAfter(100<<10, d.serve)(w, r)
			}
		}, restorejobs.ErrNotResumable},
	} {
		d := newArchive(t, 1<<20)
		c.change(d)
		var opts []restorejobs.Option
		if name == "cut" {
			opts = append(opts, withoutRetry())
		}
		r, err := d.jobs(t, opts...).Open(t.Context(), "J", restorejobs.DownloadOptions{})
		require.NoError(t, err, name)
		content, err := io.ReadAll(r)
		require.NoError(t, r.Close(), name)
		require.ErrorIs(t, err, c.want, name)
		assert.True(t, bytes.HasPrefix(d.content, content), name)
	}
}

// A link that refuses is an error of Open, with the reason of the job.
func TestOpen_linkRefuses(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.link = func(w http.ResponseWriter, _ *http.Request) {
		d.change(func() { d.delivery("statusName", "EXPIRED") })
		w.WriteHeader(http.StatusGone)
	}
	_, err := d.jobs(t).Open(t.Context(), "J", restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrLinkExpired)
	_, err = d.jobs(t).Open(t.Context(), "", restorejobs.DownloadOptions{Concurrency: -1})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	sharded := newShardedArchive(t, 1000, "a", "b")
	_, err = sharded.jobs(t).Open(t.Context(), "J", restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, `"a", "b"`)
}

// An upload in parts saves its state after each part, and another process continues with the next.
func TestOpen_continuesAtPart(t *testing.T) {
	t.Parallel()
	const part = 300 << 10
	d := newAtlasArchive(t, 1<<20)
	r := open(t, d, restorejobs.DownloadOptions{})
	upload, err := io.ReadAll(io.LimitReader(r, part))
	require.NoError(t, err)
	state := r.State()
	assert.EqualValues(t, part, state.Offset())
	_, err = r.Read(make([]byte, 1000)) // of a part that is lost
	require.NoError(t, err)
	require.NoError(t, r.Close())

	again := open(t, d, restorejobs.DownloadOptions{State: &state})
	rest, err := io.ReadAll(again)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, append(upload, rest...)))
	assert.Equal(t, d.sha1(), again.File().SHA1)
	assert.EqualValues(t, part, state.Offset(), "the state of the caller is not changed")
	assert.Equal(t, "bytes=307200-", d.requests()[1].Get("Range"))
}

// Close ends a Read that waits, and everything after it is an error.
func TestOpen_close(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 1<<20)
	sent := make(chan struct{})
	d.link = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(sent)
	}
	r := open(t, d, restorejobs.DownloadOptions{})
	_, err := r.Read(make([]byte, 10))
	require.NoError(t, err)
	failed := make(chan error)
	go func() {
		_, err := r.Read(make([]byte, 10))
		failed <- err
	}()
	require.NoError(t, r.Close())
	require.Error(t, <-failed)
	<-sent
	_, err = r.Read(make([]byte, 10))
	require.Error(t, err)
	require.NoError(t, r.Close())

	closed := open(t, newArchive(t, 10), restorejobs.DownloadOptions{})
	require.NoError(t, closed.Close())
	_, err = closed.Read(make([]byte, 10))
	require.ErrorIs(t, err, fs.ErrClosed)
}

func TestOpen_contextEnds(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 1<<20)
	ctx, cancel := context.WithCancelCause(t.Context())
	r, err := d.jobs(t).Open(ctx, "J", restorejobs.DownloadOptions{})
	require.NoError(t, err)
	cancel(errors.New("enough"))
	_, err = io.ReadAll(r)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, r.Close())
}

// What a reader allocates does not depend on the size of the file.
func TestOpen_memoryIsConstant(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	const size = 256 << 20
	d := newAtlasArchive(t, 0)
	d.link = serveZeros(size)
	jobs := d.jobs(t)
	allocated := testutil.Allocated(func() {
		r, err := jobs.Open(t.Context(), "J", restorejobs.DownloadOptions{})
		require.NoError(t, err)
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 64<<10))
		require.NoError(t, err)
		require.NoError(t, r.Close())
		assert.EqualValues(t, size, n)
	})
	assert.Less(t, allocated, uint64(4<<20))
}
