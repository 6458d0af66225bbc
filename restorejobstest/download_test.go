package restorejobstest_test

import (
	"archive/tar"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestDownload_everyScope(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		for _, scope := range rjt.Scopes() {
			if scope == rjt.AtlasV2Flex {
				continue // Create makes restores only: see TestFlexDownload_lifecycle
			}
			doc := c.createReady(scope, 1)
			a := c.fetch(links(doc)[0])
			require.Equal(t, http.StatusOK, a.status, "%s: %s", scope, a.body)
			zipped, err := gzip.NewReader(strings.NewReader(a.body))
			require.NoError(t, err)
			_, err = tar.NewReader(zipped).Next()
			require.NoError(t, err)
			doc = c.job(scope, doc["id"])
			if delivery(doc) == nil {
				assert.NotContains(t, doc, "hashes", "cloud jobs have no hashes")
				continue
			}
			hash := objects(doc["hashes"])[0]
			assert.Equal(t, "SHA1", hash["typeName"])
			assert.Equal(t, sha1Hex(a.body), hash["hash"])
			assert.True(t, strings.HasSuffix(links(doc)[0], "/"+hash["fileName"].(string)))
		}
	}, rjt.WithRestoreDuration(0))
}

func TestDownload_countsUses(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	doc := c.createReady(rjt.OpsManagerCluster, 2)
	link := links(doc)[0]
	assert.Equal(t, http.StatusPartialContent, c.fetch(link, "Range", "bytes=5-").status)
	assert.NotContains(t, c.job(rjt.OpsManagerCluster, doc["id"]), "hashes", "no hash before the whole file was sent")
	assert.Equal(t, http.StatusOK, c.fetch(link).status)
	assert.Equal(t, http.StatusForbidden, c.fetch(link).status)
	assert.Equal(t, "MAX_DOWNLOADS_EXCEEDED", delivery(c.job(rjt.OpsManagerCluster, doc["id"]))["statusName"])

	c = newInProcessCaller(t, rjt.WithRestoreDuration(0), rjt.WithUncountedResume())
	link = links(c.createReady(rjt.OpsManagerCluster, 1))[0]
	assert.Equal(t, http.StatusOK, c.fetch(link).status)
	assert.Equal(t, http.StatusForbidden, c.fetch(link, "Range", "bytes=5-").status, "once used up, always used up")

	doc = c.create(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Sharded(), goodBody(rjt.AtlasV2Cluster))[0]
	link = objects(doc["components"])[0]["downloadUrl"].(string)
	assert.Equal(t, http.StatusOK, c.fetch(link).status)
	assert.Equal(t, http.StatusForbidden, c.fetch(link).status)
	doc = c.get(path(rjt.AtlasV2Cluster, rjt.AtlasV2Cluster.Sharded()) + "/" + doc["id"].(string)).doc
	assert.Nil(t, objects(doc["components"])[0]["downloadUrl"], "null once used")
}

// The checksum appears once every byte was sent, in any order, as a client with several connections
// requests ranges.
func TestDownload_rangesInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, ranges := range [][]string{
		{"bytes=0-4", "bytes=5-"},
		{"bytes=5-", "bytes=0-4"},
		{"bytes=9-", "bytes=3-6", "bytes=0-3", "bytes=5-8"},
	} {
		c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
		doc := c.createReady(rjt.OpsManagerCluster, 10)
		for _, spec := range ranges {
			assert.NotContains(t, c.job(rjt.OpsManagerCluster, doc["id"]), "hashes")
			assert.Equal(t, http.StatusPartialContent, c.fetch(links(doc)[0], "Range", spec).status)
		}
		assert.Contains(t, c.job(rjt.OpsManagerCluster, doc["id"]), "hashes", ranges)
	}
}

func TestDownload_refused(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	scope := rjt.CloudManagerCluster
	id := c.create(scope, scope.Cluster(), goodBody(scope))[0]["id"].(string)
	c.server.FinishJob(id)
	link := links(c.job(scope, id))[0]
	for _, authorization := range []string{"Bearer x", `Digest username="x"`, "Basic eDp5"} {
		assert.Equal(t, http.StatusBadRequest, c.fetch(link, "Authorization", authorization).status)
	}
	seen := c.server.Requests()
	assert.True(t, seen[len(seen)-1].Download)
	assert.True(t, seen[len(seen)-1].Signed)
	assert.Equal(t, http.StatusMethodNotAllowed, c.send(c.plain, c.request(http.MethodPost, link, "x")).status)
	assert.Equal(t, http.StatusNotFound, c.fetch(link+"x").status)
	c.server.ExpireLinks(id)
	assert.Equal(t, http.StatusGone, c.fetch(link).status)
	c.server.FailJob(id)
	assert.Equal(t, http.StatusNotFound, c.fetch(link).status)

	c = newInProcessCaller(t, rjt.WithExpiredStatus(http.StatusForbidden), rjt.WithRestoreDuration(0))
	doc := c.createReady(scope, 1)
	c.server.ExpireLinks(doc["id"].(string))
	assert.Equal(t, http.StatusForbidden, c.fetch(links(doc)[0]).status)
}

func TestDownload_secretHeader(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0))
	for _, scope := range []rjt.Scope{rjt.OpsManagerCluster, rjt.OpsManagerHost, rjt.AtlasV2LegacyCluster} {
		d := delivery(c.createReady(scope, 1))
		link := d["urlV2"].(string)
		header := d["authHeader"].(string)
		value := d["authValue"].(string)
		if scheme, ok := d["authBearer"].(string); ok {
			value = scheme + " " + value
		}
		assert.Contains(t, link, "/backup/restore/v3/pull/")
		assert.Equal(t, http.StatusUnauthorized, c.fetch(link).status)
		assert.Equal(t, http.StatusUnauthorized, c.fetch(link, header, "wrong").status)
		assert.Equal(t, http.StatusOK, c.fetch(link, header, value).status)
	}
}

func TestDownload_ranges(t *testing.T) {
	t.Parallel()
	const size = 100_003
	runBoth(t, func(t *testing.T, c *caller) {
		link := links(c.createReady(rjt.AtlasV2Cluster, 0))[0]
		whole := c.fetch(link)
		require.Len(t, whole.body, size)
		assert.Equal(t, strconv.Itoa(size), whole.header.Get("Content-Length"))
		etag := whole.header.Get("ETag")
		modified := whole.header.Get("Last-Modified")
		require.Regexp(t, `^"[^"]+"$`, etag)
		require.NotEmpty(t, modified)
		for spec, want := range map[string][2]int{
			"bytes=0-":         {0, size},
			"bytes=50001-":     {50001, size},
			"bytes=3-9":        {3, 10},
			"bytes=-5":         {size - 5, size},
			"bytes=99-9999999": {99, size},
		} {
			a := c.fetch(link, "Range", spec, "If-Range", etag)
			assert.Equal(t, http.StatusPartialContent, a.status, spec)
			assert.Equal(t, whole.body[want[0]:want[1]], a.body, spec)
			assert.Equal(t, etag, a.header.Get("ETag"), spec)
			assert.Equal(t, "bytes "+strconv.Itoa(want[0])+"-"+strconv.Itoa(want[1]-1)+"/"+strconv.Itoa(size), a.header.Get("Content-Range"))
		}
		assert.Equal(t, http.StatusPartialContent, c.fetch(link, "Range", "bytes=1-", "If-Range", modified).status)
		for _, header := range [][]string{
			{"Range", "bytes=1-", "If-Range", `"other"`},
			{"Range", "bytes=1-2,5-6"},
			{"Range", "lines=1-2"},
			{"Range", "bytes=x-"},
			{"Range", "bytes=9-3"},
		} {
			assert.Equal(t, whole.body, c.fetch(link, header...).body, header)
		}
		beyond := c.fetch(link, "Range", "bytes="+strconv.Itoa(size)+"-")
		assert.Equal(t, http.StatusRequestedRangeNotSatisfiable, beyond.status)
		assert.Equal(t, "bytes */"+strconv.Itoa(size), beyond.header.Get("Content-Range"))
		head := c.send(c.plain, c.request(http.MethodHead, link, ""))
		assert.Equal(t, strconv.Itoa(size), head.header.Get("Content-Length"))
		assert.Empty(t, head.body)
	}, rjt.WithRestoreDuration(0), rjt.WithArchiveSize(size))
}

func TestWithoutRange_ignoresRanges(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0), rjt.WithoutRange(), rjt.WithoutValidators())
	a := c.fetch(links(c.createReady(rjt.AtlasV2Cluster, 0))[0], "Range", "bytes=5-")
	assert.Equal(t, http.StatusOK, a.status)
	for _, header := range []string{"Accept-Ranges", "ETag", "Last-Modified"} {
		assert.Empty(t, a.header.Get(header))
	}
}

func TestWithDownloadOrigin_links(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		require.NotEqual(t, c.server.URL(), c.server.DownloadURL())
		link := links(c.createReady(rjt.AtlasV2Cluster, 0))[0]
		assert.True(t, strings.HasPrefix(link, c.server.DownloadURL()+"/"), link)
		assert.Equal(t, http.StatusOK, c.fetch(link).status)
		moved := strings.Replace(link, c.server.DownloadURL(), c.server.URL(), 1)
		assert.Equal(t, http.StatusNotFound, c.fetch(moved).status)
		assert.Equal(t, http.StatusNotFound, c.fetch(c.server.DownloadURL()+jobs(rjt.AtlasV2Cluster)).status)
	}, rjt.WithRestoreDuration(0), rjt.WithDownloadOrigin())
}
