package restorejobs

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Attempt is one attempt of a call, for observers. It has no secret, query, header
// value of the caller's or body. A secret that the server repeats is redacted.
type Attempt struct {
	// Operation is what was asked, such as "get restore job".
	Operation string
	// Variant is the product that was asked; "" for [Client.Do].
	Variant Variant
	// Method is the request's.
	Method string
	// Path is the request's, without host and query.
	Path string
	// Number counts from 1; a call that is retried has several exchanges.
	Number int
	// HTTPRequests is how many HTTP requests the attempt took: 2 where a digest challenge had
	// to be answered or a token replaced, 0 where none was begun. One that found no connection
	// counts, those for tokens do not.
	HTTPRequests int
	// StatusCode is the HTTP status, 0 where no answer came. Under 200, Err can have another
	// one that was inside an envelope.
	StatusCode int
	// Duration is how long the attempt took, with reading the body and the pause of
	// [WithRateLimitWait], without the delays of [RetryPolicy].
	Duration time.Duration
	// RequestID is what the service calls the exchange, "" where it does not say.
	RequestID string
	// ServiceVersion is the service's X-MongoDB-Service-Version, which tells an Ops
	// Manager's version.
	ServiceVersion string
	// RateLimit is what the service said about the limits.
	RateLimit RateLimit
	// Err is why the attempt was no success, nil for a success.
	Err error
}

// RateLimit is what a service says about its limits. Atlas v2; of the others, no document
// names a header.
//
// API: Atlas "API Rate Limits".
type RateLimit struct {
	// Limit is the size of the bucket, -1 where nothing was said.
	Limit int
	// Remaining is what is left in it, -1 where nothing was said.
	Remaining int
	// RetryAfter is how long to wait, at most 366 days, 0 where nothing was said. It is read
	// from every variant.
	RetryAfter time.Duration
}

// observers are told of every attempt.
type observers []func(context.Context, Attempt)

// attemptRecorder follows one attempt. It costs nothing where nobody watches.
type attemptRecorder struct {
	client  *Client
	call    *apiRequest
	ctx     context.Context //nolint:containedctx // lives exactly as long as one attempt
	start   time.Time
	attempt Attempt
}

func (c *Client) startAttempt(ctx context.Context, req *apiRequest, attempt int) *attemptRecorder {
	if len(c.observers) == 0 {
		return nil
	}
	return &attemptRecorder{client: c, call: req, ctx: ctx, start: time.Now(), attempt: Attempt{Number: attempt}}
}

// withTrace counts the requests that an attempt takes. A nil watch does not.
func (a *attemptRecorder) withTrace(ctx context.Context) context.Context {
	if a == nil {
		return ctx
	}
	return transport.WithTrace(ctx, func(transport.RoundTrip) { a.attempt.HTTPRequests++ })
}

// finish tells the watchers.
func (a *attemptRecorder) finish(resp *response, err error) {
	if a == nil {
		return
	}
	e := a.attempt
	e.Operation, e.Variant, e.Method, e.Path = a.call.operation, a.call.variant, a.call.method, a.call.path
	e.Duration, e.Err = time.Since(a.start), err
	e.RateLimit = RateLimit{Limit: -1, Remaining: -1}
	if resp != nil {
		secrets := a.client.secretsIn(resp)
		e.StatusCode = resp.status
		e.RateLimit = parseRateLimit(resp.header)
		e.RequestID = requestID(resp.header, secrets)
		e.ServiceVersion = sanitize(secrets.Text(resp.header.Get("X-Mongodb-Service-Version")), 200)
	}
	for _, observe := range a.client.observers {
		observe(a.ctx, e)
	}
}

// requestID reads the exchange's name: no document gives its header.
func requestID(header http.Header, secrets *redact.Secrets) string {
	for _, name := range [...]string{"X-Request-Id", "X-Envoy-Request-Id", "X-Correlation-Id"} {
		if id := header.Get(name); id != "" {
			return sanitize(secrets.Text(id), 100)
		}
	}
	return ""
}

func parseRateLimit(header http.Header) RateLimit {
	return RateLimit{
		Limit: parseCount(header.Get("Ratelimit-Limit")), Remaining: parseCount(header.Get("Ratelimit-Remaining")),
		RetryAfter: retryAfter(header, time.Now()),
	}
}

// parseCount reads a header's whole number, -1 for none.
func parseCount(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// logObserver writes one line for each attempt.
func logObserver(logger *slog.Logger) func(context.Context, Attempt) {
	return func(ctx context.Context, e Attempt) {
		level, attrs := slog.LevelDebug, []slog.Attr{
			slog.String("operation", e.Operation), slog.String("variant", string(e.Variant)),
			slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.StatusCode),
			slog.Int("attempt", e.Number), slog.Int("requests", e.HTTPRequests), slog.Duration("duration", e.Duration),
		}
		if e.RequestID != "" {
			attrs = append(attrs, slog.String("requestId", e.RequestID))
		}
		if e.Err != nil {
			level = slog.LevelWarn
			var apiErr *Error
			if errors.As(e.Err, &apiErr) && apiErr.cause == nil && apiErr.StatusCode < 500 && apiErr.StatusCode != http.StatusTooManyRequests {
				level = slog.LevelInfo
			}
			attrs = append(attrs, slog.String("error", e.Err.Error()))
		}
		logger.LogAttrs(ctx, level, "restore jobs API", attrs...)
	}
}

// rateLimiter holds requests back while the service says that nothing is left.
type rateLimiter struct {
	maxWait time.Duration // a pause lasts

	mu       sync.Mutex
	resumeAt time.Time
}

// wait waits until requests may go out, as answers to others may put it off. A nil pace
// never does.
func (r *rateLimiter) wait(ctx context.Context) error {
	if r == nil {
		return nil
	}
	for {
		r.mu.Lock()
		left := time.Until(r.resumeAt)
		r.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// update reads an answer. No header tells when the bucket fills again: a second is a
// guess where there is no Retry-After.
func (r *rateLimiter) update(resp *http.Response) {
	if r == nil {
		return
	}
	limit := parseRateLimit(resp.Header)
	if limit.Remaining != 0 && resp.StatusCode != http.StatusTooManyRequests {
		return
	}
	pause := min(max(limit.RetryAfter, time.Second), r.maxWait)
	r.mu.Lock()
	defer r.mu.Unlock()
	if resumeAt := time.Now().Add(pause); resumeAt.After(r.resumeAt) {
		r.resumeAt = resumeAt
	}
}
