package transport

import (
	"errors"
	"net/http"
)

// NilSafe accepts the responses of a caller's transport that [http.Client] accepts.
type NilSafe struct{ Base http.RoundTripper }

// RoundTrip returns a response that has a header and a body, or an error.
func (n *NilSafe) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := n.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp == nil {
		return nil, errors.New("the transport returned neither a response nor an error")
	}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	return resp, nil
}
