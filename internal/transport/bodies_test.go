package transport_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// trackedReader records how much is read, and that it is closed.
type trackedReader struct {
	io.Reader
	read   int
	closed int
}

func (r *trackedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	return n, err
}

func (r *trackedReader) Close() error {
	r.closed++
	return nil
}

func TestDrainAndClose_limit(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]int{0: 0, 100: 100, 64 << 10: 64 << 10, 1 << 20: 64<<10 + 1} {
		body := &trackedReader{Reader: strings.NewReader(strings.Repeat("x", size))}
		transport.DrainAndClose(body)
		assert.Equal(t, want, body.read)
		assert.Equal(t, 1, body.closed)
	}
}

func TestCloseRequestBody_optionalBody(t *testing.T) {
	t.Parallel()
	req := testutil.Request(t, http.MethodPost, "http://host/", nil)
	transport.CloseRequestBody(req)
	body := &trackedReader{Reader: strings.NewReader("x")}
	req.Body = body
	transport.CloseRequestBody(req)
	assert.Equal(t, 1, body.closed)
	assert.Zero(t, body.read)
}
