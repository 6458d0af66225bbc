package transport_test

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

// TestRoundTrip_endsHandshake checks that a connection whose server never responds is closed with
// the context of its request. The bubble fails if a goroutine is left.
func TestRoundTrip_endsHandshake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Bool
		tracked := transport.Track(&http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				buffer := make([]byte, 1<<10)
				for {
					if _, err := server.Read(buffer); err != nil {
						closed.Store(true)
						return
					}
				}
			}()
			return client, nil
		}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req := testutil.Request(t, http.MethodGet, "https://om.example.net", nil).WithContext(ctx)
		resp, err := tracked.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.True(t, closed.Load())
	})
}

func TestCloseIdle_ownTransportOnly(t *testing.T) {
	t.Parallel()
	var closed atomic.Int32
	server := testutil.Serve(t, testutil.Respond(http.StatusNoContent, ""))
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return &closeCounter{Conn: conn, closed: &closed}, err
	}
	for name, c := range map[string]struct {
		transport func(*http.Transport) http.RoundTripper
		want      int32
	}{
		"caller's": {func(plain *http.Transport) http.RoundTripper { return plain }, 0},
		"own":      {func(plain *http.Transport) http.RoundTripper { return transport.Track(plain) }, 1},
	} {
		closed.Store(0)
		plain := &http.Transport{DialContext: dial}
		base := c.transport(plain)
		resp, err := base.RoundTrip(testutil.Request(t, http.MethodGet, server.String(), nil))
		require.NoError(t, err, name)
		require.NoError(t, resp.Body.Close())
		transport.CloseIdle(base)()
		assert.Equal(t, c.want, closed.Load(), name)
		plain.CloseIdleConnections()
	}
}

// closeCounter counts how often connections are closed.
type closeCounter struct {
	net.Conn
	closed *atomic.Int32
}

func (c *closeCounter) Close() error {
	c.closed.Add(1)
	return c.Conn.Close()
}
