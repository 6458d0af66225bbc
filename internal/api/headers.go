package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter limits the delay that a Retry-After header requests.
const maxRetryAfter = 366 * 24 * time.Hour

// RetryAfter reads the Retry-After header: seconds, or a date by the server's own clock. Other
// values and the past count as zero. A response without a Date is read by now.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if text == "" {
		return 0
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return parseSeconds(text)
	}
	if clock := ServerTime(header); !clock.IsZero() {
		now = clock
	}
	return min(max(until.Sub(now), 0), maxRetryAfter)
}

// parseSeconds reads whole seconds, up to maxRetryAfter.
func parseSeconds(text string) time.Duration {
	const most = int64(maxRetryAfter / time.Second)
	var seconds int64
	for _, digit := range text {
		if digit < '0' || digit > '9' {
			return 0
		}
		seconds = min(seconds*10+int64(digit-'0'), most)
	}
	return time.Duration(seconds) * time.Second
}

// ServerTime returns the server's clock at the response, zero without a Date. Age is the time
// that a cache has held the response.
func ServerTime(header http.Header) time.Time {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date.Add(parseSeconds(header.Get("Age")))
}

// oneDigitDay is a date with a day of one or two digits, as Atlas writes it.
const oneDigitDay = "Mon, 2 Jan 2006 15:04:05 MST"

// maxEpochSeconds is the last second that RFC 3339 can write.
const maxEpochSeconds = 253402300799

// ParseHeaderDate reads a date of a Deprecation or Sunset header: a date of RFC 9110, also with a
// day of one digit, or @ and epoch seconds of RFC 9745. Other values are the zero time.
func ParseHeaderDate(text string) time.Time {
	text = strings.TrimSpace(text)
	if text == "" { // of most responses
		return time.Time{}
	}
	if epoch, ok := strings.CutPrefix(text, "@"); ok {
		return parseEpoch(epoch)
	}
	if date, err := http.ParseTime(text); err == nil {
		return date.UTC()
	}
	date, err := time.Parse(oneDigitDay, text)
	hasOffset := strings.HasSuffix(text, " GMT") || strings.HasSuffix(text, " UTC")
	if err != nil || !hasOffset {
		return time.Time{}
	}
	return date.UTC()
}

// parseEpoch reads the seconds of a structured field, and ignores its parameters.
func parseEpoch(text string) time.Time {
	text, _, _ = strings.Cut(text, ";")
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || seconds > maxEpochSeconds || seconds < -maxEpochSeconds {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// RateLimit is a service's report about its limits. A count is -1 if the header is missing.
type RateLimit struct {
	Limit      int
	Remaining  int
	RetryAfter time.Duration
}

// ParseRateLimit reads the headers of a rate limit.
func ParseRateLimit(header http.Header) RateLimit {
	return RateLimit{
		Limit:      parseCount(header.Get("Ratelimit-Limit")),
		Remaining:  parseCount(header.Get("Ratelimit-Remaining")),
		RetryAfter: RetryAfter(header, time.Now()),
	}
}

// parseCount reads a whole number, -1 for other texts.
func parseCount(text string) int {
	if text == "" { // of most responses: an error is not free
		return -1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// RequestID returns the service's id of an exchange as received. No document names its header.
func RequestID(header http.Header) string {
	for _, name := range [...]string{"X-Request-Id", "X-Envoy-Request-Id", "X-Correlation-Id"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}
