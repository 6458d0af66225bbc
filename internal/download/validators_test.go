package download

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
	later  = "Mon, 21 Sep 2026 10:00:01 GMT"
)

func TestVersionOf_strongDate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		modified []string
		date     []string
		want     bool
	}{
		{"a second older", []string{date}, []string{later}, true},
		{"much older", []string{"Mon, 21 Sep 2020 10:00:00 GMT"}, []string{date}, true},
		{"old format of a date", []string{"Monday, 21-Sep-20 10:00:00 GMT"}, []string{date}, true},
		{"same second", []string{date}, []string{date}, false},
		{"newer than the response", []string{later}, []string{date}, false},
		{"without Date", []string{date}, nil, false},
		{"without Last-Modified", nil, []string{date}, false},
		{"Date is not a date", []string{date}, []string{"tomorrow"}, false},
		{"Last-Modified is not a date", []string{"yesterday"}, []string{later}, false},
		{"two Dates", []string{date}, []string{later, later}, false},
		{"two Last-Modified", []string{date, date}, []string{later}, false},
	} {
		header := http.Header{"Last-Modified": c.modified, "Date": c.date}
		v := validatorsOf(&http.Response{Header: header, ContentLength: 10})
		assert.Equal(t, c.want, v.StrongDate, c.name)
		want := ""
		if c.want {
			want = c.modified[0]
		}
		assert.Equal(t, want, v.ifRange(), c.name)
	}
}

func TestIfRange(t *testing.T) {
	t.Parallel()
	for v, want := range map[Validators]string{
		{10, strong, date, true}:    strong,
		{10, strong, date, false}:   strong,
		{10, strong, "", false}:     strong,
		{10, weak, date, true}:      "", // RFC 9110, 13.1.5: a date only without an ETag
		{10, weak, date, false}:     "",
		{10, weak, "", false}:       "",
		{10, "", date, true}:        date,
		{10, "", date, false}:       "", // as read from a sidecar of an earlier release
		{10, "", "", false}:         "",
		{-1, strong, date, true}:    "",
		noValidators:                "",
		{10, "v1", date, true}:      "", // not in quotes: not an ETag
		{10, `"v1`, "", false}:      "",
		{10, `"`, "", false}:        "",
		{10, `"v 1"`, "", false}:    "",
		{10, `"v1"x"`, "", false}:   "",
		{10, `"a", "b"`, "", true}:  "", // two headers
		{10, `w/"v1"`, "", false}:   "",
		{10, `""`, "", false}:       `""`,
		{10, "\"\xe9\"", "", false}: "\"\xe9\"",
	} {
		assert.Equal(t, want, v.ifRange(), "%+v", v)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	const length = -2 // as the range says
	both, etag, modified := Validators{10, strong, date, true}, Validators{10, strong, "", false}, Validators{10, "", date, true}
	for _, c := range []struct {
		name           string
		version        Validators
		contentRange   string
		length         int64
		etag, modified string
		sent           string // Date
		want           int64
	}{
		{"all the same", both, "bytes 4-9/10", length, strong, date, later, 6},
		{"unknown length of the answer", both, "bytes 4-9/10", -1, strong, date, later, 6},
		{"less than was asked for", both, "bytes 4-7/10", length, strong, date, later, 4},
		{"date is left out", both, "bytes 4-9/10", length, strong, "", later, 6},
		{"etag alone", etag, "bytes 4-9/10", length, strong, "", "", 6},
		{"date alone", modified, "bytes 4-9/10", length, "", date, later, 6},
		{"etag, date of the same second", Validators{10, strong, date, false}, "bytes 4-9/10", length, strong, date, date, 6},

		{"no range", both, "", 6, strong, date, later, 0},
		{"earlier byte", both, "bytes 3-9/10", length, strong, date, later, 0},
		{"later byte", both, "bytes 5-9/10", length, strong, date, later, 0},
		{"other total", both, "bytes 4-9/11", length, strong, date, later, 0},
		{"unknown total", both, "bytes 4-9/*", 6, strong, date, later, 0},
		{"other length", both, "bytes 4-9/10", 5, strong, date, later, 0},
		{"other etag", both, "bytes 4-9/10", length, `"v2"`, date, later, 0},
		{"etag is left out", both, "bytes 4-9/10", length, "", date, later, 0},
		{"etag became weak", both, "bytes 4-9/10", length, weak, date, later, 0},
		{"other date", both, "bytes 4-9/10", length, strong, later, later, 0},
		{"other date alone", modified, "bytes 4-9/10", length, "", later, later, 0},
		{"date alone is left out", modified, "bytes 4-9/10", length, "", "", later, 0},
		{"etag is new", modified, "bytes 4-9/10", length, strong, date, later, 0},
		{"weak etag is new", modified, "bytes 4-9/10", length, weak, date, later, 0},
		{"weak etag and date", Validators{10, weak, date, true}, "bytes 4-9/10", length, weak, date, later, 0},
		{"weak etag is left out", Validators{10, weak, date, true}, "bytes 4-9/10", length, "", date, later, 0},
		{"other weak etag", Validators{10, weak, date, true}, "bytes 4-9/10", length, `W/"v2"`, date, later, 0},
		{"weak date", Validators{10, "", date, false}, "bytes 4-9/10", length, "", date, later, 0},
		{"date became weak", modified, "bytes 4-9/10", length, "", date, date, 0},
		{"date of a response without Date", modified, "bytes 4-9/10", length, "", date, "", 0},
		{"no validator at all", Validators{10, "", "", false}, "bytes 4-9/10", length, "", "", later, 0},
	} {
		header := http.Header{}
		for name, value := range map[string]string{"Content-Range": c.contentRange, "ETag": c.etag, "Last-Modified": c.modified, "Date": c.sent} {
			if value != "" {
				header.Set(name, value)
			}
		}
		if c.length == length {
			first, last, _, _ := parseContentRange(c.contentRange)
			c.length = last - first + 1
		}
		got, n := c.version.decide(&http.Response{StatusCode: http.StatusPartialContent, Header: header, ContentLength: c.length}, 4)
		want := refuseBody
		if c.want > 0 {
			want = resumeBody
		}
		assert.Equal(t, want, got, c.name)
		assert.Equal(t, c.want, n, c.name)
	}
}

// TestDecide_wholeFile: a 200 is the whole file, unless its length says that it is not.
func TestDecide_wholeFile(t *testing.T) {
	t.Parallel()
	v := Validators{10, strong, date, true}
	for _, c := range []struct {
		name   string
		status int
		length int64
		etag   string
		want   decision
	}{
		{"the same version", 200, 10, strong, restartBody},
		{"another version of the same length", 200, 10, `"v2"`, restartBody},
		{"another version, longer", 200, 11, `"v2"`, restartBody},
		{"another version, of unknown length", 200, -1, `"v2"`, restartBody},
		{"the same version of another length", 200, 11, strong, refuseBody},
		{"the rest, of the same version", 200, 6, strong, refuseBody},
		{"the rest, of another version", 200, 6, `"v2"`, refuseBody},
		{"the rest, without a validator", 200, 6, "", refuseBody},
		{"the range cannot be met", 416, 0, "", refuseBody},
		{"another status", 403, 6, "", restartBody},
		{"another success", 204, 0, "", restartBody},
	} {
		header := http.Header{}
		if c.etag != "" {
			header.Set("ETag", c.etag)
		}
		got, n := v.decide(&http.Response{StatusCode: c.status, Header: header, ContentLength: c.length}, 4)
		assert.Equal(t, c.want, got, c.name)
		assert.Zero(t, n, c.name)
	}
}
