package jsondec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

func FuzzValid(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		err := jsondec.Valid(doc)
		require.Equal(t, json.Valid(doc), err == nil, "%v", err)
		if err != nil {
			var syntax *jsondec.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.LessOrEqual(t, syntax.Offset, int64(len(doc)))
			require.Equal(t, syntax.Offset == int64(len(doc)), isTruncated(err))
		}
	})
}

func isTruncated(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }

// A valid object or array that is truncated anywhere matches io.ErrUnexpectedEOF.
func FuzzValid_truncated(f *testing.F) {
	for i, doc := range documents {
		f.Add([]byte(doc), uint(i))
	}
	f.Fuzz(func(t *testing.T, doc []byte, at uint) {
		doc = bytes.TrimRight(doc, " \t\r\n")
		if !json.Valid(doc) || doc[len(doc)-1] != ']' && doc[len(doc)-1] != '}' {
			return
		}
		require.ErrorIs(t, jsondec.Valid(doc[:at%uint(len(doc))]), io.ErrUnexpectedEOF)
	})
}

func FuzzRaw(f *testing.F) {
	for _, doc := range documents {
		f.Add([]byte(doc))
	}
	f.Fuzz(sameTree)
}

// values is read by this package and, with the same rules, by encoding/json.
type values struct {
	Text  string
	Int   int64
	Small int32
	Bool  bool
	Sub   *values
	List  []string
}

func (v *values) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "text":
			jsondec.String(d, &v.Text)
		case "int":
			jsondec.Int(d, &v.Int)
		case "small":
			jsondec.Int(d, &v.Small)
		case "bool":
			d.Bool(&v.Bool)
		case "sub":
			if v.Sub == nil {
				v.Sub = new(values)
			}
			v.Sub.decode(d)
		case "list":
			for d.Array(); d.More(); {
				s := "-"
				jsondec.String(d, &s)
				v.List = append(v.List, s)
			}
		default:
			d.Skip()
		}
	}
}

func (v *values) reference(t *testing.T, doc []byte) {
	for _, m := range members(t, doc) {
		switch m.name {
		case "text":
			referenceText(t, m.value, &v.Text)
		case "int":
			if n, ok := referenceInt(t, m.value); ok {
				v.Int = n
			}
		case "small":
			if n, ok := referenceInt(t, m.value); ok && n == int64(int32(n)) {
				v.Small = int32(n)
			}
		case "bool":
			s := strings.ToLower(string(m.value))
			if s[0] == '"' {
				require.NoError(t, json.Unmarshal(m.value, &s))
				s = strings.ToLower(s)
			}
			if n, ok := referenceInt(t, m.value); ok && m.value[0] != '"' && (n == 0 || n == 1) {
				v.Bool = n == 1
				continue
			}
			if s == "true" || s == "false" || m.value[0] == '"' && (s == "1" || s == "0") {
				v.Bool = s == "true" || s == "1"
			}
		case "sub":
			if v.Sub == nil {
				v.Sub = new(values)
			}
			v.Sub.reference(t, m.value)
		case "list":
			if m.value[0] != '[' {
				continue
			}
			var elements []json.RawMessage
			require.NoError(t, json.Unmarshal(m.value, &elements))
			for _, e := range elements {
				s := "-"
				referenceText(t, e, &s)
				v.List = append(v.List, s)
			}
		}
	}
}

type member struct {
	name  string
	value json.RawMessage
}

// members returns the members of an object in order, including repeated names.
func members(t *testing.T, doc []byte) []member {
	dec := json.NewDecoder(bytes.NewReader(doc))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil
	}
	var all []member
	for dec.More() {
		name, err := dec.Token()
		require.NoError(t, err)
		m := member{name: name.(string)}
		require.NoError(t, dec.Decode(&m.value))
		all = append(all, m)
	}
	return all
}

func referenceText(t *testing.T, value json.RawMessage, dst *string) {
	switch c := value[0]; {
	case c == '"':
		require.NoError(t, json.Unmarshal(value, dst))
	case c == '-' || c >= '0' && c <= '9':
		*dst = string(value)
	}
}

func referenceInt(t *testing.T, value json.RawMessage) (int64, bool) {
	s := string(value)
	if s[0] == '"' {
		require.NoError(t, json.Unmarshal(value, &s))
		if strings.TrimSpace(s) != s || !json.Valid([]byte(s)) {
			return 0, false
		}
	}
	if s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return 0, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n > 300 || n < -300 {
			t.Skip("math/big would need too much memory for this exponent")
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

func FuzzValues(f *testing.F) {
	for _, doc := range []string{
		`{"text":"a","int":1,"small":2,"bool":true,"sub":{"text":"b","sub":null},"list":["x",1,null,{}]}`,
		`{"text":1e5,"int":"12","small":2147483648,"bool":"TRUE","sub":[],"list":"x"}`,
		`{"bool":1}`, `{"bool":0.0}`, `{"bool":"1"}`, `{"bool":10e-1}`, `{"bool":2}`,
		`{"text":null,"int":1.0,"small":-5e1,"bool":"falſe","sub":{"int":3},"sub":{"small":4},"list":[],"list":["a\u00e9","\ud800"]}`,
		`{"int":9223372036854775807,"int":9223372036854775808,"int":1.5,"int":0.1e1,"int":"1e2"}`,
		`{"t\u0065xt":"\n","Text":"no","int":"\u0031","bool":{"a":[1,{"b":2}]}}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var got, shared, want values
		d := jsondec.New(doc)
		got.decode(&d)
		require.Equal(t, json.Valid(doc), d.End() == nil, "%v", d.Err())
		if d.Err() != nil {
			return
		}
		want.reference(t, doc)
		require.Equal(t, want, got)

		d = jsondec.NewShared(doc, string(doc))
		shared.decode(&d)
		require.NoError(t, d.End())
		require.Equal(t, want, shared)
	})
}

func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"2016-12-31T23:59:60Z", "2026-08-10T12:30:60.5+05:30",
		"2026-08-10T12:30:15Z", "2026-08-10t12:30:15z", "2026-08-10 12:30:15", "2026-08-10", "2024-02-29T23:59:59Z", "2023-02-29T00:00:00Z",
		"2026-08-10T12:30:15.123456789+05:30", "2026-08-10T12:30:15-0700", "2026-08-10T12:30:15+00", "2026-08-10T1:30:15Z", "2026-08-10T12:30:15,5Z",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1786365015", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc, err := json.Marshal(s)
		require.NoError(t, err)
		kept := time.Date(1999, 1, 2, 3, 4, 5, 6, time.UTC)
		got := kept
		d := jsondec.New(doc)
		d.Time(&got)
		require.NoError(t, d.End())

		want, err := time.Parse(time.RFC3339, s)
		if err != nil && len(s) > 19 && s[17:19] == "60" {
			if want, err = time.Parse(time.RFC3339, s[:17]+"59"+s[19:]); err == nil {
				want = want.Add(time.Second)
			}
		}
		if err != nil {
			return
		}
		require.True(t, got.Equal(want), "%s is not %s", got, want)
		_, gotOffset := got.Zone()
		_, wantOffset := want.Zone()
		require.Equal(t, wantOffset, gotOffset)
		if wantOffset == 0 {
			require.Equal(t, time.UTC, got.Location())
		}
	})
}
