package restorejobstest

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// errConnectionCut from a body makes the server close the connection.
var errConnectionCut = errors.New("restorejobstest: connection cut")

// serveHTTP handles requests from the network.
func (s *Server) serveHTTP(w http.ResponseWriter, r *http.Request, downloads bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequestBody))
	if err != nil {
		return
	}
	req := &request{
		server:     s,
		ctx:        r.Context(),
		method:     r.Method,
		path:       r.URL.EscapedPath(),
		rawQuery:   r.URL.RawQuery,
		uri:        r.RequestURI,
		origin:     s.scheme + "://" + r.Host,
		header:     r.Header,
		body:       body,
		isDownload: downloads,
	}
	resp := s.handle(req)
	if s.sleep(r.Context(), resp.wait) != nil || resp.reset {
		resetConnection(w)
	}
	maps.Copy(w.Header(), resp.header)
	if resp.length >= 0 && resp.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.FormatInt(resp.length, 10))
	}
	w.WriteHeader(resp.status)
	if r.Method != http.MethodHead {
		sendBody(w, resp)
	}
}

// sendBody sends the body. After an error, it closes the connection once the bytes before the
// error were sent.
func sendBody(w http.ResponseWriter, resp *response) {
	control := http.NewResponseController(w)
	buf := make([]byte, 64<<10)
	for {
		n, err := resp.body.Read(buf)
		if _, werr := w.Write(buf[:n]); werr != nil {
			return
		}
		if resp.flushEach || (err != nil && !errors.Is(err, io.EOF)) {
			_ = control.Flush()
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// resetConnection closes the connection so that the client sees a reset, and ends the handler.
func resetConnection(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
