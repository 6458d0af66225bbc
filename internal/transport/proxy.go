package transport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// ProxyAuthHint describes how to configure the credentials of a proxy.
const ProxyAuthHint = "it requires credentials: set them in HTTPS_PROXY, as http://user:password@host:port"

// proxyResponseError returns an error for a proxy that refuses a connection. That of net/http
// does not name the proxy.
func proxyResponseError(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch resp.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusProxyAuthRequired:
		return &NotSentError{Permanent: true, Err: errors.New("407 from the proxy: " + ProxyAuthHint)}
	default:
		return &NotSentError{Err: fmt.Errorf("%d from the proxy, which refuses the connection", resp.StatusCode)}
	}
}
