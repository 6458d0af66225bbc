package restorejobs_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
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

// namedOption is an option with a value that is right, or wrong by itself.
type namedOption struct {
	name   string
	option restorejobs.Option
	says   string // of the error, "" for none
}

func goodOptions(t *testing.T) []namedOption {
	t.Helper()
	transport := &http.Transport{}
	opaque := testutil.RoundTripFunc(respondSuccess)
	private := testutil.NewAuthority(t, "a")
	return []namedOption{
		{"nil", nil, ""},
		{"WithBaseURL", restorejobs.WithBaseURL("https://om.example.net:8443/mms/"), ""},
		{"WithBaseURL, loopback", restorejobs.WithBaseURL("http://localhost:8080"), ""},
		{"WithTransport, http", restorejobs.WithTransport(transport), ""},
		{"WithTransport, opaque", restorejobs.WithTransport(opaque), ""},
		{"WithHTTPClient, empty", restorejobs.WithHTTPClient(&http.Client{}), ""},
		{"WithHTTPClient, http", restorejobs.WithHTTPClient(&http.Client{Transport: transport, Timeout: time.Minute}), ""},
		{"WithHTTPClient, opaque", restorejobs.WithHTTPClient(&http.Client{Transport: opaque}), ""},
		{"WithTLSConfig", restorejobs.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13}), ""},
		{"WithRootCAs", restorejobs.WithRootCAs(private.PEM), ""},
		{"WithDownloadTLSConfig", restorejobs.WithDownloadTLSConfig(&tls.Config{RootCAs: x509.NewCertPool()}), ""},
		{"WithUserAgent", restorejobs.WithUserAgent("nightly/1"), ""},
		{"WithRetry", restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1, MinDelay: -1, MaxDelay: -1}), ""},
		{"WithLogger", restorejobs.WithLogger(slog.New(slog.DiscardHandler)), ""},
		{"WithObserver", restorejobs.WithObserver(func(context.Context, restorejobs.Attempt) {}), ""},
		{"WithAtlasAPIVersion", restorejobs.WithAtlasAPIVersion("2025-03-12"), ""},
		{"WithEnvelope", restorejobs.WithEnvelope(), ""},
		{"WithPrettyJSON", restorejobs.WithPrettyJSON(), ""},
		{"WithInsecureHTTP", restorejobs.WithInsecureHTTP(), ""},
		{"WithMaxResponseBytes", restorejobs.WithMaxResponseBytes(math.MaxInt64), ""},
		{"WithRateLimitWait", restorejobs.WithRateLimitWait(), ""},
	}
}

func badOptions() []namedOption {
	var noTransport *http.Transport
	base := func(text, says string) namedOption {
		return namedOption{"WithBaseURL " + text, restorejobs.WithBaseURL(text), "WithBaseURL: " + says}
	}
	return []namedOption{
		base("", "must be like https://host:port"), base("om.example.net", "must be like"), base("om.example.net:8080", "must be like"), base("//om.example.net", "must be like"),
		base("ftp://om.example.net", "must be like"), base("https://", "must be like"), base("https://:443", "must be like"), base("https:om", "must be like"),
		base("https://s3cr3t:s3cr3t@om.example.net", "must not hold a user or password"), base("https://om.example.net\\@evil.example", "not a URL"), base("https://[::1", "not a URL"),
		base("https://om.example.net/?s3cr3t", "must not have a query"), base("https://om.example.net/?", "must not have a query"), base("https://om.example.net/#x", "must not have a query or fragment"),
		base("https://om.example.net/api", "ends before /api"), base("https://om.example.net/api/", "ends before /api"), base("https://om.example.net/api/public/v1.0", "ends before /api"), base("https://cloud.mongodb.com/api/atlas/v2/", "ends before /api"),
		{"WithTransport nil", restorejobs.WithTransport(nil), "WithTransport: must not be nil"},
		{"WithTransport typed nil", restorejobs.WithTransport(noTransport), "WithTransport: must not be nil"},
		{"WithHTTPClient nil", restorejobs.WithHTTPClient(nil), "WithHTTPClient: must not be nil"},
		{"WithTLSConfig nil", restorejobs.WithTLSConfig(nil), "WithTLSConfig: must not be nil"},
		{"WithDownloadTLSConfig nil", restorejobs.WithDownloadTLSConfig(nil), "WithDownloadTLSConfig: must not be nil"},
		{"WithRootCAs nil", restorejobs.WithRootCAs(nil), "WithRootCAs: holds no certificate in PEM form"},
		{"WithRootCAs text", restorejobs.WithRootCAs([]byte("/etc/ssl/ca.pem")), "WithRootCAs: holds no certificate"},
		{"WithUserAgent empty", restorejobs.WithUserAgent(""), "WithUserAgent: must be printable ASCII"},
		{"WithUserAgent header", restorejobs.WithUserAgent("a\r\nX: y"), "WithUserAgent: must be printable ASCII"},
		{"WithLogger nil", restorejobs.WithLogger(nil), "WithLogger: must not be nil"},
		{"WithObserver nil", restorejobs.WithObserver(nil), "WithObserver: must not be nil"},
		{"WithAtlasAPIVersion v2", restorejobs.WithAtlasAPIVersion("v2"), "WithAtlasAPIVersion: must be a date"},
		{"WithAtlasAPIVersion date", restorejobs.WithAtlasAPIVersion("2025-02-30"), "WithAtlasAPIVersion: must be a date"},
		{"WithMaxResponseBytes 0", restorejobs.WithMaxResponseBytes(0), "WithMaxResponseBytes: must be at least 1"},
		{"WithMaxResponseBytes negative", restorejobs.WithMaxResponseBytes(-1), "WithMaxResponseBytes: must be at least 1"},
	}
}

// TestNewClient_pairsOfOptions makes a client of every two options, in both orders: it works, or is
// refused in words.
func TestNewClient_pairsOfOptions(t *testing.T) {
	t.Parallel()
	key := restorejobs.APIKey("public", "s3cr3t")
	all := append(goodOptions(t), badOptions()...)
	for _, first := range all {
		for _, second := range all {
			client, err := restorejobs.NewClient(key, first.option, second.option)
			name := first.name + ", " + second.name
			if first.says != "" || second.says != "" {
				require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, name)
				assert.Nil(t, client, name)
				assert.ErrorContains(t, err, first.says, name)
				assert.ErrorContains(t, err, second.says, name)
				assert.NotContains(t, err.Error(), "s3cr3t", name)
				continue
			}
			refused := excludeEachOther(first.name, second.name)
			assert.Equal(t, refused, err != nil, "%s: %v", name, err)
			if err == nil {
				assert.NotNil(t, client)
				assert.NoError(t, client.RevokeToken(t.Context()))
			}
		}
	}
}

func excludeEachOther(first, second string) bool {
	pair := first + " & " + second
	transports := strings.Count(pair, "WithTransport, ") + strings.Count(pair, "WithHTTPClient, http") + strings.Count(pair, "WithHTTPClient, opaque")
	if strings.HasPrefix(first, "WithTransport") && strings.HasPrefix(second, "WithTransport") || strings.HasPrefix(first, "WithHTTPClient") && strings.HasPrefix(second, "WithHTTPClient") {
		return false // the last one holds
	}
	tlsOptions := strings.Contains(pair, "WithTLSConfig") || strings.Contains(pair, "WithRootCAs")
	downloads := strings.Contains(pair, "WithDownloadTLSConfig") || strings.Contains(pair, "WithRootCAs")
	opaque := strings.Contains(pair, ", opaque")
	return transports > 1 || opaque && tlsOptions || strings.Contains(pair, "WithTransport, opaque") && downloads
}

// TestWithBaseURL_forms leads to where the API is.
func TestWithBaseURL_forms(t *testing.T) {
	t.Parallel()
	const path = "/api/public/v1.0/groups/" + clienttest.ProjectID + "/clusters/" + clienttest.ClusterID + "/restoreJobs/5ba5e0000000000000000003"
	for base, want := range map[string]string{
		"https://om.example.net": "https://om.example.net", "https://om.example.net/": "https://om.example.net", "https://om.example.net///": "https://om.example.net",
		"\thttps://om.example.net\n": "https://om.example.net", "HTTPS://om.example.net:8443": "https://om.example.net:8443", "https://gw.example.net/mms": "https://gw.example.net/mms",
		"https://gw.example.net/a%20b/c/": "https://gw.example.net/a%20b/c", "https://[2001:db8::1]:8443/x": "https://[2001:db8::1]:8443/x",
	} {
		var asked []string
		client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(base), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.URL.String())
			return respondSuccess(r)
		})))
		require.NoError(t, clienttest.Get(t.Context(), client))
		assert.Equal(t, []string{want + path}, asked)
	}
}

// TestWithMaxResponseBytes_limits reads a body of the limit's size and not one byte more.
func TestWithMaxResponseBytes_limits(t *testing.T) {
	t.Parallel()
	for limit, fits := range map[int64]bool{int64(len(clienttest.Job)): true, int64(len(clienttest.Job)) - 1: false, math.MaxInt64: true, 1: false} {
		server := testutil.NewServer(t, clienttest.Succeed)
		err := clienttest.Get(clienttest.ShortContext(t), clienttest.ForServer(t, server, restorejobs.WithMaxResponseBytes(limit)))
		if fits {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, fmt.Sprintf("limit of %d bytes", limit))
		}
	}
	large := testutil.NewServer(t, testutil.Respond(http.StatusOK, `{"id":"`+clienttest.JobID+`","groupId":"`+strings.Repeat("a", 5<<20)+`"}`, "Content-Type", jsonType))
	require.NoError(t, clienttest.Get(clienttest.ShortContext(t), clienttest.ForServer(t, large)), "by default 64 MiB")
	errorBody := strings.Repeat("x", 1<<20)
	for extra, want := range map[int]int{0: 1 << 20, 1: 1 << 20, -1: 1<<20 - 1} {
		server := testutil.NewServer(t, testutil.Respond(http.StatusNotFound, (errorBody + "y")[:len(errorBody)+extra], "Content-Type", "text/plain"))
		var apiErr *restorejobs.Error
		require.ErrorAs(t, clienttest.Get(clienttest.ShortContext(t), clienttest.ForServer(t, server, restorejobs.WithMaxResponseBytes(10))), &apiErr)
		assert.Len(t, apiErr.Body(), want, "errors have a limit of their own")
	}
}

// throughTo is a transport whose connections all lead to one address; it notes those that
// were requested.
func throughTo(address string, requested *[]string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
		*requested = append(*requested, to)
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", address)
	}}
}

// TestWithBaseURL_ipv6Literals: digest works below every spelling of an IPv6 base URL.
func TestWithBaseURL_ipv6Literals(t *testing.T) {
	t.Parallel()
	for base, dialed := range map[string]string{
		"http://[fe80::1%25eth0]:8080": "[fe80::1%eth0]:8080",
		"http://[FE80::1%25eth0]:8080": "[FE80::1%eth0]:8080",
		"http://[fe80::1%25eth0]":      "[fe80::1%eth0]:80",
		"http://[fd00::1]:8080":        "[fd00::1]:8080",
		"HTTP://[FD00::1]":             "[FD00::1]:80",
		"http://om.example.net.:8080":  "om.example.net.:8080",
	} {
		t.Run(base, func(t *testing.T) {
			t.Parallel()
			server := restorejobstest.NewServer()
			t.Cleanup(server.Close)
			address, err := url.Parse(server.URL())
			require.NoError(t, err)
			var requested []string
			client, err := server.Client(restorejobs.WithBaseURL(base), restorejobs.WithInsecureHTTP(),
				restorejobs.WithTransport(throughTo(address.Host, &requested)))
			require.NoError(t, err)
			scope := restorejobstest.OpsManagerCluster
			jobs := client.OpsManager.Cluster(scope.Project(), scope.Cluster()).Jobs
			for range 2 {
				job, err := jobs.Get(t.Context(), scope.Jobs()[0])
				require.NoError(t, err)
				assert.Equal(t, scope.Jobs()[0], job.ID)
			}
			assert.Equal(t, dialed, requested[0])
			assert.Len(t, server.Requests(), 3, "one challenge for both")
		})
	}
}

// TestWithBaseURL_ipv6ZoneRedirect: a redirect within the origin is followed with credentials,
// one to another zone is not followed.
func TestWithBaseURL_ipv6ZoneRedirect(t *testing.T) {
	t.Parallel()
	for location, followed := range map[string]bool{
		"http://[fe80::1%25eth0]:8080/b": true, "http://[FE80::1%25eth0]:8080/b": true, "/b": true,
		"http://[fe80::1%25eth1]:8080/b": false, "http://[fe80::1]:8080/b": false, "http://[fe80::1%25eth0]/b": false,
	} {
		for _, opts := range [][]restorejobs.Option{nil, {restorejobs.WithHTTPClient(&http.Client{Timeout: time.Hour})}} {
			var sent []string
			client := clienttest.New(t, clienttest.Bearer("t"), append(opts, restorejobs.WithBaseURL("http://[fe80::1%25eth0]:8080"), restorejobs.WithInsecureHTTP(),
				restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
					sent = append(sent, r.Header.Get("Authorization"))
					if len(sent) > 1 {
						return respondSuccess(r)
					}
					return testutil.Response(http.StatusFound, "", "Location", location), nil
				})))...)
			err := clienttest.Get(t.Context(), client)
			if followed {
				require.NoError(t, err, location)
				assert.Equal(t, []string{"Bearer t", "Bearer t"}, sent)
			} else {
				require.ErrorContains(t, err, "302", location)
				assert.Len(t, sent, 1)
			}
		}
	}
}

// TestWithBaseURL_hostHeader has no zone, which has a meaning on this machine only.
func TestWithBaseURL_hostHeader(t *testing.T) {
	t.Parallel()
	hosts := make(chan string, 1)
	server := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		hosts <- r.Host
		clienttest.Succeed(w, r)
	})
	var requested []string
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("http://[fe80::1%25eth0]:8080"), restorejobs.WithInsecureHTTP(),
		restorejobs.WithTransport(throughTo(server.Listener.Addr().String(), &requested)))
	require.NoError(t, clienttest.Get(t.Context(), client))
	assert.Equal(t, "[fe80::1]:8080", <-hosts)
}

// TestWithBaseURL_ipv6ZoneCertificate: a certificate names the address, never the zone.
func TestWithBaseURL_ipv6ZoneCertificate(t *testing.T) {
	t.Parallel()
	private := testutil.NewAuthority(t, "a")
	server := testutil.NewUnstartedServer(t, clienttest.Succeed)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{private.Issue(t, time.Now().Add(time.Hour), "fe80::1")}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	get := func(base string) error {
		var requested []string
		return clienttest.Get(t.Context(), clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL(base), restorejobs.WithRootCAs(private.PEM),
			restorejobs.WithTransport(throughTo(server.Listener.Addr().String(), &requested))))
	}
	require.NoError(t, get("https://[fe80::1%25eth0]:8443"))
	require.NoError(t, get("https://[fe80::1]:8443"))
	require.Error(t, get("https://[fe80::2%25eth0]:8443"))
}
