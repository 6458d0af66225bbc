package restorejobs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// withHeader makes the archive's link one that needs a header.
func withHeader(d *archive, name, word string) {
	d.delivery("urlV2", d.address(fileA))
	d.delivery("authHeader", name)
	d.delivery("authValue", linkValue)
	if word != "" {
		d.delivery("authBearer", word)
	}
}

func downloadFromOtherHost(t *testing.T, jobs *restorejobs.Jobs) error {
	t.Helper()
	_, err := jobs.DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	return err
}

func TestDownload_linkHeader(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.delivery("url", "http://127.0.0.1:1/old")
	withHeader(d, "Authorization", "Bearer")
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))
	withHeader(d, "X-Restore-Authorization", "")
	d.delivery("authBearer", nil)
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))
	assert.Equal(t, "Bearer "+linkValue, d.requests()[0].Get("Authorization"))
	assert.Equal(t, linkValue, d.requests()[1].Get("X-Restore-Authorization"))
	assert.Empty(t, d.requests()[1].Get("Authorization"))
}

// TestDownload_sendsNoAPICredentials: neither credentials, nor cookies, nor what a client of
// the caller's adds to each request.
func TestDownload_sendsNoAPICredentials(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	address, err := url.Parse(d.URL)
	require.NoError(t, err)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(address, []*http.Cookie{{Name: "session", Value: "x", Path: "/"}})
	signing := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer of-the-api")
		return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	})
	for name, opt := range map[string]restorejobs.Option{
		"plain":             restorejobs.WithUserAgent("x"),
		"client with jar":   restorejobs.WithHTTPClient(&http.Client{Jar: jar}),
		"client that signs": restorejobs.WithHTTPClient(&http.Client{Transport: signing}),
	} {
		d.asked = nil
		require.NoError(t, downloadFromOtherHost(t, d.jobs(t, opt)), name)
		header := d.requests()[0]
		assert.Empty(t, header.Get("Authorization"), name)
		assert.Empty(t, header.Get("Cookie"), name)
		assert.Empty(t, header.Get("Referer"), name)
		assert.Contains(t, header.Get("User-Agent"), "restorejobs-go/")
	}
}

// otherHost is a second origin that notes what it gets.
type otherHost struct {
	*httptest.Server

	mu   sync.Mutex
	seen []http.Header
}

func newOtherHost(t *testing.T, handler http.HandlerFunc) *otherHost {
	t.Helper()
	e := &otherHost{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		e.seen = append(e.seen, r.Header)
		e.mu.Unlock()
		handler(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func redirectLink(code int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		w.WriteHeader(code)
	}
}

// TestDownload_redirects: the secret header stays with the link's origin, and once away it never
// comes back; where the download came from, a link that is a key, is sent to no other host.
func TestDownload_redirects(t *testing.T) {
	t.Parallel()
	for _, code := range []int{301, 302, 303, 307, 308} {
		d := newArchive(t, 1000)
		withHeader(d, "X-Restore-Authorization", "")
		away := newOtherHost(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/back") {
				redirectLink(code, d.URL+"/there")(w, r)
				return
			}
			d.serve(w, r)
		})

		d.link = testutil.Sequence(redirectLink(code, "/here/"+fileA), d.serve)
		require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))
		d.link = testutil.Sequence(redirectLink(code, away.URL+"/x"))
		require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))
		d.link = testutil.Sequence(redirectLink(code, away.URL+"/back"), d.serve)
		require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))

		var values []string
		for _, header := range d.requests() {
			values = append(values, header.Get("X-Restore-Authorization"))
			assert.Empty(t, header.Get("Referer"))
			assert.Empty(t, header.Get("Cookie"))
		}
		assert.Equal(t, []string{linkValue, linkValue, linkValue, linkValue, ""}, values)
		require.Len(t, away.seen, 2)
		for _, header := range away.seen {
			assert.Empty(t, header.Get("X-Restore-Authorization"))
			assert.Empty(t, header.Get("Referer"))
			assert.Empty(t, header.Get("Authorization"))
			assert.Equal(t, "identity", header.Get("Accept-Encoding"))
		}
	}
}

// TestDownloadTo_redirectKeepsRange, or a broken download could not continue behind one.
func TestDownloadTo_redirectKeepsRange(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1<<20)
	away := newOtherHost(t, testutil.Sequence(cutAfter(brokenAt, d.serve), d.serve))
	d.link = redirectLink(302, away.URL)
	file, err := d.jobs(t).DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{})
	require.NoError(t, err)
	assert.Equal(t, d.sha1(), file.SHA1)
	assert.Equal(t, "bytes=716800-", away.seen[1].Get("Range"))
}

func TestDownload_refusedRedirects(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(redirectLink(302, "http://127.0.0.1:1/"+linkKey))
	t.Cleanup(secure.Close)
	d := newArchive(t, 1000)
	for _, c := range []struct {
		name, link string
		answer     http.HandlerFunc
		text       string
		asked      int
	}{
		{"to plain http", secure.URL + "/" + linkKey + "/x", nil, "from https to plain http", 0},
		{"without end", "", redirectLink(302, d.address("again")), "redirects too often", 6},
		{"to a file", "", redirectLink(302, "file:///etc/passwd?"+linkKey), "an invalid web address", 1},
		{"to nonsense", "", redirectLink(302, "http://%zz/"+linkKey), "an invalid web address", 1},
		{"to no host", "", redirectLink(302, "http:///"+linkKey), "an invalid web address", 1},
		{"to nowhere", "", testutil.Respond(302, ""), "302 Found", 1},
	} {
		d.asked, d.link = nil, c.answer
		d.delivery("url", d.address(fileA))
		if c.link != "" {
			d.delivery("url", c.link)
		}
		err := downloadFromOtherHost(t, d.jobs(t, restorejobs.WithRootCAs(linkAuthority(secure))))
		require.ErrorContains(t, err, c.text, c.name)
		assertRedacted(t, err)
		assert.Len(t, d.requests(), c.asked, c.name)
	}
}

func linkAuthority(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// TestDownload_tlsConfig has settings of its own.
func TestDownload_tlsConfig(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	shown := make(chan int, 10)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- len(r.TLS.PeerCertificates)
		d.serve(w, r)
	}))
	secure.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	secure.StartTLS()
	t.Cleanup(secure.Close)
	d.delivery("url", secure.URL+"/"+linkKey+"/"+fileA)
	trusted := x509.NewCertPool()
	trusted.AddCert(secure.Certificate())
	mine := &tls.Config{RootCAs: trusted, Certificates: secure.TLS.Certificates}

	for name, opts := range map[string][]restorejobs.Option{
		"no settings":          nil,
		"settings of the API":  {restorejobs.WithTLSConfig(mine)},
		"transport of the API": {restorejobs.WithTransport(&http.Transport{TLSClientConfig: mine})},
		"client of the API":    {restorejobs.WithHTTPClient(&http.Client{Transport: &http.Transport{TLSClientConfig: mine}})},
	} {
		err := downloadFromOtherHost(t, d.jobs(t, opts...))
		var unknown x509.UnknownAuthorityError
		require.ErrorAs(t, err, &unknown, name)
		require.ErrorContains(t, err, "use WithRootCAs or WithDownloadTLSConfig", name)
		assertRedacted(t, err)
	}
	assert.Empty(t, shown)

	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithRootCAs(linkAuthority(secure)))))
	assert.Zero(t, <-shown)
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithRootCAs(linkAuthority(secure)), restorejobs.WithTLSConfig(mine))))
	assert.Zero(t, <-shown, "the API's certificate is not shown")
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithDownloadTLSConfig(mine))))
	assert.Equal(t, 1, <-shown)

	_, err := restorejobs.NewClient(restorejobs.APIKey("a", "b"), restorejobs.WithTransport(testutil.RoundTripFunc(nil)), restorejobs.WithDownloadTLSConfig(mine))
	require.ErrorContains(t, err, "WithDownloadTLSConfig: set it on the transport itself")
}

// TestDownload_callerTransport holds for downloads too: proxy and dialer, or a transport
// that is not a *http.Transport.
func TestDownload_callerTransport(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.delivery("url", "http://localhost:1/"+linkKey+"/"+fileA)
	proxy, err := url.Parse(d.URL)
	require.NoError(t, err)
	through := &http.Transport{Proxy: http.ProxyURL(proxy)}
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithTransport(through))))
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithHTTPClient(&http.Client{Transport: through}))))
	other := testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Host = proxy.Host
		return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	})
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, restorejobs.WithTransport(other))))
	assert.Len(t, d.requests(), 3)
}

// TestNewClient_plainHTTP: a link over it shows its key to anybody on the way.
func TestDownload_plainHTTP(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	d.delivery("url", "http://ops-manager.example.net:8080/"+linkKey+"/"+fileA)
	seen := 0
	network := restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		if r.URL.Port() == "8080" {
			seen++
			r = r.Clone(r.Context())
			r.URL.Host = strings.TrimPrefix(d.URL, "http://")
		}
		return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	}))
	err := downloadFromOtherHost(t, d.jobs(t, network))
	require.ErrorContains(t, err, "see WithInsecureHTTP")
	assertRedacted(t, err)
	assert.Zero(t, seen)
	require.NoError(t, downloadFromOtherHost(t, d.jobs(t, network, restorejobs.WithInsecureHTTP())))
	assert.Equal(t, 1, seen)
}

// TestDownload_invalidLinks never show in the error.
func TestDownload_invalidLinks(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	for _, link := range []string{
		linkKey + "/x", "//" + linkKey + "/x", "ftp://127.0.0.1/" + linkKey + "/x", "http://%zz/" + linkKey + "/x",
		"https:///" + linkKey + "/x", "http://127.0.0.1:" + linkKey + "/x", "http://127.0.0.1/\x7f" + linkKey + "/x",
	} {
		d.delivery("url", link)
		err := downloadFromOtherHost(t, d.jobs(t))
		require.ErrorContains(t, err, "not an http or https address")
		assertRedacted(t, err)
	}
	withHeader(d, "not a header", "")
	err := downloadFromOtherHost(t, d.jobs(t, withoutRetry()))
	require.ErrorContains(t, err, "invalid header field name")
	assertRedacted(t, err)
	withHeader(d, "X-Secret", "line\nfeed")
	err = downloadFromOtherHost(t, d.jobs(t, withoutRetry()))
	require.ErrorContains(t, err, "invalid header field value")
	assertRedacted(t, err)
}

// TestDownload_connectionsAreNotReused: net/http would repeat a request on its own when one that
// was used before breaks.
func TestDownload_connectionsAreNotReused(t *testing.T) {
	t.Parallel()
	d := newArchive(t, 1000)
	for range 3 {
		require.NoError(t, downloadFromOtherHost(t, d.jobs(t)))
	}
	from := map[string]bool{}
	for _, r := range d.asked {
		from[r.RemoteAddr] = true
		assert.True(t, r.Close)
		assert.Equal(t, 1, r.ProtoMajor)
	}
	assert.Len(t, from, 3, fmt.Sprint(from))
}

func TestDownload_transportReturnsNilBody(t *testing.T) {
	t.Parallel()
	d := newAtlasArchive(t, 10)
	jobs := d.jobs(t, restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			return http.DefaultTransport.RoundTrip(r)
		}
		return &http.Response{StatusCode: 200, ContentLength: 10}, nil
	})))
	assert.NotPanics(t, func() { _, _ = jobs.DownloadTo(t.Context(), "J", io.Discard, restorejobs.DownloadOptions{}) })
}

// TestDownload_dialErrorKeepsItsType checks that the host of a link, which is not secret, does not
// hide the error of the dialer.
func TestDownload_dialErrorKeepsItsType(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{
		"connection": &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 65000}, Err: errors.New("refused")},
		"name":       &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "files.example.test", IsNotFound: true}},
	} {
		d := newArchive(t, 1000)
		d.delivery("url", "http://files.example.test:65000/"+linkKey+"/"+fileA)
		dial := func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasPrefix(address, "files.example.test") {
				return nil, cause
			}
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}
		err := downloadFromOtherHost(t, d.jobs(t, withoutRetry(), restorejobs.WithInsecureHTTP(), restorejobs.WithTransport(&http.Transport{DialContext: dial})))
		var operation *net.OpError
		require.ErrorAs(t, err, &operation, name)
		var dns *net.DNSError
		assert.Equal(t, name == "name", errors.As(err, &dns))
		assert.NotContains(t, fmt.Sprintf("%+v", err), linkKey)
	}
}
