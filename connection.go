package restorejobs

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// connectionWatch tells whether a request that failed had a connection. Without one it
// certainly was not sent, whatever the error says: a context that ended while dialling, a
// proxy that refused, a handshake that took too long. It needs a transport that reports to
// httptrace, as net/http's does; others are not believed to have sent nothing.
type connectionWatch struct{ missing atomic.Bool }

// watchConnection watches calls that must not be sent twice; reads need no watch.
func watchConnection(q *call, transport http.RoundTripper) *connectionWatch {
	if q.repeat == repeatRead {
		return nil
	}
	w := &connectionWatch{}
	_, reports := transport.(*http.Transport)
	w.missing.Store(reports) // it fails before it looks for a connection where a proxy function does
	return w
}

// context makes the transport report. A request has several connections in turn where a
// challenge is answered; the last counts, because what came before it was refused.
func (w *connectionWatch) context(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          func(string) { w.missing.Store(true) },
		GotConn:          func(httptrace.GotConnInfo) { w.missing.Store(false) },
		WroteHeaderField: func(string, []string) { w.missing.Store(false) },
		WroteHeaders:     func() { w.missing.Store(false) },
	})
}

// judge marks the error of a request that had no connection.
func (w *connectionWatch) judge(err error) error {
	if w == nil || !w.missing.Load() {
		return err
	}
	return &notSentError{err: err}
}
