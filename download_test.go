package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// TestDownload_everyEndpoint goes through the life of a job with the embedded server,
// which refuses a link that comes with the API's credentials or without its own.
func TestDownload_everyEndpoint(t *testing.T) {
	t.Parallel()
	verified := []string{
		"CloudManager.Cluster", "CloudManager.Host", "OpsManager.Cluster", "OpsManager.Host", "MMS.Cluster",
		"AtlasV1.LegacyCluster", "AtlasV2.LegacyCluster",
	}
	sharded := []string{"CloudManager.Cluster", "OpsManager.Cluster", "MMS.Cluster", "AtlasV1.Cluster", "AtlasV2.Cluster"}
	for _, r := range rows() {
		for _, shards := range []int{0, 2} {
			if shards > 0 && !slices.Contains(sharded, r.name) {
				continue
			}
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				server := restorejobstest.NewServer(restorejobstest.WithRestoreDuration(0), restorejobstest.WithShards(shards),
					restorejobstest.WithArchiveSize(1<<20+5), restorejobstest.WithDownloadOrigin())
				t.Cleanup(server.Close)
				jobs := jobsOf(t, server, r.scope)
				created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(r.scope.Snapshots()[0]), oneDownload)
				require.NoError(t, err)
				dir, total := t.TempDir(), 0
				for _, job := range created {
					files, err := jobs.Download(t.Context(), []string{job.ID}, dir, restorejobs.DownloadOptions{})
					require.NoError(t, err)
					for _, file := range files {
						assert.Equal(t, slices.Contains(verified, r.name), file.Verified)
						assert.EqualValues(t, 1<<20+5, file.Size)
						assert.Contains(t, filepath.Base(file.Path), file.ReplicaSet)
						assert.FileExists(t, file.Path)
					}
					total += len(files)
				}
				want := 1
				if shards > 0 {
					want = shards + 1 // and the config server
				}
				assert.Equal(t, want, total)
				assert.Len(t, entries(t, dir), want)
			})
		}
	}
}

func TestDownload_flex(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.job = map[string]any{"id": "J", "status": "COMPLETED", "deliveryType": "DOWNLOAD", "snapshotUrl": d.address(fileA)}
	dir := t.TempDir()
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []restorejobs.DownloadedFile{{JobID: "J", Path: filepath.Join(dir, fileA), Size: 1000, SHA1: d.sha1()}}, files)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_chunkedBody takes a body in chunks, whose end can be told.
func TestDownload_chunkedBody(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasArchive(t, 300<<10), t.TempDir()
	d.link = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(d.content[:100<<10])
		_ = http.NewResponseController(w).Flush()
		_, _ = w.Write(d.content[100<<10:])
	}
	var first restorejobs.DownloadProgress
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Progress: func(p restorejobs.DownloadProgress) {
		if first == (restorejobs.DownloadProgress{}) {
			first = p
		}
	}})
	require.NoError(t, err)
	assert.EqualValues(t, 300<<10, files[0].Size)
	assert.EqualValues(t, -1, first.Total)
	assertOnly(t, dir, fileA, d.content)

	d.link = cutAfter(200<<10, d.link)
	_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Existing: restorejobs.ExistingReplace})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assertContent(t, filepath.Join(dir, fileA), d.content)
}

func TestDownload_privateEndpoint(t *testing.T) {
	t.Parallel()
	private := func(d *archive, ids ...string) []any {
		var links []any
		for _, id := range ids {
			links = append(links, map[string]any{"endpointId": id, "deliveryUrl": d.address(id + "/private.tar.gz")})
		}
		return links
	}
	for _, c := range []struct {
		name, endpoint string
		public         bool
		ids            []string
		path           string
		want           error
	}{
		{"public by default", "", true, []string{"vpce-1"}, fileA, nil},
		{"by id", "vpce-2", true, []string{"vpce-1", "vpce-2"}, "vpce-2/private.tar.gz", nil},
		{"any", restorejobs.AnyPrivateEndpoint, false, []string{"vpce-1", "vpce-2"}, "vpce-1/private.tar.gz", nil},
		{"unknown", "vpce-3", true, []string{"vpce-1"}, "", restorejobs.ErrInvalidArgument},
		{"none", restorejobs.AnyPrivateEndpoint, true, nil, "", errors.ErrUnsupported},
		{"private only", "", false, []string{"vpce-1"}, "", restorejobs.ErrInvalidArgument},
	} {
		for _, sharded := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sharded %t", c.name, sharded), func(t *testing.T) {
				t.Parallel()
				d, dir := newAtlasArchive(t, 1000), t.TempDir()
				links := append([]any{nil, map[string]any{"endpointId": "vpce-0"}}, private(d, c.ids...)...)
				part := map[string]any{"replicaSetName": "rs0", "privateDownloadDeliveryUrls": links}
				if c.public {
					part["downloadUrl"] = d.address(fileA)
				}
				if sharded {
					d.job["components"] = []any{part}
				} else {
					d.job["privateDownloadDeliveryUrls"] = links
				}
				if !c.public {
					d.job["deliveryUrl"] = []any{}
				}
				files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{PrivateEndpoint: c.endpoint})
				if c.want != nil {
					require.ErrorIs(t, err, c.want)
					assertRedacted(t, err)
					assert.Empty(t, d.requests())
					return
				}
				require.NoError(t, err)
				assert.Equal(t, filepath.Join(dir, filepath.Base(c.path)), files[0].Path)
				assert.Equal(t, "/pull/"+linkKey+"/"+c.path, d.asked[0].URL.Path)
			})
		}
	}
}

func TestDownloadTo(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 300<<10)
	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(d.sha1()) }
	var got bytes.Buffer
	file, err := d.jobs(t).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobs.DownloadedFile{JobID: "J", Size: 300 << 10, SHA1: d.sha1(), Verified: true, ReplicaSet: "rs0"}, file)
	assert.True(t, bytes.Equal(d.content, got.Bytes()))

	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(strings.Repeat("0", 40)) }
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
}

// TestDownloadTo_resumes where the server can, at the byte where it broke, and nowhere else.
func TestDownloadTo_resumes(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 300<<10)
	d.link = testutil.Sequence(cutAfter(100<<10, d.serve), cutAfter(50<<10, d.serve), d.serve)
	var got bytes.Buffer
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, got.Bytes()))
	assert.Len(t, d.requests(), 3)

	plain := func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		d.serve(w, r)
	}
	d.link = testutil.Sequence(cutAfter(100<<10, d.serve), plain)
	got.Reset()
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "cannot be taken back")
	assert.True(t, bytes.Equal(d.content[:100<<10], got.Bytes()), "nothing doubtful is appended")

	unprovable := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(d.content)))
		_, _ = w.Write(d.content)
	}
	d.link = cutAfter(100<<10, unprovable)
	before := len(d.requests())
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "cannot be taken back")
	assert.Len(t, d.requests(), before+1, "a second request could not help")
}

func TestDownloadTo_severalFiles(t *testing.T) {
	t.Parallel()
	d := newShardedArchive(t, 1000, "shard-0", "shard-1")
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, `"shard-0", "shard-1"`)
	file, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{ReplicaSet: "shard-1"})
	require.NoError(t, err)
	assert.Equal(t, "shard-1", file.ReplicaSet)
	require.Len(t, d.requests(), 1)
	assert.Contains(t, d.asked[0].URL.Path, "shard-1")
}

// TestDownloadTo_writerFails: its error is in the chain, and the link is not asked again.
func TestDownloadTo_writerFails(t *testing.T) {
	t.Parallel()
	d, full := newArchive(t, 300<<10), errors.New("no room")
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", writerFunc(func([]byte) (int, error) { return 0, full }), restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, full)
	assert.Len(t, d.requests(), 1)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestDownload_cancelledBeforeLinkRequest does not use up the one download.
func TestDownload_cancelledBeforeLinkRequest(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.delivery("maxDownloads", 1)
	ctx, cancel := context.WithCancel(t.Context())
	observe := restorejobs.WithObserver(func(context.Context, restorejobs.Attempt) { cancel() }) // after the job was read
	_, err := d.jobs(t, observe).Download(ctx, []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, d.requests())
	assert.Empty(t, entries(t, dir))
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
}
