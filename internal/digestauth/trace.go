package digestauth

import (
	"context"
	"time"
)

// Leg is what became of one request of a call.
type Leg struct {
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
func WithTrace(ctx context.Context, trace func(Leg)) context.Context {
	both := trace
	if before := traceOf(ctx); before != nil {
		both = func(leg Leg) {
			before(leg)
			trace(leg)
		}
	}
	return context.WithValue(ctx, traceKey{}, both)
}

// Report tells the trace of ctx, if it has one, of a request that another kind of
// credentials has signed.
func Report(ctx context.Context, leg Leg) {
	if trace := traceOf(ctx); trace != nil {
		trace(leg)
	}
}

func traceOf(ctx context.Context) func(Leg) {
	trace, _ := ctx.Value(traceKey{}).(func(Leg))
	return trace
}
