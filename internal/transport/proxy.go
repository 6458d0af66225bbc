package transport

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"example.com/restorejobs/internal/redact"
)

// ProxyAuthHint is how to configure the credentials of a proxy.
const ProxyAuthHint = "it requires credentials: set them in HTTPS_PROXY, as http://user:password@host:port"

type proxyCheck = func(ctx context.Context, proxy *url.URL, connect *http.Request, resp *http.Response) error

// checkedProxy returns a check of a proxy's response to CONNECT that refuses everything except a
// success. The check of the caller, which can be nil, is called first.
func checkedProxy(callerCheck proxyCheck) proxyCheck {
	if callerCheck == nil {
		return proxyResponseError
	}
	return func(ctx context.Context, proxy *url.URL, connect *http.Request, resp *http.Response) error {
		if err := callerCheck(ctx, proxy, connect, resp); err != nil {
			return err
		}
		return proxyResponseError(ctx, proxy, connect, resp)
	}
}

// proxyResponseError returns an error for a proxy that refuses a connection. That of net/http
// does not name the proxy, and shows its text.
func proxyResponseError(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return proxyStatusError(resp.StatusCode)
}

// proxyStatusError returns the error for the status of a refusal, 0 if it is unknown.
func proxyStatusError(status int) error {
	switch status {
	case 0:
		return &NotSentError{Err: errors.New("the proxy refuses the connection")}
	case http.StatusProxyAuthRequired:
		return &NotSentError{Permanent: true, Err: errors.New("407 from the proxy: " + ProxyAuthHint)}
	default:
		return &NotSentError{Err: fmt.Errorf("%d from the proxy, which refuses the connection", status)}
	}
}

// recordedProxy returns a proxy function that records the credentials of the proxy as secrets of
// the request.
func recordedProxy(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	if proxy == nil {
		return nil
	}
	return func(req *http.Request) (*url.URL, error) {
		address, err := proxy(req)
		recordProxy(req, address)
		return address, err
	}
}

// recordProxy records the header that net/http makes of the userinfo of a proxy's address.
func recordProxy(req *http.Request, address *url.URL) {
	if address == nil || address.User == nil {
		return
	}
	password, _ := address.User.Password()
	pair := address.User.Username() + ":" + password
	redact.Authorization(req.Context(), "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
}
