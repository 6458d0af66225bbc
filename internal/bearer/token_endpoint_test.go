package bearer_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/testutil"
)

// newEndpoint returns an endpoint that responds to every request the same way.
func newEndpoint(status int, body string, header ...string) *bearer.Endpoint {
	return &bearer.Endpoint{
		Base: testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			return testutil.JSON(status, body, header...), nil
		}),
		BaseURL:     "https://om.example.net/mms",
		TokenPath:   "/token",
		RevokePath:  "/revoke",
		Credentials: func() (string, string) { return "canary-id", "canary-secret" },
	}
}

// TestFetch_tokenType follows RFC 6749, section 7.1: the type is not case-sensitive, and a token
// of an unknown type must not be used.
func TestFetch_tokenType(t *testing.T) {
	t.Parallel()
	for field, ok := range map[string]bool{
		`"token_type":"Bearer"`: true, `"token_type":"bearer"`: true, `"token_type":"BEARER"`: true,
		`"x":""`: true, `"token_type":""`: true, `"token_type":null`: true,
		`"token_type":"mac"`: false, `"token_type":"DPoP"`: false, `"token_type":"N_A"`: false, `"token_type":"Bearer "`: false,
		`"token_type":["Bearer"]`: false,
	} {
		endpoint := newEndpoint(http.StatusOK, `{"access_token":"canary-token",`+field+`}`)
		token, err := endpoint.Fetch(t.Context())
		if ok {
			require.NoError(t, err, field)
			assert.Equal(t, "canary-token", token.AccessToken)
			continue
		}
		require.Error(t, err, field)
		assert.Nil(t, token)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestFetch_notJSON(t *testing.T) {
	t.Parallel()
	_, err := newEndpoint(http.StatusOK, "<html>canary-secret", "Content-Type", "text/html; canary-secret").Fetch(t.Context())
	require.EqualError(t, err,
		`get access token: 200: the body is "text/html", not JSON, so it came from a proxy or something other than the API`)
}

func TestRevoke_success(t *testing.T) {
	t.Parallel()
	endpoint := newEndpoint(http.StatusOK, "")
	respond := endpoint.Base
	endpoint.Base = testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		assert.Equal(t, "https://om.example.net/mms/revoke", req.URL.String())
		require.NoError(t, req.ParseForm())
		assert.Equal(t, "canary-token", req.PostForm.Get("token"))
		username, password, ok := req.BasicAuth()
		assert.True(t, ok)
		assert.Equal(t, "canary-id canary-secret", username+" "+password)
		return respond.RoundTrip(req)
	})
	require.NoError(t, endpoint.Revoke(t.Context(), "canary-token"))
}

func TestEndpoint_redacted(t *testing.T) {
	t.Parallel()
	endpoint := newEndpoint(http.StatusForbidden, "")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, value := range []any{endpoint, *endpoint, struct{ private *bearer.Endpoint }{endpoint}} {
			assert.NotContains(t, fmt.Sprintf(verb, value), "canary")
			assert.NotContains(t, fmt.Sprintf(verb, value), fmt.Sprintf("%x", "canary"))
		}
	}
}
