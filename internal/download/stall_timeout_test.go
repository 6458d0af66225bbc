package download

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// slow sends one byte in each pause.
type slow struct {
	from  io.Reader
	pause time.Duration
	ended <-chan struct{}
}

func (s *slow) Read(p []byte) (int, error) {
	pause := time.NewTimer(s.pause)
	defer pause.Stop()
	select {
	case <-pause.C:
		return s.from.Read(p[:1])
	case <-s.ended:
		return 0, io.ErrUnexpectedEOF
	}
}

func slowly(pause time.Duration) answer {
	return func(req *http.Request) (*http.Response, error) {
		body := &slow{from: strings.NewReader(content), pause: pause, ended: req.Context().Done()}
		return with(http.StatusOK, body, int64(len(content)), "ETag", strong)(req)
	}
}

// TestFetchToWriter_stallTimeout: a server may be slow for as long as it likes, but not silent.
func TestFetchToWriter_stallTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, asked := client(slowly(59 * time.Second))
		c.StallTimeout = time.Minute
		result, err := c.FetchToWriter(t.Context(), io.Discard, file())
		require.NoError(t, err)
		assert.EqualValues(t, 10, result.Size)
		assert.Len(t, asked.asked, 1)

		silent := slowly(time.Hour)
		c, asked = client(silent, silent, silent)
		c.StallTimeout = time.Minute
		start := time.Now()
		_, err = c.FetchToWriter(t.Context(), io.Discard, file())
		require.EqualError(t, err, "the server sent nothing for 1m0s")
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Equal(t, 3*time.Minute, time.Since(start))
		assert.Len(t, asked.asked, 3)

		c, _ = client(silent)
		result, err = c.FetchToWriter(t.Context(), io.Discard, file())
		require.NoError(t, err, "without a limit")
		assert.EqualValues(t, 10, result.Size)
	})
}
