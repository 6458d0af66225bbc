package restorejobs

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A message names some collections, and the field has all of them.
func TestCollectionJobError_manyCollections(t *testing.T) {
	t.Parallel()
	e := &CollectionJobError{Job: &CollectionJob{ID: "j", Status: CollectionJobStatusFailed, ErrorMessage: "line one\nline two"}}
	for i := range 12 {
		e.Collections = append(e.Collections, &RestoredCollection{
			SourceNamespace: fmt.Sprintf("d.c%d", i),
			Status:          CollectionStatusRollback,
		})
	}
	text := e.Error()
	assert.Contains(t, text, "restorejobs: wait: collection restore job j failed: line one line two: d.c0 ROLLBACK, d.c1")
	assert.Contains(t, text, "d.c9 ROLLBACK and 2 more")
	assert.NotContains(t, text, "d.c10")
	encoded, err := json.Marshal(e)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprintf("%q", e), string(encoded))
}
