package restorejobs_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// newTLSFake is a fake that speaks TLS with this configuration.
func newTLSFake(t *testing.T, config *tls.Config) *testutil.Server {
	t.Helper()
	f := testutil.NewUnstartedServer(t, clienttest.Succeed)
	f.TLS = config
	f.StartTLS()
	return f
}

func TestWithRootCAs(t *testing.T) {
	t.Parallel()
	private, other := testutil.NewAuthority(t, "private"), testutil.NewAuthority(t, "other")
	server := newTLSFake(t, &tls.Config{Certificates: []tls.Certificate{private.Issue(t, time.Now().Add(time.Hour), "127.0.0.1")}})
	for name, opts := range map[string][]restorejobs.Option{
		"one":                  {restorejobs.WithRootCAs(private.PEM)},
		"among others":         {restorejobs.WithRootCAs(append(append([]byte("a bundle\n"), other.PEM...), private.PEM...))},
		"given twice":          {restorejobs.WithRootCAs(other.PEM), restorejobs.WithRootCAs(private.PEM)},
		"beside a TLS config":  {restorejobs.WithTLSConfig(&tls.Config{RootCAs: other.Pool()}), restorejobs.WithRootCAs(private.PEM)},
		"by a TLS config":      {restorejobs.WithTLSConfig(&tls.Config{RootCAs: private.Pool()})},
		"beside a transport":   {restorejobs.WithTransport(&http.Transport{}), restorejobs.WithRootCAs(private.PEM)},
		"beside a client":      {restorejobs.WithHTTPClient(&http.Client{}), restorejobs.WithRootCAs(private.PEM)},
		"by the own transport": {restorejobs.WithTransport(&http.Transport{TLSClientConfig: &tls.Config{RootCAs: private.Pool()}})},
	} {
		client := clienttest.ForServer(t, server, opts...)
		require.NoError(t, clienttest.Get(clienttest.ShortContext(t), client), name)
	}
}

// TestWithRootCAs_addedToSystem makes a process whose system trusts one authority, and
// gives it another.
func TestWithRootCAs_addedToSystem(t *testing.T) {
	t.Parallel()
	const folder = "RESTOREJOBS_TEST_AUTHORITIES"
	if in := os.Getenv(folder); in != "" {
		added, err := os.ReadFile(filepath.Join(in, "added.pem"))
		require.NoError(t, err)
		for _, name := range []string{"system.url", "added.url"} {
			base, err := os.ReadFile(filepath.Join(in, name))
			require.NoError(t, err)
			client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(string(base)), restorejobs.WithRootCAs(added))
			require.NoError(t, clienttest.Get(clienttest.ShortContext(t), client), name)
		}
		return
	}
	dir := t.TempDir()
	for _, name := range []string{"system", "added"} {
		made := testutil.NewAuthority(t, name)
		server := newTLSFake(t, &tls.Config{Certificates: []tls.Certificate{made.Issue(t, time.Now().Add(time.Hour), "127.0.0.1")}})
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pem"), made.PEM, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".url"), []byte(server.URL), 0o600))
	}
	runInChild(t, folder+"="+dir, "SSL_CERT_FILE="+filepath.Join(dir, "system.pem"), "SSL_CERT_DIR="+dir+"/none")
}

// runInChild runs the calling test in a process with more in its environment.
func runInChild(t *testing.T, environment ...string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(clienttest.ShortContext(t), self, "-test.run=^"+t.Name()+"$", "-test.v")
	command.Env = append(os.Environ(), environment...)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Contains(t, string(out), "--- PASS: "+t.Name())
}

// TestAPIKey_fips runs where MD5 is forbidden: keys get an error that names the way out, and
// service accounts work.
func TestAPIKey_fips(t *testing.T) {
	t.Parallel()
	const mode = "GODEBUG=fips140=only"
	if !strings.Contains(os.Getenv("GODEBUG"), "fips140=only") {
		runInChild(t, mode)
		return
	}
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	for _, call := range []func(context.Context, *restorejobs.Client) error{clienttest.Get, clienttest.Create} {
		err := call(clienttest.ShortContext(t), client)
		t.Log(err)
		require.ErrorContains(t, err, "FIPS")
		require.ErrorContains(t, err, "use a service account")
		require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		assert.NotContains(t, err.Error(), "attempts")
	}
	assert.Zero(t, server.CreateCount())
	account, err := restorejobs.NewClient(restorejobs.ServiceAccount(restorejobstest.ClientID, restorejobstest.ClientSecret), restorejobs.WithBaseURL(server.URL()))
	require.NoError(t, err)
	require.NoError(t, readJob(clienttest.ShortContext(t), account))
	strong := restorejobstest.NewServer(restorejobstest.WithSHA256())
	t.Cleanup(strong.Close)
	client, err = strong.Client()
	require.NoError(t, err)
	require.NoError(t, readJob(clienttest.ShortContext(t), client), "SHA-256 is allowed")
}

func TestWithTLSConfig_clientCertificate(t *testing.T) {
	t.Parallel()
	servers, clients := testutil.NewAuthority(t, "servers"), testutil.NewAuthority(t, "clients")
	server := newTLSFake(t, &tls.Config{
		Certificates: []tls.Certificate{servers.Issue(t, time.Now().Add(time.Hour), "127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients.Pool(),
	})
	own := clients.Issue(t, time.Now().Add(time.Hour))
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	transport := &http.Transport{TLSClientConfig: config.Clone()}
	for name, opts := range map[string][]restorejobs.Option{
		"by a TLS config":  {restorejobs.WithTLSConfig(config)},
		"by the transport": {restorejobs.WithTransport(transport)},
		"by the client":    {restorejobs.WithHTTPClient(&http.Client{Transport: transport})},
	} {
		client := clienttest.ForServer(t, server, append(opts, restorejobs.WithRootCAs(servers.PEM))...)
		require.NoError(t, clienttest.Get(clienttest.ShortContext(t), client), name)
	}
	assert.Nil(t, config.RootCAs, "the caller's config is not changed")
	assert.Nil(t, transport.TLSClientConfig.RootCAs, "nor is that of the transport")

	reached := len(server.Requests())
	stranger := testutil.NewAuthority(t, "strangers").Issue(t, time.Now().Add(time.Hour))
	for _, config := range []*tls.Config{{}, {Certificates: []tls.Certificate{stranger}}} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			config.MinVersion, config.MaxVersion = version, version
			client := clienttest.ForServer(t, server, restorejobs.WithTLSConfig(config), restorejobs.WithRootCAs(servers.PEM))
			err := clienttest.Create(clienttest.ShortContext(t), client)
			t.Log(err)
			require.ErrorContains(t, err, "the server may require a client certificate: see WithTLSConfig")
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		}
	}
	assert.Len(t, server.Requests(), reached)
}

// TestTLS_errorHints tables what is wrong with certificates and ports.
func TestTLS_errorHints(t *testing.T) {
	t.Parallel()
	private := testutil.NewAuthority(t, "private")
	good1 := tls.Config{Certificates: []tls.Certificate{private.Issue(t, time.Now().Add(time.Hour), "127.0.0.1")}}
	elsewhere := tls.Config{Certificates: []tls.Certificate{private.Issue(t, time.Now().Add(time.Hour), "om.example.net")}}
	ended := tls.Config{Certificates: []tls.Certificate{private.Issue(t, time.Now().Add(-time.Minute), "127.0.0.1")}}
	plain := testutil.NewServer(t, clienttest.Succeed)
	for name, test := range map[string]struct {
		base string
		opts []restorejobs.Option
		says string
	}{
		"unknown authority": {newTLSFake(t, &good1).URL, nil, "for a private certificate authority use WithRootCAs"},
		"wrong host":        {newTLSFake(t, &elsewhere).URL, []restorejobs.Option{restorejobs.WithRootCAs(private.PEM)}, "the certificate is for another host: check WithBaseURL"},
		"ended":             {newTLSFake(t, &ended).URL, []restorejobs.Option{restorejobs.WithRootCAs(private.PEM)}, "clock is wrong"},
		"plain http port":   {strings.Replace(plain.URL, "http:", "https:", 1), nil, "does not use TLS on this port: check the scheme and port of WithBaseURL"},
		"no HTTP either":    {"https://" + silentAddress(t, "220 mail.example.net ESMTP\r\n"), nil, "does not use TLS on this port"},
		"TLS port":          {strings.Replace(newTLSFake(t, &good1).URL, "https:", "http:", 1), nil, "the server speaks TLS on this port: use https in WithBaseURL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var attempts int
			opts := append([]restorejobs.Option{restorejobs.WithBaseURL(test.base), restorejobs.WithObserver(func(context.Context, restorejobs.Attempt) { attempts++ })}, test.opts...)
			for _, credentials := range []restorejobs.Credentials{clienttest.Bearer("t"), restorejobs.APIKey("public", "private"), restorejobs.ServiceAccount("id", "secret")} {
				client := clienttest.New(t, credentials, opts...)
				attempts = 0
				err := clienttest.Create(clienttest.ShortContext(t), client)
				t.Log(err)
				require.ErrorContains(t, err, test.says)
				require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
				assert.Equal(t, 1, attempts, "another attempt would meet the same")
				assert.NotContains(t, err.Error(), "://")
			}
		})
	}
	assert.Empty(t, plain.Requests())
}

// silentAddress is a listener that says one thing to everybody.
func silentAddress(t *testing.T, greeting string) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, greeting)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

// proxy is an HTTP proxy that notes the headers it can see.
type proxy struct {
	*testutil.Server

	mu      sync.Mutex
	headers []http.Header
}

func newProxy(t *testing.T, status int) *proxy {
	t.Helper()
	p := &proxy{}
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}}
	p.Server = testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.headers = append(p.headers, r.Header.Clone())
		p.mu.Unlock()
		switch {
		case status != 0:
			testutil.Respond(status, webPage, "Content-Type", "text/html")(w, r)
		case r.Method == http.MethodConnect:
			tunnel(w, r.Host)
		default:
			forward.ServeHTTP(w, r)
		}
	})
	return p
}

func (p *proxy) seen() []http.Header {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]http.Header(nil), p.headers...)
}

// tunnel joins the connection with one to the host, until either is closed.
func tunnel(w http.ResponseWriter, host string) {
	there, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", host)
	if err != nil {
		return
	}
	w.WriteHeader(http.StatusOK)
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = there.Close()
		return
	}
	join := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	go join(there, here)
	go join(here, there)
}

func through(t *testing.T, p *proxy) restorejobs.Option {
	t.Helper()
	u, err := url.Parse(p.URL)
	require.NoError(t, err)
	return restorejobs.WithTransport(&http.Transport{Proxy: http.ProxyURL(u)})
}

func TestProxy_seesNoCredentials(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithTLS())
	t.Cleanup(server.Close)
	p := newProxy(t, 0)
	for _, credentials := range []restorejobs.Credentials{
		restorejobs.APIKey(restorejobstest.PublicKey, restorejobstest.PrivateKey),
		restorejobs.ServiceAccount(restorejobstest.ClientID, restorejobstest.ClientSecret),
	} {
		client := clienttest.New(t, credentials, restorejobs.WithBaseURL(server.URL()), restorejobs.WithRootCAs(server.Certificate()), through(t, p))
		require.NoError(t, readJob(clienttest.ShortContext(t), client))
	}
	require.NotEmpty(t, p.seen())
	for _, header := range p.seen() {
		assert.Empty(t, header.Get("Authorization"))
	}
	for _, request := range p.Requests() {
		assert.Regexp(t, `^CONNECT `, request)
	}
}

func TestProxy_plainHTTP(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	p := newProxy(t, 0)
	client, err := server.Client(through(t, p))
	require.NoError(t, err)
	require.NoError(t, readJob(clienttest.ShortContext(t), client))
	assert.Len(t, p.Requests(), 2, "challenge and answer")
}

// TestProxy_refuses uses the client's own transport, whose proxy comes from the
// environment: of a process of its own, because it is read once.
func TestProxy_refuses(t *testing.T) {
	t.Parallel()
	if os.Getenv("HTTPS_PROXY") != "http://user:s3cr3t@"+os.Getenv("RESTOREJOBS_TEST_PROXY") {
		for status, says := range map[int]string{407: "407 from the proxy: it requires credentials", 502: "502 from the proxy"} {
			p := newProxy(t, status)
			address := strings.TrimPrefix(p.URL, "http://")
			runInChild(t, "RESTOREJOBS_TEST_PROXY="+address, "HTTPS_PROXY=http://user:s3cr3t@"+address, "RESTOREJOBS_TEST_SAYS="+says)
			assert.Equal(t, "Basic dXNlcjpzM2NyM3Q=", p.seen()[0].Get("Proxy-Authorization"))
		}
		return
	}
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"))
	err := clienttest.Create(clienttest.ShortContext(t), client)
	t.Log(err)
	require.ErrorContains(t, err, os.Getenv("RESTOREJOBS_TEST_SAYS"))
	require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "nothing reached the API")
	assert.NotContains(t, err.Error(), "s3cr3t")
}

func TestProxy_unreachable(t *testing.T) {
	t.Parallel()
	u := &url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("user", "s3cr3t")}
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithTransport(&http.Transport{Proxy: http.ProxyURL(u)}))
	err := clienttest.Create(clienttest.ShortContext(t), client)
	require.ErrorContains(t, err, "connection refused")
	require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.NotContains(t, err.Error(), "s3cr3t")
}

// TestWithHTTPClient_isCopied changes nothing that belongs to the caller or to net/http.
func TestWithHTTPClient_isCopied(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	var asked []string
	transport := &http.Transport{MaxIdleConns: 7}
	own := &http.Client{Transport: transport, Jar: jar, Timeout: time.Minute, CheckRedirect: func(next *http.Request, via []*http.Request) error {
		asked = append(asked, next.URL.Path)
		for _, seen := range append(via, next) {
			assert.Empty(t, seen.Header.Get("Authorization"))
		}
		return errors.New("not there")
	}}
	before, global, globalTransport := *own, *http.DefaultClient, http.DefaultTransport
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MinDelay: -1}), restorejobs.WithHTTPClient(own), restorejobs.WithRootCAs(testutil.NewAuthority(t, "a").PEM))
	require.NoError(t, err)
	require.NoError(t, readJob(clienttest.ShortContext(t), client))
	scope := restorejobstest.AtlasV2Cluster
	path := "/api/atlas/v2/groups/" + scope.Project() + "/clusters/" + scope.Cluster() + "/backup/restoreJobs/" + scope.Jobs()[0]
	server.InjectFault(restorejobstest.Redirect(server.URL()+path), 4)
	require.ErrorContains(t, readJob(clienttest.ShortContext(t), client), "not there")
	assert.NotEmpty(t, asked, "the caller's rule is asked for what ours follows")
	require.NoError(t, client.RevokeToken(clienttest.ShortContext(t)))
	client.CloseIdleConnections()

	assert.Equal(t, before.Transport, own.Transport)
	assert.Equal(t, before.Timeout, own.Timeout)
	assert.Equal(t, 7, transport.MaxIdleConns)
	assert.Nil(t, transport.TLSClientConfig.RootCAs)
	assert.Equal(t, global, *http.DefaultClient)
	assert.Equal(t, globalTransport, http.DefaultTransport)
	_, unchanged := http.DefaultTransport.(*http.Transport)
	assert.True(t, unchanged)
}

func TestWithHTTPClient_timeout(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.StallAfter(""))
	client := clienttest.ForServer(t, server, restorejobs.WithHTTPClient(&http.Client{Timeout: 50 * time.Millisecond}),
		restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: 1, MinDelay: -1}))
	err := clienttest.Get(clienttest.ShortContext(t), client)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, server.Requests(), 2, "a time limit for each attempt")
	err = clienttest.Create(clienttest.ShortContext(t), client)
	require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
	assert.Len(t, server.Requests(), 3)
}

// TestTLS_unknownAuthority keeps what net/http said in the chain.
func TestTLS_unknownAuthority(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.WithTLS())
	t.Cleanup(server.Close)
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(server.URL()))
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, clienttest.Get(clienttest.ShortContext(t), client), &unknown)
}

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

// TestError_proxyCredentials has a proxy repeat its credentials, in a response and in the status
// line that refuses a connection.
func TestError_proxyCredentials(t *testing.T) {
	t.Parallel()
	const password = "proxy-passw0rd-5kQ"
	basic := base64.StdEncoding.EncodeToString([]byte("proxyuser:" + password))
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := r.Header.Get("Proxy-Authorization")
		if r.Method != http.MethodConnect {
			testutil.Respond(http.StatusBadGateway, `{"errorCode":"X","detail":"`+header+` is proxyuser:`+password+`"}`)(w, r)
			return
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		text := map[string]string{"usual": "Proxy Authentication Required"}
		host, _, _ := strings.Cut(r.Host, ".")
		status := "407 " + cmp.Or(text[host], "bad "+header)
		_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
	}))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	address.User = url.UserPassword("proxyuser", password)
	account := restorejobs.ServiceAccount("client-id", "client-secret")
	for name, opts := range map[string][]restorejobs.Option{
		"transport of the caller": {},
		"clone":                   {restorejobs.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13})},
	} {
		for _, credentials := range []restorejobs.Credentials{clienttest.Bearer("token"), account} {
			for base, want := range map[string]string{
				"http://om.example.test:8080":    "502",
				"https://om.example.test:8080":   "the proxy",
				"https://usual.example.test:443": "407 from the proxy",
			} {
				own := &http.Transport{Proxy: http.ProxyURL(address)}
				t.Cleanup(own.CloseIdleConnections)
				var attempts []restorejobs.Attempt
				all := append([]restorejobs.Option{
					restorejobs.WithBaseURL(base),
					restorejobs.WithInsecureHTTP(),
					restorejobs.WithHTTPClient(&http.Client{Transport: own}),
					restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}),
					restorejobs.WithObserver(func(_ context.Context, a restorejobs.Attempt) { attempts = append(attempts, a) }),
				}, opts...)
				client := clienttest.New(t, credentials, all...)
				for _, call := range []func(context.Context, *restorejobs.Client) error{clienttest.Get, clienttest.Create} {
					err := call(t.Context(), client)
					require.ErrorContains(t, err, want, name)
					texts := fmt.Sprintf("%+v %+v", err, attempts)
					var apiErr *restorejobs.Error
					if errors.As(err, &apiErr) {
						texts += string(apiErr.Body()) + apiErr.Detail
					}
					assert.NotContains(t, texts, password, "%s, %s", name, base)
					assert.NotContains(t, texts, basic, "%s, %s", name, base)
					isSent := strings.HasPrefix(base, "http:") || !errors.Is(err, restorejobs.ErrOutcomeUnknown)
					assert.True(t, isSent, "a refused connection sent nothing: %v", err)
				}
			}
		}
	}
}
