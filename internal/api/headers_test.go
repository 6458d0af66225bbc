package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzRetryAfter reads the header beside a Date: never negative, never more than a year, and
// a date only as far as it is after the server's clock.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{
		"", "0", "7", " 7 ", "-1", "+7", "7.5", "99999999999999999999", "soon", "Wed, 21 Oct 2015 07:28:00 GMT",
		"Wed, 21 Oct 2065 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015", "٧", "Fri, 31 Dec 9999 23:59:59 GMT",
	} {
		for _, date := range []string{"", "soon", "Wed, 21 Oct 2015 06:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"} {
			f.Add(text, date, "")
		}
		f.Add(text, "Fri, 31 Dec 9999 23:59:59 GMT", "99999999999999999999")
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const most = 366 * 24 * time.Hour
	f.Fuzz(func(t *testing.T, text, date, age string) {
		wait := RetryAfter(http.Header{"Retry-After": {text}, "Date": {date}, "Age": {age}}, now)
		require.GreaterOrEqual(t, wait, time.Duration(0))
		require.LessOrEqual(t, wait, most)
		text = strings.TrimSpace(text)
		if until, err := http.ParseTime(text); err == nil {
			clock, err := http.ParseTime(date)
			switch {
			case err != nil:
				assert.Equal(t, min(max(until.Sub(now), 0), most), wait)
			case parseSeconds(age) == 0:
				assert.Equal(t, min(max(until.Sub(clock), 0), most), wait)
			default:
				assert.LessOrEqual(t, wait, max(until.Sub(clock), 0))
			}
			return
		}
		assert.Zero(t, wait%time.Second)
		if seconds, err := time.ParseDuration(text + "s"); err == nil && strings.Trim(text, "0123456789") == "" && seconds < most {
			assert.Equal(t, seconds, wait)
		}
	})
}

func TestRetryAfter_values(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const year = 366 * 24 * time.Hour
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"missing":            {http.Header{}, 0},
		"seconds":            {http.Header{"Retry-After": {" 7 "}}, 7 * time.Second},
		"negative":           {http.Header{"Retry-After": {"-7"}}, 0},
		"a fraction":         {http.Header{"Retry-After": {"7.5"}}, 0},
		"too many seconds":   {http.Header{"Retry-After": {"99999999999999999999"}}, year},
		"date":               {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:04:15 GMT"}}, 10 * time.Second},
		"past date":          {http.Header{"Retry-After": {"Fri, 02 Jan 2026 03:04:00 GMT"}}, 0},
		"date too far":       {http.Header{"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}}, year},
		"by server's clock":  {http.Header{"Retry-After": {"Fri, 02 Jan 2026 04:04:10 GMT"}, "Date": {"Fri, 02 Jan 2026 04:04:05 GMT"}}, 5 * time.Second},
		"held by a cache":    {http.Header{"Retry-After": {"Fri, 02 Jan 2026 04:04:10 GMT"}, "Date": {"Fri, 02 Jan 2026 04:04:05 GMT"}, "Age": {"2"}}, 3 * time.Second},
		"seconds, with Date": {http.Header{"Retry-After": {"7"}, "Date": {"Fri, 02 Jan 2026 04:04:05 GMT"}}, 7 * time.Second},
	} {
		assert.Equal(t, test.want, RetryAfter(test.header, now), name)
	}
}

func TestServerTime_addsAge(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	text := date.Format(http.TimeFormat)
	assert.True(t, date.Equal(ServerTime(http.Header{"Date": {text}})))
	assert.True(t, date.Add(time.Minute).Equal(ServerTime(http.Header{"Date": {text}, "Age": {"60"}})))
	assert.True(t, date.Equal(ServerTime(http.Header{"Date": {text}, "Age": {"-60"}})))
	assert.True(t, ServerTime(http.Header{"Age": {"60"}}).IsZero())
	assert.True(t, ServerTime(http.Header{"Date": {"today"}}).IsZero())
}

func TestParseRateLimit_counts(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	header.Set("Ratelimit-Limit", "100")
	header.Set("Ratelimit-Remaining", "0")
	header.Set("Retry-After", "3")
	assert.Equal(t, RateLimit{Limit: 100, Remaining: 0, RetryAfter: 3 * time.Second}, ParseRateLimit(header))
	assert.Equal(t, RateLimit{Limit: -1, Remaining: -1}, ParseRateLimit(http.Header{}))
	for _, text := range []string{"-1", "1.5", "many", "99999999999999999999"} {
		header.Set("Ratelimit-Limit", text)
		assert.Equal(t, -1, ParseRateLimit(header).Limit, text)
	}
}

func TestRequestID_firstHeader(t *testing.T) {
	t.Parallel()
	header := http.Header{}
	assert.Empty(t, RequestID(header))
	for _, name := range []string{"X-Correlation-Id", "X-Envoy-Request-Id", "X-Request-Id"} {
		header.Set(name, "id of "+name)
		assert.Equal(t, "id of "+name, RequestID(header))
	}
}

func TestParseHeaderDate_forms(t *testing.T) {
	t.Parallel()
	day := time.Date(2024, 8, 5, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Mon, 5 Aug 2024 00:00:00 GMT":       day, // as Atlas sends it
		"Mon, 05 Aug 2024 00:00:00 GMT":      day,
		"  Mon, 5 Aug 2024 00:00:00 GMT ":    day,
		"Thu, 1 Jul 2027 00:00:00 GMT":       time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC),
		"Wed, 10 Dec 2025 00:00:00 GMT":      time.Date(2025, 12, 10, 0, 0, 0, 0, time.UTC),
		"Mon, 5 Aug 2024 00:00:00 UTC":       day,
		"Monday, 05-Aug-24 00:00:00 GMT":     day,
		"Mon Aug  5 00:00:00 2024":           day,
		"@1722816000":                        day, // RFC 9745
		"@1722816000;foo=1":                  day,
		"@0":                                 time.Unix(0, 0).UTC(),
		"@-1":                                time.Unix(-1, 0).UTC(),
		"@253402300799":                      time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"@253402300800":                      {}, // beyond what JSON and RFC 3339 can write
		"@99999999999999999999":              {},
		"@":                                  {},
		"@1.5":                               {},
		"true":                               {},
		"":                                   {},
		"1722816000":                         {},
		"Mon, 5 Aug 2024 00:00:00 EST":       {}, // whose offset is unknown
		"Mon, 35 Aug 2024 00:00:00 GMT":      {},
		"Mon, 5 Aug 2024 00:00:00 GMT extra": {},
		"2024-08-05":                         {},
	} {
		got := ParseHeaderDate(text)
		assert.Equal(t, want, got, text)
	}
}
