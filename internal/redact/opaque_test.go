package redact_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/redact"
)

func TestOpaque_matchesAndHides(t *testing.T) {
	t.Parallel()
	err := redact.Opaque("shown", fmt.Errorf("canary: %w", io.EOF))
	require.ErrorIs(t, err, io.EOF)
	require.NotErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoError(t, errors.Unwrap(err))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, err), "canary")
	}
	assert.Equal(t, "shown", err.Error())
}
