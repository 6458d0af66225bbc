package jsondec_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

func TestString_values(t *testing.T) {
	t.Parallel()
	type name string
	for doc, want := range map[string]name{
		`"a"`:            "a",
		`""`:             "",
		`"\u0041\n"`:     "A\n",
		`12`:             "12",
		`-1.50e+3`:       "-1.50e+3",
		`null`:           "kept",
		`true`:           "kept",
		`{"a":1}`:        "kept",
		`["x"]`:          "kept",
		"\"\xff\"":       "\ufffd",
		`"\ud800"`:       "\ufffd",
		`"\ud83d\ude00"`: "\U0001f600",
	} {
		d := jsondec.New([]byte(doc))
		got := name("kept")
		jsondec.String(&d, &got)
		require.NoError(t, d.End(), doc)
		assert.Equal(t, want, got, doc)
	}
}

func TestInt_values(t *testing.T) {
	t.Parallel()
	const kept = -77
	for doc, want := range map[string]int64{
		`0`:                          0,
		`-0`:                         0,
		`5`:                          5,
		`-5`:                         -5,
		`"5"`:                        5,
		`"\u0035"`:                   5,
		`1.0`:                        1,
		`1e3`:                        1000,
		`1E+3`:                       1000,
		`12.50e1`:                    125,
		`1000e-3`:                    1,
		`"1e2"`:                      100,
		`0.0`:                        0,
		`0e99999999999999999999`:     0,
		`-0.0e-99999999999999999999`: 0,
		`9223372036854775807`:        math.MaxInt64,
		`-9223372036854775808`:       math.MinInt64,
		`9223372036854775807.0`:      math.MaxInt64,
		`9223372036854775808`:        kept,
		`-9223372036854775809`:       kept,
		`1e19`:                       kept,
		`1e99999999999999999999`:     kept,
		`1e-99999999999999999999`:    kept,
		`9007199254740993`:           9007199254740993,
		`9007199254740993.0`:         9007199254740993,
		`1.00000000000000000001`:     kept,
		`1.5`:                        kept,
		`1e-1`:                       kept,
		`0.1`:                        kept,
		`""`:                         kept,
		`"x"`:                        kept,
		`" 5"`:                       kept,
		`"5 "`:                       kept,
		`"+5"`:                       kept,
		`"05"`:                       kept,
		`"5x"`:                       kept,
		`"\"5\""`:                    kept,
		`null`:                       kept,
		`true`:                       kept,
		`{"a":1}`:                    kept,
		`[1]`:                        kept,
	} {
		d := jsondec.New([]byte(doc))
		got := int64(kept)
		jsondec.Int(&d, &got)
		require.NoError(t, d.End(), doc)
		assert.Equal(t, want, got, doc)
	}
}

func TestDecoder_invalidValuesChangeNothing(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{``, `-`, `1.`, `"1`, `"\x"`, `tru`, `fals`, `nul`, `[1`, `{"a"`, `x`, `"2026-08-10T12:30:15Z`} {
		text := "kept"
		number := 7
		yes := true
		when := time.Unix(1, 0)
		for name, read := range map[string]func(d *jsondec.Decoder){
			"String": func(d *jsondec.Decoder) { jsondec.String(d, &text) },
			"Int":    func(d *jsondec.Decoder) { jsondec.Int(d, &number) },
			"Bool":   func(d *jsondec.Decoder) { d.Bool(&yes) },
			"Time":   func(d *jsondec.Decoder) { d.Time(&when) },
		} {
			d := jsondec.New([]byte(doc))
			read(&d)
			require.Error(t, d.End(), "%s of %s", name, doc)
		}
		assert.Equal(t, "kept", text, doc)
		assert.Equal(t, 7, number, doc)
		assert.True(t, yes, doc)
		assert.Equal(t, time.Unix(1, 0), when, doc)
	}
}

func TestInt_overflowsInt32(t *testing.T) {
	t.Parallel()
	type small int32
	for doc, want := range map[string]small{
		`2147483647`:  math.MaxInt32,
		`-2147483648`: math.MinInt32,
		`2147483648`:  7,
		`-2147483649`: 7,
		`4294967297`:  7,
		`"12"`:        12,
	} {
		d := jsondec.New([]byte(doc))
		got := small(7)
		jsondec.Int(&d, &got)
		require.NoError(t, d.End(), doc)
		assert.Equal(t, want, got, doc)
	}
}

func TestBool_values(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		for doc, want := range map[string]bool{
			`true`:        true,
			`false`:       false,
			`"true"`:      true,
			`"false"`:     false,
			`"TRUE"`:      true,
			`"False"`:     false,
			`"\u0074rue"`: true,
			`1`:           true,
			`0`:           false,
			`1.0`:         true,
			`"1"`:         true,
			`"0"`:         false,
			`null`:        before,
			`2`:           before,
			`-1`:          before,
			`0.5`:         before,
			`"2"`:         before,
			`"yes"`:       before,
			`""`:          before,
			`{}`:          before,
			`[true]`:      before,
		} {
			d := jsondec.New([]byte(doc))
			got := before
			d.Bool(&got)
			require.NoError(t, d.End(), doc)
			assert.Equal(t, want, got, doc)
		}
	}
}

func TestKind_firstByte(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]jsondec.Kind{
		`null`:  jsondec.KindNull,
		`true`:  jsondec.KindBool,
		`false`: jsondec.KindBool,
		`-1`:    jsondec.KindNumber,
		`0`:     jsondec.KindNumber,
		"\n9":   jsondec.KindNumber,
		`"`:     jsondec.KindString,
		`{`:     jsondec.KindObject,
		`[`:     jsondec.KindArray,
		``:      jsondec.KindInvalid,
		`}`:     jsondec.KindInvalid,
		`+1`:    jsondec.KindInvalid,
		"\x00":  jsondec.KindInvalid,
	} {
		d := jsondec.New([]byte(doc))
		assert.Equal(t, want, d.Kind(), doc)
		assert.Equal(t, want, d.Kind(), doc)
		require.NoError(t, d.Err())
	}
}

// The result is false for a value that is not null and cannot be read.
func TestScalars_resultForUnreadableValues(t *testing.T) {
	t.Parallel()
	text := ""
	number := int64(0)
	flag := false
	at := time.Time{}
	for name, read := range map[string]func(*jsondec.Decoder) bool{
		"String": func(d *jsondec.Decoder) bool { return jsondec.String(d, &text) },
		"Int":    func(d *jsondec.Decoder) bool { return jsondec.Int(d, &number) },
		"Bool":   func(d *jsondec.Decoder) bool { return d.Bool(&flag) },
		"Time":   func(d *jsondec.Decoder) bool { return d.Time(&at) },
	} {
		for doc, wants := range map[string][]string{
			`null`:          {"String", "Int", "Bool", "Time"},
			`{}`:            {},
			`[]`:            {},
			`"x"`:           {"String"},
			`""`:            {"String", "Time"},
			`1`:             {"String", "Int", "Bool"},
			`1786365015000`: {"String", "Int", "Time"},
			`1.5`:           {"String"},
			`true`:          {"Bool"},
			`"2026-08-10"`:  {"String", "Time"},
			`"7"`:           {"String", "Int"},
		} {
			d := jsondec.New([]byte(doc))
			assert.Equal(t, slices.Contains(wants, name), read(&d), "%s of %s", name, doc)
			require.NoError(t, d.End())
		}
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

func TestText_asString(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		`"a"`, `""`, `"é\n\u00e9"`, `7`, `-1.5e3`, `null`, `true`, `{"a":1}`, `[1]`, `"a`, `-`, `x`, ``, "\"\xff\"",
	} {
		var want string
		d := jsondec.New([]byte(doc))
		ok := jsondec.String(&d, &want) && doc != "null"
		wantErr := d.End()

		d = jsondec.New([]byte(doc))
		text, isText := d.Text()
		assert.Equal(t, wantErr, d.End(), doc)
		if wantErr == nil {
			assert.Equal(t, ok, isText, doc)
			assert.Equal(t, want, string(text), doc)
		}
	}
}
