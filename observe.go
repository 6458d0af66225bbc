package restorejobs

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
)

// Exchange is one attempt of a call, for observers. It has no secret, query, header
// value of the caller's or body. A secret that the server repeats is redacted.
type Exchange struct {
	// Operation is what was asked, such as "get restore job".
	Operation string
	// Variant is the product that was asked; "" for [Client.Do].
	Variant Variant
	// Method is the request's.
	Method string
	// Path is the request's, without host and query.
	Path string
	// Attempt counts from 1; a call that is retried has several exchanges.
	Attempt int
	// Requests is how many HTTP requests the attempt took: 2 where a digest challenge had
	// to be answered or a token replaced, 0 where none was begun. One that found no connection
	// counts, those for tokens do not.
	Requests int
	// StatusCode is the HTTP status, 0 where no answer came. Under 200, Err can have another
	// one that was inside an envelope.
	StatusCode int
	// Duration is how long the attempt took, with reading the body and the pause of
	// [WithRateLimitPause], without the delays of [RetryPolicy].
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

// watchers are told of every attempt.
type watchers []func(context.Context, Exchange)

// watch follows one attempt. It costs nothing where nobody watches.
type watch struct {
	client *Client
	call   *call
	ctx    context.Context //nolint:containedctx // lives exactly as long as one attempt
	start  time.Time
	seen   Exchange
}

func (c *Client) watch(ctx context.Context, q *call, attempt int) *watch {
	if len(c.watchers) == 0 {
		return nil
	}
	return &watch{client: c, call: q, ctx: ctx, start: time.Now(), seen: Exchange{Attempt: attempt}}
}

// context counts the requests that an attempt takes. A nil watch does not.
func (w *watch) context(ctx context.Context) context.Context {
	if w == nil {
		return ctx
	}
	return digestauth.WithTrace(ctx, func(digestauth.Leg) { w.seen.Requests++ })
}

// done tells the watchers.
func (w *watch) done(got *answer, err error) {
	if w == nil {
		return
	}
	e := w.seen
	e.Operation, e.Variant, e.Method, e.Path = w.call.operation, w.call.variant, w.call.method, w.call.path
	e.Duration, e.Err = time.Since(w.start), err
	e.RateLimit = RateLimit{Limit: -1, Remaining: -1}
	if got != nil {
		secrets := w.client.secretsIn(got)
		e.StatusCode = got.status
		e.RateLimit = rateLimit(got.header)
		e.RequestID = requestID(got.header, secrets)
		e.ServiceVersion = clean(secrets.Text(got.header.Get("X-Mongodb-Service-Version")), 200)
	}
	for _, tell := range w.client.watchers {
		tell(w.ctx, e)
	}
}

// requestID reads the exchange's name: no document gives its header.
func requestID(header http.Header, secrets *redact.Secrets) string {
	for _, name := range [...]string{"X-Request-Id", "X-Envoy-Request-Id", "X-Correlation-Id"} {
		if id := header.Get(name); id != "" {
			return clean(secrets.Text(id), 100)
		}
	}
	return ""
}

func rateLimit(header http.Header) RateLimit {
	return RateLimit{
		Limit: count(header.Get("Ratelimit-Limit")), Remaining: count(header.Get("Ratelimit-Remaining")),
		RetryAfter: retryAfter(header, time.Now()),
	}
}

// count reads a header's whole number, -1 for none.
func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// logObserver writes one line for each attempt.
func logObserver(logger *slog.Logger) func(context.Context, Exchange) {
	return func(ctx context.Context, e Exchange) {
		level, attrs := slog.LevelDebug, []slog.Attr{
			slog.String("operation", e.Operation), slog.String("variant", string(e.Variant)),
			slog.String("method", e.Method), slog.String("path", e.Path), slog.Int("status", e.StatusCode),
			slog.Int("attempt", e.Attempt), slog.Int("requests", e.Requests), slog.Duration("duration", e.Duration),
		}
		if e.RequestID != "" {
			attrs = append(attrs, slog.String("requestId", e.RequestID))
		}
		if e.Err != nil {
			level = slog.LevelWarn
			var api *Error
			if errors.As(e.Err, &api) && api.cause == nil && api.StatusCode < 500 && api.StatusCode != http.StatusTooManyRequests {
				level = slog.LevelInfo
			}
			attrs = append(attrs, slog.String("error", e.Err.Error()))
		}
		logger.LogAttrs(ctx, level, "restore jobs API", attrs...)
	}
}

// pace holds requests back while the service says that nothing is left.
type pace struct {
	longest time.Duration // a pause lasts

	mu    sync.Mutex
	until time.Time
}

// wait waits until requests may go out, as answers to others may put it off. A nil pace
// never does.
func (p *pace) wait(ctx context.Context) error {
	if p == nil {
		return nil
	}
	for {
		p.mu.Lock()
		left := time.Until(p.until)
		p.mu.Unlock()
		if left <= 0 {
			return nil
		}
		if err := sleep(ctx, left); err != nil {
			return err
		}
	}
}

// learn reads an answer. No header tells when the bucket fills again: a second is a
// guess where there is no Retry-After.
func (p *pace) learn(response *http.Response) {
	if p == nil {
		return
	}
	limit := rateLimit(response.Header)
	if limit.Remaining != 0 && response.StatusCode != http.StatusTooManyRequests {
		return
	}
	pause := min(max(limit.RetryAfter, time.Second), p.longest)
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(pause); until.After(p.until) {
		p.until = until
	}
}
