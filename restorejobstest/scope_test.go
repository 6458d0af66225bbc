package restorejobstest_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestScopes_distinctIDs(t *testing.T) {
	t.Parallel()
	hexID := regexp.MustCompile(`^[a-f0-9]{24}$`)
	jobsSeen := map[string]bool{}
	for _, scope := range rjt.Scopes() {
		assert.Regexp(t, hexID, scope.Project(), scope)
		require.NotEmpty(t, scope.Jobs(), scope)
		require.NotEmpty(t, scope.Snapshots(), scope)
		for _, id := range slices.Concat(scope.Jobs(), scope.Snapshots(), scope.Checkpoints()) {
			assert.Regexp(t, hexID, id, scope)
		}
		for _, id := range scope.Jobs() {
			assert.False(t, jobsSeen[id], id)
			jobsSeen[id] = true
		}
		assert.NotEmpty(t, scope.String())
	}
	assert.Panics(t, func() { _ = rjt.Scope(99).Project() })
	assert.Panics(t, func() { _ = rjt.Scope(-1).Project() })
}
