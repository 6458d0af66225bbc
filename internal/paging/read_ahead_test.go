package paging

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// respondAfter returns a request that takes some time.
func respondAfter(number int, delay time.Duration) func(context.Context) result[int] {
	return func(ctx context.Context) result[int] {
		select {
		case <-ctx.Done():
			return result[int]{err: ctx.Err()}
		case <-time.After(delay):
			return result[int]{page: &Page[int]{Number: number}}
		}
	}
}

func TestReadAhead_keepsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ahead := newReadAhead[int](t.Context())
		defer ahead.stop()
		for number := 1; number <= 3; number++ {
			ahead.start(respondAfter(number, time.Duration(4-number)*time.Second))
		}
		start := time.Now()
		for number := 1; number <= 3; number++ {
			read := ahead.next()
			require.NoError(t, read.err)
			assert.Equal(t, number, read.page.Number)
			assert.Equal(t, number > 1, read.isEarly)
		}
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestReadAhead_drop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ahead := newReadAhead[int](t.Context())
		defer ahead.stop()
		ahead.start(respondAfter(1, time.Hour))
		ahead.start(respondAfter(2, time.Hour))
		start := time.Now()
		ahead.drop(t.Context())
		assert.Zero(t, time.Since(start), "cancelled")
		assert.Empty(t, ahead.pending)
		ahead.start(respondAfter(1, time.Second))
		read := ahead.next()
		require.NoError(t, read.err, "after a drop requests are sent again")
		assert.False(t, read.isEarly)
	})
}
