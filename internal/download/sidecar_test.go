package download

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSidecar_format: these texts are on the disks of users.
func TestSidecar_format(t *testing.T) {
	t.Parallel()
	for want, sidecar := range map[string]Sidecar{
		`{"version":2,"jobId":"J","files":2,"fileName":"f","replicaSet":"rs","asked":true,"size":10,"etag":"\"v1\"","lastModified":"d","bytes":4,"sha1":"00"}`: {
			Version: 2, Identity: Identity{JobID: "J", Files: 2, FileName: "f", ReplicaSet: "rs"}, Requested: true,
			Validators: Validators{Size: 10, ETag: strong, LastModified: "d"}, Bytes: 4, SHA1: "00",
		},
		`{"version":2,"jobId":"J","files":1,"fileName":"f","asked":true,"size":10,"lastModified":"d","lastModifiedStrong":true,"bytes":4,"sha1":"00","jobDone":true}`: {
			Version: 2, Identity: Identity{JobID: "J", Files: 1, FileName: "f"}, Requested: true,
			Validators: Validators{Size: 10, LastModified: "d", StrongDate: true}, Bytes: 4, SHA1: "00", JobDone: true,
		},
		`{"version":2,"jobId":"J","files":1,"fileName":"f","link":"ab","asked":true,"size":10,"bytes":4,"sha1":"00","ranges":[{"start":6,"end":8,"sha1":"01"}]}`: {
			Version: 2, Identity: Identity{JobID: "J", Files: 1, FileName: "f", Link: "ab"}, Requested: true,
			Validators: Validators{Size: 10}, Bytes: 4, SHA1: "00", Ranges: []Range{{Start: 6, End: 8, SHA1: "01"}},
		},
		`{"version":2,"jobId":"","files":0,"fileName":"","asked":false,"size":-1,"bytes":0}`: {Version: 2, Validators: noValidators},
	} {
		text, err := sidecar.encode()
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		var back Sidecar
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, sidecar, back)
	}
}

// TestParseSidecar_olderReleases: each text is what a release of the past has written. They have
// no version.
func TestParseSidecar_olderReleases(t *testing.T) {
	t.Parallel()
	identity := Identity{JobID: "J", Files: 1, FileName: "f"}
	for name, c := range map[string]struct {
		text string
		want Sidecar
	}{
		"first release": {
			`{"jobId":"J","files":1,"fileName":"f","asked":true,"size":10,"etag":"\"v1\"","lastModified":"d","bytes":4,"sha1":"00"}`,
			Sidecar{Identity: identity, Requested: true, Validators: Validators{Size: 10, ETag: strong, LastModified: "d"}, Bytes: 4, SHA1: "00"},
		},
		"before the first byte": {
			`{"jobId":"J","files":1,"fileName":"f","asked":true,"size":-1,"bytes":0}`,
			Sidecar{Identity: identity, Requested: true, Validators: noValidators},
		},
		"with the fingerprint of the link": {
			`{"jobId":"J","files":1,"fileName":"f","link":"0f","asked":false,"size":10,"bytes":4,"sha1":"00"}`,
			Sidecar{Identity: Identity{JobID: "J", Files: 1, FileName: "f", Link: "0f"}, Validators: Validators{Size: 10}, Bytes: 4, SHA1: "00"},
		},
		"with jobDone": {
			`{"jobId":"J","files":1,"fileName":"f","asked":true,"size":4,"bytes":4,"sha1":"00","jobDone":true}`,
			Sidecar{Identity: identity, Requested: true, Validators: Validators{Size: 4}, Bytes: 4, SHA1: "00", JobDone: true},
		},
		"with lastModifiedStrong": {
			`{"jobId":"J","files":1,"fileName":"f","asked":true,"size":10,"lastModified":"d","lastModifiedStrong":true,"bytes":4,"sha1":"00"}`,
			Sidecar{Identity: identity, Requested: true, Validators: Validators{Size: 10, LastModified: "d", StrongDate: true}, Bytes: 4, SHA1: "00"},
		},
	} {
		got, ok := parseSidecar([]byte(c.text), "J")
		assert.True(t, ok, name)
		assert.Equal(t, c.want, got, name)
		assert.False(t, isNewerSidecar([]byte(c.text)), name)
	}
}

// TestFetch_resumesOlderSidecar: the part of a past release is resumed, and its sidecar becomes
// one of this release.
func TestFetch_resumesOlderSidecar(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	const old = `{"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":10,"etag":"\"v1\"","bytes":4,"sha1":"c4b5c86bd577da3d93fea7c89cba61c78b48e589"}`
	writePart(t, dir, content[:brokenAt], old)
	c, asked := client(rest())
	part, err := c.Fetch(t.Context(), root, file())
	require.NoError(t, err)
	part.Close()
	require.Len(t, asked.asked, 1)
	assert.Equal(t, "bytes=4-", asked.asked[0].Header.Get("Range"))
	assert.Equal(t, content, read(t, dir, "a.tar.gz.part"))
	assert.Equal(t, `{"version":2,"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":10,"etag":"\"v1\"","bytes":10,"sha1":"`+
		sum+`"}`, read(t, dir, "a.tar.gz.part.json"))
}

// TestFetch_resumesBeforeRanges: the bytes before the ranges are resumed, and the ranges are
// requested again.
func TestFetch_resumesBeforeRanges(t *testing.T) {
	t.Parallel()
	root, dir := folder(t)
	const text = `{"version":2,"jobId":"J","files":1,"fileName":"a.tar.gz","asked":true,"size":10,"etag":"\"v1\"","bytes":4,` +
		`"sha1":"c4b5c86bd577da3d93fea7c89cba61c78b48e589","ranges":[{"start":6,"end":8,"sha1":"00"}]}`
	writePart(t, dir, "0123\x00\x0067", text)
	c, asked := client(rest())
	part, err := c.Fetch(t.Context(), root, file())
	require.NoError(t, err)
	part.Close()
	require.Len(t, asked.asked, 1)
	assert.Equal(t, "bytes=4-", asked.asked[0].Header.Get("Range"))
	assert.Equal(t, content, read(t, dir, "a.tar.gz.part"))
	assert.NotContains(t, read(t, dir, "a.tar.gz.part.json"), "ranges")
}

// TestFetch_newerSidecar: the part of a newer release is refused and kept. Overwrite replaces it,
// except that a single-use link counts as requested.
func TestFetch_newerSidecar(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"known fields":   `{"version":3,"jobId":"J","files":1,"fileName":"a.tar.gz","asked":false,"size":10,"bytes":4,"sha1":"00"}`,
		"unknown fields": `{"version":4,"jobId":"J","bytes":[4,6],"size":{"known":10}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, dir := folder(t)
			writePart(t, dir, "0123", text)
			known, err := FindExisting(root, "J")
			require.NoError(t, err)
			assert.Empty(t, known)
			c, asked := client(whole())
			_, err = c.Fetch(t.Context(), root, file())
			require.ErrorIs(t, err, fs.ErrExist)
			require.ErrorContains(t, err, "a.tar.gz.part.json: written by a newer release of this library")
			require.NoError(t, RemoveSidecar(root, []string{"a.tar.gz"}, "J"))
			assert.Equal(t, "0123", read(t, dir, "a.tar.gz.part"))
			assert.Equal(t, text, read(t, dir, "a.tar.gz.part.json"))
			assert.Empty(t, asked.asked)

			c.Overwrite = true
			f := file()
			f.SingleUse = true
			_, err = c.Fetch(t.Context(), root, f)
			require.ErrorContains(t, err, "the link may be used once only")
			assert.Empty(t, asked.asked)
			writePart(t, dir, "0123", text)
			result, err := fetchAndCommit(t, c, root, file())
			require.NoError(t, err)
			assert.Equal(t, sum, result.SHA1)
			assert.Equal(t, content, read(t, dir, "a.tar.gz"))
		})
	}
}

// writePart writes a part and its sidecar, as another process leaves them.
func writePart(t *testing.T, dir, content, sidecar string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.tar.gz.part"), []byte(content), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.tar.gz.part.json"), []byte(sidecar), 0o600))
}

func TestParseSidecar(t *testing.T) {
	t.Parallel()
	note, ok := parseSidecar([]byte(`{"jobId":"J","files":2,"fileName":"f","replicaSet":"rs","asked":true,"size":10,"etag":"\"v1\"","bytes":4,"sha1":"00"}`), "J")
	assert.True(t, ok)
	want := Sidecar{
		Identity: Identity{JobID: "J", Files: 2, FileName: "f", ReplicaSet: "rs"}, Requested: true,
		Validators: Validators{Size: 10, ETag: strong}, Bytes: 4, SHA1: "00",
	}
	assert.Equal(t, want, note)
	assert.False(t, note.IsComplete())
	for _, text := range []string{
		"", "{", `{"jobId":"J","size":10,"bytes":4}x`, "null", "[]", `{"jobId":"K","size":10}`,
		`{"jobId":"J","size":10,"bytes":11}`, `{"jobId":"J","size":10,"bytes":-1}`,
		`{"version":3,"jobId":"J","size":10,"bytes":4}`, `{"version":-1,"jobId":"J","size":10,"bytes":4}`,
		`{"version":"2","jobId":"J","size":10,"bytes":4}`,
		`{"version":2,"jobId":"J","size":10,"bytes":4,"ranges":[{"start":3,"end":5}]}`,
		`{"version":2,"jobId":"J","size":10,"bytes":4,"ranges":[{"start":6,"end":6}]}`,
		`{"version":2,"jobId":"J","size":10,"bytes":4,"ranges":[{"start":6,"end":11}]}`,
		`{"version":2,"jobId":"J","size":10,"bytes":4,"ranges":[{"start":6,"end":8},{"start":7,"end":9}]}`,
		`{"version":2,"jobId":"J","size":-1,"bytes":4,"ranges":[{"start":6,"end":8}]}`,
	} {
		_, ok := parseSidecar([]byte(text), "J")
		assert.False(t, ok, text)
	}
	for _, other := range []Identity{
		{JobID: "K", FileName: "f", ReplicaSet: "rs"}, {JobID: "J", FileName: "g", ReplicaSet: "rs"}, {JobID: "J", FileName: "f"},
	} {
		assert.False(t, note.Equal(&other))
	}
	assert.True(t, note.Equal(&want.Identity))
	note.Bytes = 10
	assert.True(t, note.IsComplete())
	note.SHA1 = ""
	assert.False(t, note.IsComplete(), "it is not known of what")
	assert.False(t, (&Sidecar{Validators: noValidators, Bytes: -1, SHA1: "00"}).IsComplete())
}
