package api

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// limited is a response with headers of a rate limit: name, value, and so on.
func limited(status int, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

func TestRateLimiter_delays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		resp *http.Response
		want time.Duration
	}{
		"without headers":           {limited(200), 0},
		"some remaining":            {limited(200, "RateLimit-Remaining", "1", "Retry-After", "9"), 0},
		"none remaining":            {limited(200, "RateLimit-Remaining", "0"), time.Second},
		"none remaining, with time": {limited(200, "RateLimit-Remaining", "0", "Retry-After", "9"), 9 * time.Second},
		"429":                       {limited(429), time.Second},
		"429, with time":            {limited(429, "Retry-After", "9"), 9 * time.Second},
		"longer than MaxWait":       {limited(429, "Retry-After", "3600"), time.Minute},
		"not a number":              {limited(200, "RateLimit-Remaining", "-0.5"), 0},
		"503 with time":             {limited(503, "Retry-After", "9"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				limiter := &RateLimiter{MaxWait: time.Minute}
				limiter.update(test.resp)
				start := time.Now()
				require.NoError(t, limiter.wait(t.Context()))
				assert.Equal(t, test.want, time.Since(start))
				require.NoError(t, limiter.wait(t.Context()))
				assert.Equal(t, test.want, time.Since(start), "the delay is over")
			})
		})
	}
}

func TestRateLimiter_laterResponseExtends(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := &RateLimiter{MaxWait: time.Minute}
		start := time.Now()
		limiter.update(limited(429, "Retry-After", "9"))
		limiter.update(limited(429, "Retry-After", "2")) // does not shorten
		time.AfterFunc(8*time.Second, func() { limiter.update(limited(429, "Retry-After", "5")) })
		require.NoError(t, limiter.wait(t.Context()))
		assert.Equal(t, 13*time.Second, time.Since(start))
	})
}

func TestRateLimiter_contextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limiter := &RateLimiter{MaxWait: time.Minute}
		limiter.update(limited(429, "Retry-After", "9"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, limiter.wait(ctx), context.DeadlineExceeded)
	})
}

func TestRateLimiter_nilNeverDelays(t *testing.T) {
	t.Parallel()
	var limiter *RateLimiter
	limiter.update(limited(429, "Retry-After", "9"))
	require.NoError(t, limiter.wait(t.Context()))
}
