package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"example.com/restorejobs/internal/freelist"
	"example.com/restorejobs/internal/redact"
)

// Request is one call: what to send, and how it may be repeated.
type Request struct {
	Operation string // for errors and observers
	Variant   string // for errors and observers
	Method    string
	Base      *url.URL
	Path      string // escaped, below Base
	Query     string
	Accept    string
	Body      []byte
	Retry     RetryMode
	// SecretBody is set if the response contains a secret: no error may keep the body.
	SecretBody bool
	// Buffers has the buffers for responses; nil is the common pool.
	Buffers *freelist.List

	// The memory for the first attempt, so that most calls need no more.
	sent  redact.Sent
	parts requestParts
}

// requestParts are the parts of an HTTP request in one allocation.
type requestParts struct {
	url    url.URL
	accept [1]string
}

// newParts returns the parts of the next attempt.
func (req *Request) newParts() *requestParts {
	parts := &req.parts
	if wasSent := parts.url.Host != ""; wasSent {
		parts = new(requestParts)
	}
	parts.url = *req.Base
	parts.accept[0] = req.Accept
	return parts
}

// record returns a context that records the secrets of the call.
func (req *Request) record(ctx context.Context) context.Context {
	if !req.sent.IsZero() {
		ctx, _ = redact.Record(ctx)
		return ctx
	}
	return redact.RecordIn(ctx, &req.sent)
}

// httpRequest builds the HTTP request of one attempt. It cannot fail: the path consists of checked
// segments, and the body is in memory.
func (req *Request) httpRequest(ctx context.Context, userAgent []string) *http.Request {
	parts := req.newParts()
	target := &parts.url
	target.RawQuery = req.Query
	escaped := req.Path
	if req.Base.Path != "" {
		escaped = req.Base.EscapedPath() + req.Path
	}
	target.Path = escaped
	target.RawPath = ""
	if strings.IndexByte(escaped, '%') >= 0 {
		if plain, err := url.PathUnescape(escaped); err == nil {
			target.Path = plain
			target.RawPath = escaped
		}
	}
	httpReq := (&http.Request{
		Method:     req.Method,
		URL:        target,
		Host:       target.Host,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Accept": parts.accept[:], "User-Agent": userAgent},
	}).WithContext(ctx)
	if req.Body != nil {
		httpReq.Header["Content-Type"] = []string{req.Accept}
		httpReq.ContentLength = int64(len(req.Body))
		httpReq.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(req.Body)), nil }
		httpReq.Body, _ = httpReq.GetBody()
	}
	return httpReq
}
