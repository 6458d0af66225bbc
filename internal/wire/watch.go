package wire

import (
	"context"
	"errors"
	"io"
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
	case w == nil:
		return err
	case w.leg == nil || w.leg.status == http.StatusUnauthorized: // what failed is the signing
		if givenUp(err) {
			return err
		}
		return &NotSentError{Err: err}
	}
	reached := w.leg.reached()
	switch {
	case w.leg.status != 0, reached && !w.leg.unheard(err):
		return &sentError{err}
	case !reached && w.leg.certain() && !givenUp(err):
		return &NotSentError{Err: err}
	}
	return err
}

// sentError is a call that may have been carried out, whatever kind its error is of: a
// transport may have tried again by itself, and found nobody then.
type sentError struct{ err error }

func (e *sentError) Error() string { return e.err.Error() }
func (e *sentError) Unwrap() error { return e.err }

// leg is what is seen of one request. The context it is seen by may come to be that of
// others too, such as one that reports an error to somebody: nothing that happens later
// takes back that a connection was got or the body read.
type leg struct {
	transport http.RoundTripper
	hasBody   bool
	status    int // of its answer, 0 for none

	looked      atomic.Bool  // for a connection
	connections atomic.Int32 // got
	reused      atomic.Bool  // one of them was
	wrote       atomic.Bool
	body        atomic.Int32
}

// What became of a body.
const (
	bodyUnread int32 = iota
	bodyRead
	bodyWithheld
)

// watched makes the transport report, if it knows httptrace as net/http's does.
func (l *leg) watched(request *http.Request) *http.Request {
	wrote := func() { l.wrote.Store(true) }
	ctx := context.WithValue(request.Context(), watchKey{}, (*Watch)(nil)) // calls that are made with it are not this one
	request = request.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { l.looked.Store(true) },
		GotConn:          l.gotConn,
		WroteHeaderField: func(string, []string) { wrote() },
		WroteHeaders:     wrote,
	}))
	l.hasBody = request.Body != nil && request.Body != http.NoBody
	if l.hasBody && !l.reports() {
		l.watchBody(request)
	}
	return request
}

func (l *leg) gotConn(info httptrace.GotConnInfo) {
	l.connections.Add(1)
	if info.Reused {
		l.reused.Store(true)
	}
}

// watchBody sees when the body is read, which any transport has to do before it can send it.
// There is a price: net/http writes a body that it does not know apart from the headers, and
// where a server hangs up in between, its reason is lost. So it is done only where the
// transport does not tell enough by itself.
func (l *leg) watchBody(request *http.Request) {
	request.Body = &watchedBody{request.Body, l}
	if again := request.GetBody; again != nil {
		request.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &watchedBody{body, l}, nil
		}
	}
}

// reached reports that the request, or a part of it, may have come to a server. A body that
// was not read so far is not given any more.
func (l *leg) reached() bool {
	l.body.CompareAndSwap(bodyUnread, bodyWithheld)
	return l.body.Load() == bodyRead || l.connections.Load() > 0 || l.wrote.Load()
}

// unheard reports that nothing was heard of the request on the connections it had: a server
// broke off the handshake of the only one, which was new, or net/http looked for another one,
// which it does only where nothing was written yet, and found nobody.
func (l *leg) unheard(err error) bool {
	return l.connections.Load() == 1 && !l.reused.Load() && handshakeRefused(err) || l.reports() && dialFailed(err)
}

// certain reports that a request which has not reached anybody, as far as is seen, certainly
// was not sent: a context that ended while dialling, a proxy that refused, a handshake that
// took too long. Where a transport may have connections that it does not report, even an
// *http.Transport, which can be given more protocols, it lacks the body.
func (l *leg) certain() bool {
	_, plain := l.transport.(*http.Transport)
	_, own := l.transport.(*Transport)
	// Both of net/http's fail before they look for a connection where a proxy function does.
	return l.reports() || l.hasBody && (plain || own || l.looked.Load())
}

// reports is whether the transport is the client's own, and tells of every connection.
func (l *leg) reports() bool {
	own, ok := l.transport.(*Transport)
	return ok && own.reports
}

var errWithheld = errors.New("the request was given up before its body was read")

// watchedBody tells the leg when it is read.
type watchedBody struct {
	io.ReadCloser

	leg *leg
}

func (b *watchedBody) Read(p []byte) (int, error) {
	if !b.leg.body.CompareAndSwap(bodyUnread, bodyRead) && b.leg.body.Load() == bodyWithheld {
		return 0, errWithheld
	}
	return b.ReadCloser.Read(p)
}
