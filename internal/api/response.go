package api

import (
	"net/http"
	"time"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Response is a response whose body was read whole. One that is decoded, and its body, are in a pooled
// buffer: the decoded value must not share them, unless it keeps the body with [Response.KeepBody].
type Response struct {
	Status int
	Header http.Header
	Body   []byte

	receivedAt time.Time // of an error; zero for other responses, as the clock is not free
	sent       *redact.Sent
	addSecrets func(*redact.Secrets)
	secrets    *redact.Secrets // of the request and the client, nil until needed
	request    *Request
	buffer     *bodyBuffer // of Body, nil after KeepBody
}

// KeepBody lets the decoded value share the body until it calls release once. Only a decoder that
// does not fail calls KeepBody.
func (r *Response) KeepBody() (release func()) {
	buffer := r.buffer
	req := r.request
	r.buffer = nil
	return func() { req.putBuffer(buffer) }
}

// IsSuccess reports a status of 2xx.
func (r *Response) IsSuccess() bool { return r.Status >= 200 && r.Status <= 299 }

// Secrets returns the secrets that the response can repeat. It is not safe for concurrent use.
func (r *Response) Secrets() *redact.Secrets {
	if r.secrets == nil {
		r.secrets = &redact.Secrets{}
		if r.addSecrets != nil {
			r.addSecrets(r.secrets)
		}
		r.sent.AddTo(r.secrets)
	}
	return r.secrets
}

// RetryAfter returns the delay that the response requests.
func (r *Response) RetryAfter() time.Duration { return RetryAfter(r.Header, r.receivedAt) }

// keep returns a copy for an error, with a status and a body that an envelope can replace.
func (r *Response) keep(status int, body []byte) *Response {
	kept := *r
	kept.Status = status
	kept.buffer = nil
	if kept.receivedAt.IsZero() { // a success that cannot be used
		kept.receivedAt = time.Now()
	}
	kept.Body = append([]byte(nil), body[:min(len(body), transport.MaxErrorBody)]...)
	return &kept
}
