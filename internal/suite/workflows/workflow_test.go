// Package workflows has what programs do from end to end, written with the methods of the library alone
// and tested with the test server.
package workflows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// inProduction runs a test on a virtual clock, a day after the snapshots of the test server.
func inProduction(t *testing.T, test func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 8, 11, 0, 0, 0, 0, time.UTC)))
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		test(t, server, client)
	})
}

// No workflow needs Client.Do.
func TestWorkflows_needNoOtherCalls(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	require.Len(t, files, 5)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			assert.False(t, ok && selector.Sel.Name == "Do", name)
			return true
		})
	}
}
