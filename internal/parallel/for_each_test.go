package parallel_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/parallel"
)

var errTest = errors.New("test")

func TestForEach_everyIndexOnce(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{-1, 0, 1, 3, 100, 1000} {
		var calls [100]atomic.Int64
		require.NoError(t, parallel.ForEach(t.Context(), len(calls), limit, func(_ context.Context, i int) error {
			calls[i].Add(1)
			return nil
		}))
		for i := range calls {
			require.EqualValues(t, 1, calls[i].Load(), "limit %d, index %d", limit, i)
		}
	}
}

func TestForEach_nothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, parallel.ForEach(ctx, 0, 4, func(context.Context, int) error { return errTest }))
}

func TestForEach_limit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		start := time.Now()
		require.NoError(t, parallel.ForEach(t.Context(), 10, 4, func(context.Context, int) error {
			if now := running.Add(1); now > most.Load() {
				most.Store(now)
			}
			time.Sleep(time.Second)
			running.Add(-1)
			return nil
		}))
		assert.EqualValues(t, 4, most.Load())
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestForEach_firstError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var calls, cancelled atomic.Int64
		err := parallel.ForEach(t.Context(), 10, 3, func(ctx context.Context, i int) error {
			calls.Add(1)
			if i == 1 {
				return errTest
			}
			<-ctx.Done()
			cancelled.Add(1)
			return ctx.Err()
		})
		require.ErrorIs(t, err, errTest)
		assert.NotErrorIs(t, err, context.Canceled)
		assert.Equal(t, calls.Load()-1, cancelled.Load(), "every other call was waited for")
		assert.LessOrEqual(t, calls.Load(), int64(4))
	})
}

func TestForEach_contextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var calls atomic.Int64
		err := parallel.ForEach(ctx, 10, 2, func(ctx context.Context, _ int) error {
			calls.Add(1)
			<-ctx.Done()
			return nil
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.EqualValues(t, 2, calls.Load())
	})
}

func TestForEach_contextEndsInLastCall(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, parallel.ForEach(ctx, 1, 2, func(context.Context, int) error {
		cancel()
		return nil
	}), "every call has succeeded")
}

func TestForEach_panic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		assert.PanicsWithValue(t, "mine", func() {
			_ = parallel.ForEach(t.Context(), 3, 2, func(ctx context.Context, i int) error {
				if i == 1 {
					panic("mine")
				}
				<-ctx.Done()
				ended = true
				return ctx.Err()
			})
		})
		assert.True(t, ended, "the other call was waited for")
	})
}

// A call fails before another panics: the panic is the more serious of the two.
func TestForEach_panicAfterError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		assert.PanicsWithValue(t, "mine", func() {
			_ = parallel.ForEach(t.Context(), 2, 2, func(ctx context.Context, i int) error {
				if i == 0 {
					time.Sleep(time.Second) // until the other call has started
					return errTest
				}
				<-ctx.Done()
				panic("mine")
			})
		})
	})
}

func TestForEach_goexit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		err := parallel.ForEach(t.Context(), 5, 2, func(ctx context.Context, i int) error {
			if i == 0 {
				runtime.Goexit()
			}
			<-ctx.Done()
			return ctx.Err()
		})
		require.ErrorIs(t, err, parallel.ErrExited)
	})
}
