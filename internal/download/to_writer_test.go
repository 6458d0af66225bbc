package download

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFetchToWriter(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	c, _ := client(broken(), rest())
	result, err := c.FetchToWriter(t.Context(), &w, file())
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum}, result)
	assert.Equal(t, content, w.String())

	c, asked := client(broken(), whole())
	result, err = c.FetchToWriter(t.Context(), io.Discard, file())
	require.ErrorIs(t, err, errCannotRewind)
	assert.Nil(t, result)
	assert.Len(t, asked.asked, 2)

	f := file()
	f.Owner = &owner{wrong: io.ErrNoProgress}
	c, _ = client(whole())
	result, err = c.FetchToWriter(t.Context(), io.Discard, f)
	require.Equal(t, io.ErrNoProgress, err)
	assert.Nil(t, result)
}

func TestFetchToWriter_noLink(t *testing.T) {
	t.Parallel()
	f := file()
	f.NoLinkErr = errors.New("used up")
	c, asked := client(whole())
	_, err := c.FetchToWriter(t.Context(), io.Discard, f)
	require.Equal(t, f.NoLinkErr, err)
	assert.Empty(t, asked.asked)
}

// TestFetchToWriter_lengthUnknown is for a checksum to tell.
func TestFetchToWriter_lengthUnknown(t *testing.T) {
	t.Parallel()
	endless := func() answer { return with(http.StatusOK, bytes.NewReader([]byte(content)), -1) }
	f := file()
	c, asked := client(endless(), endless())
	_, err := c.FetchToWriter(t.Context(), io.Discard, f)
	require.ErrorIs(t, err, errLengthUnknown)
	assert.Len(t, asked.asked, 1, "the next answer would be the same")
	f.HasChecksum = true
	result, err := c.FetchToWriter(t.Context(), io.Discard, f)
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum, LengthErr: errLengthUnknown}, result)
}
