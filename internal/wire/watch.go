package wire

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// Watch tells whether a call that failed was sent, by what its transport did rather than by
// the error it ended with. It looks at the call's last leg: what came before that was
// refused.
type Watch struct{ leg *leg }

type watchKey struct{}

// WithWatch watches a call on its way through a [Watched] transport.
func WithWatch(ctx context.Context) (context.Context, *Watch) {
	w := &Watch{}
	return context.WithValue(ctx, watchKey{}, w), w
}

// Watched is a transport whose requests can be watched. It lies below what signs them, and
// so sees each leg of a call by itself.
type Watched struct{ Base http.RoundTripper }

// RoundTrip sends the request.
func (t *Watched) RoundTrip(request *http.Request) (*http.Response, error) {
	w, _ := request.Context().Value(watchKey{}).(*Watch)
	if w == nil {
		return t.Base.RoundTrip(request)
	}
	w.leg = &leg{transport: t.Base}
	response, err := t.Base.RoundTrip(w.leg.watched(request))
	if err == nil {
		w.leg.status = response.StatusCode
	}
	return response, err
}

// Judge marks the error of a call by whether it was sent. Where that cannot be seen the
// error stays as it is, and its kind decides: see [NotSent].
func (w *Watch) Judge(err error) error {
	switch {
	case w == nil || givenUp(err):
		return err
	case w.leg == nil || w.leg.status == http.StatusUnauthorized: // what failed is the signing
		return &NotSentError{Err: err}
	case w.leg.status != 0 || w.leg.reached(err):
		return &sentError{err}
	case w.leg.unsent():
		return &NotSentError{Err: err}
	default:
		return err
	}
}

// sentError is a call that may have been carried out, whatever kind its error is of: a
// transport may have tried again by itself, and found nobody then.
type sentError struct{ err error }

func (e *sentError) Error() string { return e.err.Error() }
func (e *sentError) Unwrap() error { return e.err }

// leg is what is seen of one request. The context it is seen by may come to be that of
// others too, such as one that reports an error to somebody: nothing that happens later
// takes back that a connection was got.
type leg struct {
	transport http.RoundTripper
	status    int // of its answer, 0 for none

	looked      atomic.Bool  // for a connection
	connections atomic.Int32 // got
	wrote       atomic.Bool
}

// watched makes the transport report, if it knows httptrace as net/http's does.
func (l *leg) watched(request *http.Request) *http.Request {
	wrote := func() { l.wrote.Store(true) }
	return request.WithContext(httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GetConn:          func(string) { l.looked.Store(true) },
		GotConn:          func(httptrace.GotConnInfo) { l.connections.Add(1) },
		WroteHeaderField: func(string, []string) { wrote() },
		WroteHeaders:     wrote,
	}))
}

// reached reports that the request, or a part of it, may have come to a server. One that
// breaks off the handshake of the only connection has read nothing.
func (l *leg) reached(err error) bool {
	if l.connections.Load() == 1 && handshakeRefused(err) {
		return false
	}
	return l.connections.Load() > 0 || l.wrote.Load()
}

// unsent reports that a request which has not reached anybody certainly was not sent: a
// context that ended while dialling, a proxy that refused, a handshake that took too long.
func (l *leg) unsent() bool {
	switch l.transport.(type) {
	case *http.Transport, *Transport: // which fail before they look for a connection where a proxy function does
		return true
	}
	return l.looked.Load()
}
