package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"example.com/restorejobs/internal/digestauth"
)

// Watch tells whether a request that failed had a connection. Without one it
// certainly was not sent, whatever the error says: a context that ended while dialling, a
// proxy that refused, a handshake that took too long. It needs a transport that reports to
// httptrace, as net/http's does; others are not believed to have sent nothing.
type Watch struct{ missing atomic.Bool }

// NewWatch watches a request on a transport.
func NewWatch(transport http.RoundTripper) *Watch {
	w := &Watch{}
	switch transport.(type) {
	case *http.Transport, *Transport: // which fail before they look for a connection where a proxy function does
		w.missing.Store(true)
	}
	return w
}

// Context makes the transport report. A request has several connections in turn where a
// challenge is answered; the last counts, because what came before it was refused.
func (w *Watch) Context(ctx context.Context) context.Context {
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

// Judge marks the error of a request that had no connection.
func (w *Watch) Judge(err error) error {
	if w == nil || !w.missing.Load() || NotSent(err) {
		return err
	}
	return &NotSentError{Err: err}
}

// NotSentError is a call that was given up before it was sent.
type NotSentError struct {
	Err   error
	Final bool // another attempt would meet it again
}

func (e *NotSentError) Error() string { return e.Err.Error() }
func (e *NotSentError) Unwrap() error { return e.Err }

// NotSent reports an error from before the request: the connection was never
// made, or there was nothing to sign it with.
func NotSent(err error) bool {
	var operation *net.OpError
	var dns *net.DNSError
	var notSent *NotSentError
	var givenUp *digestauth.NotSentError
	if errors.As(err, &givenUp) {
		return true
	}
	if errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect") {
		return true
	}
	return errors.As(err, &notSent) || errors.As(err, &dns) || HandshakeFailed(err) || cannotSign(err)
}

// cannotSign reports a digest challenge that could not be answered.
func cannotSign(err error) bool {
	return errors.Is(err, digestauth.ErrMD5Forbidden) || errors.Is(err, digestauth.ErrBodyNotReplayable)
}

// HandshakeFailed reports an error of the TLS handshake, which is before any request.
func HandshakeFailed(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		unknown      x509.UnknownAuthorityError
		hostname     x509.HostnameError
		certificate  x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &record) && record.Conn != nil || errors.As(err, &unknown) ||
		errors.As(err, &hostname) || errors.As(err, &certificate) ||
		errors.Is(err, http.ErrSchemeMismatch) || handshakeRefused(err)
}

// handshakeRefused reports that the server does not take our part of the handshake, most
// often because it wants a certificate. It reads no request then, though in TLS 1.3 one
// may be on its way.
func handshakeRefused(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "remote error" &&
		(strings.Contains(operation.Error(), "certificate") || strings.Contains(operation.Error(), "handshake failure"))
}

// Permanent reports an error that another attempt will meet again.
func Permanent(err error) bool {
	var notSent *NotSentError
	return HandshakeFailed(err) || cannotSign(err) || errors.As(err, &notSent) && notSent.Final
}
