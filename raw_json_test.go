package restorejobs

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUnmarshalObject_values(t *testing.T) {
	t.Parallel()
	parse := func(data []byte) (*string, error) {
		text := string(data)
		return &text, nil
	}
	for _, data := range []string{`{}`, ` {"a":1}`, "\n{\"a\":[]}\n"} {
		value := "before"
		require.NoError(t, unmarshalObject("a text", []byte(data), &value, parse))
		assert.Equal(t, data, value)
	}
	value := "kept"
	require.NoError(t, unmarshalObject("a text", []byte(`null`), &value, parse))
	assert.Equal(t, "kept", value)
}

func TestUnmarshalObject_errors(t *testing.T) {
	t.Parallel()
	errParse := errors.New("cannot be parsed")
	parse := func([]byte) (*string, error) { return nil, errParse }
	for data, want := range map[string]string{
		`[]`:  "restorejobs: a text: not a JSON object",
		`"x"`: "restorejobs: a text: not a JSON object",
		`42`:  "restorejobs: a text: not a JSON object",
		`nul`: "restorejobs: a text: invalid JSON",
		`[1`:  "restorejobs: a text: ",
		``:    "restorejobs: a text: ",
		`{}`:  "restorejobs: a text: cannot be parsed",
	} {
		value := "kept"
		require.ErrorContains(t, unmarshalObject("a text", []byte(data), &value, parse), want, data)
		assert.Equal(t, "kept", value, data)
	}
}

func TestCopyRaw_isACopy(t *testing.T) {
	t.Parallel()
	assert.Nil(t, copyRaw(""))
	assert.Equal(t, []byte(`{}`), copyRaw(`{}`))
}
