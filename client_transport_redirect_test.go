package restorejobs_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// TestWithTransport_incompleteResponses: what net/http's own client forgives a transport, ours does too.
func TestWithTransport_incompleteResponses(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]testutil.RoundTripFunc{
		"nothing":     func(*http.Request) (*http.Response, error) { return nil, nil }, //nolint:nilnil // the fault
		"no body":     func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 200}, nil },
		"no header":   func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 302}, nil },
		"only a code": func(*http.Request) (*http.Response, error) { return &http.Response{StatusCode: 401}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, err := restorejobs.NewClient(restorejobs.APIKey("a", "b"), restorejobs.WithTransport(transport),
				restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
			require.NoError(t, err)
			_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
			require.Error(t, err)
		})
	}
}
