package restorejobstest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Place says which requests a [Fault] can strike.
type Place int

// The places of a request.
const (
	// API is a request to the API that was let in. It is the default, so that
	// a fault strikes calls and not the 401 round before them.
	API Place = iota
	// BeforeAuth is any request to the API, before its credentials are looked
	// at.
	BeforeAuth
	// Downloads is a request for a download link.
	Downloads
	// Tokens is a request for an access token.
	Tokens
)

// A Fault is something that goes wrong with a request. The functions of this
// package make faults; [Server.Fail] lets them happen. The zero Fault is none
// and must not be used.
type Fault struct {
	place  Place
	method string
	path   string
	strike func(s *Server, x *exchange, next func(*exchange) *reply) *reply
}

// At returns the fault for requests at this place only; without it the place is
// [API].
func (f Fault) At(place Place) Fault {
	f.place = place
	return f
}

// On returns the fault for requests with this method whose path contains
// this text only. "" stands for any.
func (f Fault) On(method, path string) Fault {
	f.method, f.path = method, path
	return f
}

type queuedFault struct {
	Fault

	left int
}

// Fail lets a fault happen to the next n requests that it can strike. Faults
// that were given earlier strike first.
func (s *Server) Fail(n int, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &queuedFault{Fault: f, left: n})
}

// ClearFaults forgets the faults that have not happened yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// withFaults handles a request with next, or as the first fault that fits it
// says.
func (s *Server) withFaults(x *exchange, place Place, next func(*exchange) *reply) *reply {
	if f := s.nextFault(x, place); f != nil {
		return f.strike(s, x, next)
	}
	return next(x)
}

func (s *Server) nextFault(x *exchange, place Place) *queuedFault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.left > 0 && f.place == place && (f.method == "" || f.method == x.method) && strings.Contains(x.path, f.path) {
			f.left--
			return f
		}
	}
	return nil
}

// instead makes a fault that answers without handling the request.
func instead(answer func(s *Server, x *exchange) *reply) Fault {
	return Fault{strike: func(s *Server, x *exchange, _ func(*exchange) *reply) *reply { return answer(s, x) }}
}

// after makes a fault that handles the request and then spoils the answer.
func after(spoil func(x *exchange, rep *reply)) Fault {
	return Fault{strike: func(_ *Server, x *exchange, next func(*exchange) *reply) *reply {
		rep := next(x)
		spoil(x, rep)
		return rep
	}}
}

// Status answers with this status and an error of the API that fits it.
func Status(code int) Fault { return Error(code, codeFor(code)) }

func codeFor(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "USER_UNAUTHORIZED"
	case http.StatusForbidden:
		return "IP_ADDRESS_NOT_ON_ACCESS_LIST"
	case http.StatusNotFound:
		return "RESOURCE_NOT_FOUND"
	case http.StatusConflict:
		return "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"
	case http.StatusGone:
		return "VERSION_GONE"
	case http.StatusTooManyRequests:
		return "RATE_LIMITED"
	case http.StatusServiceUnavailable:
		return "SERVICE_UNAVAILABLE"
	case http.StatusBadRequest:
		return "VALIDATION_ERROR"
	default:
		return "UNEXPECTED_ERROR"
	}
}

// Error answers with this status and error code.
func Error(status int, code string) Fault {
	return instead(func(s *Server, x *exchange) *reply { return s.faultReply(x, status, code) })
}

// faultReply words an error; the query may not have been read yet.
func (s *Server) faultReply(x *exchange, status int, code string) *reply {
	_ = readQuery(x)
	return s.errorReply(x, fail(status, code, "This answer was asked for by the test."))
}

// TooManyRequests answers 429 with a Retry-After in whole seconds, rounded up.
func TooManyRequests(retryAfter time.Duration) Fault {
	return instead(func(s *Server, x *exchange) *reply {
		rep := s.faultReply(x, http.StatusTooManyRequests, "RATE_LIMITED")
		rep.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(retryAfter.Seconds()))))
		return rep
	})
}

// HTML answers with this status and a web page, as a proxy in the way does.
func HTML(code int) Fault {
	page := "<!DOCTYPE html>\n<html><head><title>" + http.StatusText(code) + "</title></head><body><h1>" +
		strconv.Itoa(code) + " " + http.StatusText(code) + "</h1></body></html>\n"
	return Body(code, "text/html; charset=utf-8", page)
}

// Body answers with this status, content type and body. An empty content type
// leaves the header out.
func Body(code int, contentType, body string) Fault {
	return instead(func(*Server, *exchange) *reply { return newReply(code, contentType, []byte(body)) })
}

// Empty answers 200, as JSON, with no body at all.
func Empty() Fault { return Body(http.StatusOK, "application/json", "") }

// Redirect answers 307 to this URL.
func Redirect(url string) Fault {
	return instead(func(*Server, *exchange) *reply {
		rep := newReply(http.StatusTemporaryRedirect, "", nil)
		rep.header.Set("Location", url)
		return rep
	})
}

// Reset breaks the connection before the request is handled.
func Reset() Fault {
	return instead(func(*Server, *exchange) *reply { return &reply{header: http.Header{}, reset: true} })
}

// LoseReply handles the request and then breaks the connection without an
// answer. A create has then run, and nobody told its caller.
func LoseReply() Fault { return after(func(_ *exchange, rep *reply) { rep.reset = true }) }

// Truncate breaks the connection after n bytes of the body, having announced
// all of them.
func Truncate(n int64) Fault {
	return after(func(_ *exchange, rep *reply) {
		rep.body = io.MultiReader(io.LimitReader(rep.body, n), cut{})
		rep.instant = true
	})
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, errCut }

// Shorten sends n bytes of the body as if they were all of it.
func Shorten(n int64) Fault {
	return after(func(_ *exchange, rep *reply) {
		rep.body = io.LimitReader(rep.body, n)
		if rep.length >= 0 {
			rep.length = min(rep.length, n)
		}
	})
}

// Slow waits before it answers, or until the request's context ends. The request is
// handled before the wait.
func Slow(wait time.Duration) Fault { return after(func(_ *exchange, rep *reply) { rep.wait = wait }) }

// Stall sends n bytes of the body, waits, and sends the rest.
func Stall(n int64, wait time.Duration) Fault {
	return after(func(x *exchange, rep *reply) {
		rep.body = io.MultiReader(io.LimitReader(rep.body, n), &waiting{x: x, wait: wait}, rep.body)
		rep.instant = true
	})
}

// A waiting reads nothing, once, after a while.
type waiting struct {
	x    *exchange
	wait time.Duration
}

func (w *waiting) Read([]byte) (int, error) {
	if err := w.x.server.pause(w.x.ctx, w.wait); err != nil {
		return 0, errCut
	}
	return 0, io.EOF
}

// Rewrite handles the request and sends what f makes of the body. Announced
// length and type stay true to the new body and the old type.
func Rewrite(f func(body []byte) []byte) Fault {
	return after(func(_ *exchange, rep *reply) {
		old, err := io.ReadAll(rep.body)
		if err != nil && !errors.Is(err, errCut) {
			return
		}
		body := f(old)
		rep.body, rep.length = bytes.NewReader(body), int64(len(body))
	})
}

// Endless answers 200 with JSON that never ends.
func Endless() Fault {
	return instead(func(*Server, *exchange) *reply {
		rep := newReply(http.StatusOK, "application/json", nil)
		rep.body, rep.length = io.MultiReader(strings.NewReader(`{"id":"`), letters{}), -1
		return rep
	})
}

// letters is the letter a without end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// GzipBomb answers 200 with a small compressed body that becomes JSON of a little
// more than size bytes.
func GzipBomb(size int64) Fault {
	return instead(func(*Server, *exchange) *reply {
		var buf bytes.Buffer
		zipped := gzip.NewWriter(&buf)
		_, _ = io.WriteString(zipped, `{"id":"`)
		_, _ = io.CopyN(zipped, letters{}, size)
		_, _ = io.WriteString(zipped, `"}`)
		_ = zipped.Close()
		rep := newReply(http.StatusOK, "application/json", buf.Bytes())
		rep.header.Set("Content-Encoding", "gzip")
		return rep
	})
}
