package download

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/partfile"
)

func folder(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { _ = root.Close() })
	return root, dir
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	require.NoError(t, err)
	return string(text)
}

// fetchAndCommit fetches a file and gives it its name.
func fetchAndCommit(t *testing.T, c *Fetcher, root *os.Root, f *File) (*Result, error) {
	t.Helper()
	part, err := c.Fetch(t.Context(), root, f)
	if err != nil {
		require.Nil(t, part)
		return nil, err
	}
	defer part.Close()
	if err := part.Commit(c.Overwrite); err != nil {
		return nil, err
	}
	return &part.Result, nil
}

func TestFetch_resumes(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, asked := client(broken(), rest())
	var reports []Progress
	f := file()
	f.Progress = func(p Progress) { reports = append(reports, p) }
	result, err := fetchAndCommit(t, c, root, f)
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum}, result)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
	require.Len(t, asked.asked, 2)
	assert.Empty(t, asked.asked[0].Header.Get("Range"))
	assert.Equal(t, []string{"bytes=4-", strong}, []string{asked.asked[1].Header.Get("Range"), asked.asked[1].Header.Get("If-Range")})
	assert.Equal(t, Progress{Total: 10}, reports[0])
	assert.Equal(t, Progress{Bytes: 10, Total: 10, Done: true}, reports[len(reports)-1])
}

// TestFetch_laterCallResumes with what one has left, and names it in its error.
func TestFetch_laterCallResumes(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	gone := errors.New("gone")
	c, _ := client(broken(), fails(gone), fails(gone), fails(gone))
	result, err := fetchAndCommit(t, c, root, file())
	require.ErrorIs(t, err, gone)
	require.ErrorContains(t, err, "[4 of 10 bytes are kept in a.tar.gz.part]")
	assert.Nil(t, result)
	assert.Equal(t, `{"version":2,"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":10,"etag":"\"v1\"","bytes":4,"sha1":"`+
		`c4b5c86bd577da3d93fea7c89cba61c78b48e589"}`, read(t, dir, "a.tar.gz.part.json"))

	c, asked := client(rest())
	var first *Progress
	f := file()
	f.Progress = func(p Progress) {
		if p.Resumed > 0 && first == nil {
			first = &p
		}
	}
	result, err = fetchAndCommit(t, c, root, f)
	require.NoError(t, err)
	assert.Equal(t, sum, result.SHA1)
	assert.Equal(t, "bytes=4-", asked.asked[0].Header.Get("Range"))
	assert.Equal(t, &Progress{Bytes: 4, Total: 10, Resumed: 4}, first)

	known, err := FindExisting(root, "J")
	require.NoError(t, err)
	f.Sidecar = &known["file a.tar.gz"].Sidecar
	c, asked = client()
	result, err = fetchAndCommit(t, c, root, f)
	require.NoError(t, err, "it is in place")
	assert.Equal(t, sum, result.SHA1)
	assert.Empty(t, asked.asked)
}

func TestFetch_restarts(t *testing.T) {
	t.Parallel()
	other := with(http.StatusPartialContent, http.NoBody, 6, "ETag", `"v2"`, "Content-Range", "bytes 4-9/10")
	for name, second := range map[string]answer{"another version": other, "no such range": status(http.StatusRequestedRangeNotSatisfiable)} {
		root, dir := folder(t)
		c, asked := client(broken(), second, whole())
		_, err := fetchAndCommit(t, c, root, file())
		require.NoError(t, err, name)
		assert.Equal(t, content, read(t, dir, "a.tar.gz"), name)
		assert.Empty(t, asked.asked[2].Header.Get("Range"), name)
	}
}

// TestFetch_singleUse is asked again only where the first request was never sent.
func TestFetch_singleUse(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("nobody there")}
	f := file()
	f.SingleUse = true

	root, _ := folder(t)
	c, asked := client(fails(dial), whole())
	_, err := fetchAndCommit(t, c, root, f)
	require.NoError(t, err)
	assert.Len(t, asked.asked, 2)

	root, dir := folder(t)
	c, asked = client(fails(errors.New("lost")), whole())
	_, err = fetchAndCommit(t, c, root, f)
	require.ErrorContains(t, err, "lost: the link may be used once only")
	_, err = fetchAndCommit(t, c, root, f)
	require.ErrorContains(t, err, "the link may be used once only", "the note remembers")
	assert.Len(t, asked.asked, 1)
	c.ReuseSingleUse = true
	_, err = fetchAndCommit(t, c, root, f)
	require.NoError(t, err)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
}

// TestFetch_discard: a file that proved wrong leaves nothing.
func TestFetch_discard(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, _ := client(whole())
	part, err := c.Fetch(t.Context(), root, file())
	require.NoError(t, err)
	require.NoError(t, part.Discard())
	part.Close()
	assert.Empty(t, leftIn(t, dir))
}

// TestFetch_discardSingleUse: the sidecar still records that the link was requested.
func TestFetch_discardSingleUse(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, asked := client(whole())
	f := file()
	f.SingleUse = true
	part, err := c.Fetch(t.Context(), root, f)
	require.NoError(t, err)
	require.NoError(t, part.Discard())
	part.Close()
	assert.Equal(t, "a.tar.gz.part a.tar.gz.part.json", leftIn(t, dir))
	assert.Empty(t, read(t, dir, "a.tar.gz.part"))
	_, err = c.Fetch(t.Context(), root, f)
	require.ErrorContains(t, err, "the link may be used once only")
	assert.Len(t, asked.asked, 1)
}

// TestFetch_discardCommitted: a file of an earlier call that proves wrong is removed.
func TestFetch_discardCommitted(t *testing.T) {
	t.Parallel()
	for _, singleUse := range []bool{false, true} {
		root, dir := folder(t)
		c, _ := client(whole())
		f := file()
		f.SingleUse = singleUse
		_, err := fetchAndCommit(t, c, root, f)
		require.NoError(t, err)
		known, err := FindExisting(root, "J")
		require.NoError(t, err)
		f.Sidecar = &known["file a.tar.gz"].Sidecar
		part, err := c.Fetch(t.Context(), root, f)
		require.NoError(t, err)
		assert.False(t, part.WouldReplace(), "it is the file that is there")
		require.NoError(t, part.Discard())
		part.Close()
		if singleUse {
			assert.Equal(t, "a.tar.gz.part.json", leftIn(t, dir))
			assert.JSONEq(t, `{"version":2,"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":-1,"bytes":0}`, read(t, dir, "a.tar.gz.part.json"))
			continue
		}
		assert.Empty(t, leftIn(t, dir))
	}
}

// TestFetch_errorResponse: a response that is not the file is returned for the caller to explain.
func TestFetch_errorResponse(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	busy := status(http.StatusServiceUnavailable, "Retry-After", "0")
	c, asked := client(with(http.StatusGone, strings.NewReader("gone"), 4), busy, busy, busy, busy, whole())
	_, err := fetchAndCommit(t, c, root, file())
	var resp *ResponseError
	require.ErrorAs(t, err, &resp)
	assert.Equal(t, http.StatusGone, resp.StatusCode)
	assert.Equal(t, "gone", string(resp.Body))
	assert.False(t, resp.Retryable)
	require.EqualError(t, err, "the link responded with status 410")
	assert.Len(t, asked.asked, 1)
	assert.Empty(t, leftIn(t, dir))

	_, err = fetchAndCommit(t, c, root, file())
	require.ErrorAs(t, err, &resp)
	assert.Equal(t, "0", resp.Header.Get("Retry-After"))
	assert.True(t, resp.Retryable)
	assert.Len(t, asked.asked, 4)

	result, err := fetchAndCommit(t, c, root, file())
	require.NoError(t, err)
	assert.EqualValues(t, 10, result.Size)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
	assert.Len(t, asked.asked, 6)
}

// TestResponseError_explain: the explanation replaces the response, which may hold secrets, in
// its place in the chain.
func TestResponseError_explain(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	c, _ := client(broken(), with(http.StatusForbidden, strings.NewReader("secret"), 6))
	_, err := c.Fetch(t.Context(), root, file())
	var resp *ResponseError
	require.ErrorAs(t, err, &resp)
	reason := errors.New("used up")
	resp.Explain(reason)
	require.EqualError(t, err, "used up [4 of 10 bytes are kept in a.tar.gz.part]")
	require.ErrorIs(t, err, reason)
	assert.Equal(t, &ResponseError{StatusCode: http.StatusForbidden, explanation: reason}, resp)
}

// TestPart_wouldReplace: another file of the name, which appeared during the download, is seen
// before the commit.
func TestPart_wouldReplace(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, _ := client(whole())
	part, err := c.Fetch(t.Context(), root, file())
	require.NoError(t, err)
	defer part.Close()
	assert.False(t, part.WouldReplace())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.tar.gz"), []byte("mine"), 0o600))
	assert.True(t, part.WouldReplace())
	require.ErrorContains(t, part.Keep(errors.New("unverified")), "unverified [10 of 10 bytes are kept in a.tar.gz.part]")
	require.ErrorIs(t, part.Commit(false), fs.ErrExist)
	assert.Equal(t, "mine", read(t, dir, "a.tar.gz"))
	assert.Equal(t, content, read(t, dir, "a.tar.gz.part"))
}

// TestFetch_closesBodies, whatever comes of them: an open one holds its connection.
func TestFetch_closesBodies(t *testing.T) {
	t.Parallel()
	for name, answers := range map[string][]answer{
		"whole":            {whole()},
		"broken":           {broken(), rest()},
		"refused":          {status(http.StatusGone)},
		"after a redirect": {redirect(address), whole()},
		"not followed":     {redirect("ftp://files.example.com/a")},
		"a web page":       {with(http.StatusOK, http.NoBody, 0, "Content-Type", "text/html"), whole()},
	} {
		root, _ := folder(t)
		c, asked := client(answers...)
		_, _ = fetchAndCommit(t, c, root, file()) // either way
		assert.Len(t, asked.asked, len(answers), name)
		assert.Zero(t, asked.open.Load(), name)
	}
}

// TestPart_keepEmptied: Commit empties a part that the disk refuses.
func TestPart_keepEmptied(t *testing.T) {
	t.Parallel()
	root, _ := folder(t)
	data, err := partfile.Open(root, "a.tar.gz")
	require.NoError(t, err)
	c, _ := client()
	tr := c.newTransfer(file())
	part := &Part{dir: root, transfer: tr, data: data}
	defer part.Close()
	require.NoError(t, tr.resumePart(t.Context(), data))
	_, err = data.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, tr.dest.Checkpoint(10, 10, nil))
	require.NoError(t, data.Truncate(0))
	assert.NotContains(t, part.Keep(errors.New("refused")).Error(), "bytes are kept")
}
