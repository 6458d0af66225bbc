package restorejobs_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestCreate_transportUsesAnotherClient: the transport sends the create, the reply is lost, and it
// looks at something with another client of this library, under the context of the create.
func TestCreate_transportUsesAnotherClient(t *testing.T) {
	t.Parallel()
	for name, base := range map[string]string{"which is refused": "", "which cannot connect": unusedAddr} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var creates atomic.Int32
			server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				creates.Add(1)
				panic(http.ErrAbortHandler)
			})
			if base == "" {
				base = server.URL
			}
			other := clienttest.New(t, clienttest.Bearer("other"), restorejobs.WithBaseURL(base), withoutRetry())
			wrap := afterwards(func(r *http.Request, err error) error {
				_ = other.Do(r.Context(), http.MethodGet, "/api/atlas/v2", nil, nil)
				return err
			})
			client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(server.URL), restorejobs.WithTransport(wrap(&http.Transport{})))
			err := clienttest.Create(clienttest.ShortContext(t), client)
			assert.EqualValues(t, 1, creates.Load())
			require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		})
	}
}

// TestCreate_transportErrorOfOtherRequest: the create is sent and lost; what its transport reports of a
// call of its own, that was not sent, says nothing about the create.
func TestCreate_transportErrorOfOtherRequest(t *testing.T) {
	t.Parallel()
	var creates atomic.Int32
	server := testutil.NewServer(t, func(http.ResponseWriter, *http.Request) {
		creates.Add(1)
		panic(http.ErrAbortHandler)
	})
	other := clienttest.New(t, clienttest.Bearer("other"), restorejobs.WithBaseURL(unusedAddr), withoutRetry())
	wrap := afterwards(func(_ *http.Request, err error) error {
		return errors.Join(err, other.Do(context.Background(), http.MethodPost, "/api/atlas/v2/alerts", nil, nil))
	})
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(server.URL), restorejobs.WithTransport(wrap(&http.Transport{})))
	err := clienttest.Create(clienttest.ShortContext(t), client)
	assert.EqualValues(t, 1, creates.Load())
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
}

// TestDo_deleteWithTwoErrors: it was sent and then lost, and a second connection failed. http.Client
// wraps each in a url.Error.
func TestDo_deleteWithTwoErrors(t *testing.T) {
	t.Parallel()
	var sent atomic.Int32
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
			sent.Add(1)
			refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
			return nil, errors.Join(&url.Error{Op: "Delete", URL: "https://b", Err: refused}, &url.Error{Op: "Delete", URL: "https://a", Err: io.ErrUnexpectedEOF})
		})))
	err := client.Do(clienttest.ShortContext(t), http.MethodDelete, "/api/atlas/v2/x", nil, nil)
	assert.EqualValues(t, 1, sent.Load())
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
}

// recordingListener records the latest connection.
type recordingListener struct {
	net.Listener
	mu   sync.Mutex
	last net.Conn
}

func (l *recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	l.mu.Lock()
	l.last = conn
	l.mu.Unlock()
	return conn, err
}

// The service has read the create, then a proxy writes plain text into the TLS stream: the response
// is lost, and the restore may run.
func TestCreate_garbageInTLSStream(t *testing.T) {
	t.Parallel()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		var creates atomic.Int32
		var l *recordingListener
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			creates.Add(1)
			l.mu.Lock()
			raw := l.last
			l.mu.Unlock()
			_, _ = raw.Write([]byte("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"))
			time.Sleep(50 * time.Millisecond)
			_ = raw.Close()
		}))
		l = &recordingListener{Listener: s.Listener}
		s.Listener = l
		s.TLS = &tls.Config{MaxVersion: version}
		s.StartTLS()
		plain := s.Client().Transport.(*http.Transport)
		c := clienttest.New(t, clienttest.Bearer("x"), restorejobs.WithBaseURL(s.URL), restorejobs.WithTransport(plain))
		err := clienttest.Create(t.Context(), c)
		require.Error(t, err)
		assert.EqualValues(t, 1, creates.Load())
		assert.True(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%x: %v", version, err)
		s.Close()
	}
}
