package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// retried is a client of a round tripper in a bubble, and when each request was made.
type retried struct {
	*restorejobs.Client

	start time.Time
	at    []time.Duration
}

// newRetried answers request after request by respond, which is given their number.
func newRetried(t *testing.T, policy restorejobs.RetryPolicy, respond func(number int, r *http.Request) (*http.Response, error), opts ...restorejobs.Option) *retried {
	t.Helper()
	c := &retried{start: time.Now()}
	client, err := restorejobs.NewClient(clienttest.Bearer("t"), append(opts, restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithRetry(policy),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			c.at = append(c.at, time.Since(c.start))
			return respond(len(c.at), r)
		})))...)
	require.NoError(t, err)
	c.Client = client
	return c
}

// always gives every request the same status.
func alwaysStatus(status int, headers ...string) func(int, *http.Request) (*http.Response, error) {
	return func(_ int, _ *http.Request) (*http.Response, error) {
		return testutil.JSON(status, fmt.Sprintf(`{"error":%d,"errorCode":"CODE_%d"}`, status, status), headers...), nil
	}
}

func respondSuccess(r *http.Request) (*http.Response, error) {
	body := clienttest.Job
	if strings.HasSuffix(r.URL.Path, "/restorableTimeRanges") {
		body = `[]`
	}
	return testutil.JSON(http.StatusOK, body), nil
}

func TestRetry_statuses(t *testing.T) {
	t.Parallel()
	again := map[int]bool{408: true, 429: true, 500: true, 502: true, 503: true, 504: true}
	for status := 300; status < 600; status++ {
		synctest.Test(t, func(t *testing.T) {
			c := newRetried(t, restorejobs.RetryPolicy{}, alwaysStatus(status))
			err := clienttest.Get(t.Context(), c.Client)
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr)
			assert.Equal(t, status, apiErr.StatusCode)
			want := 1
			if again[status] {
				want = 4
			}
			assert.Len(t, c.at, want, status)
			assert.Equal(t, want, apiErr.Attempts)
			assert.Equal(t, want > 1, strings.Contains(err.Error(), fmt.Sprintf("[%d attempts]", want)), err.Error())
		})
	}
}

// connectionErrors are what a transport may say, and whether the request was sent.
func connectionErrors() map[string]struct {
	err     error
	notSent bool
} {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	return map[string]struct {
		err     error
		notSent bool
	}{
		"refused":       {dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), true},
		"no such host":  {dial(&net.DNSError{Err: "no such host", Name: "om.example.net", IsNotFound: true}), true},
		"dial timeout":  {dial(os.ErrDeadlineExceeded), true},
		"no proxy":      {&net.OpError{Op: "proxyconnect", Net: "tcp", Err: dial(syscall.ECONNREFUSED)}, true},
		"reset":         {&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, false},
		"broken pipe":   {&net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}, false},
		"EOF":           {io.EOF, false},
		"early EOF":     {io.ErrUnexpectedEOF, false},
		"timeout":       {os.ErrDeadlineExceeded, false},
		"something odd": {errors.New("http2: stream closed"), false},
	}
}

func TestRetry_connectionErrors(t *testing.T) {
	t.Parallel()
	for name, test := range connectionErrors() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				twice := func(number int, r *http.Request) (*http.Response, error) {
					if number < 3 {
						return nil, test.err
					}
					return respondSuccess(r)
				}
				c := newRetried(t, restorejobs.RetryPolicy{}, twice)
				require.NoError(t, clienttest.Get(t.Context(), c.Client))
				assert.Len(t, c.at, 3)
				_, err := c.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.RestorableTimeRanges(t.Context())
				require.NoError(t, err)

				c = newRetried(t, restorejobs.RetryPolicy{}, twice)
				err = clienttest.Create(t.Context(), c.Client)
				if test.notSent {
					require.NoError(t, err, "it certainly did not run before")
					assert.Len(t, c.at, 3)
				} else {
					require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
					require.ErrorIs(t, err, test.err)
					assert.Len(t, c.at, 1)
				}

				c = newRetried(t, restorejobs.RetryPolicy{}, func(int, *http.Request) (*http.Response, error) { return nil, test.err })
				err = clienttest.Get(t.Context(), c.Client)
				require.ErrorIs(t, err, test.err)
				require.ErrorContains(t, err, "restorejobs: get restore job: ")
				require.ErrorContains(t, err, " [4 attempts]")
				require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			})
		})
	}
}

func TestRetry_retryAfter(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) string { // the clock of a bubble begins here
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
	}
	for name, test := range map[string]struct {
		header   string
		least    time.Duration
		most     time.Duration
		attempts int
	}{
		"seconds":      {"7", 7 * time.Second, 7 * time.Second, 2},
		"white space":  {" 7 ", 7 * time.Second, 7 * time.Second, 2},
		"a date":       {date(9 * time.Second), 9 * time.Second, 9 * time.Second, 2},
		"another form": {"Saturday, 01-Jan-00 00:00:09 GMT", 9 * time.Second, 9 * time.Second, 2},
		"the most":     {"30", 30 * time.Second, 30 * time.Second, 2},
		"too long":     {"31", 0, 0, 1},
		"a far date":   {date(time.Hour), 0, 0, 1},
		"a year 9999":  {"Fri, 31 Dec 9999 23:59:59 GMT", 0, 0, 1},
		"endless":      {strings.Repeat("9", 400), 0, 0, 1},
		"zero":         {"0", 0, 500 * time.Millisecond, 2},
		"the past":     {date(-time.Hour), 0, 500 * time.Millisecond, 2},
		"negative":     {"-5", 0, 500 * time.Millisecond, 2},
		"fractions":    {"1.5", 0, 500 * time.Millisecond, 2},
		"nonsense":     {"soon", 0, 500 * time.Millisecond, 2},
		"nothing":      {"", 0, 500 * time.Millisecond, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, status := range []int{429, 503} {
				synctest.Test(t, func(t *testing.T) {
					c := newRetried(t, restorejobs.RetryPolicy{}, func(number int, r *http.Request) (*http.Response, error) {
						if number == 2 {
							return respondSuccess(r)
						}
						return alwaysStatus(status, "Retry-After", test.header)(number, r)
					})
					err := clienttest.Get(t.Context(), c.Client)
					assert.Len(t, c.at, test.attempts)
					assert.GreaterOrEqual(t, time.Since(c.start), test.least)
					assert.LessOrEqual(t, time.Since(c.start), test.most)
					if test.attempts == 2 {
						require.NoError(t, err)
						return
					}
					var apiErr *restorejobs.Error
					require.ErrorAs(t, err, &apiErr)
					assert.Equal(t, status, apiErr.StatusCode)
					assert.Greater(t, apiErr.RetryAfter, 30*time.Second, "what it says is not capped")
				})
			}
		})
	}
}

// TestRetryAfter_dateIsRelativeToTheServersClock: a server whose clock differs neither stops
// nor hurries the client.
func TestRetryAfter_dateIsRelativeToTheServersClock(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { // the clock of a bubble begins here
		return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Add(d).Format(http.TimeFormat)
	}
	for name, test := range map[string]struct {
		date, age, retryAfter string
		want                  time.Duration
	}{
		"an hour fast":          {at(time.Hour), "", at(time.Hour + 9*time.Second), 9 * time.Second},
		"an hour slow":          {at(-time.Hour), "", at(-time.Hour + 9*time.Second), 9 * time.Second},
		"its own past":          {at(time.Hour), "", at(time.Hour - time.Second), 0},
		"held by a cache":       {at(-4 * time.Second), "4", at(9 * time.Second), 9 * time.Second},
		"no Date":               {"", "", at(9 * time.Second), 9 * time.Second},
		"an unreadable Date":    {"soon", "", at(9 * time.Second), 9 * time.Second},
		"seconds need no clock": {at(time.Hour), "", "9", 9 * time.Second},
		"beyond a year":         {at(time.Hour), "", "Fri, 31 Dec 9999 23:59:59 GMT", 366 * 24 * time.Hour},
		"beyond, no Date":       {"", "", "Fri, 31 Dec 9999 23:59:59 GMT", 366 * 24 * time.Hour},
		"an old Date":           {"Thu, 01 Jan 1970 00:00:00 GMT", "", at(0), 366 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				headers := []string{"Retry-After", test.retryAfter}
				if test.date != "" {
					headers = append(headers, "Date", test.date)
				}
				if test.age != "" {
					headers = append(headers, "Age", test.age)
				}
				var seen []time.Duration
				c := newRetried(t, restorejobs.RetryPolicy{MaxRetries: -1}, alwaysStatus(503, headers...),
					restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) { seen = append(seen, e.RateLimit.RetryAfter) }))
				var apiErr *restorejobs.Error
				require.ErrorAs(t, clienttest.Get(t.Context(), c.Client), &apiErr)
				assert.Equal(t, test.want, apiErr.RetryAfter)
				assert.Equal(t, []time.Duration{test.want}, seen)

				c = newRetried(t, restorejobs.RetryPolicy{MinDelay: -1}, func(number int, r *http.Request) (*http.Response, error) {
					if number == 2 {
						return respondSuccess(r)
					}
					return alwaysStatus(503, headers...)(number, r)
				})
				err := clienttest.Get(t.Context(), c.Client)
				if test.want > 30*time.Second {
					require.ErrorIs(t, err, restorejobs.ErrUnavailable)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, []time.Duration{0, test.want}, c.at)
			})
		})
	}
}

// TestRetry_endsBeforeDeadline gives the last error immediately where waiting is in vain.
func TestRetry_endsBeforeDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newRetried(t, restorejobs.RetryPolicy{}, alwaysStatus(429, "Retry-After", "20"))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		require.ErrorIs(t, clienttest.Get(ctx, c.Client), restorejobs.ErrRateLimited)
		assert.Equal(t, []time.Duration{0}, c.at)
		assert.Zero(t, time.Since(c.start))

		longer, cancel := context.WithTimeout(t.Context(), 21*time.Second)
		defer cancel()
		require.ErrorIs(t, clienttest.Get(longer, c.Client), restorejobs.ErrRateLimited)
		assert.Equal(t, []time.Duration{0, 0, 20 * time.Second}, c.at)
	})
}

func TestRetry_cancelledWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newRetried(t, restorejobs.RetryPolicy{}, alwaysStatus(429, "Retry-After", "20"))
		for _, call := range []func(context.Context, *restorejobs.Client) error{clienttest.Get, clienttest.Create} {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(5 * time.Second)
				cancel()
			}()
			start := time.Now()
			err := call(ctx, c.Client)
			assert.Equal(t, 5*time.Second, time.Since(start))
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorIs(t, err, restorejobs.ErrRateLimited, "the last answer is there too")
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.Equal(t, 1, strings.Count(err.Error(), "restorejobs:"), err.Error())
		}
	})
}

// TestRetry_jitter measures delays: anything between nothing and a bound that doubles.
func TestRetry_jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bounds := []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, time.Second, time.Second}
		shortest, longest := make([]time.Duration, len(bounds)), make([]time.Duration, len(bounds))
		for i := range shortest {
			shortest[i] = time.Hour
		}
		for range 300 {
			c := newRetried(t, restorejobs.RetryPolicy{MaxRetries: len(bounds), MinDelay: bounds[0], MaxDelay: time.Second}, alwaysStatus(503))
			require.Error(t, clienttest.Get(t.Context(), c.Client))
			require.Len(t, c.at, len(bounds)+1)
			for i := range bounds {
				delay := c.at[i+1] - c.at[i]
				shortest[i], longest[i] = min(shortest[i], delay), max(longest[i], delay)
			}
		}
		for i, bound := range bounds {
			assert.Less(t, shortest[i], bound/10, i)
			assert.Greater(t, longest[i], bound*9/10, i)
			assert.LessOrEqual(t, longest[i], bound, i)
		}
	})
}

func TestRetryPolicy_values(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		policy   restorejobs.RetryPolicy
		header   string
		attempts int
		least    time.Duration
		most     time.Duration
	}{
		"default":          {restorejobs.RetryPolicy{}, "", 4, 0, 3500 * time.Millisecond},
		"off":              {restorejobs.RetryPolicy{MaxRetries: -1}, "5", 1, 0, 0},
		"more":             {restorejobs.RetryPolicy{MaxRetries: 9, MinDelay: time.Nanosecond, MaxDelay: time.Nanosecond}, "", 10, 0, 9},
		"no delay":         {restorejobs.RetryPolicy{MinDelay: -1}, "", 4, 0, 0},
		"no delay, header": {restorejobs.RetryPolicy{MinDelay: -1}, "2", 4, 6 * time.Second, 6 * time.Second},
		"no bound":         {restorejobs.RetryPolicy{MaxDelay: -1}, "36000", 4, 30 * time.Hour, 30 * time.Hour},
		"long delays":      {restorejobs.RetryPolicy{MinDelay: time.Hour, MaxDelay: time.Second}, "", 4, 0, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newRetried(t, test.policy, alwaysStatus(503, "Retry-After", test.header))
				require.ErrorIs(t, clienttest.Get(t.Context(), c.Client), restorejobs.ErrUnavailable)
				assert.Len(t, c.at, test.attempts)
				assert.GreaterOrEqual(t, time.Since(c.start), test.least)
				assert.LessOrEqual(t, time.Since(c.start), test.most)
			})
		})
	}
}

// TestRetry_returnsLastError keeps the last answer, not the first and not a text about giving up.
func TestRetry_returnsLastError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		statuses := []int{500, 503, 502, 404}
		c := newRetried(t, restorejobs.RetryPolicy{}, func(number int, r *http.Request) (*http.Response, error) {
			return alwaysStatus(statuses[number-1])(number, r)
		})
		err := clienttest.Get(t.Context(), c.Client)
		require.ErrorIs(t, err, restorejobs.ErrorCode("CODE_404"))
		require.NotErrorIs(t, err, restorejobs.ErrUnavailable)
		assert.EqualError(t, err, "restorejobs: get restore job: 404 CODE_404 [4 attempts]")
	})
}

var nonceCount = regexp.MustCompile(`nonce="([^"]+)".* nc=([0-9a-f]{8})`)

// TestRetry_signsEveryAttempt sends no signature twice, and counts without a gap.
func TestRetry_signsEveryAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithRisingNonceCount(), restorejobstest.WithNonceLifetime(time.Minute))
		defer server.Close()
		var signatures []string
		client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxDelay: -1}), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if signed := r.Header.Get("Authorization"); signed != "" {
				signatures = append(signatures, signed)
			}
			return server.Transport().RoundTrip(r)
		})))
		require.NoError(t, err)
		server.InjectFault(restorejobstest.RespondStatus(http.StatusServiceUnavailable), 3)
		require.NoError(t, readJob(t.Context(), client))
		require.Len(t, signatures, 4)
		first := nonceCount.FindStringSubmatch(signatures[0])
		for i, signature := range signatures {
			found := nonceCount.FindStringSubmatch(signature)
			require.NotNil(t, found, signature)
			assert.Equal(t, first[1], found[1])
			assert.Equal(t, fmt.Sprintf("%08x", i+1), found[2])
		}
		server.InjectFault(restorejobstest.TooManyRequests(10*time.Minute), 1)
		require.NoError(t, createOn(t.Context(), client), "a nonce that aged while waiting is no wrong key")
		assert.Equal(t, 1, server.CreateCount())
		seen := map[string]bool{}
		for _, signature := range signatures {
			assert.False(t, seen[signature])
			seen[signature] = true
		}
	})
}
