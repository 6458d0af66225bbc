package sharedread_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/sharedread"
)

// counter counts reads that take a second.
type counter struct{ reads atomic.Int64 }

func (c *counter) read(ctx context.Context) (int64, error) {
	n := c.reads.Add(1)
	select {
	case <-time.After(time.Second):
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Concurrent callers share one read, and later ones share it while it is fresh.
func TestRead_isShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group sharedread.Group[string, int64]
		var c counter
		var callers sync.WaitGroup
		for i := range 10 {
			watcher := group.Watch("p")
			callers.Go(func() {
				defer watcher.Close()
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				reading, err := watcher.Read(t.Context(), 5*time.Second, c.read)
				assert.NoError(t, err)
				assert.EqualValues(t, 1, reading.Value)
			})
		}
		callers.Wait()
		assert.EqualValues(t, 1, c.reads.Load())
		watcher := group.Watch("p")
		defer watcher.Close()
		reading, err := watcher.Read(t.Context(), time.Hour, c.read)
		require.NoError(t, err)
		assert.EqualValues(t, 2, reading.Value, "nothing is kept without a watcher")
	})
}

// A reading is read again when it is as old as the caller permits.
func TestRead_maxAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group sharedread.Group[string, int64]
		var c counter
		watcher := group.Watch("p")
		defer watcher.Close()
		for range 5 {
			start := time.Now()
			_, err := watcher.Read(t.Context(), 10*time.Second, c.read)
			require.NoError(t, err)
			time.Sleep(time.Until(start.Add(10 * time.Second)))
		}
		assert.EqualValues(t, 5, c.reads.Load())
		_, err := watcher.Read(t.Context(), 0, c.read)
		require.NoError(t, err)
		assert.EqualValues(t, 6, c.reads.Load())
	})
}

// A caller that goes away does not end the read of the others: the next one reads.
func TestRead_cancelledReader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group sharedread.Group[string, int64]
		var c counter
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for i := range 3 {
			watcher := group.Watch("p")
			callers.Go(func() {
				defer watcher.Close()
				time.Sleep(time.Duration(i) * time.Millisecond)
				callerCtx := t.Context()
				if i == 0 {
					callerCtx = ctx
				}
				reading, err := watcher.Read(callerCtx, time.Minute, c.read)
				if i == 0 {
					assert.ErrorIs(t, err, context.Canceled)
					return
				}
				assert.NoError(t, err)
				assert.EqualValues(t, 2, reading.Value)
			})
		}
		time.Sleep(time.Second / 2)
		cancel()
		callers.Wait()
		assert.EqualValues(t, 2, c.reads.Load())
	})
}

// A caller that waits for the read of another returns when its own context ends.
func TestRead_cancelledWaiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group sharedread.Group[string, int64]
		var c counter
		reader := group.Watch("p")
		defer reader.Close()
		var callers sync.WaitGroup
		callers.Go(func() {
			reading, err := reader.Read(t.Context(), time.Minute, c.read)
			assert.NoError(t, err)
			assert.EqualValues(t, 1, reading.Value)
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		waiter := group.Watch("p")
		defer waiter.Close()
		_, err := waiter.Read(ctx, time.Minute, c.read)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		callers.Wait()
	})
}

// An error is shared as a value is. A panic is the reader's alone.
func TestRead_errorsAndPanics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var group sharedread.Group[string, int64]
		errRefused := errors.New("refused")
		watcher := group.Watch("p")
		defer watcher.Close()
		reading, err := watcher.Read(t.Context(), time.Minute, func(context.Context) (int64, error) { return 0, errRefused })
		require.NoError(t, err)
		require.ErrorIs(t, reading.Err, errRefused)
		time.Sleep(time.Minute)
		assert.PanicsWithValue(t, "mine", func() {
			_, _ = watcher.Read(t.Context(), time.Minute, func(context.Context) (int64, error) { panic("mine") })
		})
		var c counter
		reading, err = watcher.Read(t.Context(), time.Minute, c.read)
		require.NoError(t, err)
		assert.EqualValues(t, 1, reading.Value)
	})
}
