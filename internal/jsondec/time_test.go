package jsondec

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestParseUTC_everyDay holds the calendar against package time's: each day of 400 years, where it
// starts over, and of the years at the ends.
func TestParseUTC_everyDay(t *testing.T) {
	t.Parallel()
	check := func(first, end int) {
		day := time.Date(first, 1, 1, 23, 59, 58, 0, time.UTC)
		for ; day.Year() < end; day = day.AddDate(0, 0, 1) {
			text := day.Format(time.RFC3339)
			got, ok := parseUTC([]byte(text))
			require.True(t, ok, text)
			require.Equal(t, day, got, text) // the very same value
			if month := day.AddDate(0, 0, 1).Month(); month != day.Month() {
				require.Equal(t, day.Day(), lastDay(day.Year(), int(day.Month())), text)
			}
		}
	}
	check(1, 5)
	check(1800, 2201)
	check(9996, 10000)
	for _, none := range []string{"0000-02-28T00:00:00Z", "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2024-04-31T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-10T00:00:00Z", "2024-01-00T00:00:00Z"} {
		_, ok := parseUTC([]byte(none))
		require.False(t, ok, none)
	}
}
