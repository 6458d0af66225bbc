package partfile

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// A sidecar that grows on a full disk keeps its content, which describes the bytes of the part.
func TestSidecar_growsOnAFullDisk(t *testing.T) {
	t.Parallel()
	const page = 4096
	testutil.OnSmallDisk(t, 16*page, func(t *testing.T, disk *testutil.SmallDisk) {
		dir, err := os.OpenRoot(disk.Dir)
		require.NoError(t, err)
		defer func() { require.NoError(t, dir.Close()) }()
		part, err := Open(dir, "a")
		require.NoError(t, err)
		defer part.Close()
		before := bytes.Repeat([]byte("b"), page-100)
		require.NoError(t, part.Sidecar().Write(before))
		filler := filepath.Join(disk.Dir, "filler")
		require.ErrorIs(t, os.WriteFile(filler, make([]byte, 16*page), 0o600), syscall.ENOSPC)

		after := bytes.Repeat([]byte("a"), page+100)
		require.ErrorIs(t, part.Sidecar().Write(after), syscall.ENOSPC)
		text, err := part.Sidecar().Bytes()
		require.NoError(t, err)
		assert.True(t, bytes.Equal(before, text), "the earlier content")

		require.NoError(t, os.Remove(filler))
		require.NoError(t, part.Sidecar().Write(after))
		text, err = part.Sidecar().Bytes()
		require.NoError(t, err)
		assert.True(t, bytes.Equal(after, text), "the content")
	})
}
