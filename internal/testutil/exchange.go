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
		sent, err := readBody(req.Body)
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
	exchange.Response = resp
	exchange.Received, err = readBody(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(exchange.Received))
	return exchange, nil
}

// readBody reads a body and closes it.
func readBody(body io.ReadCloser) ([]byte, error) {
	data, err := io.ReadAll(body)
	closeErr := body.Close()
	if err == nil {
		err = closeErr
	}
	return data, err
}
