package download

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

func TestFetchToDir_resumes(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, asked := client(broken(), rest())
	var reports []Progress
	f := file()
	f.Progress = func(p Progress) { reports = append(reports, p) }
	result, err := c.FetchToDir(t.Context(), root, f)
	require.NoError(t, err)
	assert.Equal(t, &Result{Size: 10, SHA1: sum}, result)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
	require.Len(t, asked.asked, 2)
	assert.Empty(t, asked.asked[0].Header.Get("Range"))
	assert.Equal(t, []string{"bytes=4-", strong}, []string{asked.asked[1].Header.Get("Range"), asked.asked[1].Header.Get("If-Range")})
	assert.Equal(t, Progress{Total: 10}, reports[0])
	assert.Equal(t, Progress{Bytes: 10, Total: 10, Done: true}, reports[len(reports)-1])
}

// TestFetchToDir_laterCallResumes with what one has left, and names it in its error.
func TestFetchToDir_laterCallResumes(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	gone := errors.New("gone")
	c, _ := client(broken(), fails(gone), fails(gone), fails(gone))
	result, err := c.FetchToDir(t.Context(), root, file())
	require.ErrorIs(t, err, gone)
	require.ErrorContains(t, err, "[4 of 10 bytes are kept in a.tar.gz.part]")
	assert.Nil(t, result)
	assert.Equal(t, `{"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":10,"etag":"\"v1\"","bytes":4,"sha1":"`+
		`c4b5c86bd577da3d93fea7c89cba61c78b48e589"}`, read(t, dir, "a.tar.gz.part.json"))

	c, asked := client(rest())
	var first *Progress
	f := file()
	f.Progress = func(p Progress) {
		if p.Resumed > 0 && first == nil {
			first = &p
		}
	}
	result, err = c.FetchToDir(t.Context(), root, f)
	require.NoError(t, err)
	assert.Equal(t, sum, result.SHA1)
	assert.Equal(t, "bytes=4-", asked.asked[0].Header.Get("Range"))
	assert.Equal(t, &Progress{Bytes: 4, Total: 10, Resumed: 4}, first)

	known, err := FindExisting(root, "J")
	require.NoError(t, err)
	f.Sidecar = &known["file a.tar.gz"].Sidecar
	c, asked = client()
	result, err = c.FetchToDir(t.Context(), root, f)
	require.NoError(t, err, "it is in place")
	assert.Equal(t, sum, result.SHA1)
	assert.Empty(t, asked.asked)
}

func TestFetchToDir_restarts(t *testing.T) {
	t.Parallel()
	other := with(http.StatusPartialContent, http.NoBody, 6, "ETag", `"v2"`, "Content-Range", "bytes 4-9/10")
	for name, second := range map[string]answer{"another version": other, "no such range": status(http.StatusRequestedRangeNotSatisfiable)} {
		root, dir := folder(t)
		c, asked := client(broken(), second, whole())
		_, err := c.FetchToDir(t.Context(), root, file())
		require.NoError(t, err, name)
		assert.Equal(t, content, read(t, dir, "a.tar.gz"), name)
		assert.Empty(t, asked.asked[2].Header.Get("Range"), name)
	}
}

// TestFetchToDir_singleUse is asked again only where the first request was never sent.
func TestFetchToDir_singleUse(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: errors.New("nobody there")}
	f := file()
	f.SingleUse = true

	root, _ := folder(t)
	c, asked := client(fails(dial), whole())
	_, err := c.FetchToDir(t.Context(), root, f)
	require.NoError(t, err)
	assert.Len(t, asked.asked, 2)

	root, dir := folder(t)
	c, asked = client(fails(errors.New("lost")), whole())
	_, err = c.FetchToDir(t.Context(), root, f)
	require.ErrorContains(t, err, "lost: the link may be used once only")
	_, err = c.FetchToDir(t.Context(), root, f)
	require.ErrorContains(t, err, "the link may be used once only", "the note remembers")
	assert.Len(t, asked.asked, 1)
	c.ReuseSingleUse = true
	_, err = c.FetchToDir(t.Context(), root, f)
	require.NoError(t, err)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
}

func TestFetchToDir_owner(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	c, asked := client(whole(), status(http.StatusGone), status(http.StatusServiceUnavailable), whole())
	f, wrong, doubt := file(), errors.New("wrong"), errors.New("doubt")
	f.Owner = &owner{wrong: wrong}
	result, err := c.FetchToDir(t.Context(), root, f)
	require.Equal(t, wrong, err)
	assert.Nil(t, result)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)

	f.Owner = &owner{}
	_, err = c.FetchToDir(t.Context(), root, f)
	require.EqualError(t, err, "refused: 410")
	assert.Len(t, asked.asked, 2)

	f.Owner = &owner{again: true, doubt: doubt}
	result, err = c.FetchToDir(t.Context(), root, f)
	require.Equal(t, doubt, err)
	assert.EqualValues(t, 10, result.Size)
	assert.Equal(t, content, read(t, dir, "a.tar.gz"))
	assert.Len(t, asked.asked, 4)
}

// TestFetchToDir_closesBodies, whatever comes of them: an open one holds its connection.
func TestFetchToDir_closesBodies(t *testing.T) {
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
		_, _ = c.FetchToDir(t.Context(), root, file()) // either way
		assert.Len(t, asked.asked, len(answers), name)
		assert.Zero(t, asked.open.Load(), name)
	}
}
