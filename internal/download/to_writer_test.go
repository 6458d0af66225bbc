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
	assert.Equal(t, Result{Size: 10, SHA1: sum}, result.Result)
	assert.Equal(t, content, w.String())

	c, asked := client(broken(), whole())
	result, err = c.FetchToWriter(t.Context(), io.Discard, file())
	require.ErrorIs(t, err, ErrCannotRewind)
	assert.Nil(t, result)
	assert.Len(t, asked.asked, 2)

	c, _ = client(status(http.StatusGone))
	result, err = c.FetchToWriter(t.Context(), io.Discard, file())
	var resp *ResponseError
	require.ErrorAs(t, err, &resp)
	assert.Equal(t, http.StatusGone, resp.StatusCode)
	assert.Nil(t, result)
}

// TestFetchToWriter_reportsDone: the last report is the caller's, after it has verified the file.
func TestFetchToWriter_reportsDone(t *testing.T) {
	t.Parallel()
	var last Progress
	f := file()
	f.Progress = func(p Progress) { last = p }
	c, _ := client(whole())
	written, err := c.FetchToWriter(t.Context(), io.Discard, f)
	require.NoError(t, err)
	assert.False(t, last.Done)
	written.ReportDone()
	assert.Equal(t, Progress{Bytes: 10, Total: 10, Done: true}, last)
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
	assert.Equal(t, Result{Size: 10, SHA1: sum, LengthErr: errLengthUnknown}, result.Result)
}
