package api

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whatever the sizes, a body arrives whole, and a longer one is cut one byte past the limit.
func TestBodyBuffer_readsWholeBodies(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pool := []*bodyBuffer{{}, {}}
	content := make([]byte, 6<<20)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	for range 400 {
		size := random.Int64N(1 << random.IntN(23))
		limit := 1 + random.Int64N(1<<(1+random.IntN(23)))
		body := content[:min(size, int64(len(content)))]
		size = int64(len(body))
		announced := int64(0)
		if size <= limit && random.IntN(2) == 0 {
			announced = size
		}
		var reader io.Reader = bytes.NewReader(body)
		if random.IntN(2) == 0 {
			reader = iotest.DataErrReader(reader)
		}
		buffer := pool[random.IntN(len(pool))]
		require.NoError(t, buffer.readFrom(reader, announced, limit))
		require.Equal(t, min(size, limit+1), int64(len(buffer.data)))
		require.True(t, bytes.Equal(body[:len(buffer.data)], buffer.data))
		require.Empty(t, buffer.pieces)
		buffer.data = buffer.data[:0]
	}
}

// A body that breaks off keeps what arrived.
func TestBodyBuffer_keepsWhatArrived(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	text := strings.Repeat("x", 100_000)
	for _, announced := range []int64{0, 200_000} {
		buffer := &bodyBuffer{}
		err := buffer.readFrom(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), announced, 1<<20)
		require.ErrorIs(t, err, broken)
		assert.Equal(t, text, string(buffer.data))
	}
}

// A length that is a lie allocates little before bytes arrive.
func TestBodyBuffer_announcedLengthIsALie(t *testing.T) {
	t.Parallel()
	buffer := &bodyBuffer{}
	require.NoError(t, buffer.readFrom(strings.NewReader("{}"), 1<<40, 1<<42))
	assert.Less(t, cap(buffer.data), 5<<20)
}

// A buffer that is kept for other calls keeps nothing of a response, such as its header.
func TestRequest_putBufferForgetsResponse(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(http.StatusOK, "text", "X-Echo", "canary")}}
	req := newRequest(RetryNever)
	req.Buffers = NewBuffers()
	defer req.Buffers.Close()
	var decoded *Response
	_, _, err := Send(t.Context(), s.pipeline(), req, func(resp *Response) (string, error) {
		decoded = resp
		return resp.Header.Get("X-Echo"), nil
	})
	require.NoError(t, err)
	assert.Zero(t, *decoded)
}
