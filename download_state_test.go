package restorejobs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// bucket is a writer that fails after so many bytes.
type bucket struct {
	bytes.Buffer

	left int
}

var errBucket = errors.New("the bucket is gone")

func (b *bucket) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	_, _ = b.Buffer.Write(p[:n])
	if n < len(p) {
		return n, errBucket
	}
	return n, nil
}

// A broken upload is continued at the byte that the bucket has, by another process.
func TestDownloadTo_continuesBrokenUpload(t *testing.T) {
	t.Parallel()
	for _, atlas := range []bool{false, true} {
		d := newArchive(t, 3<<20)
		if atlas {
			d = newAtlasArchive(t, 3<<20)
		} else {
			d.job["hashes"] = hashes(d.sha1())
		}
		upload := &bucket{left: 1<<20 + 17}
		state := restorejobs.DownloadState{}
		opts := restorejobs.DownloadOptions{State: &state}
		_, err := d.jobs(t).DownloadTo(t.Context(), "J", upload, opts)
		require.ErrorIs(t, err, errBucket)
		assert.EqualValues(t, 1<<20+17, state.Offset())
		assert.EqualValues(t, 3<<20, state.Size())

		text, err := json.Marshal(state)
		require.NoError(t, err)
		assert.NotContains(t, string(text), linkKey)
		var saved restorejobs.DownloadState
		require.NoError(t, json.Unmarshal(text, &saved))
		upload.left = 5 << 20
		file, err := d.jobs(t).DownloadTo(t.Context(), "J", upload, restorejobs.DownloadOptions{State: &saved})
		require.NoError(t, err)
		assert.True(t, bytes.Equal(d.content, upload.Bytes()))
		assert.Equal(t, d.sha1(), file.SHA1)
		assert.EqualValues(t, 3<<20, file.Size)
		assert.Equal(t, !atlas, file.Verified)
		assert.Equal(t, fmt.Sprintf("bytes=%d-", 1<<20+17), d.requests()[1].Get("Range"))
		assert.EqualValues(t, 3<<20, saved.Offset())
	}
}

// What the server does not prove to be the rest of the same file is not written.
func TestDownloadTo_stateOfAnotherVersion(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *archive){
		"version": func(d *archive) {
			d.link = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"v2"`)
				d.serve(w, r)
			}
		},
		"ranges refused": func(d *archive) {
			d.link = func(w http.ResponseWriter, r *http.Request) {
				r.Header.Del("Range")
				d.serve(w, r)
			}
		},
		"length": func(d *archive) { d.content = d.content[:2<<20] },
	} {
		d := newAtlasArchive(t, 3<<20)
		upload := &bucket{left: 1 << 20}
		state := restorejobs.DownloadState{}
		_, err := d.jobs(t).DownloadTo(t.Context(), "J", upload, restorejobs.DownloadOptions{State: &state})
		require.ErrorIs(t, err, errBucket, name)
		d.change(func() { change(d) })
		upload.left = 5 << 20
		_, err = d.jobs(t, withoutRetry()).DownloadTo(t.Context(), "J", upload, restorejobs.DownloadOptions{State: &state})
		require.ErrorIs(t, err, restorejobs.ErrNotResumable, name)
		assert.Equal(t, 1<<20, upload.Len(), name)
		assertRedacted(t, err)
	}
}

// The next job of the snapshot continues the upload, if its link proves the same file.
func TestDownloadTo_stateOfAnotherJob(t *testing.T) {
	t.Parallel()
	for name, etag := range map[string]string{"strong": version1, "weak": `W/"v1"`} {
		d := newAtlasArchive(t, 3<<20)
		d.link = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", etag)
			d.serve(w, r)
		}
		upload := &bucket{left: 1 << 20}
		state := restorejobs.DownloadState{}
		_, err := d.jobs(t).DownloadTo(t.Context(), "J", upload, restorejobs.DownloadOptions{State: &state})
		require.ErrorIs(t, err, errBucket, name)
		d.change(func() { d.job["id"] = "K" })
		upload.left = 5 << 20
		_, err = d.jobs(t).DownloadTo(t.Context(), "K", upload, restorejobs.DownloadOptions{State: &state})
		if name == "weak" {
			require.ErrorIs(t, err, restorejobs.ErrNotResumable)
			continue
		}
		require.NoError(t, err)
		assert.True(t, bytes.Equal(d.content, upload.Bytes()))
	}
}

// A link for one download that was requested is not requested again, except with permission.
func TestDownloadTo_stateOfSingleUseLink(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 3<<20)
	d.delivery("maxDownloads", 1)
	upload := &bucket{left: 1 << 20}
	state := restorejobs.DownloadState{}
	opts := restorejobs.DownloadOptions{State: &state}
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", upload, opts)
	require.ErrorIs(t, err, errBucket)
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", upload, opts)
	require.ErrorContains(t, err, "may be used once only")
	assert.Len(t, d.requests(), 1)
	opts.ReuseSingleUseLinks = true
	upload.left = 5 << 20
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", upload, opts)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, upload.Bytes()))
}

func TestDownloadState_text(t *testing.T) {
	t.Parallel()
	var state restorejobs.DownloadState
	assert.True(t, state.IsZero())
	assert.Equal(t, "0 bytes", state.String())
	text, err := state.MarshalText()
	require.NoError(t, err)
	assert.Empty(t, text)
	require.NoError(t, state.UnmarshalText(nil))
	assert.EqualValues(t, -1, state.Size())
	for _, bad := range []string{"x", "e30", "eyJ2ZXJzaW9uIjoyfQ", "eyJ2ZXJzaW9uIjoxLCJieXRlcyI6LTF9"} {
		require.ErrorContains(t, state.UnmarshalText([]byte(bad)), "DownloadState", bad)
	}
	d := newAtlasArchive(t, 1000)
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", &bucket{left: 100}, restorejobs.DownloadOptions{State: &state})
	require.Error(t, err)
	assert.Equal(t, "100 of 1000 bytes", fmt.Sprintf("%+v", state))
	text, err = state.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, -1, strings.IndexAny(string(text), "{}\"+/="))
}
