package restorejobstest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestList_invalidQueries(t *testing.T) {
	t.Parallel()
	c := newInProcessCaller(t)
	for _, query := range []string{
		"itemsPerPage=501", "itemsPerPage=0", "itemsPerPage=x", "pageNum=0", "pageNum=-1", "pretty=yes", "envelope=1",
		"includeCount=", "unknown=1", "batchId=6a22a5000000000000000001", "pretty=true&pretty=true", "a=%zz",
	} {
		a := c.get(jobs(rjt.AtlasV2Cluster) + "?" + query)
		assert.Equal(t, http.StatusBadRequest, a.status, query)
		assert.Equal(t, "INVALID_QUERY_PARAMETER", a.doc["errorCode"], query)
	}
	assert.Equal(t, http.StatusBadRequest, c.get(jobs(rjt.OpsManagerHost)+"?batchId=x").status, "a host has no batches")
	assert.Equal(t, http.StatusBadRequest, c.get(jobs(rjt.AtlasV2LegacyCluster)+"?batchId=x").status)
	assert.Equal(t, http.StatusBadRequest, c.do(http.MethodPost, jobs(rjt.AtlasV2Cluster)+"?pageNum=1", goodBody(rjt.AtlasV2Cluster)).status)
	assert.Equal(t, http.StatusOK, c.get(jobs(rjt.AtlasV2Cluster)+"?itemsPerPage=500&pageNum=1&pretty=true&envelope=false&includeCount=true").status)
}
