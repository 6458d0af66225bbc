package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// requestTrace is what is known of one request. Its context can be used for other requests, so
// later events never revoke that a connection was obtained or the body was read.
type requestTrace struct {
	transport http.RoundTripper
	hasBody   bool
	status    int // of the response; 0 if there was none

	getConnCalled atomic.Bool
	conns         atomic.Int32 // obtained
	connReused    atomic.Bool  // one of them
	wroteHeaders  atomic.Bool
	bodyState     atomic.Int32
}

// States of a body.
const (
	bodyUnread int32 = iota
	bodyRead
	bodyWithheld
)

var errBodyWithheld = errors.New("the request was given up before its body was read")

// traced returns the request with hooks. A transport calls them if it supports httptrace.
func (r *requestTrace) traced(req *http.Request) *http.Request {
	// Requests that the transport makes with the context are not this one.
	ctx := context.WithValue(req.Context(), sendTrackerKey{}, (*SendTracker)(nil))
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { r.getConnCalled.Store(true) },
		GotConn:          r.gotConn,
		WroteHeaderField: func(string, []string) { r.wroteHeaders.Store(true) },
		WroteHeaders:     func() { r.wroteHeaders.Store(true) },
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

// trackBody records when the body is read, which every transport does before it sends it. It is
// not free: net/http writes a body of unknown type separately from the headers, and if the
// server disconnects in between, its response is lost.
func (r *requestTrace) trackBody(req *http.Request) {
	req.Body = &trackedBody{ReadCloser: req.Body, trace: r}
	getBody := req.GetBody
	if getBody == nil {
		return
	}
	req.GetBody = func() (io.ReadCloser, error) {
		body, err := getBody()
		if err != nil {
			return nil, err
		}
		return &trackedBody{ReadCloser: body, trace: r}, nil
	}
}

// mayHaveReachedServer reports whether a part of the request may have reached a server. A body
// that is still unread is withheld from then on.
func (r *requestTrace) mayHaveReachedServer() bool {
	r.bodyState.CompareAndSwap(bodyUnread, bodyWithheld)
	return r.bodyState.Load() == bodyRead || r.conns.Load() > 0 || r.wroteHeaders.Load()
}

// isProvenUnread reports that no server read the request, although there was a connection: a
// server rejected the handshake of the only one, which was new, or net/http dialed again, which
// it does only if nothing was written.
func (r *requestTrace) isProvenUnread(err error) bool {
	hadOneNewConn := r.conns.Load() == 1 && !r.connReused.Load()
	if hadOneNewConn && isHandshakeRejected(err) {
		return true
	}
	return r.tracksConns() && isDialError(err)
}

// isConclusive reports whether a request that reached no server by the trace certainly was not
// sent. Other transports than our own can have connections that they do not report, such as an
// http.Transport with more protocols. The unread body is the proof then.
func (r *requestTrace) isConclusive() bool {
	if r.tracksConns() {
		return true
	}
	return r.hasBody && (r.getConnCalled.Load() || r.isNetHTTP())
}

// isNetHTTP reports a transport of net/http. It may fail before it needs a connection, if its
// proxy function fails.
func (r *requestTrace) isNetHTTP() bool {
	switch r.transport.(type) {
	case *http.Transport, *CallerTransport, *Transport:
		return true
	}
	return false
}

// tracksConns reports whether the transport is our own, and reports every connection.
func (r *requestTrace) tracksConns() bool {
	tracked, ok := r.transport.(*Transport)
	return ok && tracked.tracksAllConns
}

// trackedBody records that it is read, and is not read any more once it is withheld.
type trackedBody struct {
	io.ReadCloser

	trace *requestTrace
}

func (t *trackedBody) Read(p []byte) (int, error) {
	isFirst := t.trace.bodyState.CompareAndSwap(bodyUnread, bodyRead)
	if !isFirst && t.trace.bodyState.Load() == bodyWithheld {
		return 0, errBodyWithheld
	}
	return t.ReadCloser.Read(p)
}
