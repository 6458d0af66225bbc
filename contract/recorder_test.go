package contract

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	rjt "example.com/restorejobs/restorejobstest"
)

// recorder records the exchanges between client and server.
type recorder struct {
	base http.RoundTripper

	mu   sync.Mutex
	seen []*exchange
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	recorded, err := testutil.Record(r.base, req)
	if err != nil {
		return nil, err
	}
	resp := recorded.Response
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, &exchange{
		request:  recorded.Request,
		sent:     recorded.Sent,
		status:   resp.StatusCode,
		header:   resp.Header.Clone(),
		received: recorded.Received,
	})
	return resp, nil
}

// add adds the exchanges of another recorder.
func (r *recorder) add(seen []*exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, seen...)
}

// drain returns the exchanges since the last call.
func (r *recorder) drain() []*exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := slices.Clone(r.seen)
	r.seen = nil
	return seen
}

// newClient returns a client of the server with a recorder between them. Retries are off, so that
// a call is one exchange, or two with a challenge.
func newClient(t *testing.T, server *rjt.Server, opts ...restorejobs.Option) (*restorejobs.Client, *recorder) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	record := &recorder{base: transport}
	all := []restorejobs.Option{restorejobs.WithTransport(record), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1})}
	client, err := server.Client(append(all, opts...)...)
	require.NoError(t, err)
	return client, record
}

func newServer(t *testing.T, opts ...rjt.Option) *rjt.Server {
	t.Helper()
	server := rjt.NewServer(opts...)
	t.Cleanup(server.Close)
	return server
}
