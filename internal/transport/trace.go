package transport

import (
	"context"
	"time"
)

// RoundTrip describes one HTTP request of a call, and its response.
type RoundTrip struct {
	Status   int           // of the response; 0 if there was none
	Signed   bool          // the request had credentials
	Stale    bool          // the server reported a stale nonce
	Duration time.Duration // until the response's headers were read
}

type traceKey struct{}

// WithTrace returns a context whose requests are reported to trace, in order and in the
// goroutine of the call. A trace that ctx already has is called first. The transports that add
// credentials report requests to their own origins only.
func WithTrace(ctx context.Context, trace func(RoundTrip)) context.Context {
	both := trace
	if outer := TraceFrom(ctx); outer != nil {
		both = func(roundTrip RoundTrip) {
			outer(roundTrip)
			trace(roundTrip)
		}
	}
	return context.WithValue(ctx, traceKey{}, both)
}

// TraceFrom returns the trace of a context, nil if it has none.
func TraceFrom(ctx context.Context) func(RoundTrip) {
	trace, _ := ctx.Value(traceKey{}).(func(RoundTrip))
	return trace
}
