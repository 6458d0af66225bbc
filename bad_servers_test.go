package restorejobs_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// serverFault is a server that misbehaves, and what comes of one call to it.
type serverFault struct {
	name    string
	serve   http.HandlerFunc
	call    func(context.Context, *restorejobs.Client) error // nil: Get
	status  int                                              // of the error; 0: the call succeeds
	is      error
	says    []string
	sent    []string // method and answer of each request, the path left out
	unknown bool     // the outcome
}

func redirect(status int, location string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(status)
	}
}

// back redirects to the path that was requested, once more.
func back(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { redirect(status, r.URL.RequestURI())(w, r) }
}

func serverFaults() []serverFault {
	const evil = "https://evil.example/s3cr3t?token=s3cr3t"
	cancel := clienttest.Calls()[4].Run
	unauthorized := `{"error":401,"reason":"Unauthorized","detail":"You are not authorized for this resource.","errorCode":"UNEXPECTED_ERROR"}`
	faults := []serverFault{
		{name: "a redirect to another host", serve: redirect(302, evil), status: 302, says: []string{"a redirect to https://evil.example, which is not followed: check WithBaseURL"}, sent: []string{"GET 302"}},
		{name: "a redirect to another port", serve: redirect(307, "http://127.0.0.1:1/"), status: 307, says: []string{"http://127.0.0.1:1, which is not followed"}, sent: []string{"GET 307"}},
		{name: "a redirect with a user", serve: func(w http.ResponseWriter, r *http.Request) { redirect(302, "http://s3cr3t:s3cr3t@"+r.Host+"/")(w, r) }, status: 302, sent: []string{"GET 302"}},
		{name: "a redirect to another scheme", serve: redirect(302, "ftp://127.0.0.1/"), status: 302, says: []string{"ftp://127.0.0.1, which is not followed"}, sent: []string{"GET 302"}},
		{name: "a redirect to nowhere", serve: testutil.Respond(302, "", "Content-Type", ""), status: 302, says: []string{"302 Found (a redirect that is not followed)"}, sent: []string{"GET 302"}},
		{name: "an invalid redirect", serve: redirect(302, "http://[::s3cr3t%"), status: 302, says: []string{"a redirect that is not followed"}, sent: []string{"GET 302"}},
		{name: "not modified", serve: testutil.Respond(304, "", "Content-Type", ""), status: 304, sent: []string{"GET 304"}},
		{name: "several choices", serve: redirect(300, evil), status: 300, sent: []string{"GET 300"}},
		{name: "a redirect to itself for ever", serve: back(302), status: 302, sent: []string{"GET 302", "GET 302", "GET 302", "GET 302", "GET 302", "GET 302"}},
		{name: "a redirect within the origin", serve: testutil.Sequence(back(308), clienttest.Succeed), sent: []string{"GET 308", "GET 200"}},
		{name: "a redirect of a cancel", serve: back(307), call: cancel, status: 307, says: []string{"a redirect that is not followed"}, sent: []string{"DELETE 307"}},

		{name: "401 without challenge", serve: testutil.Respond(401, unauthorized, "Content-Type", jsonType), status: 401, is: restorejobs.ErrUnauthorized, says: []string{"401 UNEXPECTED_ERROR: You are not authorized for this resource. (wrong key"}, sent: []string{"GET 401"}},
		{name: "an error that is a web page", serve: testutil.Respond(404, webPage, "Content-Type", "text/html"), status: 404, is: restorejobs.ErrNotFound, says: []string{`404 Not Found (the body is "text/html"`}, sent: []string{"GET 404"}},
		{name: "a proxy that wants credentials", serve: testutil.Respond(407, webPage, "Content-Type", "text/html"), status: 407, says: []string{"this is the proxy: it requires credentials: set them in HTTPS_PROXY"}, sent: []string{"GET 407"}},
		{name: "unavailable, as a web page", serve: testutil.Respond(503, webPage, "Content-Type", "text/html"), status: 503, is: restorejobs.ErrUnavailable, says: []string{`"text/html"`, "[2 attempts]"}, sent: []string{"GET 503", "GET 503"}},
		{name: "unavailable for a moment", serve: testutil.Sequence(testutil.Respond(503, webPage, "Content-Type", "text/html"), clienttest.Succeed), sent: []string{"GET 503", "GET 200"}},
		{name: "an error without body", serve: testutil.Respond(502, "", "Content-Type", ""), status: 502, is: restorejobs.ErrUnavailable, sent: []string{"GET 502", "GET 502"}},
		{name: "an error whose body is cut", serve: testutil.RawBytes("HTTP/1.1 404 Not Found\r\nContent-Length: 500\r\n\r\n{\"error\":404"), status: 404, is: restorejobs.ErrNotFound, sent: []string{"GET raw bytes or nothing"}},
		{name: "an error with odd members", serve: testutil.Respond(404, `{"error":"404","errorCode":"RESTORE_JOB_NOT_FOUND","detail":7,"parameters":{"a":1}}`, "Content-Type", jsonType), status: 404, is: restorejobs.ErrorCode("RESTORE_JOB_NOT_FOUND"), sent: []string{"GET 404"}},
		{name: "an error in another charset", serve: testutil.Respond(400, "{\"errorCode\":\"INVALID_ATTRIBUTE\",\"detail\":\"na\xefve\"}", "Content-Type", "application/json;charset=ISO-8859-1"), status: 400, says: []string{"400 INVALID_ATTRIBUTE: na"}, sent: []string{"GET 400"}},
		{name: "an error with a link in it", serve: testutil.Respond(400, `{"detail":"see https://x.example/s3cr3t\nfor more"}`, "Content-Type", jsonType), status: 400, says: []string{"see [redacted] for more"}, sent: []string{"GET 400"}},
		{name: "an testutil.RespondEndlessly error", serve: func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); testutil.RespondEndlessly(w, r) }, status: 404, is: restorejobs.ErrNotFound, sent: []string{"GET 404"}},
		{name: "an unknown status", serve: testutil.Respond(299, clienttest.Job, "Content-Type", jsonType), sent: []string{"GET 299"}},
		{name: "599", serve: testutil.Respond(599, "", "Content-Type", jsonType), status: 599, sent: []string{"GET 599"}},
		{name: "599 to a create", serve: testutil.Respond(599, "", "Content-Type", jsonType), call: clienttest.Create, status: 599, sent: []string{"POST 599"}, unknown: true},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		faults = append(faults, serverFault{
			name: fmt.Sprintf("%d to a create", status), serve: back(status), call: clienttest.Create, status: status,
			sent: []string{fmt.Sprintf("POST %d", status)}, unknown: status == http.StatusSeeOther,
		})
	}
	for stage, bytes := range map[string]string{
		"at once": "", "in the status line": "HTTP/1.1 2", "in the header": "HTTP/1.1 200 OK\r\nContent-Le",
		"after the header": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "in the body": "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"id\"",
	} {
		const broken = " raw bytes or nothing"
		faults = append(faults,
			serverFault{name: "a reset " + stage + ", then good", serve: testutil.Sequence(testutil.ResetAfter(bytes), clienttest.Succeed), sent: []string{"GET" + broken, "GET 200"}},
			serverFault{name: "closed " + stage + ", then good", serve: testutil.Sequence(testutil.RawBytes(bytes), clienttest.Succeed), sent: []string{"GET" + broken, "GET 200"}},
			serverFault{name: "a create reset " + stage, serve: testutil.Sequence(testutil.ResetAfter(bytes), clienttest.Succeed), call: clienttest.Create, status: -1, is: restorejobs.ErrOutcomeUnknown, sent: []string{"POST" + broken}, unknown: true},
			serverFault{name: "a cancel reset " + stage + ", then good", serve: testutil.Sequence(testutil.ResetAfter(bytes), clienttest.Succeed), call: cancel, sent: []string{"DELETE" + broken, "DELETE 204"}},
		)
	}
	return faults
}

func TestClient_badServers(t *testing.T) {
	t.Parallel()
	for _, fault := range serverFaults() {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, fault.serve)
			client := clienttest.ForServer(t, server, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: -1}))
			call := fault.call
			if call == nil {
				call = clienttest.Get
			}
			err := call(clienttest.ShortContext(t), client)
			assert.Equal(t, fault.sent, short(server.Requests()))
			if fault.status == 0 {
				require.NoError(t, err)
				return
			}
			t.Log(err)
			var apiErr *restorejobs.Error
			if fault.status > 0 && assert.ErrorAs(t, err, &apiErr) {
				assert.Equal(t, fault.status, apiErr.StatusCode)
				assert.LessOrEqual(t, len(apiErr.Body()), 1<<20)
			}
			if fault.is != nil {
				require.ErrorIs(t, err, fault.is)
			}
			for _, text := range fault.says {
				assert.ErrorContains(t, err, text)
			}
			if fault.unknown {
				require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			} else {
				require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
			}
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "s3cr3t")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// short leaves method and answer of what reached a server.
func short(requests []string) []string {
	lines := make([]string, len(requests))
	for i, request := range requests {
		method, rest, _ := strings.Cut(request, " ")
		_, answered, _ := strings.Cut(rest, "): ")
		lines[i] = method + " " + answered
	}
	return lines
}

// TestClient_redirectToPlainHTTP does not continue in the clear, even on the same host.
func TestClient_redirectToPlainHTTP(t *testing.T) {
	t.Parallel()
	plain := testutil.NewServer(t, clienttest.Succeed)
	server := testutil.NewUnstartedServer(t, func(w http.ResponseWriter, r *http.Request) { redirect(302, plain.URL+r.URL.Path)(w, r) })
	server.StartTLS()
	client := clienttest.ForServer(t, server, restorejobs.WithTransport(server.Client().Transport))
	require.ErrorContains(t, clienttest.Get(clienttest.ShortContext(t), client), "302 Found (a redirect to http://127.0.0.1")
	assert.Empty(t, plain.Requests())
}

// TestAPIKey_challengeForms lets a server challenge in every way that the RFC allows.
func TestAPIKey_challengeForms(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"as sent":            {`Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale={stale}`},
		"as printed":         {`Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, op="auth", stale=false`},
		"after Basic":        {`Basic realm="x", Digest realm="r", nonce="{nonce}", qop="auth"`},
		"before Basic":       {`Digest realm="r", nonce="{nonce}", qop="auth", Basic realm="x"`},
		"among headers":      {`Basic realm="x"`, `Negotiate`, `Digest realm="r", nonce="{nonce}", qop="auth"`},
		"after a token":      {`Negotiate YIIx+/==, Digest realm="r", nonce="{nonce}", qop="auth"`},
		"the stronger":       {`Digest realm="r", nonce="{nonce}", qop="auth", algorithm=MD5`, `Digest realm="r", nonce="{nonce}", qop="auth", algorithm=SHA-256`},
		"odd case and tabs":  {"dIgEsT\tRealm=\"r\",\tNONCE=\"{nonce}\" , QOP=\"AUTH\", Stale=FALSE"},
		"commas and escapes": {`, Digest realm="a, \"b\", Basic", ,nonce="{nonce}",, qop="auth-int , auth" ,`},
		"no quotes":          {`Digest realm=r, nonce={nonce}, qop=auth, opaque=o`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer(restorejobstest.WithChallenge(headers...))
			t.Cleanup(server.Close)
			client, err := server.Client()
			require.NoError(t, err)
			require.NoError(t, readJob(clienttest.ShortContext(t), client))
			require.NoError(t, createOn(clienttest.ShortContext(t), client))
			t.Log("reached the server:\n\t" + strings.Join(summary(server), "\n\t"))
			for _, request := range server.Requests() {
				assert.Contains(t, []string{"", "digest"}, request.Scheme)
			}
			assert.Equal(t, 1, server.CreateCount())
		})
	}
}

// createOn starts a restore in the scope that readJob reads.
func createOn(ctx context.Context, client *restorejobs.Client) error {
	scope := restorejobstest.AtlasV2Cluster
	_, err := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs.Create(ctx, restorejobs.FromSnapshot(scope.Snapshots()[0]),
		restorejobs.ToDownload())
	return err
}

// TestAPIKey_alwaysUnauthorized ends after a few requests, with the server's own words.
func TestAPIKey_alwaysUnauthorized(t *testing.T) {
	t.Parallel()
	for name, challenge := range map[string]string{
		"not stale": `Digest realm="r", nonce="n", qop="auth", algorithm=MD5, stale=false`,
		"stale":     `Digest realm="r", nonce="n", qop="auth", algorithm=MD5, stale=true`,
		"others":    `Basic realm="r", Bearer realm="r"`,
		"broken":    `Digest realm="r, nonce="`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("WWW-Authenticate", challenge)
				testutil.Respond(http.StatusUnauthorized, `{"error":401,"errorCode":"UNEXPECTED_ERROR","detail":"Go away."}`, "Content-Type", jsonType)(w, r)
			})
			client := clienttest.New(t, restorejobs.APIKey("public", "s3cr3t"), restorejobs.WithBaseURL(server.URL))
			for _, call := range []func(context.Context, *restorejobs.Client) error{clienttest.Get, clienttest.Create} {
				before := len(server.Requests())
				err := call(clienttest.ShortContext(t), client)
				require.ErrorIs(t, err, restorejobs.ErrUnauthorized)
				require.ErrorContains(t, err, "Go away.")
				if name == "stale" {
					require.ErrorContains(t, err, "(the nonce was refused repeatedly, not the key: a load balancer may use servers that do not share nonces)")
				} else {
					require.ErrorContains(t, err, "wrong key")
				}
				require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
				assert.LessOrEqual(t, len(server.Requests())-before, 5)
			}
			for _, request := range server.Requests() {
				assert.NotContains(t, request, "(Basic)")
			}
		})
	}
}

// TestAPIKey_unsharedNonces sends every request to either of two servers.
func TestAPIKey_unsharedNonces(t *testing.T) {
	t.Parallel()
	servers := []*restorejobstest.Server{restorejobstest.NewServer(restorejobstest.InProcess()), restorejobstest.NewServer(restorejobstest.InProcess())}
	for _, server := range servers {
		t.Cleanup(server.Close)
	}
	requests, attempts := 0, 0
	client, err := servers[0].Client(restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		requests++
		return servers[rand.IntN(len(servers))].Transport().RoundTrip(r)
	})), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}), restorejobs.WithObserver(func(context.Context, restorejobs.Attempt) { attempts++ }))
	require.NoError(t, err)
	const calls = 300
	failed := 0
	for range calls {
		if err := readJob(t.Context(), client); err != nil {
			require.ErrorIs(t, err, restorejobs.ErrUnauthorized)
			failed++
		}
	}
	t.Logf("%d calls, %d requests, %d failed", calls, requests, failed)
	assert.Equal(t, calls, attempts)
	// Each of five requests has to meet the other server: 1 in 16 calls or fewer.
	assert.LessOrEqual(t, failed, calls/8)
}

// TestClient_slowServer waits as long as the context allows.
func TestClient_slowServer(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]restorejobstest.Fault{
		"headers": restorejobstest.DelayResponse(time.Hour), "body": restorejobstest.StallBody(20, time.Hour),
		"challenge": restorejobstest.DelayResponse(time.Hour).At(restorejobstest.BeforeAuth),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
				client, err := server.Client()
				require.NoError(t, err)
				server.InjectFault(fault, 2)
				start := time.Now()
				require.NoError(t, readJob(t.Context(), client))
				assert.GreaterOrEqual(t, time.Since(start), time.Hour)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				server.ClearFaults()
				server.InjectFault(fault, 2)
				start = time.Now()
				require.ErrorIs(t, readJob(ctx, client), context.DeadlineExceeded)
				assert.Equal(t, time.Minute, time.Since(start))
			})
		})
	}
}
