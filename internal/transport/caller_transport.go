package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"reflect"
	"sync/atomic"
)

// CallerTransport sends requests with the transport of a caller, which is not changed. It records
// the credentials of the proxy, and hides the text of a proxy that refuses a connection.
type CallerTransport struct{ *http.Transport }

// RoundTrip sends the request.
func (c *CallerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if c.Proxy == nil {
		return c.Transport.RoundTrip(req)
	}
	address, err := c.Proxy(req)
	if err != nil || address == nil {
		return c.Transport.RoundTrip(req)
	}
	recordProxy(req, address)
	if req.URL.Scheme != "https" {
		return c.Transport.RoundTrip(req)
	}
	return c.roundTripConnect(req)
}

// roundTripConnect sends a request whose connection begins with a CONNECT.
func (c *CallerTransport) roundTripConnect(req *http.Request) (*http.Response, error) {
	var isConnecting atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn:           func(string) { isConnecting.Store(true) },
		GotConn:           func(httptrace.GotConnInfo) { isConnecting.Store(false) },
		TLSHandshakeStart: func() { isConnecting.Store(false) },
		// The handshake with an https proxy precedes the CONNECT.
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) { isConnecting.Store(err == nil) },
	})
	resp, err := c.Transport.RoundTrip(req.WithContext(ctx))
	if resp != nil {
		resp.Request = req
	}
	isRefusal := err != nil && isConnecting.Load() && req.Context().Err() == nil && isStatusText(err)
	if isRefusal {
		return nil, refusedByStatusText(err)
	}
	return resp, err
}

// isStatusText reports an error without a type or a name. The only one of net/http from before a
// connection has the text of the proxy's status line.
func isStatusText(err error) bool {
	hasNoType := reflect.TypeOf(err) == reflect.TypeOf(errors.New(""))
	return hasNoType && err != io.EOF && err != io.ErrUnexpectedEOF && err != http.ErrSchemeMismatch //nolint:errorlint // these are bare
}

// refusedByStatusText returns the error for a refusal of which net/http has only the text.
func refusedByStatusText(err error) error {
	for status := http.StatusContinue; status <= http.StatusNetworkAuthenticationRequired; status++ {
		if text := http.StatusText(status); text != "" && text == err.Error() {
			return proxyStatusError(status)
		}
	}
	return proxyStatusError(0)
}
