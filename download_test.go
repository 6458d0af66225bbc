package restorejobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
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
		if r.scope == restorejobstest.AtlasV2Flex {
			continue // Create does not start one: see TestDo_flexDownload
		}
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
	d := newDepot(t, 1000)
	d.job = map[string]any{"id": "J", "status": "COMPLETED", "deliveryType": "DOWNLOAD", "snapshotUrl": d.address(fileA)}
	dir := t.TempDir()
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []restorejobs.DownloadedFile{{Path: filepath.Join(dir, fileA), Size: 1000, SHA1: d.sha1()}}, files)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_emptyFile: no byte at all is no archive, unless the server names the checksum
// of nothing.
func TestDownload_emptyFile(t *testing.T) {
	t.Parallel()
	const sum = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
	d, dir := newDepot(t, 0), t.TempDir()
	d.job["hashes"] = hashes(sum)
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []restorejobs.DownloadedFile{{Path: filepath.Join(dir, fileA), SHA1: sum, Verified: true, ReplicaSet: "rs0"}}, files)
	assertOnly(t, dir, fileA, nil)

	for name, depotOf := range map[string]func(*testing.T, int) *depot{"classic": newDepot, "atlas": newAtlasDepot} {
		for kind, link := range map[string]http.HandlerFunc{
			"with its length": answerWith(http.StatusOK, "application/gzip", ""),
			"in chunks":       rawBytes("HTTP/1.1 200 OK\r\nContent-Type: application/gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				d, dir := depotOf(t, 1000), t.TempDir()
				d.link = link
				files, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
				require.ErrorContains(t, err, "no archive")
				assert.Empty(t, files)
				assert.NoFileExists(t, filepath.Join(dir, fileA))
				var got bytes.Buffer
				_, err = d.jobs(t, withoutRetry()).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
				require.ErrorContains(t, err, "no archive")
			})
		}
	}
}

// TestDownload_chunkedBody takes a body in chunks, whose end can be told.
func TestDownload_chunkedBody(t *testing.T) {
	t.Parallel()
	d, dir := newAtlasDepot(t, 300<<10), t.TempDir()
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
	_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Overwrite: true})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assertContent(t, filepath.Join(dir, fileA), d.content)
}

// TestDownload_bodyEndsWithConnection: a body that ends with its connection is taken where a checksum
// can tell that it is whole.
func TestDownload_bodyEndsWithConnection(t *testing.T) {
	t.Parallel()
	endless := func(content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = buffer.WriteString("HTTP/1.0 200 OK\r\nContent-Type: application/gzip\r\n\r\n")
			_, _ = buffer.Write(content)
			_, _ = buffer.Flush(), connection.Close()
		}
	}
	d, dir := newDepot(t, 1000), t.TempDir()
	d.link = endless(d.content)
	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(d.sha1()) }
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified)

	d.edit, dir = func(_ int, job map[string]any) { job["hashes"] = nil }, t.TempDir()
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Overwrite: true})
	require.ErrorContains(t, err, "whether the file is whole cannot be known")
	assert.Len(t, files, 1)
	assertContent(t, filepath.Join(dir, fileA), d.content)

	d, dir = newAtlasDepot(t, 1000), t.TempDir()
	d.link = endless(d.content)
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Overwrite: true})
	require.ErrorContains(t, err, "whether the file is whole cannot be known")
	assert.Empty(t, files)
	assert.Len(t, d.requests(), 1, "asked once: it will not be better")
}

func TestDownload_checksum(t *testing.T) {
	t.Parallel()
	wrong := strings.Repeat("0", 40)
	for _, c := range []struct {
		name     string
		sums     []string // of the job, reading by reading
		verified bool
		fails    bool
		reads    int
	}{
		{"there before", []string{"right"}, true, false, 1},
		{"there afterwards", []string{"", "right"}, true, false, 2},
		{"there at last", []string{"", "", "", "right"}, true, false, 4},
		{"never there", []string{""}, false, false, 4},
		{"of an earlier download, then right", []string{wrong, wrong, "right"}, true, false, 3},
		{"wrong afterwards", []string{"", wrong}, false, true, 2},
		{"wrong all the time", []string{wrong}, false, true, 4},
		{"wrong, then another wrong", []string{wrong, strings.Repeat("1", 40)}, false, true, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newDepot(t, 1000), t.TempDir()
			d.edit = func(reads int, job map[string]any) {
				switch sum := c.sums[min(reads, len(c.sums))-1]; sum {
				case "":
					job["hashes"] = []any{}
				case "right":
					job["hashes"] = hashes(strings.ToUpper(d.sha1()))
				default:
					job["hashes"] = hashes(sum)
				}
			}
			require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
			files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Overwrite: true})
			assert.Equal(t, c.reads, d.jobReads())
			if !c.fails {
				require.NoError(t, err)
				assert.Equal(t, c.verified, files[0].Verified)
				assert.Equal(t, d.sha1(), files[0].SHA1)
				assertOnly(t, dir, fileA, d.content)
				return
			}
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
			assert.Empty(t, files)
			assert.ErrorContains(t, err, d.sha1())
			assert.ErrorContains(t, err, c.sums[len(c.sums)-1])
			assert.ErrorContains(t, err, fileA)
			assertOnly(t, dir, fileA, []byte("mine"))
		})
	}
}

// TestDownload_jobUnreadableDuringVerification does not cost the file that is there, and does not pass
// for a success either.
func TestDownload_jobUnreadableDuringVerification(t *testing.T) {
	t.Parallel()
	d, dir := newDepot(t, 1000), t.TempDir()
	d.edit = func(reads int, _ map[string]any) {
		if reads > 1 {
			panic(http.ErrAbortHandler)
		}
	}
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "could not be checked")
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []restorejobs.DownloadedFile{{Path: filepath.Join(dir, fileA), Size: 1000, SHA1: d.sha1(), ReplicaSet: "rs0"}}, files)
	assertContent(t, filepath.Join(dir, fileA), d.content)

	d.change(func() {
		d.edit, d.job["hashes"] = nil, hashes(d.sha1())
		d.delivery("statusName", "MAX_DOWNLOADS_EXCEEDED")
	})
	files, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, files[0].Verified, "the next call makes up for it")
	assert.Len(t, d.requests(), 1)
	assertOnly(t, dir, fileA, d.content)
}

func TestDownload_privateEndpoint(t *testing.T) {
	t.Parallel()
	private := func(d *depot, ids ...string) []any {
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
		{"any", "any", false, []string{"vpce-1", "vpce-2"}, "vpce-1/private.tar.gz", nil},
		{"unknown", "vpce-3", true, []string{"vpce-1"}, "", restorejobs.ErrInvalidArgument},
		{"none", "any", true, nil, "", errors.ErrUnsupported},
		{"private only", "", false, []string{"vpce-1"}, "", restorejobs.ErrInvalidArgument},
	} {
		for _, sharded := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, sharded %t", c.name, sharded), func(t *testing.T) {
				t.Parallel()
				d, dir := newAtlasDepot(t, 1000), t.TempDir()
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
					assertSecret(t, err)
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
	d := newDepot(t, 300<<10)
	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(d.sha1()) }
	var got bytes.Buffer
	file, err := d.jobs(t).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, restorejobs.DownloadedFile{Size: 300 << 10, SHA1: d.sha1(), Verified: true, ReplicaSet: "rs0"}, file)
	assert.True(t, bytes.Equal(d.content, got.Bytes()))

	d.edit = func(_ int, job map[string]any) { job["hashes"] = hashes(strings.Repeat("0", 40)) }
	_, err = d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
}

// TestDownloadTo_resumes where the server can, at the byte where it broke, and nowhere else.
func TestDownloadTo_resumes(t *testing.T) {
	t.Parallel()
	d := newDepot(t, 300<<10)
	d.link = inTurn(cutAfter(100<<10, d.serve), cutAfter(50<<10, d.serve), d.serve)
	var got bytes.Buffer
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", &got, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.True(t, bytes.Equal(d.content, got.Bytes()))
	assert.Len(t, d.requests(), 3)

	plain := func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Range")
		d.serve(w, r)
	}
	d.link = inTurn(cutAfter(100<<10, d.serve), plain)
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
	d := newShardedDepot(t, 1000, "shard-0", "shard-1")
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
	d, full := newDepot(t, 300<<10), errors.New("no room")
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", writerFunc(func([]byte) (int, error) { return 0, full }), restorejobs.DownloadOptions{})
	require.ErrorIs(t, err, full)
	assert.Len(t, d.requests(), 1)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestDownload_cancelledBeforeLinkRequest does not use up the one download.
func TestDownload_cancelledBeforeLinkRequest(t *testing.T) {
	t.Parallel()
	d, dir := newDepot(t, 1000), t.TempDir()
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
