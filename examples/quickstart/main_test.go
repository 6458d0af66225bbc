package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

func TestQuickstartTellsEveryVariant(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	require.Len(t, lines, 1+len(restorejobstest.Scopes()))
	for i, scope := range restorejobstest.Scopes() {
		assert.Regexp(t, `^`+scope.String()+` +[12] jobs +`+scope.Jobs()[0]+` \w+ +[0-9a-f]{24} running$`, lines[i+1])
	}
}

func TestQuickstartExits(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 2, target.Exit(t.Output(), run(t.Context(), []string{"-x"}, t.Output())))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 3, target.Exit(t.Output(), run(ctx, nil, t.Output())))
}
