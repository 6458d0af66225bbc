package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestEndpoints_everyFieldIsSet: a row of the table says everything that a call needs.
func TestEndpoints_everyFieldIsSet(t *testing.T) {
	t.Parallel()
	for _, s := range endpoints {
		assert.NotNil(t, s.buildBody, "%s: how create is spoken", s)
		assert.NotEqual(t, unknownFormat, s.format, "%s: the generation of its jobs", s)
		for name, text := range map[string]string{
			"variant": string(s.variant), "name": s.name, "ref": s.refPrefix, "refPart": s.refCollection,
			"before": s.pathPrefix, "middle": s.pathInfix, "after": s.pathSuffix, "snapshots": s.snapshotsSuffix, "parent": s.idLabel,
		} {
			assert.NotEmpty(t, text, "%s: %s", s, name)
		}
		assert.Equal(t, s.variant == VariantAtlasV2, s.apiVersion != "", "%s: a dated media type is Atlas v2's", s)
	}
}
