package download

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// pacedReader takes a time for each read.
type pacedReader struct {
	io.Reader

	pause time.Duration
}

func (p *pacedReader) Read(b []byte) (int, error) {
	time.Sleep(p.pause)
	return p.Reader.Read(b)
}

// A reader ends early only if it is slow and enough is left.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pause  time.Duration // for 512 KiB
		length int64
		isSlow bool
	}{
		"slow":  {10 * time.Millisecond, 100 << 20, true},
		"fast":  {time.Millisecond, 400 << 20, false},
		"small": {10 * time.Millisecond, 60 << 20, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			body := io.NopCloser(&pacedReader{io.LimitReader(zeros{}, c.length), c.pause})
			resp := newResponse(t.Context(), nil, &stallTimer{}, body, c.length)
			slow := newSlowReader(resp, minRangesLeft)
			n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, slow, make([]byte, 512<<10))
			require.NoError(t, err)
			assert.Equal(t, c.isSlow, slow.isSlow, name)
			assert.Equal(t, c.isSlow, n < c.length, name)
			assert.Equal(t, n, resp.read, name)
		})
	}
}
