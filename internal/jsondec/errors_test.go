package jsondec_test

import (
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

func TestSyntaxError_text(t *testing.T) {
	t.Parallel()
	tests := []struct {
		doc, text string
		cut       bool
	}{
		{``, `invalid JSON at offset 0: unexpected end where a value was expected`, true},
		{`{"a":`, `invalid JSON at offset 5: unexpected end where a value was expected`, true},
		{`{"a`, `invalid JSON at offset 3: unexpected end where the end of a string was expected`, true},
		{`{"a"`, `invalid JSON at offset 4: unexpected end where a colon was expected`, true},
		{`{"a":1`, `invalid JSON at offset 6: unexpected end where a comma or the end of the object was expected`, true},
		{`{`, `invalid JSON at offset 1: unexpected end where a name was expected`, true},
		{`[`, `invalid JSON at offset 1: unexpected end where a comma or the end of the array was expected`, true},
		{`[1,`, `invalid JSON at offset 3: unexpected end where a value was expected`, true},
		{`tr`, `invalid JSON at offset 2: unexpected end where true was expected`, true},
		{`1.`, `invalid JSON at offset 2: unexpected end where a digit was expected`, true},
		{`"\u00`, `invalid JSON at offset 5: unexpected end where an escape was expected`, true},
		{`<html>secret</html>`, `invalid JSON at offset 0: "<" where a value was expected`, false},
		{`{"key":"secret" "x"}`, `invalid JSON at offset 16: "\"" where a comma or the end of the object was expected`, false},
		{`[1,]`, `invalid JSON at offset 3: "]" where a value was expected`, false},
		{`[1 2]`, `invalid JSON at offset 3: "2" where a comma or the end of the array was expected`, false},
		{`{} x`, `invalid JSON at offset 3: "x" where the end of the document was expected`, false},
		{"\xef\xbb\xbf{}", `invalid JSON at offset 0: "\xef" where a value was expected`, false},
		{"\"a\nb\"", `invalid JSON at offset 2: "\n" where an escape or a printable character was expected`, false},
		{`"\x"`, `invalid JSON at offset 2: "x" where an escape was expected`, false},
		{`-x`, `invalid JSON at offset 1: "x" where a digit was expected`, false},
		{nested(10001), `invalid JSON at offset 10000: "[" where less nesting was expected`, false},
	}
	for _, test := range tests {
		err := jsondec.Valid([]byte(test.doc))
		require.Error(t, err, test.doc)
		assert.Equal(t, test.text, err.Error())
		assert.Equal(t, test.cut, errors.Is(err, io.ErrUnexpectedEOF), test.doc)

		var syntax *jsondec.SyntaxError
		require.ErrorAs(t, err, &syntax)
		assert.LessOrEqual(t, syntax.Offset, int64(len(test.doc)))
	}
}

func TestDecoder_errorsAreSticky(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(`{"a":x,"b":"text","c":1}`))
	require.True(t, d.Object())
	key, ok := d.Key()
	require.True(t, ok)
	require.Equal(t, "a", string(key))
	d.Skip()
	first := d.Err()
	require.Error(t, first)

	text := "before"
	number := 7
	yes := true
	jsondec.String(&d, &text)
	jsondec.Int(&d, &number)
	d.Bool(&yes)
	assert.Equal(t, "before", text)
	assert.Equal(t, 7, number)
	assert.True(t, yes)
	assert.False(t, d.Object())
	assert.False(t, d.Array())
	assert.False(t, d.More())
	_, ok = d.Key()
	assert.False(t, ok)
	assert.Nil(t, d.Raw())
	assert.Equal(t, jsondec.KindInvalid, d.Kind())
	assert.Same(t, first, d.End())

	var syntax *jsondec.SyntaxError
	require.ErrorAs(t, first, &syntax)
	assert.Equal(t, int64(5), syntax.Offset)
}
