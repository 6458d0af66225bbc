package testutil_test

import (
	"context"
	"io"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

func TestResetAfter_endsConnection(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.ResetAfter("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"))
	resp, err := http.DefaultTransport.RoundTrip(testutil.Request(t, http.MethodGet, server.URL, nil))
	if err == nil { // the reset came after the header
		_, err = io.ReadAll(resp.Body)
		assert.NoError(t, resp.Body.Close())
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestStallAfter_endsWithClient(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.StallAfter("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"))
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	req := testutil.Request(t, http.MethodGet, server.URL, nil).WithContext(ctx)
	resp, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, "half", string(body))
	assert.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{"GET / (no credentials): raw bytes or nothing"}, server.Requests())
}

func TestRespondEncoded_gzip(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.RespondEncoded("gzip", string(testutil.Gzip(`{"a":1}`))))
	resp, body := send(t, http.DefaultTransport, testutil.Request(t, http.MethodGet, server.URL, nil))
	assert.True(t, resp.Uncompressed)
	assert.JSONEq(t, `{"a":1}`, body)
	assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
}

func TestRespondEndlessly_endsWithClient(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.RespondEndlessly)
	resp, err := http.DefaultTransport.RoundTrip(testutil.Request(t, http.MethodGet, server.URL, nil))
	require.NoError(t, err)
	size, err := io.CopyN(io.Discard, resp.Body, 8<<20)
	require.NoError(t, err)
	assert.EqualValues(t, 8<<20, size)
	assert.NoError(t, resp.Body.Close())
	assert.Equal(t, []string{"GET / (no credentials): 200"}, server.Requests())
}
