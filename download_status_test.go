package restorejobs_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// TestDownload_notAvailable: each job says in its error what is wrong, and its link is left alone.
func TestDownload_notAvailable(t *testing.T) {
	t.Parallel()
	const yesterday, tomorrow = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
	type object = map[string]any
	delivery := func(status string, more object) object {
		v := object{"methodName": "HTTP", "statusName": status, "url": "LINK"}
		maps.Copy(v, more)
		return object{"id": "J", "statusName": "FINISHED", "delivery": v}
	}
	atlas := func(more object) object {
		job := object{"id": "J", "deliveryType": "download", "deliveryUrl": []any{}}
		maps.Copy(job, more)
		return job
	}
	linked := []any{"LINK"}
	half := []any{object{"replicaSetName": "shard-0", "downloadUrl": "LINK"}, object{"replicaSetName": "config", "downloadUrl": nil}}
	for _, c := range []struct {
		name  string
		job   object
		text  string
		kinds []error
	}{
		{"classic, fresh", object{"id": "J", "statusName": "IN_PROGRESS", "delivery": object{}}, "not ready: IN_PROGRESS", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, running", object{"id": "J", "statusName": "IN_PROGRESS", "delivery": object{"methodName": "HTTP", "statusName": "NOT_STARTED"}}, "not ready: IN_PROGRESS", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, file pending", delivery("PENDING", nil), "not ready: the file is PENDING", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, unknown status", object{"id": "J", "statusName": "NEW", "delivery": object{"url": "LINK"}}, "not ready: NEW", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, unknown file status", delivery("NEW", nil), "not ready: the file is NEW", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, no link", delivery("READY", object{"url": nil}), "no link", []error{restorejobs.ErrDownloadNotReady}},
		{"classic, broken", object{"id": "J", "statusName": "BROKEN", "delivery": object{"methodName": "HTTP"}}, "failed", []error{restorejobs.ErrJobFailed}},
		{"classic, file failed", delivery("FAILED", nil), "failed", []error{restorejobs.ErrJobFailed}},
		{"classic, killed", object{"id": "J", "statusName": "KILLED", "delivery": object{"methodName": "HTTP"}}, "was cancelled", []error{restorejobs.ErrJobCancelled}},
		{"classic, expired", delivery("EXPIRED", nil), "its link has expired", []error{restorejobs.ErrLinkExpired}},
		{"classic, expired by its date", delivery("READY", object{"expires": yesterday}), "expired at 2020-01-01T00:00:00Z", []error{restorejobs.ErrLinkExpired}},
		{"classic, used up", delivery("MAX_DOWNLOADS_EXCEEDED", nil), "used as often", []error{restorejobs.ErrDownloadsExhausted}},
		{"classic, automated", object{"id": "J", "statusName": "FINISHED", "delivery": object{"methodName": "HTTP", "targetClusterId": "T"}}, "has no file", []error{errors.ErrUnsupported}},
		{"classic, automated and running", object{"id": "J", "statusName": "IN_PROGRESS", "delivery": object{"methodName": "AUTOMATED_RESTORE"}}, "has no file", []error{errors.ErrUnsupported}},
		{"cloud, running", atlas(nil), "not ready: running", []error{restorejobs.ErrDownloadNotReady}},
		{"cloud, half of the links", atlas(object{"components": half}), "not ready: running; available for", []error{restorejobs.ErrDownloadNotReady}},
		{"cloud, a link was used up", atlas(object{"components": half, "finishedAt": yesterday}), "no link for config", []error{restorejobs.ErrDownloadsExhausted}},
		{"cloud, all links were used up", atlas(object{"expiresAt": tomorrow}), "no link: used up", []error{restorejobs.ErrDownloadsExhausted}},
		{"cloud, finished without links", atlas(object{"finishedAt": yesterday}), "no link", []error{restorejobs.ErrDownloadsExhausted}},
		{"cloud, null for a link", atlas(object{"deliveryUrl": []any{nil}, "finishedAt": yesterday}), "no link", []error{restorejobs.ErrDownloadsExhausted}},
		{"cloud, failed", atlas(object{"failed": true}), "failed", []error{restorejobs.ErrJobFailed}},
		{"cloud, failed, of no kind", object{"id": "J", "failed": true}, "failed", []error{restorejobs.ErrJobFailed}},
		{"cloud, cancelled", atlas(object{"cancelled": true}), "was cancelled", []error{restorejobs.ErrJobCancelled}},
		{"cloud, expired", atlas(object{"expired": true}), "its link has expired", []error{restorejobs.ErrLinkExpired}},
		{"cloud, finished and expired", atlas(object{"expired": true, "finishedAt": yesterday, "deliveryUrl": linked}), "its link has expired", []error{restorejobs.ErrLinkExpired}},
		{"cloud, expired by its date", atlas(object{"expiresAt": yesterday, "deliveryUrl": linked}), "expired at", []error{restorejobs.ErrLinkExpired}},
		{"classic, by SCP", object{"id": "J", "statusName": "FINISHED", "delivery": object{"methodName": "SCP"}}, "is delivered by SCP and has no file", []error{errors.ErrUnsupported}},
		{"cloud, of an unknown kind", object{"id": "J", "deliveryType": "pigeon", "finishedAt": yesterday}, "no link", []error{restorejobs.ErrDownloadNotReady}},
		{"cloud, automated", object{"id": "J", "deliveryType": "automated", "finishedAt": yesterday}, "has no file", []error{errors.ErrUnsupported}},
		{"cloud, point in time", object{"id": "J", "deliveryType": "pointInTime"}, "has no file", []error{errors.ErrUnsupported}},
		{"flex, running", object{"id": "J", "status": "RUNNING", "deliveryType": "DOWNLOAD"}, "not ready: RUNNING", []error{restorejobs.ErrDownloadNotReady}},
		{"flex, failed", object{"id": "J", "status": "FAILED", "deliveryType": "DOWNLOAD"}, "failed", []error{restorejobs.ErrJobFailed}},
		{"flex, expired by its date", object{"id": "J", "status": "COMPLETED", "snapshotUrl": "LINK", "expirationDate": yesterday}, "expired at", []error{restorejobs.ErrLinkExpired}},
		{"flex, restore", object{"id": "J", "status": "COMPLETED", "deliveryType": "RESTORE", "expirationDate": tomorrow}, "has no file", []error{errors.ErrUnsupported}},
		{"of no kind", object{"id": "J"}, "not ready: unknown", []error{restorejobs.ErrDownloadNotReady}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			d.job = withLinks(c.job, d.address(fileA)).(object)
			for _, download := range []func() error{
				func() error {
					files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
					assert.Empty(t, files)
					return err
				},
				func() error {
					_, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
					return err
				},
			} {
				err := download()
				require.ErrorContains(t, err, c.text)
				assert.ErrorContains(t, err, "restorejobs: download restore job J: ")
				for _, kind := range []error{
					restorejobs.ErrDownloadNotReady, restorejobs.ErrJobFailed, restorejobs.ErrJobCancelled, restorejobs.ErrLinkExpired,
					restorejobs.ErrDownloadsExhausted, restorejobs.ErrJobExpired, errors.ErrUnsupported,
				} {
					assert.Equal(t, slices.Contains(c.kinds, kind), errors.Is(err, kind), kind)
				}
				for _, kind := range c.kinds {
					require.ErrorIs(t, err, kind)
				}
				assertRedacted(t, err)
			}
			assert.Empty(t, d.requests())
			assert.Equal(t, 2, d.jobReads())
			assert.Empty(t, entries(t, dir))
		})
	}
}

// withLinks puts an address where a document says LINK.
func withLinks(document any, link string) any {
	switch v := document.(type) {
	case map[string]any:
		replaced := map[string]any{}
		for key, value := range v {
			replaced[key] = withLinks(value, link)
		}
		return replaced
	case []any:
		replaced := make([]any, len(v))
		for i, value := range v {
			replaced[i] = withLinks(value, link)
		}
		return replaced
	case string:
		if v == "LINK" {
			return link
		}
	}
	return document
}

// TestDownload_oneReadyShard can be fetched while others are not there yet.
func TestDownload_oneReadyShard(t *testing.T) {
	t.Parallel()
	d, dir := newShardedArchive(t, 1000, "shard-0", "shard-1"), t.TempDir()
	d.job["components"].([]any)[1].(map[string]any)["downloadUrl"] = nil
	files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReplicaSet: "shard-0"})
	require.NoError(t, err)
	assert.Len(t, files, 1)
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReplicaSet: "shard-1"})
	require.ErrorIs(t, err, restorejobs.ErrDownloadNotReady)
	d.job["components"].([]any)[1].(map[string]any)["downloadUrl"] = d.address("x")
	_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReplicaSet: "shard-2"})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, `"shard-0", "shard-1"`)
}

// TestDownload_linkGone asks the job why.
func TestDownload_linkGone(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusForbidden, http.StatusNotFound, http.StatusGone} {
		for state, want := range map[string]error{
			"EXPIRED": restorejobs.ErrLinkExpired, "MAX_DOWNLOADS_EXCEEDED": restorejobs.ErrDownloadsExhausted, "READY": nil,
		} {
			d, dir := newArchive(t, 1000), t.TempDir()
			d.link = testutil.Respond(code, "")
			d.edit = func(reads int, _ map[string]any) {
				if reads > 1 {
					d.delivery("statusName", state)
				}
			}
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, code, apiErr.StatusCode)
			assert.Equal(t, want != nil, errors.Is(err, restorejobs.ErrLinkExpired) || errors.Is(err, restorejobs.ErrDownloadsExhausted))
			if want != nil {
				require.ErrorIs(t, err, want)
			}
			for _, kind := range []error{restorejobs.ErrForbidden, restorejobs.ErrNotFound, restorejobs.ErrGone} {
				assert.Equal(t, want == nil && errors.Is(apiErr, kind), errors.Is(err, kind), "the job's reason is the only kind")
			}
			assertRedacted(t, err)
			assert.Len(t, d.requests(), 1)
			assert.Empty(t, entries(t, dir))
		}
	}
}

// TestDownload_linkErrorStatuses: what passes is asked again, what stays is not.
func TestDownload_linkErrorStatuses(t *testing.T) {
	t.Parallel()
	for code, again := range map[int]bool{
		400: false, 401: false, 402: false, 405: false, 408: true, 429: true, 500: true, 501: false, 502: true, 503: true, 504: true,
		204: false, 206: false, 304: false, 416: false,
	} {
		d, dir := newArchive(t, 1000), t.TempDir()
		d.link = testutil.Respond(code, "")
		_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, code, apiErr.StatusCode)
		want := 1
		if again {
			want = 6
		}
		assert.Len(t, d.requests(), want, code)
		reads := 1
		if code >= 400 && !again && code < 500 {
			reads = 2 // the job may know why
		}
		assert.Equal(t, reads, d.jobReads())
		assert.Empty(t, entries(t, dir))

		d.link = testutil.Sequence(testutil.Respond(code, ""), d.serve)
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		assert.Equal(t, again, err == nil, code)
	}
}

func TestDownloadTo_linkExpiredByDate(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.delivery("expires", time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	_, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.NoError(t, err)
}

// TestDownload_responseMediaTypes is not kept as one.
func TestDownload_responseMediaTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, kind, encoding string
		link                 string
		ok                   bool
	}{
		{"a proxy's page", "text/html; charset=utf-8", "", fileA, false},
		{"a shouted page", "TEXT/HTML", "", fileA, false},
		{"compressed on its way", "application/x-tar", "gzip", "archive.tar", false},
		{"in another encoding", "application/gzip", "br", fileA, false},
		{"a compressed archive that says so", "application/x-tar", "gzip", fileA, true},
		{"explicitly as it is", "application/octet-stream", "identity", fileA, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, dir := newArchive(t, 1000), t.TempDir()
			d.delivery("url", d.address(c.link))
			d.link = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.kind)
				if c.encoding != "" {
					w.Header().Set("Content-Encoding", c.encoding)
				}
				_, _ = w.Write(d.content)
			}
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			if c.ok {
				require.NoError(t, err)
				assertOnly(t, dir, c.link, d.content)
				return
			}
			require.ErrorContains(t, err, "web page, or compressed")
			assert.Empty(t, entries(t, dir))
			for _, header := range d.requests() {
				assert.Equal(t, "identity", header.Get("Accept-Encoding"))
			}
		})
	}
}
