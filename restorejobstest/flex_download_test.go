package restorejobstest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

const flexScope = rjt.AtlasV2Flex

// flexDownload is the path for downloads of the flex cluster.
var flexDownload = strings.Replace(jobs(flexScope), "restoreJobs", "download", 1)

func TestFlexDownload_lifecycle(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		a := c.do(http.MethodPost, flexDownload, `{"snapshotId":"`+flexScope.Snapshots()[0]+`"}`)
		assert.Equal(t, http.StatusOK, a.status, a.body)
		assert.Equal(t, "PENDING", a.doc["status"])
		assert.Equal(t, "DOWNLOAD", a.doc["deliveryType"])
		assert.Equal(t, flexScope.Snapshots()[0], a.doc["snapshotId"])
		assert.NotContains(t, a.doc, "snapshotUrl")
		assert.NotContains(t, a.doc, "targetDeploymentItemName")
		assert.Equal(t, 1, c.server.CreateCount())
		assert.Equal(t, a.doc["id"], c.listIDs(jobs(flexScope))[0], "the job is in the list")

		c.server.Advance(2 * time.Minute)
		done := c.job(flexScope, a.doc["id"])
		assert.Equal(t, "COMPLETED", done["status"])
		link := done["snapshotUrl"].(string)
		assert.True(t, strings.HasSuffix(link, "/"+flexScope.Snapshots()[0]+".tgz"), link)
		assert.Equal(t, http.StatusOK, c.fetch(link).status)
		c.server.Advance(3 * time.Hour)
		assert.Equal(t, http.StatusOK, c.fetch(link).status)
		c.server.Advance(time.Hour)
		assert.Equal(t, http.StatusGone, c.fetch(link).status, "four hours after the request")
	})
}

func TestFlexDownload_refused(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	snapshot := flexScope.Snapshots()[0]
	for _, tt := range []struct {
		method, target, body string
		status               int
		code                 string
	}{
		{http.MethodPost, flexDownload, `{}`, 400, "MISSING_ATTRIBUTE"},
		{http.MethodPost, flexDownload, `{"snapshotId":"` + unknownID + `"}`, 404, "SNAPSHOT_NOT_FOUND"},
		{http.MethodPost, flexDownload, `{"snapshotId":"` + snapshot + `","targetDeploymentItemName":"Flex1"}`, 400, "INVALID_ATTRIBUTE"},
		{http.MethodPost, flexDownload, `{"snapshotId":"` + snapshot + `","deliveryType":"DOWNLOAD"}`, 400, "ATTRIBUTE_READ_ONLY"},
		{http.MethodGet, flexDownload, ``, 405, "METHOD_NOT_ALLOWED"},
		{http.MethodGet, flexDownload + "/x", ``, 404, "RESOURCE_NOT_FOUND"},
		{http.MethodPost, strings.Replace(jobs(rjt.AtlasV2Cluster), "restoreJobs", "download", 1), `{"snapshotId":"` + snapshot + `"}`, 404, "RESOURCE_NOT_FOUND"},
	} {
		a := c.do(tt.method, tt.target, tt.body)
		assert.Equal(t, tt.status, a.status, "%s: %s", tt.body, a.body)
		assert.Equal(t, tt.code, a.doc["errorCode"], tt.body)
	}
	assert.Zero(t, c.server.CreateCount())
}
