package api

import (
	"context"
	"time"

	"example.com/restorejobs/internal/transport"
)

// Attempt is one finished attempt of a call. The response is valid during Observe only.
type Attempt struct {
	Number       int
	HTTPRequests int // with those that digest authentication and a refused token add
	Duration     time.Duration
	Response     *Response // nil without a response
	Err          error     // nil for a success
}

// attemptRecorder records one attempt. Nil records nothing.
type attemptRecorder struct {
	start   time.Time
	attempt Attempt
}

func (p *Pipeline) startAttempt(number int) *attemptRecorder {
	if p.Observe == nil {
		return nil
	}
	return &attemptRecorder{start: time.Now(), attempt: Attempt{Number: number}}
}

// withTrace counts the HTTP requests of the attempt.
func (a *attemptRecorder) withTrace(ctx context.Context) context.Context {
	if a == nil {
		return ctx
	}
	return transport.WithTrace(ctx, func(transport.RoundTrip) { a.attempt.HTTPRequests++ })
}

func (a *attemptRecorder) finish(resp *Response, err error) *Attempt {
	a.attempt.Duration = time.Since(a.start)
	a.attempt.Response = resp
	a.attempt.Err = err
	return &a.attempt
}
