package jsondec

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Compares the calendar with that of package time: each day of 400 years, after which it repeats,
// and of the first and last years.
func TestParseUTC_everyDay(t *testing.T) {
	t.Parallel()
	check := func(first, end int) {
		day := time.Date(first, 1, 1, 23, 59, 58, 0, time.UTC)
		for ; day.Year() < end; day = day.AddDate(0, 0, 1) {
			text := day.Format(time.RFC3339)
			got, ok := parseUTC([]byte(text))
			require.True(t, ok, text)
			require.Equal(t, day, got, text) // also the same location
			if month := day.AddDate(0, 0, 1).Month(); month != day.Month() {
				require.Equal(t, day.Day(), lastDay(day.Year(), int(day.Month())), text)
			}
		}
	}
	check(1, 5)
	check(1800, 2201)
	check(9996, 10000)
	for _, invalid := range []string{"0000-02-28T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-10T00:00:00Z", "2024-01-00T00:00:00Z"} {
		_, ok := parseUTC([]byte(invalid))
		require.False(t, ok, invalid)
	}
}

func TestTime_forms(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 8, 10, 12, 30, 15, 0, time.UTC)
	kept := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for doc, want := range map[string]time.Time{
		`"2026-08-10T12:30:15Z"`:           noon,
		`"2026-08-10t12:30:15z"`:           noon,
		`"2026-08-10 12:30:15Z"`:           noon,
		`"2026-08-10T12:30:15"`:            noon,
		`"2026-08-10 12:30:15"`:            noon,
		`"2026-08-10T12:30:15+00:00"`:      noon,
		`"2026-08-10T12:30:15-00:00"`:      noon,
		`"2026-08-10T12:30:15+0000"`:       noon,
		`"2026-08-10T12:30:15+00"`:         noon,
		`"2026-08-10T12:30:15\u005a"`:      noon,
		`"2026-08-10T12:30:15.000Z"`:       noon,
		`"2026-08-10T12:30:15.123456789Z"`: noon.Add(123456789),
		`"2026-08-10T12:30:15.5"`:          noon.Add(500 * time.Millisecond),
		`"2026-08-10T12:30:15.25+0000"`:    noon.Add(250 * time.Millisecond),
		`"2026-08-10"`:                     time.Date(2026, 8, 10, 0, 0, 0, 0, time.UTC),
		`"2024-02-29T00:00:00Z"`:           time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		`"2000-02-29T23:59:59Z"`:           time.Date(2000, 2, 29, 23, 59, 59, 0, time.UTC),
		`"0000-01-01T00:00:00Z"`:           time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC),
		`"9999-12-31T23:59:59Z"`:           time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		`"2023-02-29T00:00:00Z"`:           kept,
		`"1900-02-29T00:00:00Z"`:           kept,
		`"2026-04-31T00:00:00Z"`:           kept,
		`"2026-13-01T00:00:00Z"`:           kept,
		`"2026-00-01T00:00:00Z"`:           kept,
		`"2026-01-00T00:00:00Z"`:           kept,
		`"2026-01-32T00:00:00Z"`:           kept,
		`"2026-01-01T24:00:00Z"`:           kept,
		`"2026-01-01T00:60:00Z"`:           kept,
		`"2026-01-01T00:00:60Z"`:           time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC),
		`"2016-12-31T23:59:60.25Z"`:        time.Date(2017, 1, 1, 0, 0, 0, 250_000_000, time.UTC),
		`"2026-01-01 00:00:60"`:            time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC),
		`"2026-01-01T00:00:61Z"`:           kept,
		`"2026-01-01T00:60:60Z"`:           kept,
		`1786365015000`:                    noon,
		`1786365015001`:                    noon.Add(time.Millisecond),
		`1.786365015e12`:                   noon,
		`0`:                                kept,
		`946684799999`:                     kept,
		`946684800000`:                     time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		`253402300799999`:                  time.Date(9999, 12, 31, 23, 59, 59, 999_000_000, time.UTC),
		`253402300800000`:                  kept,
		`-1786365015000`:                   kept,
		`1786365015000.5`:                  kept,
		`"2026-01-0xT00:00:00Z"`:           kept,
		`"20x6-01-01T00:00:00Z"`:           kept,
		`""`:                               kept,
		`"soon"`:                           kept,
		`"Mon Aug 10 12:30:15 UTC 2026"`:   kept,
		`"2026-08-10T12:30"`:               kept,
		`1786365015`:                       kept,
		`"1786365015"`:                     kept,
		`"1786365015000"`:                  kept,
		`null`:                             kept,
		`true`:                             kept,
		`{"date":"2026-08-10T12:30:15Z"}`:  kept,
		`["2026-08-10T12:30:15Z"]`:         kept,
	} {
		d := New([]byte(doc))
		got := kept
		d.Time(&got)
		require.NoError(t, d.End(), doc)
		assert.Equal(t, want, got, doc)
		assert.Same(t, time.UTC, got.Location(), doc)
	}
}

func TestTime_keepsOffset(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{
		`"2026-08-10T14:30:15+02:00"`, `"2026-08-10T14:30:15+0200"`, `"2026-08-10T14:30:15+02"`, `"2026-08-10 14:30:15+02:00"`,
	} {
		d := New([]byte(doc))
		var got time.Time
		d.Time(&got)
		require.NoError(t, d.End(), doc)
		assert.True(t, got.Equal(time.Date(2026, 8, 10, 12, 30, 15, 0, time.UTC)), doc)
		_, offset := got.Zone()
		assert.Equal(t, 7200, offset, doc)
		assert.NotEqual(t, time.Local, got.Location(), doc)
	}
}
