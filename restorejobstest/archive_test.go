package restorejobstest_test

import (
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestWithArchiveSize_memory(t *testing.T) {
	t.Parallel()
	const size = 1 << 30
	before := heap()
	c := newInProcessCaller(t, rjt.WithRestoreDuration(0), rjt.WithArchiveSize(size))
	link := links(c.createReady(rjt.AtlasV2Cluster, 0))[0]
	res, err := c.plain.Do(c.request(http.MethodGet, link, "", "Range", "bytes=1-"))
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	n, err := io.CopyN(io.Discard, res.Body, 64<<20)
	require.NoError(t, err)
	assert.Less(t, heap(), before+(32<<20), "from before the archive was made, and while it is read")
	assert.EqualValues(t, 64<<20, n)
	assert.EqualValues(t, size-1, res.ContentLength)
}

// heap returns the size of the live heap.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
