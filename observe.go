package restorejobs

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"example.com/restorejobs/internal/api"
)

// Attempt is one attempt of a call, for observers. It has no secret, query, body or value of a
// request header. Secrets that the server repeats are redacted.
type Attempt struct {
	// Operation is the name of the call, such as "get restore job".
	Operation string
	// Variant is the product, empty for [Client.Do].
	Variant Variant
	// Method is the request's.
	Method string
	// Path is the request's, without host and query.
	Path string
	// Number counts from 1. A call with retries has several attempts.
	Number int
	// HTTPRequests counts the HTTP requests of the attempt. It is 2 if a digest challenge or a
	// refused token required another one, 0 if none began. One without a connection counts;
	// those for tokens do not.
	HTTPRequests int
	// StatusCode is the HTTP status, 0 without a response. Under 200, Err can have another one
	// that was inside an envelope.
	StatusCode int
	// Duration includes reading the body and the delay of [WithRateLimitWait], but not the
	// delays of [RetryPolicy].
	Duration time.Duration
	// RequestID is the service's id of the exchange. Empty if unknown.
	RequestID string
	// ServiceVersion is the header X-MongoDB-Service-Version, which has the version of an Ops
	// Manager.
	ServiceVersion string
	// RateLimit is the service's report about its limits.
	RateLimit RateLimit
	// Deprecation is since when the endpoint is deprecated, by the header of that name. The date can
	// lie ahead. Zero if unknown. Set by Atlas v2, also for errors.
	Deprecation time.Time
	// Sunset is when the endpoint ends, by the header of that name. It is a plan that can change.
	// Zero if unknown. Set by Atlas v2, also for errors.
	Sunset time.Time
	// Err is nil for a success.
	Err error
}

// RateLimit is a service's report about its limits. Set by Atlas v2; no document names headers of
// other variants.
//
// API: Atlas "API Rate Limits".
type RateLimit struct {
	// Limit is the size of the bucket, -1 if unknown.
	Limit int
	// Remaining is the rest of the bucket, -1 if unknown.
	Remaining int
	// RetryAfter is the requested delay, at most 366 days. All variants.
	RetryAfter time.Duration
}

// observers are called after every attempt.
type observers []func(context.Context, Attempt)

// observeFunc returns the function that turns an attempt into its public form and passes it to the
// observers, nil without observers.
func (o observers) observeFunc(builder errorBuilder) func(context.Context, *api.Request, *api.Attempt) {
	if len(o) == 0 {
		return nil
	}
	return func(ctx context.Context, req *api.Request, recorded *api.Attempt) {
		attempt := newAttempt(req, recorded, builder.attemptError(req, recorded.Err))
		for _, observe := range o {
			observe(ctx, attempt)
		}
	}
}

func newAttempt(req *api.Request, recorded *api.Attempt, err error) Attempt {
	attempt := Attempt{
		Operation:    req.Operation,
		Variant:      Variant(req.Variant),
		Method:       req.Method,
		Path:         req.Path,
		Number:       recorded.Number,
		HTTPRequests: recorded.HTTPRequests,
		Duration:     recorded.Duration,
		RateLimit:    RateLimit{Limit: -1, Remaining: -1},
		Err:          err,
	}
	if resp := recorded.Response; resp != nil {
		attempt.StatusCode = resp.Status
		if api.RequestID(resp.Header) != "" { // secrets are not free
			attempt.RequestID = requestID(resp.Header, resp.Secrets())
		}
		if version := resp.Header.Get("X-Mongodb-Service-Version"); version != "" {
			attempt.ServiceVersion = sanitize(resp.Secrets().Text(version), 200)
		}
		attempt.RateLimit = RateLimit(api.ParseRateLimit(resp.Header))
		attempt.Deprecation = api.ParseHeaderDate(resp.Header.Get("Deprecation"))
		attempt.Sunset = api.ParseHeaderDate(resp.Header.Get("Sunset"))
	}
	return attempt
}

// logObserver writes one line for each attempt, and warnings about deprecated endpoints.
func logObserver(logger *slog.Logger) func(context.Context, Attempt) {
	deprecations := &deprecationLog{logger: logger}
	return func(ctx context.Context, a Attempt) {
		defer deprecations.observe(ctx, a)
		level := logLevel(a.Err)
		if !logger.Enabled(ctx, level) {
			return
		}
		attrs := []slog.Attr{
			slog.String("operation", a.Operation),
			slog.String("variant", string(a.Variant)),
			slog.String("method", a.Method),
			slog.String("path", a.Path),
			slog.Int("status", a.StatusCode),
			slog.Int("attempt", a.Number),
			slog.Int("requests", a.HTTPRequests),
			slog.Duration("duration", a.Duration),
		}
		if a.RequestID != "" {
			attrs = append(attrs, slog.String("requestId", a.RequestID))
		}
		if a.Err != nil {
			attrs = append(attrs, slog.String("error", a.Err.Error()))
		}
		logger.LogAttrs(ctx, level, "restore jobs API", attrs...)
	}
}

// logLevel is a warning for errors that the caller cannot prevent.
func logLevel(err error) slog.Level {
	var apiErr *Error
	switch {
	case err == nil:
		return slog.LevelDebug
	case !errors.As(err, &apiErr), apiErr.cause != nil:
		return slog.LevelWarn
	case apiErr.StatusCode >= http.StatusInternalServerError, apiErr.StatusCode == http.StatusTooManyRequests:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}
