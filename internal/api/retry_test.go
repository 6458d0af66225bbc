package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRetryMode_allows(t *testing.T) {
	t.Parallel()
	for mode, allowed := range map[RetryMode][]Class{
		RetryIdempotent: {Transient, Unsent},
		RetryIfUnsent:   {Unsent},
		RetryNever:      nil,
		RetryMode(99):   nil,
	} {
		for _, class := range []Class{Permanent, Eventual, Transient, Unsent} {
			want := false
			for _, a := range allowed {
				want = want || a == class
			}
			assert.Equal(t, want, mode.Allows(class), "mode %d, class %d", mode, class)
		}
	}
}

func TestRetrierWait_limits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		policy := RetryPolicy{MaxRetries: 2, MinDelay: time.Second, MaxDelay: 10 * time.Second}
		start := time.Now()
		assert.False(t, NewRetrier(policy).Wait(t.Context(), 3, 0), "after MaxRetries")
		assert.False(t, NewRetrier(policy).Wait(t.Context(), 1, 11*time.Second), "a longer delay than MaxDelay")
		short, cancelShort := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancelShort()
		assert.False(t, NewRetrier(policy).Wait(short, 1, 5*time.Second), "no time after the delay")
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		assert.False(t, NewRetrier(policy).Wait(cancelled, 1, time.Second))
		assert.Zero(t, time.Since(start), "none of them waits")

		assert.True(t, NewRetrier(policy).Wait(t.Context(), 2, 7*time.Second))
		assert.Equal(t, 7*time.Second, time.Since(start), "the requested delay is longer than the own one")

		start = time.Now()
		assert.True(t, NewRetrier(RetryPolicy{MaxRetries: 1}).Wait(t.Context(), 1, 0))
		assert.Zero(t, time.Since(start), "MinDelay is zero")
	})
}

// The delay is random below a limit that doubles up to MaxDelay.
func TestRetrierNextDelay_limitDoubles(t *testing.T) {
	t.Parallel()
	policy := RetryPolicy{MaxRetries: 9, MinDelay: time.Second, MaxDelay: 5 * time.Second}
	limits := []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second}
	longest := make([]time.Duration, len(limits))
	for range 500 {
		retrier := NewRetrier(policy)
		for i, limit := range limits {
			delay := retrier.nextDelay()
			require.GreaterOrEqual(t, delay, time.Duration(0))
			require.LessOrEqual(t, delay, limit)
			longest[i] = max(longest[i], delay)
		}
	}
	for i, limit := range limits {
		assert.Greater(t, longest[i], limit*9/10, "the delays use the whole range")
	}
}

func TestRequestedDelay_findsTheResponse(t *testing.T) {
	t.Parallel()
	resp := &Response{Status: 429, Header: http.Header{"Retry-After": {"7"}}}
	for _, err := range []error{&StatusError{Response: resp}, &BodyError{Response: resp, Err: errors.New("x")}} {
		assert.Equal(t, 7*time.Second, requestedDelay(err))
		assert.Equal(t, 7*time.Second, requestedDelay(fmt.Errorf("wrapped: %w", err)))
	}
	assert.Zero(t, requestedDelay(&TransportError{Err: errors.New("x")}))
	assert.Zero(t, requestedDelay(&StatusError{Response: &Response{Status: 503}}))
}

func TestSleep_endsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		require.NoError(t, Sleep(t.Context(), time.Minute))
		assert.Equal(t, time.Minute, time.Since(start))
		require.NoError(t, Sleep(t.Context(), 0))
		require.NoError(t, Sleep(t.Context(), -time.Second))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		require.ErrorIs(t, Sleep(ctx, time.Hour), context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, Sleep(ctx, 0), context.DeadlineExceeded, "without a delay too")
	})
}
