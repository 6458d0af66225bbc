package download

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/partfile"
)

// TestKeepOrDiscard_emptiedPart: Finish has emptied it then.
func TestKeepOrDiscard_emptiedPart(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	part, err := partfile.Open(root, "a.tar.gz")
	require.NoError(t, err)
	defer part.Close()
	c, _ := client()
	tr := c.transfer(file())
	require.NoError(t, tr.resumePart(t.Context(), part))
	_, err = part.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, tr.dest.Checkpoint(10, 10, nil))
	require.NoError(t, part.Truncate(0)) // as Finish does where the disk refuses
	assert.NotContains(t, tr.keepOrDiscard(part, errors.New("refused")).Error(), "bytes are kept")
}
