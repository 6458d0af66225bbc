package testutil

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnSmallDisk(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "b c (d)"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			OnSmallDisk(t, 64<<10, func(t *testing.T, disk *SmallDisk) {
				file := filepath.Join(disk.Dir, "file")
				require.ErrorIs(t, os.WriteFile(file, make([]byte, 128<<10), 0o600), syscall.ENOSPC)
				disk.Resize(t, 256<<10)
				require.NoError(t, os.WriteFile(file, make([]byte, 128<<10), 0o600))
			})
		})
	}
}
