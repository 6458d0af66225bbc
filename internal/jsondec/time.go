package jsondec

import (
	"strings"
	"time"
)

// Time reads a string in the form of RFC 3339, or milliseconds since 1970.
//
// In a string, the separator may be t or a blank, and Z may be lower case. The offset may be
// +0000, +00 or missing, which is UTC. The time may be missing, which is midnight. Second 60
// is the second after 59. The location is [time.UTC] for offset zero, else a fixed zone. A
// number must be in the years 2000 to 9999, so that seconds are not read as milliseconds.
//
// Any other value is skipped and dst is unchanged; Time then returns false, except for null
// and the empty string.
func (d *Decoder) Time(dst *time.Time) bool {
	switch first := d.next(); {
	case first == '-' || isDigit(first):
		n, ok := d.int()
		if ok = ok && n >= minMillis && n <= maxMillis; ok {
			*dst = time.UnixMilli(n).UTC()
		}
		return ok
	case first != '"':
		d.Skip()
		return first == 'n'
	}
	s, _ := d.stringBytes()
	t, ok := parseUTC(s)
	if !ok {
		t, ok = parseTime(s)
	}
	if ok {
		*dst = t
	}
	return ok || len(s) == 0
}

// Milliseconds from 2000-01-01 to the end of 9999.
const (
	minMillis = 946_684_800_000
	maxMillis = 253_402_300_799_999
)

// parseUTC is the fast path for 2006-01-02T15:04:05Z, the usual form of the servers.
func parseUTC(s []byte) (time.Time, bool) {
	if len(s) != len("2006-01-02T15:04:05Z") {
		return time.Time{}, false
	}
	if s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' {
		return time.Time{}, false
	}
	year := 100*twoDigits(s[0], s[1]) + twoDigits(s[2], s[3])
	month := twoDigits(s[5], s[6])
	day := twoDigits(s[8], s[9])
	hour := twoDigits(s[11], s[12])
	minute := twoDigits(s[14], s[15])
	second := twoDigits(s[17], s[18])
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > lastDay(year, month) {
		return time.Time{}, false
	}
	if hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	seconds := ((daysSince1970(year, month, day)*24+hour)*60+minute)*60 + second
	return time.Unix(int64(seconds), 0).UTC(), true // time.Date takes twice as long
}

func lastDay(year, month int) int {
	switch {
	case month != 2:
		return 30 + (month+month>>3)&1
	case isLeapYear(year):
		return 29
	}
	return 28
}

func isLeapYear(year int) bool {
	if year%100 == 0 {
		return year%400 == 0
	}
	return year%4 == 0
}

// daysSince1970 starts years in March, so that a leap day is the last of a year, and every five
// months have 153 days.
func daysSince1970(year, month, day int) int {
	if month < 3 {
		year--
		month += 12
	}
	return year*365 + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
}

// twoDigits returns the value of two digits, or 10000, which every caller refuses.
func twoDigits(tens, units byte) int {
	tens -= '0'
	units -= '0'
	if tens > 9 || units > 9 {
		return 10000
	}
	return 10*int(tens) + int(units)
}

// parseTime reads the other forms that [Decoder.Time] accepts.
func parseTime(raw []byte) (time.Time, bool) {
	if len(raw) < len(time.DateOnly) || !isDigit(raw[0]) {
		return time.Time{}, false
	}
	s := strings.Replace(strings.ToUpper(string(raw)), " ", "T", 1)
	const seconds = len("2006-01-02T15:04:")
	leap := time.Duration(0)
	if len(s) >= seconds+2 && s[seconds:seconds+2] == "60" { // package time refuses it
		s = s[:seconds] + "59" + s[seconds+2:]
		leap = time.Second
	}
	for _, layout := range [...]string{
		time.RFC3339,
		"2006-01-02T15:04:05Z0700",
		"2006-01-02T15:04:05Z07",
		"2006-01-02T15:04:05",
		time.DateOnly,
	} {
		// With a location, the result never has the zone of the machine.
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return t.Add(leap), true
		}
	}
	return time.Time{}, false
}
