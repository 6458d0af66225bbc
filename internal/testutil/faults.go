package testutil

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"strings"
)

// RawBytes returns a handler that sends bytes and nothing else, and closes the connection.
func RawBytes(text string) http.HandlerFunc {
	return hijack(text, func(net.Conn, io.Reader) {})
}

// ResetAfter returns a handler that sends bytes and resets the connection.
func ResetAfter(text string) http.HandlerFunc {
	return hijack(text, func(conn net.Conn, _ io.Reader) {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	})
}

// StallAfter returns a handler that sends bytes, and then nothing until the client disconnects.
func StallAfter(text string) http.HandlerFunc {
	return hijack(text, func(_ net.Conn, input io.Reader) { _, _ = io.Copy(io.Discard, input) })
}

// hijack returns a handler that sends bytes on the connection and closes it after end.
func hijack(text string, end func(conn net.Conn, input io.Reader)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, text)
		end(conn, buffered)
	}
}

// RespondEncoded returns a handler that responds with JSON of a Content-Encoding.
func RespondEncoded(encoding, body string) http.HandlerFunc {
	return Respond(http.StatusOK, body, "Content-Type", "application/json", "Content-Encoding", encoding)
}

// Gzip compresses a text.
func Gzip(text string) []byte {
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = io.WriteString(writer, text)
	_ = writer.Close()
	return compressed.Bytes()
}

// RespondEndlessly is a handler that writes a JSON string until the client disconnects.
func RespondEndlessly(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	block := strings.Repeat("a", 1<<15)
	_, err := io.WriteString(w, `{"id":"`)
	for err == nil {
		_, err = io.WriteString(w, block)
	}
}
