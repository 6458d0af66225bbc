package parallel

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCall_returnsValue(t *testing.T) {
	t.Parallel()
	call := Start(func() int { return 7 })
	<-call.Done()
	value, err := call.Wait()
	require.NoError(t, err)
	assert.Equal(t, 7, value)
}

func TestCall_panicsForItsFunction(t *testing.T) {
	t.Parallel()
	call := Start(func() int { panic("mine") })
	assert.PanicsWithValue(t, "mine", func() { _, _ = call.Wait() })
}

func TestCall_goexit(t *testing.T) {
	t.Parallel()
	call := Start(func() int {
		runtime.Goexit()
		return 7
	})
	value, err := call.Wait()
	require.ErrorIs(t, err, ErrExited)
	assert.Zero(t, value)
}
