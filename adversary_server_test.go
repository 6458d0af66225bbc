package restorejobs_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// The test server's strictness, asked raw through Client.Do.
func TestServer_refusesMalformedRequests(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	base := "/api/public/v1.0/" + strings.TrimPrefix(restorejobstest.OpsManagerCluster.Ref(), "opsmanager/") + "/restoreJobs"
	status := func(method, path string, body any) int {
		err := client.Do(t.Context(), method, path, body, nil)
		var apiErr *restorejobs.Error
		if errors.As(err, &apiErr) {
			return apiErr.StatusCode
		}
		if err != nil {
			t.Log(err)
			return -1
		}
		return 200
	}
	assert.Equal(t, 400, status("GET", base+"?itemsPerPage=501", nil))
	assert.Equal(t, 400, status("GET", base+"?pageNum=0", nil))
	assert.Equal(t, 400, status("GET", base+"?itemsPerPage=0", nil))
	assert.Equal(t, 400, status("GET", base+"?nosuch=1", nil))
	assert.Equal(t, 404, status("GET", base+"/zzz", nil))
	assert.Equal(t, 404, status("GET", base+"/ffffffffffffffffffffffff", nil))
	assert.Equal(t, 405, status("PUT", base, map[string]any{}))
	for _, body := range []map[string]any{
		{},
		{"snapshotId": "x"},
		{"delivery": map[string]any{"methodName": "HTTP", "maxDownloads": 1, "expirationHours": 1, "statusName": "READY"}, "snapshotId": "5e7a00000000000000000001"},
		{"delivery": map[string]any{"methodName": "HTTP", "expirationHours": 1}, "snapshotId": "x"},
		{"delivery": map[string]any{"methodName": "AUTOMATED_RESTORE", "targetGroupId": "p", "targetClusterId": "c"}},
		{"delivery": map[string]any{"methodName": "AUTOMATED_RESTORE", "targetGroupId": "p", "targetClusterId": "c"}, "checkPointId": "5e7a00000000000000000001"},
		{"maxDownloads": 1, "delivery": map[string]any{"methodName": "HTTP", "expirationHours": 1}, "snapshotId": "x"},
	} {
		got := status("POST", base, body)
		assert.True(t, got == 400 || got == 404, "%v: %d", body, got)
	}
}

// Two processes of one client: the part of a file that another job of the same name left.
func TestDownload_overwriteKeepsOldFileOnChecksumMismatch(t *testing.T) {
	t.Parallel()
	d := newDepot(t, 1000)
	d.job["hashes"] = hashes(strings.Repeat("0", 40))
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, fileA), []byte("mine"), 0o600))
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{Overwrite: true})
	require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
	text, _ := os.ReadFile(filepath.Join(dir, fileA))
	assert.Equal(t, "mine", string(text))
}

// A context that ends during the pause of a rate limit, for a create.
func TestCreate_contextEndsDuringRateLimitPause(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(429)
		_, _ = io.WriteString(w, "{}")
	})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	err := adversaryCreate(ctx, f.client(t))
	assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%v", err)
	assert.ErrorIs(t, err, context.Canceled)
	assert.ErrorIs(t, err, restorejobs.ErrRateLimited)
}

// The progress of a failed write: read-only directory.
func TestDownload_directoryMissing(t *testing.T) {
	t.Parallel()
	d := newDepot(t, 1000)
	dir := t.TempDir()
	require.NoError(t, os.RemoveAll(dir))
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}
