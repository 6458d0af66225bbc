package transport

import (
	"io"
	"net/http"
)

// MaxErrorBody limits the bytes that are read of the body of an error response.
const MaxErrorBody = 1 << 20

// maxDrain limits the bytes that are read to reuse a connection. A new one costs less than more.
const maxDrain = 64 << 10

// CloseRequestBody closes the body of a request that is not sent.
func CloseRequestBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// DrainAndClose reads a short body to its end, so that its connection can be reused.
func DrainAndClose(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrain+1) // with a byte more, to read the end
	_ = body.Close()
}
