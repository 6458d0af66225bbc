package testutil_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

func TestSymlink_createsOrSkips(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, root.Close()) }()
	testutil.Symlink(t, root, "target", "link")
	target, err := os.Readlink(filepath.Join(dir, "link"))
	require.NoError(t, err)
	assert.Equal(t, "target", target)
}

func TestSkipOnWindows_onlyThere(t *testing.T) {
	t.Parallel()
	testutil.SkipOnWindows(t, "this test ends here")
	assert.NotEqual(t, "windows", runtime.GOOS)
}
