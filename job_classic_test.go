package restorejobs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// The link escapes the file name, and the hashes do not.
func TestDownload_checksumOfEscapedName(t *testing.T) {
	t.Parallel()
	for _, right := range []bool{true, false} {
		d, dir := newArchive(t, 1000), t.TempDir()
		d.delivery("url", d.address("my%20shard-1536610288-J.tar.gz"))
		sum := strings.Repeat("0", 40)
		if right {
			sum = d.sha1()
		}
		d.job["hashes"] = append(hashes(strings.Repeat("1", 40)),
			map[string]any{"typeName": "SHA1", "fileName": "my shard-1536610288-J.tar.gz", "hash": sum})
		files, err := d.jobs(t).Download(t.Context(), []string{"J"}, dir, restorejobs.DownloadOptions{})
		if !right {
			require.ErrorIs(t, err, restorejobs.ErrChecksumMismatch)
			continue
		}
		require.NoError(t, err)
		assert.True(t, files[0].Verified)
	}
}
