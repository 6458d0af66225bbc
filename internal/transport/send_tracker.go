package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// SendTracker tells whether a call that failed was sent, by what its transport did rather than by
// the error it ended with. It looks at the call's last leg: what came before that was
// refused.
type SendTracker struct{ trace *requestTrace }

type sendTrackerKey struct{}

// WithSendTracker watches a call on its way through a [TrackedTransport] transport.
func WithSendTracker(ctx context.Context) (context.Context, *SendTracker) {
	w := &SendTracker{}
	return context.WithValue(ctx, sendTrackerKey{}, w), w
}

// TrackedTransport is a transport whose requests can be watched. It lies below what signs them, and
// so sees each leg of a call by itself.
type TrackedTransport struct{ Base http.RoundTripper }

// RoundTrip sends the request.
func (t *TrackedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	w, _ := req.Context().Value(sendTrackerKey{}).(*SendTracker)
	if w == nil {
		return t.Base.RoundTrip(req)
	}
	w.trace = &requestTrace{transport: t.Base}
	resp, err := t.Base.RoundTrip(w.trace.traced(req))
	if err == nil {
		w.trace.status = resp.StatusCode
	}
	return resp, err
}

// Classify marks the error of a call by whether it was sent. Where that cannot be seen the
// error stays as it is, and its kind decides: see [IsNotSent].
func (s *SendTracker) Classify(err error) error {
	switch {
	case s == nil:
		return err
	case s.trace == nil || s.trace.status == http.StatusUnauthorized: // what failed is the signing
		if isMarkedNotSent(err) {
			return err
		}
		return &NotSentError{Err: err}
	}
	reached := s.trace.mayHaveReachedServer()
	switch {
	case s.trace.status != 0, reached && !s.trace.provenUnread(err):
		return &sentError{err}
	case !reached && s.trace.isConclusive() && !isMarkedNotSent(err):
		return &NotSentError{Err: err}
	}
	return err
}

// sentError is a call that may have been carried out, whatever kind its error is of: a
// transport may have tried again by itself, and found nobody then.
type sentError struct{ err error }

func (e *sentError) Error() string { return e.err.Error() }
func (e *sentError) Unwrap() error { return e.err }

// requestTrace is what is seen of one request. The context it is seen by may come to be that of
// others too, such as one that reports an error to somebody: nothing that happens later
// takes back that a connection was got or the body read.
type requestTrace struct {
	transport http.RoundTripper
	hasBody   bool
	status    int // of its answer, 0 for none

	getConnCalled atomic.Bool  // for a connection
	conns         atomic.Int32 // got
	connReused    atomic.Bool  // one of them was
	wroteHeaders  atomic.Bool
	bodyState     atomic.Int32
}

// What became of a body.
const (
	bodyUnread int32 = iota
	bodyRead
	bodyWithheld
)

// traced makes the transport report, if it knows httptrace as net/http's does.
func (r *requestTrace) traced(req *http.Request) *http.Request {
	onWrite := func() { r.wroteHeaders.Store(true) }
	ctx := context.WithValue(req.Context(), sendTrackerKey{}, (*SendTracker)(nil)) // calls that are made with it are not this one
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { r.getConnCalled.Store(true) },
		GotConn:          r.gotConn,
		WroteHeaderField: func(string, []string) { onWrite() },
		WroteHeaders:     onWrite,
	}))
	r.hasBody = req.Body != nil && req.Body != http.NoBody
	if r.hasBody && !r.tracksConns() {
		r.trackBody(req)
	}
	return req
}

func (r *requestTrace) gotConn(info httptrace.GotConnInfo) {
	r.conns.Add(1)
	if info.Reused {
		r.connReused.Store(true)
	}
}

// trackBody sees when the body is read, which any transport has to do before it can send it.
// There is a price: net/http writes a body that it does not know apart from the headers, and
// where a server hangs up in between, its reason is lost. So it is done only where the
// transport does not tell enough by itself.
func (r *requestTrace) trackBody(req *http.Request) {
	req.Body = &trackedBody{req.Body, r}
	if again := req.GetBody; again != nil {
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &trackedBody{body, r}, nil
		}
	}
}

// mayHaveReachedServer reports that the request, or a part of it, may have come to a server. A body that
// was not read so far is not given any more.
func (r *requestTrace) mayHaveReachedServer() bool {
	r.bodyState.CompareAndSwap(bodyUnread, bodyWithheld)
	return r.bodyState.Load() == bodyRead || r.conns.Load() > 0 || r.wroteHeaders.Load()
}

// provenUnread reports that nothing was heard of the request on the connections it had: a server
// broke off the handshake of the only one, which was new, or net/http looked for another one,
// which it does only where nothing was written yet, and found nobody.
func (r *requestTrace) provenUnread(err error) bool {
	return r.conns.Load() == 1 && !r.connReused.Load() && isHandshakeRejected(err) || r.tracksConns() && isDialError(err)
}

// isConclusive reports that a request which has not reached anybody, as far as is seen, certainly
// was not sent: a context that ended while dialling, a proxy that refused, a handshake that
// took too long. Where a transport may have connections that it does not report, even an
// *http.Transport, which can be given more protocols, it lacks the body.
func (r *requestTrace) isConclusive() bool {
	_, plain := r.transport.(*http.Transport)
	_, tracked := r.transport.(*Transport)
	// Both of net/http's fail before they look for a connection where a proxy function does.
	return r.tracksConns() || r.hasBody && (plain || tracked || r.getConnCalled.Load())
}

// tracksConns is whether the transport is the client's own, and tells of every connection.
func (r *requestTrace) tracksConns() bool {
	tracked, ok := r.transport.(*Transport)
	return ok && tracked.tracksAllConns
}

var errBodyWithheld = errors.New("the request was given up before its body was read")

// trackedBody tells the leg when it is read.
type trackedBody struct {
	io.ReadCloser

	trace *requestTrace
}

func (t *trackedBody) Read(p []byte) (int, error) {
	if !t.trace.bodyState.CompareAndSwap(bodyUnread, bodyRead) && t.trace.bodyState.Load() == bodyWithheld {
		return 0, errBodyWithheld
	}
	return t.ReadCloser.Read(p)
}
