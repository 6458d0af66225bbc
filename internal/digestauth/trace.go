package digestauth

import (
	"context"
	"time"
)

// RoundTrip is what became of one request of a call.
type RoundTrip struct {
	Status   int           // the response's status; 0 if none came
	Signed   bool          // whether the request carried a signature
	Stale    bool          // whether the server called its nonce stale
	Duration time.Duration // until the response's headers had come
}

type traceKey struct{}

// WithTrace returns a context that makes a call report each of its requests to
// trace, in order and in the goroutine of the call. A trace that ctx has already is
// told as well, before. Requests that the transport passes through to a foreign origin
// are not reported.
func WithTrace(ctx context.Context, trace func(RoundTrip)) context.Context {
	both := trace
	if before := traceFrom(ctx); before != nil {
		both = func(roundTrip RoundTrip) {
			before(roundTrip)
			trace(roundTrip)
		}
	}
	return context.WithValue(ctx, traceKey{}, both)
}

// Record tells the trace of ctx, if it has one, of a request that another kind of
// credentials has signed.
func Record(ctx context.Context, roundTrip RoundTrip) {
	if trace := traceFrom(ctx); trace != nil {
		trace(roundTrip)
	}
}

func traceFrom(ctx context.Context) func(RoundTrip) {
	trace, _ := ctx.Value(traceKey{}).(func(RoundTrip))
	return trace
}
