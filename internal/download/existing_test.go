package download

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFindExisting takes the notes of one job, under names that could be its files'.
func TestFindExisting(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	for name, text := range map[string]string{
		"a.tar.part.json":   `{"jobId":"J","files":2,"fileName":"1.tar","replicaSet":"rs","size":3,"bytes":3,"sha1":"00"}`,
		"b.tar.part.json":   `{"jobId":"J","files":2,"fileName":"2.tar","size":3,"bytes":2,"sha1":"00"}`,
		"c.tar.part.json":   `{"jobId":"K","fileName":"3.tar","size":-1}`,
		"d.tar.part.json":   `{"jobId":"J",`,
		".hide.part.json":   `{"jobId":"J","fileName":"5.tar","size":-1}`,
		"other.part":        `{"jobId":"J","fileName":"6.tar","size":-1}`,
		"unrelated.json":    `{"jobId":"J","fileName":"7.tar","size":-1}`,
		"100%41.part.json":  `{"jobId":"J","files":2,"fileName":"100%2541","size":3,"bytes":3,"sha1":"00"}`,
		"con.tar.part.json": `{"jobId":"J","fileName":"8.tar","size":-1}`,
	} {
		err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
		if runtime.GOOS == "windows" && name == "con.tar.part.json" {
			continue // no file has the name of a device there
		}
		require.NoError(t, err)
	}
	known, err := FindExisting(root, "J")
	require.NoError(t, err)
	names := map[string]string{}
	for key, file := range known {
		names[key] = file.Name
	}
	assert.Equal(t, map[string]string{"replica set rs": "a.tar", "file 2.tar": "b.tar", "file 100%2541": "100%41"}, names)
	delete(known, "file 100%2541")
	assert.True(t, known.IsComplete("rs"))
	assert.True(t, known.AllComplete("rs"))
	assert.False(t, known.IsComplete("other"))
	assert.False(t, known.AllComplete(""), "one of two is not whole")
	known["file 2.tar"].Sidecar.Bytes = 3
	assert.True(t, known.AllComplete(""))
	delete(known, "replica set rs")
	assert.False(t, known.AllComplete(""), "one of two is not there")
	assert.False(t, ExistingFiles(nil).AllComplete(""))
}
