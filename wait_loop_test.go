package restorejobs_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// A provider took a job for deleted because a read after the create was a 404.
func TestWait_newJobNotVisibleYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		visible := time.Now().Add(25 * time.Second)
		s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
			if time.Now().Before(visible) {
				return testutil.APIError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND"), nil
			}
			return testutil.JSON(http.StatusOK, cloudFinished), nil
		})
		var failures int
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
			MaxConsecutiveErrors: -1, // the grace has nothing to do with it
			OnUpdate: func(u restorejobs.WaitUpdate) error {
				if u.Err != nil {
					failures++
					assert.ErrorIs(t, u.Err, restorejobs.ErrNotFound)
					assert.Equal(t, "a", u.ID)
					assert.Nil(t, u.Job)
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, failures, 2)
	})
}

func TestWait_notFoundGrace(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		grace  time.Duration
		least  time.Duration
		latest time.Duration
	}{
		"default": {0, 30 * time.Second, time.Minute},
		"longer":  {2 * time.Minute, 2 * time.Minute, 3 * time.Minute},
		"none":    {-1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
					return testutil.APIError(http.StatusNotFound, "RESTORE_JOB_NOT_FOUND"), nil
				})
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{NotFoundGrace: test.grace})
				require.ErrorIs(t, err, restorejobs.ErrNotFound)
				e := waitError(t, err)
				assert.GreaterOrEqual(t, e.Elapsed, test.least)
				assert.LessOrEqual(t, e.Elapsed, test.latest)
				assert.Equal(t, []*restorejobs.Job{nil}, jobs, "never seen")
				assert.Equal(t, []string{"a"}, e.PendingIDs)
				assert.Empty(t, restorejobs.JobIDs(jobs))
			})
		})
	}
}

// reset is what a client sees whose connection was broken.
func reset() error { return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET} }

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// truncatedResponse breaks off before the length that was announced.
func truncatedResponse() (*http.Response, error) {
	resp := testutil.JSON(http.StatusOK, cloudRunning)
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(cloudRunning[:20]), failingReader{io.ErrUnexpectedEOF}))
	return resp, nil
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

const staleNonce = `Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=true`

// transientFailures are the ways in which a poll can fail and is repeated.
func transientFailures() map[string]func() (*http.Response, error) {
	status := func(code int) func() (*http.Response, error) {
		return func() (*http.Response, error) { return testutil.APIError(code, "UNEXPECTED_ERROR"), nil }
	}
	html := func(code int) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			return testutil.JSON(code, "<html><h1>MongoDB Cloud Manager Unavailable</h1></html>", "Content-Type", "text/html"), nil
		}
	}
	return map[string]func() (*http.Response, error){
		"unexpected EOF": func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"EOF":            func() (*http.Response, error) { return nil, io.EOF },
		"reset":          func() (*http.Response, error) { return nil, reset() },
		"timeout":        func() (*http.Response, error) { return nil, timeout{} },
		"refused": func() (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		},
		"408": status(408), "429": status(429), "500": status(500), "502": status(502), "503": status(503), "504": status(504),
		"520, from a proxy": status(520),
		"503 in HTML":       html(503), "200 in HTML": html(200), "404 in HTML": html(404),
		"empty":      func() (*http.Response, error) { return testutil.JSON(200, ""), nil },
		"cut":        truncatedResponse,
		"short JSON": func() (*http.Response, error) { return testutil.JSON(200, cloudRunning[:20]), nil },
		"stale nonce": func() (*http.Response, error) {
			return testutil.JSON(http.StatusUnauthorized, `{"error":401,"reason":"Unauthorized"}`, "Www-Authenticate", staleNonce), nil
		},
	}
}

// Tools lost restores that went on because one status request failed after minutes.
func TestWait_transientFailure(t *testing.T) {
	t.Parallel()
	for name, failure := range transientFailures() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				over := time.Now().Add(2 * time.Minute)
				s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
					switch {
					case n == 1:
						return testutil.JSON(http.StatusOK, cloudRunning), nil
					case time.Now().Before(over):
						return failure()
					default:
						return testutil.JSON(http.StatusOK, cloudFinished), nil
					}
				})
				failures := 0
				jobs, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					NotFoundGrace: -1,
					OnUpdate: func(u restorejobs.WaitUpdate) error {
						if u.Err != nil {
							failures++
							assert.Equal(t, restorejobs.StateRunning, u.State)
						}
						return nil
					},
				})
				require.NoError(t, err)
				assert.Equal(t, restorejobs.StateFinished, jobs[0].State())
				assert.GreaterOrEqual(t, failures, 3)
			})
		})
	}
}

func TestWait_maxConsecutiveErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ allowed, polls int }{
		"default": {0, 11}, "two": {2, 3}, "none": {-1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
					return testutil.APIError(503, "SERVICE_UNAVAILABLE"), nil
				})
				updates := 0
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					MaxConsecutiveErrors: test.allowed, OnUpdate: func(restorejobs.WaitUpdate) error { updates++; return nil },
				})
				require.ErrorIs(t, err, restorejobs.ErrUnavailable)
				var apiErr *restorejobs.Error
				require.ErrorAs(t, err, &apiErr)
				assert.Equal(t, 503, apiErr.StatusCode)
				assert.Equal(t, test.polls, waitError(t, err).Polls)
				assert.Len(t, s.requests(), test.polls, "the polls of a wait are not retried below it")
				assert.Equal(t, test.polls-1, updates, "the last one is the error")
			})
		})
	}
}

// One failed poll in two does not end the wait.
func TestWait_failuresCountInARow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
			switch {
			case n%2 == 1:
				return nil, reset()
			case n < 60:
				return testutil.JSON(http.StatusOK, cloudRunning), nil
			default:
				return testutil.JSON(http.StatusOK, cloudFinished), nil
			}
		})
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{MaxConsecutiveErrors: 1})
		require.NoError(t, err)
	})
}

func TestWait_permanentError(t *testing.T) {
	t.Parallel()
	const freshNonce = `Digest realm="MMS Public API", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`
	for name, test := range map[string]struct {
		respond func() (*http.Response, error)
		want    error
		once    bool
	}{
		"400":       {func() (*http.Response, error) { return testutil.APIError(400, "VALIDATION_ERROR"), nil }, restorejobs.ErrorCode("VALIDATION_ERROR"), true},
		"401":       {func() (*http.Response, error) { return testutil.APIError(401, ""), nil }, restorejobs.ErrUnauthorized, true},
		"wrong key": {func() (*http.Response, error) { return testutil.JSON(401, "", "Www-Authenticate", freshNonce), nil }, restorejobs.ErrUnauthorized, false},
		"403":       {func() (*http.Response, error) { return testutil.APIError(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"), nil }, restorejobs.ErrIPNotAllowed, true},
		"406":       {func() (*http.Response, error) { return testutil.APIError(406, "INVALID_VERSION_DATE"), nil }, restorejobs.ErrorCode("INVALID_VERSION_DATE"), true},
		"410":       {func() (*http.Response, error) { return testutil.APIError(410, "VERSION_GONE"), nil }, restorejobs.ErrGone, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) { return test.respond() })
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{
					OnUpdate: func(restorejobs.WaitUpdate) error { assert.Fail(t, "nothing was tolerated"); return nil },
				})
				require.ErrorIs(t, err, test.want)
				e := waitError(t, err)
				assert.Equal(t, 1, e.Polls)
				assert.Zero(t, e.Elapsed)
				if test.once {
					assert.Len(t, s.requests(), 1)
				}
			})
		})
	}
}

// Retry-After takes precedence over the interval, however long it is.
func TestWait_retryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{"120": 2 * time.Minute, "17": 17 * time.Second, "1": 10 * time.Second} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return testutil.JSON(429, `{"error":429,"errorCode":"RATE_LIMITED"}`, "Retry-After", after), nil
					}
					return testutil.JSON(http.StatusOK, cloudFinished), nil
				})
				_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{})
				require.NoError(t, err)
				assert.Equal(t, []time.Duration{0, want}, s.times())
			})
		})
	}
}

// A silent connection blocks a poll for two minutes only.
func TestWait_silentConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newScriptedAPI(func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return testutil.JSON(http.StatusOK, cloudFinished), nil
		})
		var failure error
		_, err := s.cluster(t).Wait(t.Context(), []string{"a"}, restorejobs.WaitOptions{OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Err != nil {
				failure = u.Err
			}
			return nil
		}})
		require.NoError(t, err)
		require.EqualError(t, failure, "get restore job: no response within 2m0s")
		assert.NotErrorIs(t, failure, context.DeadlineExceeded, "the caller's is active")
		assert.GreaterOrEqual(t, s.times()[1], 2*time.Minute)
	})
}

// A timeout of the service must not match the end of the caller's context, because a script
// resumes later after that.
func TestWait_otherTimeouts(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(server.Close)
	failing := func(err error) restorejobs.Option {
		return restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) { return nil, err }))
	}
	for name, option := range map[string]restorejobs.Option{
		"http.Client.Timeout":   restorejobs.WithHTTPClient(&http.Client{Timeout: 20 * time.Millisecond}),
		"ResponseHeaderTimeout": restorejobs.WithTransport(&http.Transport{ResponseHeaderTimeout: 20 * time.Millisecond}),
		"dial":                  restorejobs.WithTransport(&http.Transport{DialContext: (&net.Dialer{Timeout: time.Nanosecond}).DialContext}),
		"a deadline":            failing(context.DeadlineExceeded),
		"a cancellation":        failing(context.Canceled),
		"in the body": restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			resp := testutil.JSON(http.StatusOK, cloudRunning)
			resp.Body = io.NopCloser(failingReader{context.DeadlineExceeded})
			return resp, nil
		})),
	} {
		for jobs, ids := range map[string][]string{"one job": {"a"}, "two jobs": {"a", "b"}} {
			t.Run(name+", "+jobs, func(t *testing.T) {
				t.Parallel()
				client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithBaseURL(server.URL), option)
				require.NoError(t, err)
				updates := 0
				_, err = client.OpsManager.Cluster("p", "c").Jobs.Wait(t.Context(), ids, restorejobs.WaitOptions{
					MinInterval: -1, MaxConsecutiveErrors: 1, OnUpdate: func(u restorejobs.WaitUpdate) error {
						updates++
						assert.NotErrorIs(t, u.Err, context.DeadlineExceeded)
						assert.NotErrorIs(t, u.Err, context.Canceled)
						return nil
					},
				})
				require.ErrorContains(t, err, "2 polls in a row failed, the last: ")
				assert.NotErrorIs(t, err, context.DeadlineExceeded)
				assert.NotErrorIs(t, err, context.Canceled)
				assert.Equal(t, 1, updates)
				if name == "dial" {
					var dial *net.OpError
					assert.ErrorAs(t, err, &dial, "the cause is still accessible")
				}
				if name == "in the body" {
					var apiErr *restorejobs.Error
					assert.ErrorAs(t, err, &apiErr)
				}
			})
		}
	}
}

// A connection's own timer can be the first to see the caller's deadline.
func TestWait_callerDeadlineInTimeout(t *testing.T) {
	t.Parallel()
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			deadline, _ := ctx.Deadline()
			s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
				time.Sleep(time.Until(deadline))
				return nil, context.DeadlineExceeded
			})
			_, err := s.cluster(t).Wait(ctx, []string{"a"}, restorejobs.WaitOptions{MaxConsecutiveErrors: -1})
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}
