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
