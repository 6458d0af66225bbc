package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An entry of another shape does not hide the others.
func TestReadManagerCluster_unusualEntries(t *testing.T) {
	t.Parallel()
	page, err := decodePage([]byte(`{"totalCount":4,"results":[7,null,{"id":"a","typeName":1,"clusterName":"orders"},{}]}`), 1<<20, readManagerCluster)
	require.NoError(t, err)
	require.Len(t, page.items, 4)
	assert.Equal(t, &managerCluster{ID: "a", ClusterName: "orders"}, page.items[2])
	found, _ := selectByName(page.items, "orders")
	assert.Equal(t, page.items[2:3], found)
}
