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
