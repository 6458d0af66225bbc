package bearer_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/bearer"
)

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// refusing is an endpoint that refuses everything with one body.
func refusing(body string) *bearer.Endpoint {
	return &bearer.Endpoint{
		Base: roundTrip(func(req *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusForbidden, Request: req, Body: io.NopCloser(strings.NewReader(body)),
				Header: http.Header{"Content-Type": {"application/json"}, "Retry-After": {"7"}},
			}, nil
		}),
		BaseURL: "https://om.example.net/mms", TokenPath: "/token", RevokePath: "/revoke",
		Credentials: func() (string, string) { return "canary-id", "canary-secret" },
	}
}

// TestEndpoint_refused: both ways of asking tell of a refusal alike.
func TestEndpoint_refused(t *testing.T) {
	t.Parallel()
	const body = `{"error":"access_denied","error_description":"Not from here.","token":"canary"}`
	endpoint := refusing(body)
	_, notFetched := endpoint.Fetch(t.Context())
	notRevoked := endpoint.Revoke(t.Context(), "canary-token")
	for _, test := range []struct {
		err             error
		operation, path string
	}{{notFetched, bearer.GetToken, "/token"}, {notRevoked, bearer.RevokeToken, "/revoke"}} {
		var refused *bearer.TokenError
		require.ErrorAs(t, test.err, &refused)
		assert.Equal(t, "7", refused.Header.Get("Retry-After"))
		refused.Header = nil
		assert.Equal(t, &bearer.TokenError{
			Operation: test.operation, Path: test.path, Status: http.StatusForbidden, Body: []byte(body),
			Code: "access_denied", Description: "Not from here.",
		}, refused)
		assert.EqualError(t, refused, test.operation+`: 403 "access_denied"`)
	}
}

// TestFetch_tokenType follows RFC 6749, section 7.1: the type is not case-sensitive, and a token
// of an unknown type must not be used.
func TestFetch_tokenType(t *testing.T) {
	t.Parallel()
	for answer, ok := range map[string]bool{
		`"token_type":"Bearer"`: true, `"token_type":"bearer"`: true, `"token_type":"BEARER"`: true,
		`"x":""`: true, `"token_type":""`: true, `"token_type":null`: true,
		`"token_type":"mac"`: false, `"token_type":"DPoP"`: false, `"token_type":"N_A"`: false, `"token_type":"Bearer "`: false,
		`"token_type":["Bearer"]`: false,
	} {
		endpoint := &bearer.Endpoint{
			Base: roundTrip(func(req *http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: http.StatusOK, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
					Body: io.NopCloser(strings.NewReader(`{"access_token":"canary-token",` + answer + `}`)),
				}, nil
			}),
			BaseURL: "https://om.example.net", TokenPath: "/token",
			Credentials: func() (string, string) { return "canary-id", "canary-secret" },
		}
		token, err := endpoint.Fetch(t.Context())
		if ok {
			require.NoError(t, err, answer)
			assert.Equal(t, "canary-token", token.AccessToken)
			continue
		}
		require.Error(t, err, answer)
		assert.Nil(t, token)
		assert.NotContains(t, err.Error(), "canary")
	}
}

func TestEndpoint_redacted(t *testing.T) {
	t.Parallel()
	endpoint := refusing("")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, value := range []any{endpoint, *endpoint, struct{ private *bearer.Endpoint }{endpoint}} {
			assert.NotContains(t, fmt.Sprintf(verb, value), "canary")
			assert.NotContains(t, fmt.Sprintf(verb, value), fmt.Sprintf("%x", "canary"))
		}
	}
}
