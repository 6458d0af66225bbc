package restorejobs_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

const tokenPath = "/api/oauth/token"

// serviceAccount makes a client of the server with its service account.
func serviceAccount(t *testing.T, server *restorejobstest.Server, opts ...restorejobs.Option) *restorejobs.Client {
	t.Helper()
	opts = append([]restorejobs.Option{restorejobs.WithBaseURL(server.URL()), restorejobs.WithTransport(server.Transport())}, opts...)
	client, err := restorejobs.NewClient(restorejobs.ServiceAccount(restorejobstest.ClientID, restorejobstest.ClientSecret), opts...)
	require.NoError(t, err)
	return client
}

// inBubble runs a test on a server in process, in a bubble where time passes immediately.
func inBubble(t *testing.T, test func(*testing.T, *restorejobstest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		test(t, server)
		t.Log("reached the server:\n\t" + strings.Join(summary(server), "\n\t"))
	})
}

func summary(server *restorejobstest.Server) []string {
	var lines []string
	for _, request := range server.Requests() {
		lines = append(lines, fmt.Sprintf("%s %s (%s): %d", request.Method, request.Path, request.Scheme, request.Status))
	}
	return lines
}

// tokens counts the requests for tokens.
func tokens(server *restorejobstest.Server) int {
	count := 0
	for _, request := range server.Requests() {
		if request.Path == tokenPath {
			count++
		}
	}
	return count
}

func readJob(ctx context.Context, client *restorejobs.Client) error {
	scope := restorejobstest.AtlasV2Cluster
	_, err := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs.Get(ctx, scope.Jobs()[0])
	return err
}

func TestServiceAccount_sharesToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		both := func() {
			var group sync.WaitGroup
			for range 64 {
				group.Go(func() { assert.NoError(t, readJob(t.Context(), client)) })
			}
			group.Wait()
		}
		server.InjectFault(restorejobstest.DelayResponse(time.Second).At(restorejobstest.Tokens), 1)
		both()
		assert.Equal(t, 1, tokens(server))
		server.RevokeTokens()
		both()
		assert.Equal(t, 2, tokens(server), "a revoked token is replaced once, for all")
	})
}

func TestServiceAccount_renewsToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		require.NoError(t, readJob(t.Context(), client))
		time.Sleep(59*time.Minute - time.Second)
		require.NoError(t, readJob(t.Context(), client))
		assert.Equal(t, 1, tokens(server))
		time.Sleep(2 * time.Second)
		require.NoError(t, readJob(t.Context(), client))
		assert.Equal(t, 2, tokens(server))
		for _, request := range server.Requests() {
			assert.Equal(t, http.StatusOK, request.Status, "no request is sent with a token that has ended")
		}
	})
}

func TestServiceAccount_revokedToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		require.NoError(t, readJob(t.Context(), client))
		server.RevokeTokens()
		require.NoError(t, readJob(t.Context(), client))
		assert.Equal(t, []string{"basic", "bearer", "bearer", "basic", "bearer"}, schemes(server))
	})
}

func TestServiceAccount_alwaysUnauthorized(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		server.InjectFault(restorejobstest.RespondError(http.StatusUnauthorized, "UNEXPECTED_ERROR"), 1000)
		for i := range 3 {
			require.ErrorIs(t, readJob(t.Context(), client), restorejobs.ErrUnauthorized)
			assert.Len(t, server.Requests(), 4+3*i, "one more token, one more request")
		}
	})
}

func TestServiceAccount_missingPermission(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		server.InjectFault(restorejobstest.RespondError(http.StatusUnauthorized, "USER_CANNOT_ACCESS_GROUP"), 1000)
		for range 3 {
			err := readJob(t.Context(), client)
			require.ErrorIs(t, err, restorejobs.ErrorCode("USER_CANNOT_ACCESS_GROUP"), "the body is still there")
		}
		assert.Equal(t, 1, tokens(server), "the token endpoint allows ten requests a minute")
	})
}

func schemes(server *restorejobstest.Server) []string {
	var found []string
	for _, request := range server.Requests() {
		found = append(found, request.Scheme)
	}
	return found
}

func TestServiceAccount_waitEndsWithContext(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		server.InjectFault(restorejobstest.DelayResponse(10*time.Second).At(restorejobstest.Tokens), 1)
		start := time.Now()
		var group sync.WaitGroup
		group.Go(func() {
			assert.NoError(t, readJob(t.Context(), client))
			assert.Equal(t, 10*time.Second, time.Since(start))
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, readJob(ctx, client), context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))
		group.Wait()
		assert.Equal(t, 1, tokens(server))
	})
}

func TestServiceAccount_fetchEndsWithoutWaiters(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		server.InjectFault(restorejobstest.DelayResponse(50*time.Second).At(restorejobstest.Tokens), 1)
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() { assert.ErrorIs(t, readJob(ctx, client), context.Canceled) })
		}
		synctest.Wait()
		cancel()
		group.Wait()
		start := time.Now()
		require.NoError(t, readJob(t.Context(), client))
		assert.Zero(t, time.Since(start), "the next call does not wait for the slow fetch")
	})
}

// TestServiceAccount_tokenLifetimes tables what a token says of its end.
func TestServiceAccount_tokenLifetimes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expires string
		fetches int // for calls at 0, 10, 20, 40 and 70 seconds
	}{
		"nothing":     {``, 1},
		"an hour":     {`,"expires_in":3600`, 1},
		"as text":     {`,"expires_in":"3600"`, 1},
		"100 seconds": {`,"expires_in":100`, 2},
		"30 seconds":  {`,"expires_in":30`, 4},
		"over":        {`,"expires_in":-5`, 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fetches := 0
				client := clienttest.New(t, restorejobs.ServiceAccount("id", "secret"), restorejobs.WithBaseURL("https://om.example.net"),
					restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
						if r.URL.Path == "/api/oauth/revoke" {
							return testutil.Response(http.StatusOK, ""), nil
						}
						if r.URL.Path == tokenPath {
							fetches++
							return testutil.JSON(http.StatusOK, `{"access_token":"t"`+test.expires+`}`), nil
						}
						return testutil.JSON(http.StatusOK, clienttest.Job), nil
					})))
				for _, pause := range []int{0, 10, 10, 20, 30} {
					time.Sleep(time.Duration(pause) * time.Second)
					require.NoError(t, clienttest.Get(t.Context(), client))
				}
				assert.Equal(t, test.fetches, fetches)
			})
		})
	}
}

func TestClose_revokesToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := serviceAccount(t, server)
		require.NoError(t, client.RevokeToken(t.Context()))
		assert.Empty(t, server.Requests(), "there is nothing to revoke")
		require.NoError(t, readJob(t.Context(), client))
		require.NoError(t, client.RevokeToken(t.Context()))
		requests := server.Requests()
		last := requests[len(requests)-1]
		assert.Equal(t, "POST /api/oauth/revoke basic", last.Method+" "+last.Path+" "+last.Scheme)
		assert.Regexp(t, `^token=mdbtoken\.[0-9a-f]+&token_type_hint=access_token$`, string(last.Body))
		require.NoError(t, client.RevokeToken(t.Context()), "twice does no harm")
		assert.Len(t, server.Requests(), len(requests))
		require.NoError(t, readJob(t.Context(), client), "the client fetches a new token")
		assert.Equal(t, 2, tokens(server))

		for fault, says := range map[string]restorejobstest.Fault{
			"429":       restorejobstest.RespondBody(http.StatusTooManyRequests, "application/json", `{"error":"rate_limited","error_description":"Slow down."}`),
			"204":       restorejobstest.RespondBody(http.StatusNoContent, "", ""),
			"text/html": restorejobstest.RespondHTML(http.StatusOK),
			"502":       restorejobstest.RespondHTML(http.StatusBadGateway),
		} {
			require.NoError(t, readJob(t.Context(), client))
			server.InjectFault(says.On("POST /api/oauth/revoke").At(restorejobstest.Tokens), 1)
			err := client.RevokeToken(t.Context())
			require.ErrorContains(t, err, "revoke access token")
			assert.ErrorContains(t, err, fault)
			assert.NotContains(t, err.Error(), "mdbtoken")
			fetched, asked := tokens(server), len(server.Requests())
			require.NoError(t, client.RevokeToken(t.Context()), "another Close revokes what is still there")
			assert.Len(t, server.Requests(), asked+1)
			assert.Equal(t, fetched, tokens(server))
		}
	})
}

func TestClose_otherCredentials(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	require.NoError(t, readJob(t.Context(), client))
	before := len(server.Requests())
	require.NoError(t, client.RevokeToken(t.Context()))
	assert.Len(t, server.Requests(), before)
}

func TestServiceAccount_tokenRequest(t *testing.T) {
	t.Parallel()
	var seen []string
	client := clienttest.New(t, restorejobs.ServiceAccount("i d", "s:e/c"), restorejobs.WithBaseURL("https://gateway.example.net/m%2Fm%20s/"),
		restorejobs.WithUserAgent("nightly/1"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			user, password, _ := r.BasicAuth()
			seen = append(seen, fmt.Sprintf("%s %s %s %s %s", r.Method, r.URL, r.UserAgent(), user, password))
			if strings.HasSuffix(r.URL.Path, tokenPath) {
				return testutil.JSON(http.StatusOK, `{"access_token":"t","expires_in":3600}`), nil
			}
			return testutil.JSON(http.StatusOK, clienttest.Job), nil
		})))
	require.NoError(t, clienttest.Get(t.Context(), client))
	require.NoError(t, client.RevokeToken(t.Context()))
	const host, agent = "https://gateway.example.net/m%2Fm%20s", " nightly/1 restorejobs-go/0.2.0 "
	assert.Equal(t, []string{
		"POST " + host + "/api/oauth/token" + agent + "i+d s%3Ae%2Fc",
		"GET " + host + "/api/public/v1.0/groups/" + clienttest.ProjectID + "/clusters/" + clienttest.ClusterID + "/restoreJobs/5ba5e0000000000000000003" + agent + " ",
		"POST " + host + "/api/oauth/revoke" + agent + "i+d s%3Ae%2Fc",
	}, seen)
}

// TestBearerToken tables what the caller's function may return.
func TestBearerToken(t *testing.T) {
	t.Parallel()
	failed := errors.New("the vault is sealed")
	for name, test := range map[string]struct {
		get  func(context.Context) (string, error)
		is   error
		says string
	}{
		"an error": {func(context.Context) (string, error) { return "s3cr3t-token", failed }, failed, "bearer token: the vault is sealed"},
		"an error of http": {func(context.Context) (string, error) {
			return "", &url.Error{Op: "Get", URL: "https://vault.example/s3cr3t", Err: failed}
		}, failed, "bearer token: the vault is sealed"},
		"nothing":         {func(context.Context) (string, error) { return "", nil }, nil, "bearer token: the token is empty"},
		"with a line end": {func(context.Context) (string, error) { return "s3cr3t-token\n", nil }, nil, "bearer token: the token has an invalid character"},
		"with a header":   {func(context.Context) (string, error) { return "s3cr3t-token\r\nX: y", nil }, nil, "invalid character"},
		"its context's error": {
			func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() },
			context.DeadlineExceeded, "bearer token: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, clienttest.Succeed)
			asked := 0
			client := clienttest.New(t, restorejobs.BearerToken(func(ctx context.Context) (string, error) {
				asked++
				return test.get(ctx)
			}), restorejobs.WithBaseURL(server.URL))
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			err := clienttest.Create(ctx, client)
			t.Log(err)
			require.ErrorContains(t, err, test.says)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.NotContains(t, err.Error(), "s3cr3t")
			assert.Equal(t, 1, asked, "asking again is up to the function")
			assert.Empty(t, server.Requests())
		})
	}
}

func TestBearerToken_refusedOnce(t *testing.T) {
	t.Parallel()
	var good atomic.Value
	good.Store("second")
	server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+good.Load().(string) {
			testutil.Respond(http.StatusUnauthorized, `{"error":401,"errorCode":"UNEXPECTED_ERROR"}`, "Content-Type", "application/json")(w, r)
			return
		}
		testutil.Respond(http.StatusOK, clienttest.Job, "Content-Type", "application/json")(w, r)
	})
	next := []string{"first", "second", "third", "third", "fourth", "fifth"}
	client := clienttest.New(t, restorejobs.BearerToken(func(context.Context) (string, error) {
		given := next[0]
		next = next[1:]
		return given, nil
	}), restorejobs.WithBaseURL(server.URL))
	require.NoError(t, clienttest.Create(clienttest.ShortContext(t), client), "the body is sent again too")
	assert.Len(t, server.Requests(), 2)
	require.ErrorIs(t, clienttest.Get(clienttest.ShortContext(t), client), restorejobs.ErrUnauthorized)
	assert.Len(t, server.Requests(), 3, "the same token is not sent again")
	require.ErrorIs(t, clienttest.Get(clienttest.ShortContext(t), client), restorejobs.ErrUnauthorized)
	assert.Len(t, server.Requests(), 5)
	assert.Empty(t, next)
}

// TestNewClient_invalidCredentials when the client is made, not by the first call.
func TestNewClient_invalidCredentials(t *testing.T) {
	t.Parallel()
	for name, credentials := range map[string]restorejobs.Credentials{
		"none": {}, "no function": restorejobs.BearerToken(nil),
		"no public key": restorejobs.APIKey("", "s3cr3t"), "no private key": restorejobs.APIKey("public", ""),
		"no id": restorejobs.ServiceAccount("", "s3cr3t"), "no secret": restorejobs.ServiceAccount("id", ""),
		"a line end": restorejobs.APIKey("public", "s3cr3t\n"), "a space": restorejobs.APIKey(" public", "s3cr3t"),
		"a tab": restorejobs.ServiceAccount("id\t", "s3cr3t"), "a line break within": restorejobs.ServiceAccount("id", "s3c\r\nr3t"),
	} {
		_, err := restorejobs.NewClient(credentials)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, name)
		require.ErrorContains(t, err, "credentials: ", name)
		assert.NotContains(t, err.Error(), "s3cr3t", name)
	}
	_, err := restorejobs.NewClient(restorejobs.APIKey("some.one@example.com", "a key of old times"))
	require.NoError(t, err)
}

// TestAPIKey_legacyPair: a user name and its key, of whatever characters, are signed like
// any key.
func TestAPIKey_legacyPair(t *testing.T) {
	t.Parallel()
	const user, key = `jane.doe+mms@example.com`, `k"e\y:with colon`
	server := restorejobstest.NewServer(restorejobstest.WithAPIKey(user, key))
	t.Cleanup(server.Close)
	client, err := restorejobs.NewClient(restorejobs.APIKey(user, key), restorejobs.WithBaseURL(server.URL()))
	require.NoError(t, err)
	scope := restorejobstest.MMSCluster
	_, err = client.MMS.Cluster(scope.Project(), scope.Cluster()).Jobs.Get(t.Context(), scope.Jobs()[0])
	require.NoError(t, err)
	assert.Len(t, server.Requests(), 2, "a challenge and its response")
}
