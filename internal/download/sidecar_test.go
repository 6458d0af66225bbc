package download

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSidecar_format: these texts are on the disks of users.
func TestSidecar_format(t *testing.T) {
	t.Parallel()
	for want, note := range map[string]Sidecar{
		`{"jobId":"J","files":2,"fileName":"f","replicaSet":"rs","asked":true,"size":10,"etag":"\"v1\"","lastModified":"d","bytes":4,"sha1":"00"}`: {
			Identity: Identity{JobID: "J", Files: 2, FileName: "f", ReplicaSet: "rs"}, Requested: true,
			Validators: Validators{Size: 10, ETag: strong, LastModified: "d"}, Bytes: 4, SHA1: "00",
		},
		`{"jobId":"J","files":1,"fileName":"f","asked":true,"size":10,"lastModified":"d","lastModifiedStrong":true,"bytes":4,"sha1":"00","jobDone":true}`: {
			Identity: Identity{JobID: "J", Files: 1, FileName: "f"}, Requested: true,
			Validators: Validators{Size: 10, LastModified: "d", StrongDate: true}, Bytes: 4, SHA1: "00", JobDone: true,
		},
		`{"jobId":"","files":0,"fileName":"","asked":false,"size":-1,"bytes":0}`: {Validators: noValidators},
	} {
		text, err := json.Marshal(&note)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		var back Sidecar
		require.NoError(t, json.Unmarshal(text, &back))
		assert.Equal(t, note, back)
	}
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
