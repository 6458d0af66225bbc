package restorejobstest

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// Transport returns a round tripper that reaches the server without a network. It starts no
// goroutine, and waits only on package time and the context of the request, so that it works
// inside a bubble of testing/synctest. It reaches the hosts of [Server.URL] and
// [Server.DownloadURL]; for any other host it returns an error.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	ctx := req.Context()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	origin := req.URL.Scheme + "://" + req.URL.Host
	downloads, err := t.server.resolveOrigin(origin)
	if err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil { // read only if the request is sent
		if body, err = io.ReadAll(io.LimitReader(req.Body, maxRequestBody)); err != nil {
			return nil, err
		}
	}
	r := &request{
		server:     t.server,
		ctx:        ctx,
		method:     req.Method,
		path:       req.URL.EscapedPath(),
		rawQuery:   req.URL.RawQuery,
		uri:        req.URL.RequestURI(),
		origin:     origin,
		header:     req.Header.Clone(),
		body:       body,
		isDownload: downloads,
	}
	resp := t.server.handle(r)
	err = t.server.sleep(ctx, resp.wait)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil, resp.reset:
		return nil, newResetError()
	}
	return resp.httpResponse(req, t.server), nil
}

// resolveOrigin reports whether the origin is that of downloads, not of the API.
func (s *Server) resolveOrigin(origin string) (downloads bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return false, &net.OpError{
			Op:  "dial",
			Net: "tcp",
			Err: syscall.ECONNREFUSED,
		}
	case s.opts.downloadOrigin && (origin == inProcessDownload || origin == s.downloadBase):
		return true, nil
	case origin == inProcessURL || origin == s.origin:
		return false, nil
	default:
		return false, &net.OpError{
			Op:  "dial",
			Net: "tcp",
			Err: errors.New("restorejobstest: no such host: " + origin),
		}
	}
}

// newResetError returns the error of a connection that was reset.
func newResetError() error {
	return &net.OpError{
		Op:  "read",
		Net: "tcp",
		Err: syscall.ECONNRESET,
	}
}

func (resp *response) httpResponse(req *http.Request, server *Server) *http.Response {
	res := &http.Response{
		Status:        strconv.Itoa(resp.status) + " " + http.StatusText(resp.status),
		StatusCode:    resp.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        resp.header,
		ContentLength: resp.length,
		Request:       req,
	}
	if resp.length >= 0 && resp.status != http.StatusNoContent {
		res.Header.Set("Content-Length", strconv.FormatInt(resp.length, 10))
	}
	if req.Method == http.MethodHead || resp.length == 0 {
		res.Body = http.NoBody
		return res
	}
	body := &responseBody{
		server: server,
		ctx:    req.Context(),
		from:   resp.body,
		left:   resp.length,
	}
	res.Body = body
	if resp.header.Get("Content-Encoding") == "gzip" && req.Header.Get("Accept-Encoding") == "" {
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength = -1
		res.Uncompressed = true
		res.Body = &gunzipBody{body: body}
	}
	return res
}

// A responseBody reads a body as from a connection: at most Content-Length bytes, an error if the
// body is shorter, and an error once the request or the server has ended.
type responseBody struct {
	server *Server
	ctx    context.Context //nolint:containedctx // of the request
	from   io.Reader
	left   int64 // negative: no Content-Length
	closed bool
}

func (r *responseBody) Read(p []byte) (int, error) {
	if r.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if r.server.isClosed() {
		return 0, newResetError()
	}
	if r.left >= 0 && int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.from.Read(p)
	if r.left >= 0 {
		r.left -= int64(n)
		if r.left == 0 {
			return n, io.EOF
		}
	}
	switch {
	case r.ctx.Err() != nil:
		return n, context.Cause(r.ctx)
	case errors.Is(err, errConnectionCut), errors.Is(err, io.EOF) && r.left > 0:
		return n, io.ErrUnexpectedEOF
	default:
		return n, err
	}
}

func (r *responseBody) Close() error {
	r.closed = true
	return nil
}

// gunzipBody decompresses as the transport of net/http does, if the request did not set
// Accept-Encoding.
type gunzipBody struct {
	body *responseBody
	zip  *gzip.Reader
}

func (g *gunzipBody) Read(p []byte) (int, error) {
	if g.zip == nil {
		zip, err := gzip.NewReader(g.body)
		if err != nil {
			return 0, err
		}
		g.zip = zip
	}
	return g.zip.Read(p)
}

func (g *gunzipBody) Close() error { return g.body.Close() }
