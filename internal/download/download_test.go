package download

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"example.com/restorejobs/internal/api"
)

const (
	address = "https://files.example.com/key/a.tar.gz"
	content = "0123456789"
	sum     = "87acec17cd9dcd20a716cc2cf67417b71c8a7016" // SHA-1 of content

	brokenAt = 4
)

// plain is a secret that tests may see.
type plain string

func (p plain) Reveal() string { return string(p) }

// answer makes a response of a server, or an error of the connection to it.
type answer func(req *http.Request) (*http.Response, error)

// script answers requests in turn, and keeps them.
type script struct {
	mu      sync.Mutex
	answers []answer
	asked   []*http.Request
	open    atomic.Int64 // bodies that nobody has closed
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req)
	if len(s.answers) == 0 {
		return nil, errors.New("one request more than the test knows of")
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	resp, err := next(req)
	if err == nil {
		s.open.Add(1)
		resp.Body = &counted{resp.Body, sync.OnceFunc(func() { s.open.Add(-1) })}
	}
	return resp, err
}

// counted is a body that tells when it is closed.
type counted struct {
	io.ReadCloser

	closed func()
}

func (b *counted) Close() error {
	b.closed()
	return b.ReadCloser.Close()
}

// client asks a script, at most three times in a row.
func client(answers ...answer) (*Fetcher, *script) {
	s := &script{answers: answers}
	return &Fetcher{
		Transport:    s,
		UserAgent:    "test",
		StallTimeout: -1,
		Retry:        api.RetryPolicy{MaxRetries: 2},
	}, s
}

func file() *File {
	return &File{
		Identity: Identity{JobID: "J", Files: 1, FileName: "a.tar.gz"},
		Name:     "a.tar.gz",
		Link:     Link{URL: plain(address), HeaderName: "X-Key", HeaderValue: plain("open")},
	}
}

// with answers with a status, a body and headers, as name and value.
func with(status int, body io.Reader, length int64, headers ...string) answer {
	return func(*http.Request) (*http.Response, error) {
		header := http.Header{}
		for i := 0; i < len(headers); i += 2 {
			header.Set(headers[i], headers[i+1])
		}
		return &http.Response{
			StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: header, Body: io.NopCloser(body), ContentLength: length,
		}, nil
	}
}

func whole() answer {
	return with(http.StatusOK, strings.NewReader(content), int64(len(content)), "ETag", strong)
}

// broken sends the content until it breaks off.
func broken() answer {
	return with(http.StatusOK, strings.NewReader(content[:brokenAt]), int64(len(content)), "ETag", strong)
}

// rest sends what was missing.
func rest() answer {
	missing := content[brokenAt:]
	return with(http.StatusPartialContent, strings.NewReader(missing), int64(len(missing)), "ETag", strong, "Content-Range", "bytes 4-9/10")
}

func status(code int, headers ...string) answer {
	return with(code, &bytes.Reader{}, 0, headers...)
}

func fails(err error) answer {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}
