package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestEnvelope_shapes(t *testing.T) {
	t.Parallel()
	job := jobs(rjt.AtlasV2Flex) + "/" + rjt.AtlasV2Flex.Jobs()[0]

	c := newInProcessCaller(t)
	plain := c.get(job)
	one := c.get(job + "?envelope=true")
	assert.Equal(t, map[string]any{"status": 200.0, "content": plain.doc}, one.doc)
	list := c.get(jobs(rjt.AtlasV2Flex) + "?envelope=true")
	assert.InDelta(t, 200, list.doc["status"], 0)
	assert.Contains(t, list.doc, "results")
	assert.NotContains(t, list.doc, "content")
	missing := c.get(jobs(rjt.AtlasV2Flex) + "/ffffffffffffffffffffffff?envelope=true")
	assert.Equal(t, http.StatusNotFound, missing.status)
	assert.InDelta(t, 404, missing.doc["status"], 0)
	assert.Equal(t, "RESTORE_JOB_NOT_FOUND", missing.doc["content"].(map[string]any)["errorCode"])
	ranges := c.do(http.MethodPost, jobs(rjt.OpsManagerCluster)+"/restorableTimeRanges?envelope=true", "")
	assert.Len(t, objects(ranges.doc["content"]), 1)

	c = newInProcessCaller(t, rjt.WithEnvelopeKey("envelope"), rjt.WithEnvelopeStatusOK())
	assert.Equal(t, plain.doc, c.get(job + "?envelope=true").doc["envelope"])
	missing = c.get(jobs(rjt.AtlasV2Flex) + "/ffffffffffffffffffffffff?envelope=true")
	assert.Equal(t, http.StatusOK, missing.status)
	assert.InDelta(t, 404, missing.doc["status"], 0)
	id := c.create(rjt.AtlasV2Cluster, "Cluster0", goodBody(rjt.AtlasV2Cluster))[0]["id"].(string)
	gone := c.do(http.MethodDelete, jobs(rjt.AtlasV2Cluster)+"/"+id+"?envelope=true", "")
	assert.Equal(t, http.StatusOK, gone.status)
	assert.InDelta(t, 204, gone.doc["status"], 0)

	assert.Contains(t, c.get(job+"?pretty=true").body, "\n  \"")
	assert.NotContains(t, c.get(job).body, "\n")
}
