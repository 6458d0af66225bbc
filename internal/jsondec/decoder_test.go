package jsondec_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

// documents are valid and invalid; encoding/json decides which.
var documents = []string{
	``, ` `, `null`, `true`, `false`, `nul`, `tru`, `fals`, `nulll`, `truefalse`, `True`,
	`0`, `-0`, `-`, `1`, `01`, `-01`, `+1`, `1.`, `.5`, `1.5`, `1e`, `1e+`, `1e5`, `1E-5`, `1.5e+10`, `1e5.5`,
	`NaN`, `Infinity`, `0x10`, `1_000`, `1 2`, `1,`,
	`""`, `"a`, `"a\"`, `"a\"b"`, `"\\"`, `"\\\"`, `"\x"`, `"\u12"`, `"\u12g4"`, `"\u0041"`, `"\ud83d\ude00"`,
	`"\ud83d"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\ud83d\ud83d\ude00"`, `"\ude00\ud83d"`, `"\/\b\f\n\r\t"`, `"\`, `"\u`, `"\'"`,
	"\"a\x00b\"", "\"a\nb\"", "\"a\tb\"", "\"0123456789\x1fabcdef\"", "\"\x7f\"", "\"0123456789\xff\"", "\"\xc3\xa9\"", "\"\xc3\"", "\"\xed\xa0\x80\"",
	"\"long enough for eight bytes together: \xe2\x82\xac and then \\u20ac and \xf0\x9f\x98\x80\"",
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

func TestValid_asEncodingJSON(t *testing.T) {
	t.Parallel()
	all := append([]string{nested(10000), nested(10001), strings.Repeat(`{"a":`, 10001)}, documents...)
	for _, doc := range all {
		err := jsondec.Valid([]byte(doc))
		assert.Equal(t, json.Valid([]byte(doc)), err == nil, "%.60q: %v", doc, err)
	}
}

// tree reads any value, each kind with its own method.
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

// rawTree is tree, but decodes from the bytes of Raw.
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

// sameTree compares every way of reading with encoding/json.
func sameTree(t *testing.T, doc []byte) {
	t.Helper()
	var want any
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	dec.UseNumber()
	valid := json.Valid(doc)
	if valid {
		require.NoError(t, dec.Decode(&want))
	}

	copied := jsondec.New(doc)
	got := tree(&copied)
	require.Equal(t, valid, copied.End() == nil, "New %.80q: %v", doc, copied.Err())

	shared := jsondec.NewShared(doc, string(doc))
	gotShared := tree(&shared)
	require.Equal(t, valid, shared.End() == nil, "Shared %.80q: %v", doc, shared.Err())

	object := jsondec.New(doc)
	object.BeginCopy(1)
	gotObject := tree(&object)
	raw, text := object.EndCopy()
	require.Equal(t, valid, object.End() == nil, "Copy %.80q: %v", doc, object.Err())

	outer := jsondec.New(doc)
	gotRaw, err := rawTree(t, &outer)
	require.Equal(t, valid, err == nil, "Raw %.80q: %v", doc, err)

	if valid {
		require.Equal(t, want, got)
		require.Equal(t, want, gotShared)
		require.Equal(t, want, gotObject)
		require.Equal(t, strings.Trim(string(doc), " \t\r\n"), string(raw))
		require.Contains(t, []string{"", string(raw)}, text)
		require.Equal(t, want, gotRaw)
	}
}

func TestRaw_sameValuesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, doc := range documents {
		sameTree(t, []byte(doc))
	}
}

func TestDecoder_skipsOtherKinds(t *testing.T) {
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

func TestRaw_eachElement(t *testing.T) {
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

func TestBeginCopy_values(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entries []string
		copied  int // of the entries
	}{
		"alike":                {[]string{`{"a":"é","b":["x","\n",1.5]}`, `{"a":"","b":[]}`, `{"a":[{"b":"}"}]}`}, 3},
		"one":                  {[]string{`{"}":"{\"\\"}`}, 1},
		"a name inside":        {[]string{`{"a":[{"a":1},{"a":2}]}`, `{"a":"x"}`, `{"a":"y"}`}, 2},
		"a name in a string":   {[]string{`{"a":"{\"a\":"}`, `{"a":"{'a':"}`}, 2},
		"other names":          {[]string{`{"a":1}`, `{"b":2}`, `{"a":3}`, `{"b":{"c":4}}`}, 4},
		"other values between": {[]string{`7`, `{"a":1}`, `null`, `{"a":2}`, `"{"`, `[{"a":1}]`, `{"a":3}`}, 5},
		"empty":                {[]string{`{}`, `{"a":1}`, `{}`}, 3},
	} {
		for _, separator := range []string{",", " ,\n\t"} {
			d := jsondec.New([]byte(" [ " + strings.Join(c.entries, separator) + " ] "))
			var all []string
			copied := 0
			for d.Array(); d.More(); {
				d.BeginCopy(1)
				tree(&d)
				raw, text := d.EndCopy()
				all = append(all, string(raw))
				if text != "" {
					copied++
					assert.Equal(t, string(raw), text, name)
				}
			}
			require.NoError(t, d.End())
			assert.Equal(t, c.entries, all, name)
			assert.Equal(t, c.copied, copied, name)
		}
	}
}

// The first object of a list begins as no other one. A search for its name through the whole rest, for
// each object, would take minutes.
func TestBeginCopy_unlikeFirst(t *testing.T) {
	t.Parallel()
	const objects = 40_000
	entry := `,{"id":"` + strings.Repeat("x", 1000) + `"}`
	d := jsondec.New([]byte(`[{"first":1}` + strings.Repeat(entry, objects) + `]`))
	start := time.Now()
	texts := 0
	for d.Array(); d.More(); {
		d.BeginCopy(1)
		d.Skip()
		if _, text := d.EndCopy(); text != "" {
			texts++
		}
	}
	require.NoError(t, d.End())
	assert.Equal(t, 1+objects, texts)
	assert.Less(t, time.Since(start), 5*time.Second)
}

// TestBeginCopy_objects: objects share a copy of at most 8 KiB.
//
//nolint:paralleltest // counts what the whole process allocates
func TestBeginCopy_objects(t *testing.T) {
	const padding = 2500
	object := `{"a":"` + strings.Repeat("x", padding) + `"}`
	long := `{"a":"` + strings.Repeat("x", 4*padding) + `"}`
	for name, c := range map[string]struct {
		entries []string
		objects int
		copies  float64
	}{
		"one each":            {[]string{`{"a":1}`, `{"a":2}`, `{"a":3}`}, 1, 3},
		"two each":            {[]string{`{"a":1}`, `{"a":2}`, `{"a":3}`, `{"a":4}`}, 2, 2},
		"more than there are": {[]string{`{"a":1}`, `{"a":2}`, `{"a":3}`}, 9, 1},
		"three fit":           {[]string{object, object, object, object, object}, 9, 2},
		"a long one":          {[]string{`{"a":1}`, `{"a":2}`, long, `{"a":3}`, `{"a":4}`}, 9, 3},
		"only long ones":      {[]string{long, long, long}, 9, 3},
		"other names":         {[]string{`{"a":1}`, `{"b":2}`, `{"c":3}`, `{"d":4}`}, 2, 2},
	} {
		doc := []byte("[" + strings.Join(c.entries, " ,\n") + "]")
		got := testing.AllocsPerRun(100, func() {
			d := jsondec.New(doc)
			n := 0
			for d.Array(); d.More(); n++ {
				d.BeginCopy(c.objects)
				d.Skip()
				if raw, text := d.EndCopy(); text != c.entries[n] || string(raw) != text {
					t.Errorf("%s: object %d is %q", name, n, text)
				}
			}
		})
		assert.InDelta(t, c.copies, got, 0.1, name)
	}
}

func TestBeginCopy_malformed(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		``, `{`, `{"a`, `{"a\`, `{"a":"\"}`, `{"a":{}`, `}`, `{"a":]}`, `{"a":1}}`, `{{}}`, "{\"a\x01\":1}", `{"a":"\x"}`, `{:{:`, `{"a":{"a":`,
	} {
		d := jsondec.New([]byte(doc))
		d.BeginCopy(1)
		d.Skip()
		_, _ = d.EndCopy()
		require.Error(t, d.End(), doc)
	}
}

// TestBeginCopy_isOneCopy: an object is copied once, whatever its length.
//
//nolint:paralleltest // counts what the whole process allocates
func TestBeginCopy_isOneCopy(t *testing.T) {
	doc := []byte(`[{"a":["x",{"b":"y"}]},{"a":1},{"a":"` + strings.Repeat("z", 3000) + `"}]`)
	got := testing.AllocsPerRun(100, func() {
		d := jsondec.New(doc)
		for d.Array(); d.More(); {
			d.BeginCopy(1)
			d.Skip()
			if _, text := d.EndCopy(); text == "" {
				t.Error("not copied")
			}
		}
	})
	assert.LessOrEqual(t, got, 3.0)
}

func TestOffset_afterEachToken(t *testing.T) {
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
