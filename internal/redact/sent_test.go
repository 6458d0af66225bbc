package redact_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/redact"
)

func TestRecord_authorizationAndLink(t *testing.T) {
	t.Parallel()
	ctx, sent := redact.Record(context.WithValue(t.Context(), contextKey{}, "value"))
	inner, same := redact.Record(context.WithValue(ctx, contextKey{}, "inner"))
	assert.Same(t, sent, same, "a record is used again")
	assert.Equal(t, "value", ctx.Value(contextKey{}))
	redact.Authorization(ctx, "Bearer canary-token")
	redact.Link(inner, "https://host/canary-link")
	redact.Link(inner, "https://other/third-link")
	for _, secrets := range []*redact.Secrets{redact.SecretsOf(ctx), redact.SecretsOf(inner)} {
		text := secrets.Text("canary-token https://host/canary-link https://other/third-link")
		assert.Equal(t, "[redacted] https://host[redacted] https://other[redacted]", text)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		assert.Equal(t, "redact.Sent", fmt.Sprintf(verb, sent))
	}
}

func TestSecretsOf_noRecord(t *testing.T) {
	t.Parallel()
	redact.Authorization(t.Context(), "Bearer canary-token") // does nothing
	assert.Equal(t, "canary-token", redact.SecretsOf(t.Context()).Text("canary-token"))
}

type contextKey struct{}
