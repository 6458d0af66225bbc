package fetch

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseContentRange(t *testing.T) {
	t.Parallel()
	for header, want := range map[string][3]int64{
		"bytes 0-0/1":     {0, 0, 1},
		"bytes 5-9/10":    {5, 9, 10},
		" BYTES  5-9/10 ": {5, 9, 10},
		"bytes 1-9223372036854775806/9223372036854775807": {1, 9223372036854775806, 9223372036854775807},
	} {
		first, last, total, ok := parseContentRange(header)
		assert.True(t, ok, header)
		assert.Equal(t, want, [3]int64{first, last, total}, header)
	}
	for _, header := range []string{
		"", "bytes", "bytes 5-9", "bytes 5-9/*", "bytes */10", "items 5-9/10", "bytes 9-5/10", "bytes 5-10/10", "bytes -5-9/10",
		"bytes +5-9/10", "bytes 5-9/10/11", "bytes 5-9-9/10", "bytes 0x5-9/10", "bytes 5 -9/10", "bytes 5-9/99999999999999999999", "5-9/10",
	} {
		_, _, _, ok := parseContentRange(header)
		assert.False(t, ok, header)
	}
}

func FuzzContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 0-0/1", "bytes 5-9/*", "bytes */10", "bytes 9-5/10", "BYTES 1-2/3", "bytes 0-9223372036854775806/9223372036854775807"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		first, last, total, ok := parseContentRange(header)
		if !ok {
			if first != 0 || last != 0 || total != 0 {
				t.Errorf("%q is refused with values", header)
			}
			return
		}
		if first < 0 || first > last || last >= total {
			t.Errorf("%q gives %d-%d/%d", header, first, last, total)
		}
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		again := "bytes " + number(first) + "-" + number(last) + "/" + number(total)
		if a, b, c, ok := parseContentRange(again); !ok || a != first || b != last || c != total {
			t.Errorf("%q is not read back", again)
		}
	})
}

const (
	strong = `"v1"`
	weak   = `W/"v1"`
	date   = "Mon, 21 Sep 2026 10:00:00 GMT"
)

func TestCondition(t *testing.T) {
	t.Parallel()
	for v, want := range map[Version]string{
		{10, strong, date}: strong,
		{10, strong, ""}:   strong,
		{10, weak, date}:   date,
		{10, weak, ""}:     "",
		{10, "", date}:     date,
		{10, "", ""}:       "",
		{-1, strong, date}: "",
		noVersion:          "",
		{10, "v1", ""}:     "", // not in quotes: not an ETag
	} {
		assert.Equal(t, want, v.condition(), "%+v", v)
	}
}

func TestContinues(t *testing.T) {
	t.Parallel()
	const length = -2 // as the range says
	both, etag, modified := Version{10, strong, date}, Version{10, strong, ""}, Version{10, "", date}
	for _, c := range []struct {
		name           string
		version        Version
		contentRange   string
		length         int64
		etag, modified string
		want           int64
	}{
		{"all the same", both, "bytes 4-9/10", length, strong, date, 6},
		{"unknown length of the answer", both, "bytes 4-9/10", -1, strong, date, 6},
		{"less than was asked for", both, "bytes 4-7/10", length, strong, date, 4},
		{"date is left out", both, "bytes 4-9/10", length, strong, "", 6},
		{"etag alone", etag, "bytes 4-9/10", length, strong, "", 6},
		{"date alone", modified, "bytes 4-9/10", length, "", date, 6},
		{"weak etag and date", Version{10, weak, date}, "bytes 4-9/10", length, weak, date, 6},
		{"weak etag is left out", Version{10, weak, date}, "bytes 4-9/10", length, "", date, 6},

		{"no range", both, "", 6, strong, date, 0},
		{"earlier byte", both, "bytes 3-9/10", length, strong, date, 0},
		{"later byte", both, "bytes 5-9/10", length, strong, date, 0},
		{"other total", both, "bytes 4-9/11", length, strong, date, 0},
		{"unknown total", both, "bytes 4-9/*", 6, strong, date, 0},
		{"other length", both, "bytes 4-9/10", 5, strong, date, 0},
		{"other etag", both, "bytes 4-9/10", length, `"v2"`, date, 0},
		{"etag is left out", both, "bytes 4-9/10", length, "", date, 0},
		{"etag became weak", both, "bytes 4-9/10", length, weak, date, 0},
		{"other date", both, "bytes 4-9/10", length, strong, "Mon, 21 Sep 2026 10:00:01 GMT", 0},
		{"other date alone", modified, "bytes 4-9/10", length, "", "Mon, 21 Sep 2026 10:00:01 GMT", 0},
		{"date alone is left out", modified, "bytes 4-9/10", length, "", "", 0},
		{"etag is new", modified, "bytes 4-9/10", length, strong, date, 0},
		{"other weak etag", Version{10, weak, date}, "bytes 4-9/10", length, `W/"v2"`, date, 0},
	} {
		header := http.Header{}
		header.Set("Content-Range", c.contentRange)
		for name, value := range map[string]string{"ETag": c.etag, "Last-Modified": c.modified} {
			if value != "" {
				header.Set(name, value)
			}
		}
		if c.length == length {
			first, last, _, _ := parseContentRange(c.contentRange)
			c.length = last - first + 1
		}
		got, ok := c.version.continues(&http.Response{Header: header, ContentLength: c.length}, 4)
		assert.Equal(t, c.want > 0, ok, c.name)
		if ok {
			assert.Equal(t, c.want, got, c.name)
		}
	}
}
