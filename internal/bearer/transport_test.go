package bearer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

const createURL = "https://om.example.net/jobs"

// recorder records the Authorization and the body of requests, and responds in order.
type recorder struct {
	handle   http.HandlerFunc
	requests []string
}

func newRecorder(handlers ...http.HandlerFunc) *recorder {
	return &recorder{handle: testutil.Sequence(handlers...)}
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.requests = append(r.requests, req.Header.Get("Authorization")+" "+string(body))
	r.handle(w, req)
}

// numberedTokens returns a new token if the service refused one.
func numberedTokens(_ context.Context, refused string) (string, error) {
	if refused == "" {
		return "token-1", nil
	}
	return "token-2", nil
}

func TestRoundTrip_refusedToken(t *testing.T) {
	t.Parallel()
	refuse := testutil.Respond(http.StatusUnauthorized, `{"errorCode":"UNEXPECTED_ERROR"}`)
	accept := testutil.Respond(http.StatusOK, "{}")
	same := func(context.Context, string) (string, error) { return "token-1", nil }
	for name, test := range map[string]struct {
		token    bearer.TokenFunc
		handlers []http.HandlerFunc
		status   int
		requests []string
	}{
		"accepted":      {numberedTokens, []http.HandlerFunc{accept}, 200, []string{"Bearer token-1 body"}},
		"refused once":  {numberedTokens, []http.HandlerFunc{refuse, accept}, 200, []string{"Bearer token-1 body", "Bearer token-2 body"}},
		"refused twice": {numberedTokens, []http.HandlerFunc{refuse, refuse}, 401, []string{"Bearer token-1 body", "Bearer token-2 body"}},
		"no new token":  {same, []http.HandlerFunc{refuse, accept}, 401, []string{"Bearer token-1 body"}},
		"no permission": {
			numberedTokens,
			[]http.HandlerFunc{testutil.Respond(http.StatusUnauthorized, `{"errorCode":"NOT_IN_GROUP"}`), accept},
			401,
			[]string{"Bearer token-1 body"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newRecorder(test.handlers...)
			var reports []transport.RoundTrip
			ctx := transport.WithTrace(t.Context(), func(r transport.RoundTrip) {
				r.Duration = 0
				reports = append(reports, r)
			})
			req := testutil.Request(t, http.MethodPost, createURL, strings.NewReader("body")).WithContext(ctx)
			signer := &bearer.Transport{
				Base:    testutil.Handle(server),
				Token:   test.token,
				Origins: transport.NewOrigins([]string{"https://om.example.net:443"}),
			}
			resp, err := signer.RoundTrip(req)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, test.status, resp.StatusCode)
			assert.Equal(t, test.requests, server.requests)
			assert.Same(t, req, resp.Request)
			assert.Empty(t, req.Header)
			require.Len(t, reports, len(test.requests))
			assert.Equal(t, transport.RoundTrip{Status: test.status, Signed: true}, reports[len(reports)-1])
		})
	}
}

// TestRoundTrip_ownsRequests checks that the first request is sent without a copy, and the second is a
// copy: the transport may still write the first one.
func TestRoundTrip_ownsRequests(t *testing.T) {
	t.Parallel()
	var sent []*http.Request
	signer := &bearer.Transport{
		Base: testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
			sent = append(sent, req)
			return testutil.JSON(http.StatusUnauthorized, "{}"), nil
		}),
		Token:        numberedTokens,
		Origins:      transport.NewOrigins([]string{"https://om.example.net:443"}),
		OwnsRequests: true,
	}
	for range 2 {
		sent = nil
		req := testutil.Request(t, http.MethodGet, createURL, nil)
		req.Header.Set("Authorization", "Bearer of-a-redirect")
		resp, err := signer.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Len(t, sent, 2)
		assert.Same(t, req, sent[0])
		assert.NotSame(t, req, sent[1])
		assert.Equal(t, "Bearer token-1", sent[0].Header.Get("Authorization"))
		assert.Equal(t, "Bearer token-2", sent[1].Header.Get("Authorization"))
	}
}

func TestRoundTrip_foreignOrigin(t *testing.T) {
	t.Parallel()
	signer := &bearer.Transport{
		Base: testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
			assert.Empty(t, req.Header)
			return testutil.JSON(http.StatusUnauthorized, "{}"), nil
		}),
		Token:   func(context.Context, string) (string, error) { panic("no token may be fetched") },
		Origins: transport.NewOrigins([]string{"https://om.example.net:443"}),
	}
	resp, err := signer.RoundTrip(testutil.Request(t, http.MethodGet, "https://om.example.net:8443/jobs", nil))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
}

// TestRoundTrip_errorsAreNotSent checks that an error of a token is marked as not sent, also after
// a refused request.
func TestRoundTrip_errorsAreNotSent(t *testing.T) {
	t.Parallel()
	errToken := errors.New("no token")
	for name, failAt := range map[string]string{"first token": "", "second token": "token-1"} {
		signer := &bearer.Transport{
			Base: testutil.Handle(testutil.Respond(http.StatusUnauthorized, "{}")),
			Token: func(_ context.Context, refused string) (string, error) {
				if refused == failAt {
					return "", errToken
				}
				return "token-1", nil
			},
			Origins: transport.NewOrigins([]string{"https://om.example.net:443"}),
		}
		resp, err := signer.RoundTrip(testutil.Request(t, http.MethodPost, createURL, strings.NewReader("body")))
		if err == nil {
			_ = resp.Body.Close()
		}
		require.ErrorIs(t, err, errToken, name)
		assert.True(t, transport.IsNotSent(err), name)
		assert.False(t, transport.IsPermanent(err), name)
	}
}

func TestFromFunc_invalidToken(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"":          "bearer token: the token is empty",
		"canary\n":  "bearer token: the token has an invalid character, such as white space at its end",
		"canary ä":  "bearer token: the token has an invalid character, such as white space at its end",
		"canary-ok": "",
	} {
		get := bearer.FromFunc(func(context.Context) (string, error) { return token, nil })
		got, err := get(t.Context(), "")
		if want == "" {
			require.NoError(t, err)
			assert.Equal(t, token, got)
			continue
		}
		require.EqualError(t, err, want)
		assert.True(t, transport.IsPermanent(err))
	}
}
