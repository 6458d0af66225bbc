package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSnapshotDecode_listsOfEmptyElements: empty elements take far more memory than bytes.
func TestSnapshotDecode_listsOfEmptyElements(t *testing.T) {
	t.Parallel()
	many := "[" + strings.TrimSuffix(strings.Repeat("{},", 10000), ",") + "]"
	body := `{"complete":true,"parts":` + many + `,"members":` + many + `,"missingShards":` + many + `,"copyRegions":` + many + `}`
	snapshot, _, err := parseSnapshot([]byte(body))
	require.NoError(t, err)
	assert.Len(t, snapshot.CopyRegions, 10000, "texts take little")
	for _, n := range []int{len(snapshot.Parts), len(snapshot.Members), len(snapshot.MissingShards)} {
		assert.Positive(t, n)
		assert.Less(t, n, 5000)
	}
	assert.False(t, snapshot.IsRestorable())
	assert.Equal(t, body, string(snapshot.RawJSON()))
}

func TestSnapshotDecode_emptyLists(t *testing.T) {
	t.Parallel()
	snapshot, _, err := parseSnapshot([]byte(`{"complete":true,"parts":[],"members":[],"missingShards":[],"copyRegions":[]}`))
	require.NoError(t, err)
	assert.NotNil(t, snapshot.Parts)
	assert.NotNil(t, snapshot.Members)
	assert.NotNil(t, snapshot.CopyRegions)
	assert.True(t, snapshot.IsRestorable())
}
