package restorejobs_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/partfile"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestDownload_singleUseLinkRedirectsToUnreachableHost has been asked, whatever came of it afterwards.
func TestDownload_singleUseLinkRedirectsToUnreachableHost(t *testing.T) {
	t.Parallel()
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	d, dir := newArchive(t, 1000), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = redirect(http.StatusFound, "http://"+closed.Addr().String()+"/"+fileA)
	for range 2 {
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.ErrorContains(t, err, "may be used once only")
	}
	assert.Len(t, d.requests(), 1)
}

// TestDownload_singleUseLinkOverCallerTransport: net/http repeats a read whose idle connection has
// died, which only a transport of our own can be kept from altogether.
func TestDownload_singleUseLinkOverCallerTransport(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.delivery("maxDownloads", 1)
	var asked atomic.Int32
	d.link = func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.Empty(t, body)
		assert.Empty(t, r.TransferEncoding)
		panic(http.ErrAbortHandler)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	_, err := d.jobs(t, restorejobs.WithTransport(testutil.RoundTripFunc(transport.RoundTrip))).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "may be used once only")
	assert.EqualValues(t, 1, asked.Load())
}

// TestDownload_singleUseLinkWithCutSidecar: a process was killed while it wrote that the link is asked.
func TestDownload_singleUseLinkWithCutSidecar(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = abort
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	note := filepath.Join(dir, fileA+partfile.SidecarSuffix)
	text, err := os.ReadFile(note)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(note, append(text, `"}`...), 0o600)) // the end of a longer one
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "may be used once only")
	assert.Len(t, d.requests(), 1)
}

// TestDownload_singleUseLinkWithWrongChecksum is not asked again either.
func TestDownload_singleUseLinkWithWrongChecksum(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"at once": true, "when it is checked later": false} {
		d, dir := newArchive(t, 1000), t.TempDir()
		d.delivery("maxDownloads", 1)
		d.edit = func(reads int, job map[string]any) {
			if reads > 1 {
				if !early && reads < 5 {
					panic(http.ErrAbortHandler)
				}
				job["hashes"] = hashes(strings.Repeat("0", 40))
			}
		}
		_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.Error(t, err)
		if !early {
			d.change(func() { d.edit, d.job["hashes"] = nil, hashes(strings.Repeat("0", 40)) })
			_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		}
		require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch, name)
		assert.NoFileExists(t, filepath.Join(dir, fileA), name)
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.ErrorContains(t, err, "may be used once only", name)
		assert.Len(t, d.requests(), 1, name)
		d.change(func() { d.edit, d.job["hashes"] = nil, hashes(d.sha1()) })
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReuseSingleUseLinks: true})
		require.NoError(t, err, name)
		assertOnly(t, dir, fileA, d.content)
	}
}

// TestDownload_errorBodyStalls: the status has come, and its text is not waited for without end.
func TestDownload_errorBodyStalls(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.link = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	_, err := d.jobs(t, withoutRetry()).Download(clienttest.ShortContext(t), []string{"J"}, dir, restorejobs.DownloadOptions{StallTimeout: 100 * time.Millisecond})
	require.ErrorIs(t, err, restorejobs.ErrUnavailable)
}

// resettingListener closes its first connection before a byte is sent.
type resettingListener struct {
	net.Listener

	rude atomic.Bool
}

func (l *resettingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil && l.rude.CompareAndSwap(false, true) {
		_ = conn.Close()
	}
	return conn, err
}

// TestDownload_singleUseLinkAfterBrokenHandshake was not asked, and is asked again.
func TestDownload_singleUseLinkAfterBrokenHandshake(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	secure := httptest.NewUnstartedServer(d)
	secure.Listener = &resettingListener{Listener: secure.Listener}
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	d.delivery("maxDownloads", 1)
	d.delivery("url", secure.URL+"/pull/"+linkKey+"/"+fileA)
	_, err := d.jobs(t, restorejobs.WithRootCAs(linkAuthority(secure))).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Len(t, d.requests(), 1)
	assertOnly(t, dir, fileA, d.content)
}

// TestDownload_singleUseLinkAllowedEarlier: who did not say ReuseSingleUseLinks this time must not repeat.
func TestDownload_singleUseLinkAllowedEarlier(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1000), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.edit = func(reads int, job map[string]any) {
		if reads > 1 {
			job["hashes"] = hashes(strings.Repeat("0", 40))
		}
	}
	_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReuseSingleUseLinks: true})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
	_, err = d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.ErrorContains(t, err, "may be used once only")
	assert.Len(t, d.requests(), 1)
}

func TestDownload_singleUseLinkWithTruncatedSidecar(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 100<<10)
	d.delivery("maxDownloads", 1)
	d.link = cutAfter(50<<10, d.serve)
	dir := t.TempDir()
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	require.Error(t, err)
	require.Len(t, d.requests(), 1)
	sidecar := filepath.Join(dir, fileA+".part.json")
	text, err := os.ReadFile(sidecar)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(sidecar, append(text, `0"}`...), 0o600)) // killed between write and truncate
	d.link = nil
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	assert.Len(t, d.requests(), 1, "requested twice: %v", err)
}
