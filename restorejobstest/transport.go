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

// Transport returns a way to reach the server without a network. It starts no
// goroutine, and all its waiting is on the clock of package time and on the
// context of the request, so that it works inside a bubble of testing/synctest.
// It answers for the hosts of [Server.URL] and [Server.DownloadURL], and for
// those that a server made with [InProcess] has; any other host cannot be
// reached.
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
	downloads, err := t.server.door(origin)
	if err != nil {
		return nil, err
	}
	var body []byte
	if req.Body != nil { // read only where it is sent
		if body, err = io.ReadAll(io.LimitReader(req.Body, maxRequestBody)); err != nil {
			return nil, err
		}
	}
	x := &exchange{
		server: t.server, ctx: ctx, method: req.Method, path: req.URL.EscapedPath(), rawQuery: req.URL.RawQuery, uri: req.URL.RequestURI(),
		origin: origin, header: req.Header.Clone(), body: body, download: downloads,
	}
	rep := t.server.answer(x)
	err = t.server.pause(ctx, rep.wait)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil, rep.reset:
		return nil, errReset()
	}
	return rep.response(req, t.server), nil
}

// door tells API and downloads apart by the origin asked for.
func (s *Server) door(origin string) (downloads bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return false, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	case s.opts.downloadOrigin && (origin == inProcessDownload || origin == s.dlOrigin):
		return true, nil
	case origin == inProcessURL || origin == s.origin:
		return false, nil
	default:
		return false, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("restorejobstest: no such host: " + origin)}
	}
}

// errReset is what a client sees whose connection was broken.
func errReset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

func (rep *reply) response(req *http.Request, server *Server) *http.Response {
	res := &http.Response{
		Status:     strconv.Itoa(rep.status) + " " + http.StatusText(rep.status),
		StatusCode: rep.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: rep.header, ContentLength: rep.length, Request: req,
	}
	if rep.length >= 0 && rep.status != http.StatusNoContent {
		res.Header.Set("Content-Length", strconv.FormatInt(rep.length, 10))
	}
	if req.Method == http.MethodHead || rep.length == 0 {
		res.Body = http.NoBody
		return res
	}
	body := &responseBody{server: server, ctx: req.Context(), from: rep.body, left: rep.length}
	res.Body = body
	if rep.header.Get("Content-Encoding") == "gzip" && req.Header.Get("Accept-Encoding") == "" {
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength, res.Uncompressed = -1, true
		res.Body = &unzipped{body: body}
	}
	return res
}

// A responseBody hands out a body as a connection would: no more than was
// announced, an error where there is less, and an end with the request or the server.
type responseBody struct {
	server *Server
	ctx    context.Context //nolint:containedctx // of the request
	from   io.Reader
	left   int64 // negative: not announced
	closed bool
}

func (b *responseBody) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if b.ctx.Err() != nil {
		return 0, context.Cause(b.ctx)
	}
	if b.server.isClosed() {
		return 0, errReset()
	}
	if b.left >= 0 && int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.from.Read(p)
	if b.left >= 0 {
		b.left -= int64(n)
		if b.left == 0 {
			return n, io.EOF
		}
	}
	switch {
	case b.ctx.Err() != nil:
		return n, context.Cause(b.ctx)
	case errors.Is(err, errCut), errors.Is(err, io.EOF) && b.left > 0:
		return n, io.ErrUnexpectedEOF
	default:
		return n, err
	}
}

func (b *responseBody) Close() error {
	b.closed = true
	return nil
}

// unzipped undoes a compression that the client did not ask for itself, as the
// transport of net/http does.
type unzipped struct {
	body *responseBody
	zip  *gzip.Reader
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.zip == nil {
		zip, err := gzip.NewReader(u.body)
		if err != nil {
			return 0, err
		}
		u.zip = zip
	}
	return u.zip.Read(p)
}

func (u *unzipped) Close() error { return u.body.Close() }
