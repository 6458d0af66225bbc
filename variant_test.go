package restorejobs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// TestVariant_everySource compares the variant of each source with its name in the client and with
// the base path of its requests.
func TestVariant_everySource(t *testing.T) {
	t.Parallel()
	paths := map[restorejobs.Variant]string{
		restorejobs.VariantCloudManager: public,
		restorejobs.VariantOpsManager:   public,
		restorejobs.VariantMMS:          public,
		restorejobs.VariantAtlasV1:      atlasV1,
		restorejobs.VariantAtlasV2:      atlasV2,
	}
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	seen := map[restorejobs.Variant]bool{}
	for _, r := range rows() {
		variant := sourceOf(t, server, r.scope).Variant()
		name, _, _ := strings.Cut(r.name, ".")
		assert.Equal(t, name, string(variant))
		assert.Contains(t, paths, variant)
		assert.True(t, strings.HasPrefix(r.path, paths[variant]), r.name)
		seen[variant] = true
	}
	assert.Len(t, seen, len(paths))
}
