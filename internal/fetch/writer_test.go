package fetch

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestToWriter(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	c, _ := client(broken(), rest())
	result, err := c.ToWriter(t.Context(), &w, file())
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum}, result)
	assert.Equal(t, content, w.String())

	c, asked := client(broken(), whole())
	result, err = c.ToWriter(t.Context(), io.Discard, file())
	require.ErrorIs(t, err, errNoWayBack)
	assert.Nil(t, result)
	assert.Len(t, asked.asked, 2)

	f := file()
	f.Owner = &owner{wrong: io.ErrNoProgress}
	c, _ = client(whole())
	result, err = c.ToWriter(t.Context(), io.Discard, f)
	require.Equal(t, io.ErrNoProgress, err)
	assert.Nil(t, result)
}

func TestAFileWithoutALink(t *testing.T) {
	t.Parallel()
	f := file()
	f.Missing = errors.New("used up")
	c, asked := client(whole())
	_, err := c.ToWriter(t.Context(), io.Discard, f)
	require.Equal(t, f.Missing, err)
	assert.Empty(t, asked.asked)
}

// TestAnEndThatNothingTells is for a checksum to tell.
func TestAnEndThatNothingTells(t *testing.T) {
	t.Parallel()
	endless := func() answer { return with(http.StatusOK, bytes.NewReader([]byte(content)), -1) }
	f := file()
	c, asked := client(endless(), endless())
	_, err := c.ToWriter(t.Context(), io.Discard, f)
	require.ErrorIs(t, err, errNoEnd)
	assert.Len(t, asked.asked, 1, "the next answer would be the same")
	f.Checksum = true
	result, err := c.ToWriter(t.Context(), io.Discard, f)
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum, Doubt: errNoEnd}, result)
}
