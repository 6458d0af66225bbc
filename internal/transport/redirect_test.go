package transport_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/transport"
)

const redirectingURL = "https://api.example.net/a"

// redirectCases are the redirects of requests to redirectingURL.
var redirectCases = map[string]struct {
	method    string
	locations []string // of the responses, in order; the one after them is 200
	status    int
	requests  int
}{
	"path":              {http.MethodGet, []string{"/b"}, 200, 2},
	"same origin":       {http.MethodHead, []string{"https://api.example.net:443/b"}, 200, 2},
	"five redirects":    {http.MethodGet, []string{"/b", "/c", "/d", "/e", "/f"}, 200, 6},
	"six redirects":     {http.MethodGet, []string{"/b", "/c", "/d", "/e", "/f", "/g"}, 302, 6},
	"write":             {http.MethodPost, []string{"/b"}, 302, 1},
	"other host":        {http.MethodGet, []string{"https://evil.example/b"}, 302, 1},
	"other port":        {http.MethodGet, []string{"https://api.example.net:8443/b"}, 302, 1},
	"plain http":        {http.MethodGet, []string{"http://api.example.net/b"}, 302, 1},
	"user name":         {http.MethodGet, []string{"https://user@api.example.net/b"}, 302, 1},
	"invalid location":  {http.MethodGet, []string{"https://%zz"}, 302, 1},
	"missing location":  {http.MethodGet, []string{""}, 302, 1},
	"second is foreign": {http.MethodGet, []string{"/b", "https://evil.example/b"}, 302, 2},
}

func TestRedirectFollower_withinOrigin(t *testing.T) {
	t.Parallel()
	testRedirects(t, func(base http.RoundTripper) doer { return &transport.RedirectFollower{Base: base} })
}

// TestCheckRedirect_withinOrigin checks that an http.Client follows the same redirects.
func TestCheckRedirect_withinOrigin(t *testing.T) {
	t.Parallel()
	testRedirects(t, func(base http.RoundTripper) doer {
		return &http.Client{
			Transport:     &transport.BadLocationFilter{Base: base},
			CheckRedirect: transport.CheckRedirect(nil),
		}
	})
}

type doer interface {
	Do(req *http.Request) (*http.Response, error)
}

func testRedirects(t *testing.T, newDoer func(http.RoundTripper) doer) {
	t.Helper()
	for name, c := range redirectCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests []string
			client := newDoer(testutil.RoundTripFunc(func(req *http.Request) (*http.Response, error) {
				requests = append(requests, req.Method+" "+req.URL.String())
				if n := len(requests); n <= len(c.locations) {
					return testutil.Response(http.StatusFound, "x", "Location", c.locations[n-1]), nil
				}
				return testutil.Response(http.StatusOK, "x"), nil
			}))
			resp, err := client.Do(testutil.Request(t, c.method, redirectingURL, nil))
			require.NoError(t, err)
			defer resp.Body.Close()
			assert.Equal(t, c.status, resp.StatusCode)
			assert.Len(t, requests, c.requests, requests)
			for _, request := range requests {
				assert.True(t, strings.HasPrefix(request, c.method+" https://api.example.net"), request)
			}
		})
	}
}

func TestCheckRedirect_callerCheck(t *testing.T) {
	t.Parallel()
	errCaller := errors.New("not followed")
	calls := 0
	check := transport.CheckRedirect(func(*http.Request, []*http.Request) error {
		calls++
		return errCaller
	})
	via := []*http.Request{testutil.Request(t, http.MethodGet, redirectingURL, nil)}
	assert.Equal(t, errCaller, check(testutil.Request(t, http.MethodGet, "https://api.example.net/b", nil), via))
	assert.Equal(t, http.ErrUseLastResponse, check(testutil.Request(t, http.MethodGet, "https://evil.example/b", nil), via))
	assert.Equal(t, 1, calls, "only for a redirect that may be followed")
}

func TestRedirectTarget_policy(t *testing.T) {
	t.Parallel()
	errPolicy := errors.New("refused")
	from := testutil.ParseURL(t, redirectingURL)
	permit := func(_, _ *url.URL) error { return nil }
	refuse := func(_, to *url.URL) error {
		assert.Equal(t, "https://other.example/b", to.String())
		return errPolicy
	}
	for _, c := range []struct {
		location string
		followed int
		policy   transport.RedirectPolicy
		want     string
		err      string
	}{
		{"b", 0, permit, "https://api.example.net/b", ""},
		{"//other.example/b", 4, permit, "https://other.example/b", ""},
		{"//other.example/b", 0, refuse, "", "refused"},
		{"//other.example/b", 5, permit, "", "redirects too often"},
		{"file:///etc/passwd", 0, permit, "", "redirects to an invalid web address"},
		{"http:///b", 0, permit, "", "redirects to an invalid web address"},
		{"http://%zz/b", 0, permit, "", "redirects to an invalid web address"},
	} {
		resp := testutil.Response(http.StatusFound, "", "Location", c.location)
		require.NoError(t, resp.Body.Close())
		require.True(t, transport.IsRedirect(resp))
		target, err := transport.RedirectTarget(from, resp, c.followed, c.policy)
		if c.err != "" {
			require.EqualError(t, err, c.err)
			assert.Nil(t, target)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.want, target.String())
	}
}

func TestBadLocationFilter_keepsResponse(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{"/b": "/b", "http://%zz": "", "": ""} {
		filter := &transport.BadLocationFilter{Base: testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			return testutil.Response(http.StatusFound, "", "Location", location), nil
		})}
		resp, err := filter.RoundTrip(testutil.Request(t, http.MethodGet, redirectingURL, nil))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, resp.Header.Get("Location"))
	}
}
