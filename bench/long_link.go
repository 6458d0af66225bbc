package main

import (
	"net/http"
	"time"
)

// wrapper changes the handler of an archive.
type wrapper func(http.Handler) http.Handler

// paceLink makes the server of an archive respond as over a long link.
func paceLink(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(linkDelay)
		next.ServeHTTP(&paced{ResponseWriter: w, start: time.Now()}, r)
	})
}

// paced sends a window of a body in each delay, evenly.
type paced struct {
	http.ResponseWriter

	start time.Time
	sent  int64
}

func (p *paced) Write(b []byte) (written int, err error) {
	const step = 64 << 10
	for len(b) > 0 && err == nil {
		var n int
		n, err = p.ResponseWriter.Write(b[:min(step, len(b))])
		p.sent += int64(n)
		written += n
		b = b[n:]
		time.Sleep(time.Until(p.start.Add(p.due())))
	}
	return written, err
}

// due is when the bytes so far would have been transferred.
func (p *paced) due() time.Duration {
	return time.Duration(float64(p.sent) / linkWindow * float64(linkDelay))
}
