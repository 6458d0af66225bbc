package bearer_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/bearer"
)

// TestTokenError_operations checks that both operations return the same error for a response.
func TestTokenError_operations(t *testing.T) {
	t.Parallel()
	const body = `{"error":"access_denied","error_description":"Not from here.","token":"canary"}`
	endpoint := newEndpoint(http.StatusForbidden, body, "Retry-After", "7")
	_, fetchErr := endpoint.Fetch(t.Context())
	revokeErr := endpoint.Revoke(t.Context(), "canary-token")
	for _, test := range []struct {
		err             error
		operation, path string
	}{{fetchErr, bearer.GetToken, "/token"}, {revokeErr, bearer.RevokeToken, "/revoke"}} {
		var refused *bearer.TokenError
		require.ErrorAs(t, test.err, &refused)
		assert.Equal(t, "7", refused.Header.Get("Retry-After"))
		refused.Header = nil
		assert.Equal(t, &bearer.TokenError{
			Operation:   test.operation,
			Path:        test.path,
			Status:      http.StatusForbidden,
			Body:        []byte(body),
			Code:        "access_denied",
			Description: "Not from here.",
		}, refused)
		assert.EqualError(t, refused, test.operation+`: 403 "access_denied"`)
	}
}
