package download

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// busySegments is a file of one segment, which is being fetched since begun.
func busySegments(size int64, begun time.Time) (*segments, *segment) {
	s := &segments{size: size, length: size}
	return s, s.gapAt(0, begun)
}

// What a connection has received stays its own, also before it is written.
func TestSegments_splitKeepsWhatIsReceived(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	s, owner := busySegments(1000, begun)
	owner.received = 400
	owner.latest = begun.Add(time.Second)
	created := s.next(1200, owner.latest)
	require.NotNil(t, created)
	assert.EqualValues(t, 550, owner.end, "a quarter of the rest, as its rate is a quarter of both")
	assert.Equal(t, owner.end, created.start)
	assert.EqualValues(t, 1000, created.end)
}

// A connection whose response has not begun keeps its segment until it counts as stopped.
func TestSegments_splitWaitsForFirstByte(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s, _ := busySegments(1000, now)
	for range 4 {
		patience := s.list[0].patience
		assert.Nil(t, s.next(1, now.Add(patience)))
		now = now.Add(patience + time.Nanosecond)
		created := s.next(1, now)
		require.NotNil(t, created)
		assert.Equal(t, []*segment{created}, s.list)
		assert.Equal(t, 2*patience, created.patience)
	}
}

// The hash does not wait for a stopped connection, except while its last bytes are written. Another one
// fetches what has only been received, also where nothing else is left.
func TestSegments_takeOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end, written   int64
		writing        bool
		kept, advanced int64
	}{
		"written":                   {end: 1000, written: 400, kept: 400, advanced: 400},
		"being written":             {end: 1000, written: 300, writing: true, kept: 400},
		"received":                  {end: 1000, written: 300, kept: 300, advanced: 300},
		"received to its end":       {end: 400, written: 300, kept: 300, advanced: 300},
		"received, nothing written": {end: 400, kept: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			s, owner := busySegments(1000, begun)
			owner.received = 400
			owner.pos = test.written
			owner.end = test.end
			owner.writing = test.writing
			s.size = test.end
			created := s.next(0, begun.Add(time.Minute))
			require.NotNil(t, created)
			assert.Equal(t, test.kept, owner.end)
			assert.Equal(t, test.kept, created.start)
			assert.Equal(t, test.end, created.end)
			assert.Zero(t, owner.left())
			s.advance(owner.pos, func() []byte { return nil })
			assert.Equal(t, test.advanced, s.base)
		})
	}
}
