package restorejobs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func TestDownload_existingIsValidated(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	_, err := d.download(t, t.TempDir(), restorejobs.DownloadOptions{Existing: 3})
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, err, "Existing")
	assert.Zero(t, d.jobReads())
}

func TestDownload_connectionsAreValidated(t *testing.T) {
	t.Parallel()
	for _, connections := range []int{-1, 17} {
		d := newArchive(t, 1000)
		_, err := d.download(t, t.TempDir(), restorejobs.DownloadOptions{Connections: connections})
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		require.ErrorContains(t, err, "Connections must be between 0 and 16")
		assert.Zero(t, d.jobReads())
	}
}
