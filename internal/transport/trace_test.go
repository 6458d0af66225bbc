package transport_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/transport"
)

func TestWithTrace_outerFirst(t *testing.T) {
	t.Parallel()
	var calls []string
	record := func(name string) func(transport.RoundTrip) {
		return func(r transport.RoundTrip) {
			assert.Equal(t, transport.RoundTrip{Status: 401, Stale: true}, r)
			calls = append(calls, name)
		}
	}
	ctx := transport.WithTrace(t.Context(), record("outer"))
	ctx = transport.WithTrace(ctx, record("inner"))
	transport.TraceFrom(ctx)(transport.RoundTrip{Status: 401, Stale: true})
	assert.Equal(t, []string{"outer", "inner"}, calls)
	assert.Nil(t, transport.TraceFrom(t.Context()))
}
