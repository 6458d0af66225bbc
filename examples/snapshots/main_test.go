package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func TestSnapshotsOfEveryVariant(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		var out strings.Builder
		err := run(t.Context(), []string{"-scope", scope.String()}, &out)
		assert.Zero(t, target.Exit(t.Output(), err), "%s", scope)
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if !assert.Len(t, lines, len(scope.Snapshots())+1, "%s", scope) {
			continue
		}
		for i, id := range scope.Snapshots() {
			assert.Regexp(t, "^"+id+`  20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$`, lines[i], "%s", scope)
		}
		assert.Equal(t, "restore the first: go run ./examples/create -scope "+scope.String()+" -snapshot "+scope.Snapshots()[0], lines[len(lines)-1])
	}
}

func TestSnapshotsExits(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, target.Exit(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, target.Exit(t.Output(), run(ctx, nil, t.Output())))
}
