package restorejobs_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"syscall"
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

// posts counts the creates that got past the challenge.
func posts(server *restorejobstest.Server) int {
	count := 0
	for _, request := range server.Requests() {
		if request.Method == http.MethodPost && request.Signed && request.Status != http.StatusUnauthorized {
			count++
		}
	}
	return count
}

// TestCreate_isNotRetried lets one thing go wrong with one create.
func TestCreate_isNotRetried(t *testing.T) {
	t.Parallel()
	past := 90 * time.Second // what a create waits at most here
	for name, test := range map[string]struct {
		fault   restorejobstest.Fault
		created int
		posts   int
		unknown bool
		is      error // nil for success where nothing is unknown
	}{
		"the reply is lost":       {restorejobstest.DropResponse(), 1, 1, true, syscall.ECONNRESET},
		"a reset before":          {restorejobstest.ResetConnection(), 0, 1, true, syscall.ECONNRESET},
		"the reply is cut":        {restorejobstest.TruncateBody(30), 1, 1, true, nil},
		"the reply is too short":  {restorejobstest.ShortenBody(30), 1, 1, true, nil},
		"the reply is none":       {restorejobstest.RewriteBody(func([]byte) []byte { return []byte("created") }), 1, 1, true, nil},
		"the reply is a web page": {restorejobstest.RespondHTML(http.StatusOK), 0, 1, true, nil},
		"the reply is empty":      {restorejobstest.RespondEmpty(), 0, 1, true, nil},
		"the reply is too late":   {restorejobstest.DelayResponse(time.Hour), 1, 1, true, context.DeadlineExceeded},
		"the reply stalls":        {restorejobstest.StallBody(10, time.Hour), 1, 1, true, context.DeadlineExceeded},
		"endless":                 {restorejobstest.EndlessBody(), 0, 1, true, nil},
		"500":                     {restorejobstest.RespondStatus(500), 0, 1, true, restorejobs.ErrOutcomeUnknown},
		"502":                     {restorejobstest.RespondHTML(502), 0, 1, true, restorejobs.ErrOutcomeUnknown},
		"503":                     {restorejobstest.RespondStatus(503), 0, 1, true, restorejobs.ErrOutcomeUnknown},
		"504":                     {restorejobstest.RespondHTML(504), 0, 1, true, restorejobs.ErrOutcomeUnknown},
		"408":                     {restorejobstest.RespondStatus(408), 0, 1, true, nil},
		"429":                     {restorejobstest.TooManyRequests(20 * time.Second), 1, 2, false, nil},
		"429 for too long":        {restorejobstest.TooManyRequests(time.Hour), 0, 1, false, restorejobs.ErrRateLimited},
		"400":                     {restorejobstest.RespondStatus(400), 0, 1, false, restorejobs.ErrorCode("VALIDATION_ERROR")},
		"402":                     {restorejobstest.RespondError(402, "ACCOUNT_SUSPENDED"), 0, 1, false, restorejobs.ErrorCode("ACCOUNT_SUSPENDED")},
		"403":                     {restorejobstest.RespondStatus(403), 0, 1, false, restorejobs.ErrIPNotAllowed},
		"404":                     {restorejobstest.RespondHTML(404), 0, 1, false, restorejobs.ErrNotFound},
		"409":                     {restorejobstest.RespondStatus(409), 0, 1, false, restorejobs.ErrBusy},
		"503 before a start":      {restorejobstest.RespondError(503, "SNAPSHOT_BLOCK_VALIDATION_UNAVAILABLE"), 0, 1, false, restorejobs.ErrBusy},
		"410":                     {restorejobstest.RespondStatus(410), 0, 1, false, restorejobs.ErrGone},
		"401":                     {restorejobstest.RespondStatus(401), 0, 0, false, restorejobs.ErrUnauthorized},
		"a redirect":              {restorejobstest.Redirect("/api/elsewhere"), 0, 1, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
				client, err := server.Client(restorejobs.WithMaxResponseBytes(1 << 20))
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), past)
				defer cancel()
				server.InjectFault(test.fault.On("POST /"), 1)
				err = createOn(ctx, client)
				t.Log(err)
				assert.Equal(t, test.created, server.CreateCount())
				assert.Equal(t, test.posts, posts(server))
				assert.Equal(t, test.unknown, errors.Is(err, restorejobs.ErrOutcomeUnknown))
				switch {
				case test.is != nil:
					require.ErrorIs(t, err, test.is)
				case test.posts == 2:
					require.NoError(t, err)
				default:
					require.Error(t, err)
				}
				if test.unknown {
					require.NotErrorIs(t, err, restorejobs.ErrUnavailable)
					assert.ErrorContains(t, err, "use OutcomeUnknownError.Find before creating again")
				}
			})
		})
	}
}

// TestCreate_notSentIsRetried has no outcome that could be unknown.
func TestCreate_notSentIsRetried(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		down := 2
		client, err := server.Client(restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if down > 0 {
				down--
				return nil, refused
			}
			return server.Transport().RoundTrip(r)
		})))
		require.NoError(t, err)
		require.NoError(t, createOn(t.Context(), client))
		assert.Equal(t, 1, server.CreateCount())

		down = 1000
		err = createOn(t.Context(), client)
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		down = 0
		err = createOn(ended, client)
		require.ErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "the context had ended before")
		assert.Equal(t, 1, server.CreateCount())
	})
}

// TestCreate_withoutConnection certainly was not sent, whatever the error says, and whether
// the transport is the caller's or wraps one: it is sent again.
func TestCreate_withoutConnection(t *testing.T) {
	t.Parallel()
	challenge := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusUnauthorized)
	}
	for name, test := range map[string]struct {
		options func(*http.Transport) []restorejobs.Option
		dials   int32 // the context ends with the last
	}{
		"the caller's": {func(own *http.Transport) []restorejobs.Option {
			return []restorejobs.Option{restorejobs.WithTransport(own)}
		}, 3},
		"wrapped": {func(own *http.Transport) []restorejobs.Option {
			return []restorejobs.Option{restorejobs.WithTransport(testutil.RoundTripFunc(own.RoundTrip))}
		}, 3},
		"cloned": {func(own *http.Transport) []restorejobs.Option {
			return []restorejobs.Option{restorejobs.WithTransport(own), restorejobs.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13})}
		}, 3},
		"with a timeout": {func(own *http.Transport) []restorejobs.Option {
			return []restorejobs.Option{restorejobs.WithHTTPClient(&http.Client{Transport: own, Timeout: time.Second})}
		}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(clienttest.ShortContext(t))
			defer cancel()
			hang := make(chan struct{})
			t.Cleanup(func() { close(hang) })
			var dials atomic.Int32
			server := testutil.NewServer(t, challenge)
			own := &http.Transport{DialContext: func(dialing context.Context, network, address string) (net.Conn, error) {
				switch dials.Add(1) {
				case 1: // for the challenge
					return (&net.Dialer{}).DialContext(dialing, network, address)
				case 2:
					return nil, errors.New("the network is odd")
				case test.dials:
					cancel()
				}
				<-hang
				return nil, errors.New("the network is gone")
			}}
			client := clienttest.New(t, restorejobs.APIKey("public", "private"), append(test.options(own), restorejobs.WithBaseURL(server.URL))...)
			err := clienttest.Create(ctx, client)
			t.Log(err)
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			assert.Equal(t, test.dials, dials.Load())
		})
	}
}

// unusedAddr is an address without a listener.
const unusedAddr = "http://127.0.0.1:1"

// afterwards is a transport that does something else when a request has failed.
func afterwards(do func(r *http.Request, err error) error) func(http.RoundTripper) http.RoundTripper {
	return func(base http.RoundTripper) http.RoundTripper {
		return testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(r)
			if err != nil {
				err = do(r, err)
			}
			return resp, err
		})
	}
}

// TestCreate_mayHaveBeenSent: what a transport does after it has sent a create changes
// nothing about that, whatever error it ends with.
func TestCreate_mayHaveBeenSent(t *testing.T) {
	t.Parallel()
	knock := func(r *http.Request) error { // under the context of the create
		other, err := http.NewRequestWithContext(r.Context(), http.MethodGet, unusedAddr, nil)
		if err == nil {
			_, err = (&http.Transport{}).RoundTrip(other)
		}
		assert.ErrorIs(t, err, syscall.ECONNREFUSED) // not require: it runs in the subtests
		return err
	}
	for name, wrap := range map[string]func(http.RoundTripper) http.RoundTripper{
		"the error is reported elsewhere": afterwards(func(r *http.Request, err error) error { _ = knock(r); return err }),
		"another attempt cannot connect":  afterwards(func(r *http.Request, _ error) error { return fmt.Errorf("2 attempts: %w", knock(r)) }),
		"both errors are told":            afterwards(func(r *http.Request, err error) error { return errors.Join(knock(r), err) }),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kind, credentials := range map[string]restorejobs.Credentials{
				"a token": clienttest.Bearer("t"), "a key": restorejobs.APIKey("public", "private"),
			} {
				var reached atomic.Int32
				server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") == "" {
						w.Header().Set("WWW-Authenticate", `Digest realm="r", nonce="n", qop="auth"`)
						w.WriteHeader(http.StatusUnauthorized)
						return
					}
					reached.Add(1)
					panic(http.ErrAbortHandler)
				})
				client := clienttest.New(t, credentials, restorejobs.WithBaseURL(server.URL), restorejobs.WithTransport(wrap(&http.Transport{})))
				err := clienttest.Create(clienttest.ShortContext(t), client)
				t.Log(err)
				assert.EqualValues(t, 1, reached.Load(), kind)
				require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown, kind)
			}
		})
	}
}

// TestCreate_otherProtocols: HTTP/3 and the like report no connection, and some go back
// to TCP when it fails. A transport that has read the create may have sent it.
func TestCreate_otherProtocols(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for name, end := range map[string]error{
		"the answer is lost": errors.New("quic: connection lost"), "then TCP is refused": refused, "both": fmt.Errorf("lost, then %w", refused),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			posts := 0
			other := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				posts++
				_, err := io.Copy(io.Discard, r.Body)
				require.NoError(t, err)
				return nil, end
			})
			registered := &http.Transport{TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}}
			registered.RegisterProtocol("https", other)
			for kind, transport := range map[string]http.RoundTripper{"registered": registered, "by itself": other} {
				posts = 0
				err := clienttest.Create(t.Context(), clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(transport)))
				assert.Equal(t, 1, posts, kind)
				require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown, kind)
				require.ErrorIs(t, err, end, kind)
			}
		})
	}
}

// TestCreate_wrongKey ends with the challenge.
func TestCreate_wrongKey(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client := clienttest.New(t, restorejobs.APIKey(restorejobstest.PublicKey, "wrong"), restorejobs.WithBaseURL(server.URL()), restorejobs.WithTransport(server.Transport()))
		err := createOn(t.Context(), client)
		require.ErrorIs(t, err, restorejobs.ErrUnauthorized)
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		assert.Zero(t, server.CreateCount())
	})
}

// TestDo_writesAreNotRetried holds the way out to the same rule, in words of its own.
func TestDo_writesAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		server := testutil.NewServer(t, testutil.Sequence(testutil.Respond(429, "{}", "Content-Type", jsonType), testutil.RawBytes(""), clienttest.Succeed))
		client := clienttest.ForServer(t, server)
		err := client.Do(clienttest.ShortContext(t), method, "/api/atlas/v2/groups/x/snapshots", map[string]int{"a": 1}, nil)
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		require.ErrorContains(t, err, "no response confirms whether the request took effect: the server closed the connection [2 attempts]")
		assert.NotContains(t, err.Error(), "FindCreated")
		assert.Len(t, server.Requests(), 2)
	}
}

// cancelOn cancels a new download of the scope that readJob reads, after a fault.
func cancelOn(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client, fault restorejobstest.Fault) (string, error) {
	t.Helper()
	scope := restorejobstest.AtlasV2Cluster
	jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs
	created, err := jobs.Create(t.Context(), restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
	require.NoError(t, err)
	server.InjectFault(fault.On("DELETE /"), 1)
	return created[0].ID, jobs.Cancel(t.Context(), created[0].ID)
}

func TestCancel_isRetried(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]restorejobstest.Fault{
		"before it ran":     restorejobstest.ResetConnection(),
		"the reply is lost": restorejobstest.DropResponse(),
		"503":               restorejobstest.RespondHTML(http.StatusServiceUnavailable),
		"429":               restorejobstest.TooManyRequests(time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
				client, err := server.Client()
				require.NoError(t, err)
				id, err := cancelOn(t, server, client, fault)
				require.NoError(t, err)
				scope := restorejobstest.AtlasV2Cluster
				job, err := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs.Get(t.Context(), id)
				require.NoError(t, err)
				assert.Equal(t, restorejobs.StateCancelled, job.State())
			})
		})
	}
}

// TestCancel_refusedAfterLostResponse is a success when the job is cancelled, and only then.
func TestCancel_refusedAfterLostResponse(t *testing.T) {
	t.Parallel()
	refusal := testutil.Respond(http.StatusBadRequest, `{"error":400,"errorCode":"CANNOT_CANCEL_COMPLETED_RESTORE"}`, "Content-Type", jsonType)
	for job, cancelled := range map[string]bool{
		`{"id":"` + clienttest.JobID + `","deliveryType":"download","cancelled":true}`:                                      true,
		`{"id":"` + clienttest.JobID + `","deliveryType":"download","cancelled":false}`:                                     false,
		`{"id":"` + clienttest.JobID + `","deliveryType":"download","cancelled":false,"finishedAt":"2024-01-01T00:00:00Z"}`: false,
	} {
		server := testutil.NewServer(t, testutil.Sequence(testutil.RawBytes(""), refusal, testutil.Respond(http.StatusOK, job, "Content-Type", jsonType)))
		err := clienttest.Calls()[4].Run(clienttest.ShortContext(t), clienttest.ForServer(t, server))
		if cancelled {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, restorejobs.ErrorCode("CANNOT_CANCEL_COMPLETED_RESTORE"))
		}
		assert.Len(t, server.Requests(), 3)
	}
	server := testutil.NewServer(t, refusal)
	require.ErrorIs(t, clienttest.Calls()[4].Run(clienttest.ShortContext(t), clienttest.ForServer(t, server)), restorejobs.ErrorCode("CANNOT_CANCEL_COMPLETED_RESTORE"))
	assert.Len(t, server.Requests(), 1, "a first refusal is the answer")
}

func TestCreate_contextCancelledBefore(t *testing.T) {
	t.Parallel()
	f := testutil.NewServer(t, testutil.Respond(200, `{"id":"j"}`, "Content-Type", "application/json"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]*restorejobs.Client{
		"bearer": clienttest.ForServer(t, f), "digest": clienttest.New(t, restorejobs.APIKey("a", "b"), restorejobs.WithBaseURL(f.URL)),
	} {
		err := clienttest.Create(ctx, c)
		assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%s: %v", name, err)
	}
	assert.Empty(t, f.Requests())
}

func TestCreate_proxyFunctionFails(t *testing.T) {
	t.Parallel()
	f := testutil.NewServer(t, testutil.Respond(200, `{"id":"j"}`, "Content-Type", "application/json"))
	transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("bad proxy") }}
	c := clienttest.ForServer(t, f, restorejobs.WithTransport(transport))
	err := clienttest.Create(t.Context(), c)
	assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%v", err)
	assert.Empty(t, f.Requests())
}

// Only the unsigned request was sent.
func TestCreate_contextCancelledAfterChallenge(t *testing.T) {
	t.Parallel()
	f := testutil.NewServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Digest realm="MMS Public API", domain="", nonce="abc", algorithm=MD5, qop="auth", stale=false`)
		w.WriteHeader(401)
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	plain := &http.Transport{}
	defer plain.CloseIdleConnections()
	transport := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		resp, err := plain.RoundTrip(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			cancel()
		}
		return resp, err
	})
	c := clienttest.New(t, restorejobs.APIKey("a", "b"), restorejobs.WithBaseURL(f.URL), restorejobs.WithTransport(transport))
	err := clienttest.Create(ctx, c)
	assert.Len(t, f.Requests(), 1)
	assert.False(t, errors.Is(err, restorejobs.ErrOutcomeUnknown), "%v", err)
}

func TestCreate_contextEndsDuringRateLimitPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
			restorejobs.WithTransport(testutil.Always(http.StatusTooManyRequests, "{}", "Retry-After", "1")))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(200*time.Millisecond, cancel)
		err := clienttest.Create(ctx, client)
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, restorejobs.ErrRateLimited)
	})
}
