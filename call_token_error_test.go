package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// tokenResponse is what a token endpoint may say.
type tokenResponse struct {
	name     string
	respond  func(*http.Request) (*http.Response, error)
	status   int // of the error
	is       error
	says     []string
	attempts int // for a call with two retries
}

func tokenResponses() []tokenResponse {
	fixed := func(status int, contentType, body string, headers ...string) func(*http.Request) (*http.Response, error) {
		return func(_ *http.Request) (*http.Response, error) {
			return testutil.Response(status, body, append([]string{"Content-Type", contentType}, headers...)...), nil
		}
	}
	oauth := func(code, description string) string {
		return fmt.Sprintf(`{"error":%q,"error_description":%q}`, code, description)
	}
	const asJSON = "application/json"
	return []tokenResponse{
		{"wrong secret", fixed(401, asJSON, oauth("invalid_client", "Invalid client.")), 401, restorejobs.ErrorCode("invalid_client"), []string{"get access token: 401 invalid_client: Invalid client. (wrong client id or secret"}, 1},
		{"rate limited", fixed(429, asJSON, oauth("rate_limited", "Slow down."), "Retry-After", "7"), 429, restorejobs.ErrRateLimited, []string{"429 rate_limited: Slow down. [3 attempts]"}, 3},
		{"rate limited for long", fixed(429, asJSON, oauth("rate_limited", "Slow down."), "Retry-After", "600"), 429, restorejobs.ErrRateLimited, nil, 1},
		{"an error of the API", fixed(500, asJSON, `{"error":500,"errorCode":"UNEXPECTED_ERROR"}`), 500, restorejobs.ErrUnavailable, nil, 3},
		{"an error under 200", fixed(200, asJSON, oauth("invalid_scope", "No.")), 200, restorejobs.ErrorCode("invalid_scope"), nil, 1},
		{"a web page", fixed(503, "text/html", webPage), 503, restorejobs.ErrUnavailable, []string{`"text/html"`, "proxy"}, 3},
		{"a web page under 200", fixed(200, "text/html", webPage), 0, nil, []string{`get access token: 200: the body is "text/html"`, "proxy"}, 3},
		{"not found", fixed(404, "text/plain", "404 page not found"), 404, restorejobs.ErrNotFound, []string{`"text/plain"`}, 1},
		{"a redirect", fixed(302, "", "", "Location", "https://evil.example/token"), 302, nil, nil, 1},
		{"nothing", fixed(200, asJSON, ""), 0, nil, []string{"get access token"}, 3},
		{"no token", fixed(200, asJSON, `{"token_type":"Bearer"}`), 0, nil, []string{"access_token"}, 3},
		{"an empty token", fixed(200, asJSON, `{"access_token":""}`), 0, nil, []string{"access_token"}, 3},
		{"a token that is none", fixed(200, asJSON, `{"access_token":"s3cr3t-token\r\nX: y"}`), 0, nil, []string{"invalid character"}, 3},
		{"a token of another type", fixed(200, asJSON, `{"access_token":"s3cr3t-token","token_type":"DPoP\u202e"}`), 0, nil, []string{`get access token: the token has the type "DPoP", and only Bearer can be sent`}, 1},
		{"a type that is a secret", fixed(200, asJSON, `{"access_token":"s3cr3t-token","token_type":"s3cr3t-secret"}`), 0, nil, []string{`the type "[redacted]"`}, 1},
		{"JSON that ends early", fixed(200, asJSON, `{"access_token":"s3cr3t-token`), 0, nil, []string{"get access token"}, 3},
		{"endless", func(_ *http.Request) (*http.Response, error) {
			resp := testutil.JSON(200, "")
			resp.ContentLength, resp.Body = -1, io.NopCloser(letters{})
			return resp, nil
		}, 0, nil, []string{"get access token"}, 3},
		{"a broken connection", func(*http.Request) (*http.Response, error) { return nil, io.EOF }, 0, io.EOF, []string{"get access token: the server closed the connection [3 attempts]"}, 3},
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

// TestServiceAccount_tokenEndpointResponses holds calls against everything a token endpoint may say instead of a
// token: nothing is sent to the API, so no outcome is unknown.
func TestServiceAccount_tokenEndpointResponses(t *testing.T) {
	t.Parallel()
	for _, test := range tokenResponses() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, call := range []func(context.Context, *restorejobs.Client) error{clienttest.Get, clienttest.Create} {
					asked := 0
					client, err := restorejobs.NewClient(restorejobs.ServiceAccount("id", "s3cr3t-secret"),
						restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 2}),
						restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
							assert.Equal(t, "https://om.example.net"+tokenPath, r.URL.String())
							asked++
							return test.respond(r)
						})))
					require.NoError(t, err)
					start := time.Now()
					err = call(t.Context(), client)
					t.Log(err, time.Since(start))
					require.Error(t, err)
					checkTokenError(t, test, err)
					assert.Equal(t, test.attempts, asked)
					if test.name == "rate limited" {
						assert.GreaterOrEqual(t, time.Since(start), 14*time.Second)
					}
				}
			})
		})
	}
}

func checkTokenError(t *testing.T, test tokenResponse, err error) {
	t.Helper()
	var apiErr *restorejobs.Error
	if assert.Equal(t, test.status != 0, errors.As(err, &apiErr)) && apiErr != nil {
		assert.Equal(t, test.status, apiErr.StatusCode)
		assert.Equal(t, test.attempts, apiErr.Attempts)
		assert.Equal(t, tokenPath, apiErr.Path)
	}
	if test.is != nil {
		require.ErrorIs(t, err, test.is)
	}
	for _, text := range test.says {
		assert.ErrorContains(t, err, text)
	}
	require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.Equal(t, 1, strings.Count(err.Error(), "restorejobs:"))
	assert.NotContains(t, err.Error(), "s3cr3t")
	assert.NotContains(t, err.Error(), "\n")
}

// TestServiceAccount_ownErrorForEachCall fails under the race detector where the calls
// that waited for one fetch share its error.
func TestServiceAccount_ownErrorForEachCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		client := clienttest.New(t, restorejobs.ServiceAccount("id", "secret"), restorejobs.WithBaseURL("https://om.example.net"),
			restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
				fetches++
				time.Sleep(time.Second)
				return testutil.JSON(http.StatusForbidden, `{"error":"access_denied"}`), nil
			})))
		var mu sync.Mutex
		seen := map[*restorejobs.Error]bool{}
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				var apiErr *restorejobs.Error
				if assert.ErrorAs(t, clienttest.Get(t.Context(), client), &apiErr) {
					mu.Lock()
					defer mu.Unlock()
					seen[apiErr] = true
				}
			})
		}
		group.Wait()
		assert.Equal(t, 1, fetches)
		assert.Len(t, seen, 16)
	})
}
