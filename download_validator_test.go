package restorejobs_test

import (
	"bytes"
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
	"example.com/restorejobs/internal/testutil"
)

// validators are headers of one response; "-" omits one.
type validators struct {
	etag, modified, date string
}

const (
	madeAt       = "Mon, 21 Sep 2026 10:00:00 GMT"
	nextSecond   = "Mon, 21 Sep 2026 10:00:01 GMT"
	secondBefore = "Mon, 21 Sep 2026 09:59:59 GMT"
)

// serveAs serves the content with these validators, and honours If-Range as most servers do:
// the text of the header is compared.
func (d *archive) serveAs(v validators, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context()) // the archive keeps the request as it came
		condition := r.Header.Get("If-Range")
		if condition != "" && condition != v.etag && condition != v.modified {
			r.Header.Del("Range")
		}
		r.Header.Del("If-Range")
		for name, value := range map[string]string{"ETag": v.etag, "Last-Modified": v.modified, "Date": v.date} {
			if value == "-" {
				w.Header()[name] = nil
				continue
			}
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", "application/gzip")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// TestDownload_replacedWithinOneSecond: a server that makes the archive again within the second of its
// Last-Modified cannot say so by that date. Such a date proves nothing, nor does a weak ETag.
func TestDownload_replacedWithinOneSecond(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]validators{
		"date of the same second":               {"-", madeAt, madeAt},
		"date of the next second":               {"-", madeAt, secondBefore},
		"date, and a response without Date":     {"-", madeAt, "-"},
		"date, and a Date that is none":         {"-", madeAt, "now"},
		"weak ETag":                             {`W/"v1"`, "-", nextSecond},
		"weak ETag and date":                    {`W/"v1"`, madeAt, nextSecond},
		"weak ETag and date of the same second": {`W/"v1"`, madeAt, madeAt},
		"ETag without quotes and date":          {"v1", madeAt, nextSecond},
	} {
		for _, later := range []string{"same call", "later call"} {
			t.Run(name+", "+later, func(t *testing.T) {
				t.Parallel()
				d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
				remade := bytes.Repeat([]byte("remade"), 1<<20)[:1<<20]
				before := d.serveAs(v, d.content)
				after := d.serveAs(v, remade)
				jobs := d.jobs(t)
				d.link = testutil.Sequence(cutAfter(brokenAt, before), after)
				if later == "later call" {
					_, err := d.jobs(t, withoutRetry()).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
					require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				}
				_, err := jobs.Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
				require.NoError(t, err)
				assertOnly(t, dir, fileA, remade)
				require.Len(t, d.requests(), 2)
				assert.Empty(t, d.requests()[1].Get("Range"))
				assert.Empty(t, d.requests()[1].Get("If-Range"))
			})
		}
	}
}

// TestDownload_strongValidators resume: the counterpart of the test above.
func TestDownload_strongValidators(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]validators{
		"ETag":                             {version1, "-", "-"},
		"ETag and date of the same second": {version1, madeAt, madeAt},
		"date, a second old":               {"-", madeAt, nextSecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
			d.link = d.serveAs(v, d.content)
			createPart(t, d, dir)
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.NoError(t, err)
			assertOnly(t, dir, fileA, d.content)
			require.Len(t, d.requests(), 1)
			assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
		})
	}
}

// TestDownload_sidecarWithoutStrongValidator: a sidecar of an earlier release does not record whether its date was
// strong.
func TestDownload_sidecarWithoutStrongValidator(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v         validators
		requested string
	}{
		{validators{"-", madeAt, nextSecond}, ""},
		{validators{version1, madeAt, nextSecond}, "bytes=716800-"},
	} {
		d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
		d.link = d.serveAs(c.v, d.content)
		createPart(t, d, dir)
		path := filepath.Join(dir, fileA+".part.json")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Contains(t, string(text), `,"lastModifiedStrong":true`)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), `,"lastModifiedStrong":true`, "", 1)), 0o600))
		_, err = d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		assertOnly(t, dir, fileA, d.content)
		require.Len(t, d.requests(), 1)
		assert.Equal(t, c.requested, d.requests()[0].Get("Range"))
	}
}

// TestDownload_rangeResponses that do not prove themselves: nothing of them is appended.
func TestDownload_rangeResponses(t *testing.T) {
	t.Parallel()
	const contentRange = "bytes 716800-1048575/1048576"
	for name, v := range map[string]validators{
		"206 with the date of the same second":  {"-", madeAt, madeAt},
		"206 without Date":                      {"-", madeAt, "-"},
		"206 without a validator":               {"-", "-", nextSecond},
		"206 with a strong ETag instead":        {version1, madeAt, nextSecond},
		"206 with a weak ETag instead":          {`W/"v1"`, madeAt, nextSecond},
		"200 of the rest":                       {"-", madeAt, nextSecond},
		"200 of the rest, of another version":   {"-", nextSecond, nextSecond},
		"200 of another length, of the version": {"-", madeAt, nextSecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, dir := newAtlasArchive(t, 1<<20), t.TempDir()
			whole := d.serveAs(validators{"-", madeAt, nextSecond}, d.content)
			d.link = whole
			createPart(t, d, dir)
			d.link = testutil.Sequence(func(w http.ResponseWriter, r *http.Request) {
				body := make([]byte, 1<<20-brokenAt)
				if strings.HasPrefix(name, "206") {
					w = &statusWriter{ResponseWriter: w, code: http.StatusPartialContent}
					w.Header().Set("Content-Range", contentRange)
				}
				if strings.HasPrefix(name, "200 of another") {
					body = make([]byte, 1<<20-1)
				}
				r = r.Clone(r.Context())
				r.Header.Del("Range")
				d.serveAs(v, body)(w, r)
			}, whole)
			_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
			require.NoError(t, err)
			assertOnly(t, dir, fileA, d.content)
			require.Len(t, d.requests(), 2)
			assert.Equal(t, "bytes=716800-", d.requests()[0].Get("Range"))
			assert.Empty(t, d.requests()[1].Get("Range"))
		})
	}
}

// statusWriter turns a status into another one.
type statusWriter struct {
	http.ResponseWriter

	code int
}

func (w *statusWriter) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.code) }

// TestDownload_linkUsedOnceWithoutValidator: the link is not requested again where nothing but a request from
// byte 0 could help.
func TestDownload_linkUsedOnceWithoutValidator(t *testing.T) {
	t.Parallel()
	d, dir := newArchive(t, 1<<20), t.TempDir()
	d.delivery("maxDownloads", 1)
	d.link = cutAfter(brokenAt, d.serveAs(validators{"-", madeAt, madeAt}, d.content))
	for range 2 {
		_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		require.ErrorContains(t, err, "ReuseSingleUseLinks")
	}
	assert.Len(t, d.requests(), 1)
	d.link = d.serve
	_, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{ReuseSingleUseLinks: true})
	require.NoError(t, err)
	assertOnly(t, dir, fileA, d.content)
	assert.Empty(t, d.requests()[1].Get("Range"))
}
