package redact

import (
	"context"
	"fmt"
	"io"
	"sync"
)

// Sent records the secrets of requests. It is the context of these requests, so that the layer
// that adds a secret, below redirects and retries of authentication, can record it.
type Sent struct {
	context.Context //nolint:containedctx // it is a context: one allocation for each call

	mu     sync.Mutex
	values []sentValue
	first  [1]sentValue // of values: most calls need no more
}

// sentValue is a secret, and how to add it to Secrets.
type sentValue struct {
	text string
	add  func(s *Secrets, text string)
}

type sentKey struct{}

// Record returns a context whose requests are recorded. A record that ctx already has is
// used again.
func Record(ctx context.Context) (context.Context, *Sent) {
	if sent := sentOf(ctx); sent != nil {
		return ctx, sent
	}
	sent := &Sent{Context: ctx}
	return sent, sent
}

// RecordIn is [Record] with the memory of a zero record.
func RecordIn(ctx context.Context, zero *Sent) context.Context {
	if sentOf(ctx) != nil {
		return ctx
	}
	zero.Context = ctx
	return zero
}

// IsZero reports whether the record was never used.
func (s *Sent) IsZero() bool { return s.Context == nil }

func sentOf(ctx context.Context) *Sent {
	if sent, ok := ctx.(*Sent); ok {
		return sent
	}
	sent, _ := ctx.Value(sentKey{}).(*Sent)
	return sent
}

// Value returns the record, or what the parent has.
func (s *Sent) Value(key any) any {
	if key == (sentKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// Authorization records the value of a header that authorizes a request.
func Authorization(ctx context.Context, value string) {
	sentOf(ctx).record(value, (*Secrets).AddAuthorization)
}

// Link records a download link.
func Link(ctx context.Context, link string) { sentOf(ctx).record(link, (*Secrets).AddLink) }

func (s *Sent) record(text string, add func(*Secrets, string)) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.values == nil {
		s.values = s.first[:0]
	}
	s.values = append(s.values, sentValue{text: text, add: add})
}

// SecretsOf returns what was recorded by the record that ctx has.
func SecretsOf(ctx context.Context) *Secrets {
	secrets := &Secrets{}
	sentOf(ctx).AddTo(secrets)
	return secrets
}

// AddTo adds what was recorded to secrets. A nil record has nothing.
func (s *Sent) AddTo(secrets *Secrets) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range s.values {
		value.add(secrets, value.text)
	}
}

// String returns a fixed text: a record holds secrets.
func (s *Sent) String() string { return "redact.Sent" }

// Format writes the same text for every verb.
func (s *Sent) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }
