package restorejobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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

// observed collects exchanges.
func observed() (*[]restorejobs.Attempt, restorejobs.Option) {
	var mu sync.Mutex
	seen := &[]restorejobs.Attempt{}
	return seen, restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) {
		mu.Lock()
		defer mu.Unlock()
		*seen = append(*seen, e)
	})
}

func TestAttempt_fields(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		seen, observe := observed()
		client, err := server.Client(observe, restorejobs.WithEnvelope())
		require.NoError(t, err)
		require.NoError(t, readJob(t.Context(), client))
		server.InjectFault(restorejobstest.TooManyRequests(3*time.Second), 1)
		server.InjectFault(restorejobstest.ResetConnection(), 1)
		server.InjectFault(restorejobstest.DelayResponse(time.Second), 1)
		require.NoError(t, readJob(t.Context(), client))
		require.Len(t, *seen, 4)

		scope := restorejobstest.AtlasV2Cluster
		first := (*seen)[0]
		assert.NotEmpty(t, first.RequestID)
		first.RequestID = ""
		assert.Equal(t, restorejobs.Attempt{
			Operation: "get restore job", Variant: restorejobs.VariantAtlasV2, Method: http.MethodGet,
			Path:   "/api/atlas/v2/groups/" + scope.Project() + "/clusters/" + scope.Cluster() + "/backup/restoreJobs/" + scope.Jobs()[0],
			Number: 1, HTTPRequests: 2, StatusCode: 200, ServiceVersion: "gitHash=0000000000000000000000000000000000000000; versionString=v20260810",
			RateLimit: restorejobs.RateLimit{Limit: 1200, Remaining: 1199},
		}, first)
		limited := (*seen)[1]
		assert.Equal(t, 429, limited.StatusCode)
		assert.Equal(t, 3*time.Second, limited.RateLimit.RetryAfter)
		assert.Equal(t, 1, limited.HTTPRequests, "the nonce is used again")
		require.ErrorIs(t, limited.Err, restorejobs.ErrRateLimited)
		broken := (*seen)[2]
		assert.Zero(t, broken.StatusCode)
		assert.Equal(t, 2, broken.Number)
		assert.Equal(t, restorejobs.RateLimit{Limit: -1, Remaining: -1}, broken.RateLimit)
		require.ErrorContains(t, broken.Err, "reset")
		last := (*seen)[3]
		assert.Equal(t, 3, last.Number)
		assert.Equal(t, time.Second, last.Duration)
		require.NoError(t, last.Err)
	})
}

// TestAttempt_otherServers leaves out what was not said.
func TestAttempt_otherServers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		headers []string
		want    restorejobs.Attempt
	}{
		"nothing":      {nil, restorejobs.Attempt{RateLimit: restorejobs.RateLimit{Limit: -1, Remaining: -1}}},
		"nonsense":     {[]string{"RateLimit-Limit", "many", "RateLimit-Remaining", "-3", "Retry-After", "x"}, restorejobs.Attempt{RateLimit: restorejobs.RateLimit{Limit: -1, Remaining: -1}}},
		"nothing left": {[]string{"RateLimit-Limit", "1200", "RateLimit-Remaining", "0", "X-Envoy-Request-Id", "e"}, restorejobs.Attempt{RequestID: "e", RateLimit: restorejobs.RateLimit{Limit: 1200}}},
		"an odd name":  {[]string{"X-Request-Id", "a https://x.example/s3cr3t " + strings.Repeat("b", 500)}, restorejobs.Attempt{RequestID: "a [redacted] " + strings.Repeat("b", 87) + "…", RateLimit: restorejobs.RateLimit{Limit: -1, Remaining: -1}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen, observe := observed()
			client := clienttest.New(t, clienttest.Bearer("t"), observe, restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
				return testutil.JSON(http.StatusOK, clienttest.Job, test.headers...), nil
			})))
			require.NoError(t, clienttest.Get(t.Context(), client))
			got := (*seen)[0]
			assert.Equal(t, test.want.RequestID, got.RequestID)
			assert.Equal(t, test.want.RateLimit, got.RateLimit)
			assert.Empty(t, got.ServiceVersion)
			assert.Equal(t, 1, got.HTTPRequests)
		})
	}
}

// TestAttempt_httpRequests of every kind of credentials.
func TestAttempt_httpRequests(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		seen, observe := observed()
		client := serviceAccount(t, server, observe, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
		require.NoError(t, readJob(t.Context(), client))
		server.RevokeTokens()
		require.NoError(t, readJob(t.Context(), client))
		server.RevokeTokens()
		server.InjectFault(restorejobstest.RespondStatus(http.StatusForbidden).At(restorejobstest.Tokens), 1)
		require.Error(t, readJob(t.Context(), client))
		require.NoError(t, client.RevokeToken(t.Context()))
		server.InjectFault(restorejobstest.RespondStatus(http.StatusForbidden).At(restorejobstest.Tokens), 1)
		require.Error(t, readJob(t.Context(), client))
		var requests []int
		for _, e := range *seen {
			requests = append(requests, e.HTTPRequests)
		}
		assert.Equal(t, []int{1, 2, 1, 0}, requests)
	})
}

// logged is what a logger wrote: one map for each line.
func logged(t *testing.T, buffer *bytes.Buffer) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(buffer.String()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		lines = append(lines, entry)
	}
	return lines
}

func TestWithLogger_levels(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		respond func(int, *http.Request) (*http.Response, error)
		level   string
	}{
		"success": {func(_ int, r *http.Request) (*http.Response, error) { return respondSuccess(r) }, "DEBUG"},
		"302":     {alwaysStatus(302), "INFO"},
		"401":     {alwaysStatus(401), "INFO"},
		"404":     {alwaysStatus(404), "INFO"},
		"429":     {alwaysStatus(429), "WARN"},
		"500":     {alwaysStatus(500), "WARN"},
		"503":     {alwaysStatus(503), "WARN"},
		"broken":  {func(int, *http.Request) (*http.Response, error) { return nil, errors.New("s3cr3t://broken") }, "WARN"},
		"a web page": {func(_ int, _ *http.Request) (*http.Response, error) {
			return testutil.Response(200, webPage, "Content-Type", "text/html"), nil
		}, "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var buffer bytes.Buffer
				logger := slog.New(slog.NewJSONHandler(&buffer, &slog.HandlerOptions{Level: slog.LevelDebug}))
				attempts := 0
				client, err := restorejobs.NewClient(clienttest.Bearer("s3cr3t-token"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithLogger(logger),
					restorejobs.WithPrettyJSON(), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
						attempts++
						return test.respond(attempts, r)
					})))
				require.NoError(t, err)
				_ = clienttest.Get(t.Context(), client)
				lines := logged(t, &buffer)
				require.Len(t, lines, attempts, "one line for each attempt")
				for i, line := range lines {
					assert.Equal(t, test.level, line["level"])
					assert.Equal(t, "restore jobs API", line["msg"])
					assert.Equal(t, "get restore job", line["operation"])
					assert.Equal(t, "opsmanager", strings.ToLower(line["variant"].(string)))
					assert.InEpsilon(t, i+1, line["attempt"], 0)
					assert.Equal(t, test.level != "DEBUG", line["error"] != nil)
					assert.NotContains(t, line["path"], "?")
				}
				assert.NotContains(t, buffer.String(), "s3cr3t-token")
				assert.NotContains(t, buffer.String(), "pretty")
			})
		})
	}
}

type traceID struct{}

// traced is a handler that takes something from the context, as tracing does.
type traced struct{ slog.Handler }

func (h traced) Handle(ctx context.Context, record slog.Record) error {
	record.AddAttrs(slog.Any("trace", ctx.Value(traceID{})))
	return h.Handler.Handle(ctx, record)
}

func TestWithLogger_context(t *testing.T) {
	t.Parallel()
	var first, second bytes.Buffer
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithLogger(slog.New(traced{slog.NewJSONHandler(&first, &slog.HandlerOptions{Level: slog.LevelDebug})})),
		restorejobs.WithLogger(slog.New(slog.NewJSONHandler(&second, nil))),
		restorejobs.WithTransport(testutil.RoundTripFunc(respondSuccess)))
	require.NoError(t, clienttest.Get(context.WithValue(t.Context(), traceID{}, "trace 7"), client))
	assert.Equal(t, "trace 7", logged(t, &first)[0]["trace"])
	assert.Empty(t, second.String(), "which does not want to know of successes")
}

// TestWithRateLimitWait_delays reports when the second of two requests is made.
func TestWithRateLimitWait_delays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		headers []string
		pause   time.Duration
	}{
		"something left":   {200, []string{"RateLimit-Remaining", "1"}, 0},
		"nothing said":     {200, nil, 0},
		"nothing left":     {200, []string{"RateLimit-Remaining", "0"}, time.Second},
		"until then":       {200, []string{"RateLimit-Remaining", "0", "Retry-After", "7"}, 7 * time.Second},
		"for ever":         {200, []string{"RateLimit-Remaining", "0", "Retry-After", "999999"}, 30 * time.Second},
		"429":              {429, []string{"Retry-After", "7"}, 7 * time.Second},
		"429 without more": {429, nil, time.Second},
		"unavailable":      {503, []string{"Retry-After", "7"}, 0},
	} {
		for _, on := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, %t", name, on), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var at []time.Duration
					start := time.Now()
					opts := []restorejobs.Option{
						restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}),
						restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
							at = append(at, time.Since(start))
							return testutil.JSON(test.status, clienttest.Job, test.headers...), nil
						})),
					}
					if on {
						opts = append(opts, restorejobs.WithRateLimitWait())
					}
					client, err := restorejobs.NewClient(clienttest.Bearer("t"), opts...)
					require.NoError(t, err)
					_ = clienttest.Get(t.Context(), client)
					_ = clienttest.Get(t.Context(), client)
					want := test.pause
					if !on {
						want = 0
					}
					assert.Equal(t, []time.Duration{0, want}, at)
				})
			})
		}
	}
}

func TestWithRateLimitWait_contextEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		client, err := restorejobs.NewClient(clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithRateLimitWait(),
			restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
				sent.Add(1)
				return testutil.JSON(http.StatusOK, clienttest.Job, "RateLimit-Remaining", "0", "Retry-After", "20"), nil
			})))
		require.NoError(t, err)
		require.NoError(t, clienttest.Get(t.Context(), client))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		err = clienttest.Create(ctx, client)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "nothing was sent")
		assert.Equal(t, time.Second, time.Since(start))
		assert.EqualValues(t, 1, sent.Load())

		var group sync.WaitGroup
		for range 8 { // each answer puts off those that wait
			group.Go(func() { assert.NoError(t, clienttest.Get(t.Context(), client)) })
		}
		group.Wait()
		assert.EqualValues(t, 9, sent.Load())
		assert.GreaterOrEqual(t, time.Since(start), 20*time.Second)
	})
}
