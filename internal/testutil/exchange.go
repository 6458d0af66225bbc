package testutil

import (
	"bytes"
	"io"
	"net/http"
)

// Exchange is a request and its response, with the bytes of both bodies.
type Exchange struct {
	Request  *http.Request
	Sent     []byte
	Response *http.Response // its body can be read
	Received []byte
}

// Record sends a request with a transport, and reads the bodies of the request and of the response.
func Record(base http.RoundTripper, req *http.Request) (*Exchange, error) {
	exchange := &Exchange{Request: req}
	if req.Body != nil {
		sent, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		exchange.Sent = sent
		exchange.Request = req.Clone(req.Context())
		exchange.Request.Body = io.NopCloser(bytes.NewReader(sent))
	}
	resp, err := base.RoundTrip(exchange.Request)
	if err != nil {
		return nil, err
	}
	received, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	exchange.Response = resp
	exchange.Received = received
	resp.Body = io.NopCloser(bytes.NewReader(exchange.Received))
	return exchange, nil
}
