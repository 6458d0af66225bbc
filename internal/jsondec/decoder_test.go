package jsondec_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

// documents are whole documents, good and bad; encoding/json says which.
var documents = []string{
	``, ` `, `null`, `true`, `false`, `nul`, `tru`, `fals`, `nulll`, `truefalse`, `True`,
	`0`, `-0`, `-`, `1`, `01`, `-01`, `+1`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1e5`, `1E-5`, `1.5e+10`, `1e5.5`,
	`NaN`, `Infinity`, `0x10`, `1_000`, `1 2`, `1,`,
	`""`, `"a`, `"a\"`, `"a\"b"`, `"\\"`, `"\\\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u0041"`, `"\ud83d\ude00"`,
	`"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ude00\ud83d"`, `"\/\b\f\n\r\t"`, `"\`, `"\u`, `"\'"`,
	"\"a\x00b\"", "\"a\nb\"", "\"a\tb\"", "\"0123456789\x1fabcdef\"", "\"\x7f\"", "\"0123456789\xff\"", "\"\xc3\xa9\"", "\"\xc3\"", "\"\xed\xa0\x80\"",
	"\"long enough for eight bytes at once: \xe2\x82\xac and then \\u20ac and \xf0\x9f\x98\x80\"",
	`'a'`, `a`,
	`{}`, `{ }`, `{`, `}`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1,,"b":2}`, `{,"a":1}`,
	`{"a":1,"b":{"c":[1,2,{"d":null}]}}`, `{a:1}`, `{1:1}`, `{"a" : 1 , "b" : 2 }`, `{"a":1}}`, `{"a":1]`, `{"a"::1}`, `{"a",1}`,
	`{"a":1,"a":2}`, `{"\u0061":1,"a":2}`, "{\"\xff\":1}",
	`[]`, `[ ]`, `[`, `]`, `[,]`, `[1`, `[1,`, `[1,]`, `[1 2]`, `[1,,2]`, `[,1]`, `[1, 2 ,3 ]`, `[[],[[]],{}]`, `[1}`, `[]]`, `[[1],[2]]`, `[[1}]`,
	"\t\r\n [ ] \t\r\n", "\v1", "\f1", "\u00a01", "\ufeff1", "1\x00", "\x001", "[\x00]", "{\x00}", "[1\x00", `/**/1`, `1//`,
	`{"a":"x}]","b":["{[\"","\\"]}`,
}

func nested(depth int) string {
	return strings.Repeat(`[`, depth) + strings.Repeat(`]`, depth)
}

func TestValid(t *testing.T) {
	t.Parallel()
	all := append([]string{nested(10000), nested(10001), strings.Repeat(`{"a":`, 10001)}, documents...)
	for _, doc := range all {
		err := jsondec.Valid([]byte(doc))
		assert.Equal(t, json.Valid([]byte(doc)), err == nil, "%.60q: %v", doc, err)
	}
}

// tree reads any value, and so every kind through its own method.
func tree(d *jsondec.Decoder) any {
	switch d.Kind() {
	case jsondec.KindObject:
		m := map[string]any{}
		d.Object()
		for key, ok := d.Key(); ok; key, ok = d.Key() {
			name := string(key)
			m[name] = tree(d)
		}
		return m
	case jsondec.KindArray:
		a := []any{}
		for d.Array(); d.More(); {
			a = append(a, tree(d))
		}
		return a
	case jsondec.KindBool:
		var b bool
		d.Bool(&b)
		return b
	case jsondec.KindNumber:
		var n json.Number
		jsondec.String(d, &n)
		return n
	case jsondec.KindString:
		var s string
		jsondec.String(d, &s)
		return s
	default:
		d.Skip()
		return nil
	}
}

// rawTree is tree, but decodes every value out of what Raw gave for it.
func rawTree(t *testing.T, d *jsondec.Decoder) (any, error) {
	t.Helper()
	raw := d.Raw()
	if err := d.Err(); err != nil {
		return nil, err
	}
	inner := jsondec.NewShared(raw, string(raw))
	v := tree(&inner)
	if err := inner.End(); err != nil {
		return nil, err
	}
	return v, d.End()
}

// sameTree holds what we read against encoding/json.
func sameTree(t *testing.T, doc []byte) {
	t.Helper()
	var want any
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber()
	good := json.Valid(doc)
	if good {
		require.NoError(t, dec.Decode(&want))
	}

	copied := jsondec.New(doc)
	got := tree(&copied)
	require.Equal(t, good, copied.End() == nil, "New %.80q: %v", doc, copied.Err())

	shared := jsondec.NewShared(doc, string(doc))
	gotShared := tree(&shared)
	require.Equal(t, good, shared.End() == nil, "Shared %.80q: %v", doc, shared.Err())

	half := jsondec.New(doc)
	half.BeginCopy(len(doc) / 2)
	gotHalf := tree(&half)
	require.Equal(t, good, half.End() == nil, "Copy %.80q: %v", doc, half.Err())

	outer := jsondec.New(doc)
	gotRaw, err := rawTree(t, &outer)
	require.Equal(t, good, err == nil, "Raw %.80q: %v", doc, err)

	if good {
		require.Equal(t, want, got)
		require.Equal(t, want, gotShared)
		require.Equal(t, want, gotHalf)
		require.Equal(t, want, gotRaw)
	}
}

func TestRaw_sameValuesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range documents {
		sameTree(t, []byte(doc))
	}
}

func TestDecoder_errors(t *testing.T) {
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

func TestDecoder_otherKinds(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`null`, `1`, `"a"`, `true`, `[{"x":1}]`, `{"x":[1]}`} {
		doc := `{"list":` + value + `,"object":` + value + `,"after":"yes"}`
		d := jsondec.New([]byte(doc))
		elements := 0
		members := 0
		after := ""
		require.True(t, d.Object())
		for key, ok := d.Key(); ok; key, ok = d.Key() {
			switch string(key) {
			case "list":
				for d.Array(); d.More(); {
					d.Skip()
					elements++
				}
			case "object":
				if !d.Object() {
					continue
				}
				for _, ok := d.Key(); ok; _, ok = d.Key() {
					d.Skip()
					members++
				}
			case "after":
				jsondec.String(&d, &after)
			}
		}
		require.NoError(t, d.End(), doc)
		assert.Equal(t, "yes", after)
		assert.Equal(t, value[0] == '[', elements == 1, doc)
		assert.Equal(t, value[0] == '{', members == 1, doc)
	}
}

func TestArray_nested(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(`[[1,2],null,[],{"x":[9]},[3]]`))
	var got []int
	rows := 0
	for d.Array(); d.More(); rows++ {
		for d.Array(); d.More(); {
			var n int
			jsondec.Int(&d, &n)
			got = append(got, n)
		}
	}
	require.NoError(t, d.End())
	assert.Equal(t, 5, rows)
	assert.Equal(t, []int{1, 2, 3}, got)
}

func TestEnd_insideAnObject(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(`{`))
	require.True(t, d.Object())
	require.ErrorIs(t, d.End(), io.ErrUnexpectedEOF)
}

func TestRaw(t *testing.T) {
	t.Parallel()
	doc := `{"results": [ {"id":"}\"]\\"} , [1] ,"x",-1.5, null ] }`
	d := jsondec.New([]byte(doc))
	var got []string
	require.True(t, d.Object())
	_, ok := d.Key()
	require.True(t, ok)
	for d.Array(); d.More(); {
		got = append(got, string(d.Raw()))
	}
	_, ok = d.Key()
	require.False(t, ok)
	require.NoError(t, d.End())
	assert.Equal(t, []string{`{"id":"}\"]\\"}`, `[1]`, `"x"`, `-1.5`, `null`}, got)
}

func TestRaw_reportsSyntaxError(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(`[{"a":x,"b":[1,2},{"c":3}`))
	require.True(t, d.Array())
	require.True(t, d.More())
	assert.Nil(t, d.Raw())
	require.NotErrorIs(t, d.Err(), io.ErrUnexpectedEOF)
	require.ErrorContains(t, d.Err(), "offset 6")
}

func TestBeginCopy(t *testing.T) {
	t.Parallel()
	const doc = ` [ {"a":"é","b":["x","\n",1.5]} , {"a":"","b":[]}, "text", null ]`
	var want []string
	whole := jsondec.New([]byte(doc))
	wantValues := []any{
		map[string]any{"a": "é", "b": []any{"x", "\n", json.Number("1.5")}}, map[string]any{"a": "", "b": []any{}}, "text", nil,
	}
	for whole.Array(); whole.More(); {
		want = append(want, string(whole.Raw()))
	}
	for room := range 40 {
		d := jsondec.New([]byte(doc))
		var all []string
		var values []any
		for d.Array(); d.More(); {
			d.BeginCopy(room)
			values = append(values, tree(&d))
			raw, text := d.EndCopy()
			all = append(all, string(raw))
			if len(raw) <= room {
				assert.Equal(t, string(raw), text)
			} else {
				assert.Empty(t, text, "room %d", room)
			}
		}
		require.NoError(t, d.End())
		assert.Equal(t, want, all, "room %d", room)
		assert.Equal(t, wantValues, values, "room %d", room)
	}
}

func TestString_copies(t *testing.T) {
	t.Parallel()
	read := func(d jsondec.Decoder) (first, second string) {
		require.True(t, d.Array())
		d.More()
		jsondec.String(&d, &first)
		d.More()
		jsondec.String(&d, &second)
		return first, second
	}
	for name, start := range map[string]func([]byte) jsondec.Decoder{
		"New":             jsondec.New,
		"Shared":          func(b []byte) jsondec.Decoder { return jsondec.NewShared(b, string(b)) },
		"other text":      func(b []byte) jsondec.Decoder { return jsondec.NewShared(b, "short") },
		"Shared, no text": func(b []byte) jsondec.Decoder { return jsondec.NewShared(b, "") },
	} {
		doc := []byte(`["plain","esc\u0061ped"]`)
		d := start(doc)
		first, second := read(d)
		clear(doc)
		assert.Equal(t, "plain", first, name)
		assert.Equal(t, "escaped", second, name)
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(` {"a":[1, 22 ],"b":{}} `))
	assert.Equal(t, 0, d.Offset())
	var offsets []int
	for d.Object(); ; {
		_, ok := d.Key()
		offsets = append(offsets, d.Offset())
		if !ok {
			break
		}
		for d.Array(); d.More(); offsets = append(offsets, d.Offset()) {
			d.Skip()
		}
	}
	require.NoError(t, d.End())
	assert.Equal(t, []int{6, 8, 12, 19, 22}, offsets)
}
