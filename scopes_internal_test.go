package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestEveryScopeIsWhole: a row of the table says everything that a call needs.
func TestEveryScopeIsWhole(t *testing.T) {
	t.Parallel()
	for _, s := range scopes {
		assert.NotNil(t, s.body, "%s: how create is spoken", s)
		assert.NotEqual(t, noGeneration, s.generation, "%s: the generation of its jobs", s)
		for name, text := range map[string]string{
			"variant": string(s.variant), "name": s.name, "ref": s.ref, "refPart": s.refPart,
			"before": s.before, "middle": s.middle, "after": s.after, "parent": s.parent,
		} {
			assert.NotEmpty(t, text, "%s: %s", s, name)
		}
		assert.Equal(t, s.variant == VariantAtlasV2, s.dated != "", "%s: a dated media type is Atlas v2's", s)
	}
}
