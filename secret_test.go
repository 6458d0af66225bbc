package restorejobs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func TestSecret_reveal(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "s3cr3t", restorejobs.Secret("s3cr3t").Reveal())
	assert.Empty(t, restorejobs.Secret("").Reveal())
}

func TestSecret_format(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string][2]string{ // of a secret, and of an empty one
		"%v":  {"[redacted]", ""},
		"%+v": {"[redacted]", ""},
		"%s":  {"[redacted]", ""},
		"%x":  {"[redacted]", ""},
		"%d":  {"[redacted]", ""},
		"%q":  {`"[redacted]"`, `""`},
		"%#v": {`restorejobs.Secret("[redacted]")`, `restorejobs.Secret("")`},
	} {
		assert.Equal(t, want[0], fmt.Sprintf(verb, restorejobs.Secret("s3cr3t")), verb)
		assert.Equal(t, want[1], fmt.Sprintf(verb, restorejobs.Secret("")), verb)
	}
}

func TestSecret_marshal(t *testing.T) {
	t.Parallel()
	encoded, err := json.Marshal(map[string]any{"link": restorejobs.Secret("s3cr3t"), "none": restorejobs.Secret("")})
	require.NoError(t, err)
	assert.JSONEq(t, `{"link":"[redacted]","none":""}`, string(encoded))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("message", "link", restorejobs.Secret("s3cr3t"))
	assert.Contains(t, log.String(), "link=[redacted]")
	assert.NotContains(t, log.String(), "s3cr3t")
}
