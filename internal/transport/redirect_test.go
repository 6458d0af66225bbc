package transport_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/transport"
)

// sequence answers every request with a redirect to the next address, and 200 after the last.
type sequence struct {
	status    int
	locations []string
	asked     []string
}

func (s *sequence) RoundTrip(req *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, req.Method+" "+req.URL.String())
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: req, Body: io.NopCloser(strings.NewReader("x"))}
	if n := len(s.asked); n <= len(s.locations) {
		resp.StatusCode = s.status
		resp.Header.Set("Location", s.locations[n-1])
	}
	return resp, nil
}

// TestRedirectFollower follows reads within their origin, and returns every other redirect as it is.
func TestRedirectFollower(t *testing.T) {
	t.Parallel()
	const from = "https://api.example.net/a"
	for _, c := range []struct {
		name, method string
		locations    []string
		status       int
		asked        int
	}{
		{"a path", http.MethodGet, []string{"/b"}, 200, 2},
		{"the same origin", http.MethodHead, []string{"https://api.example.net:443/b"}, 200, 2},
		{"as often as may be", http.MethodGet, []string{"/b", "/c", "/d", "/e", "/f"}, 200, 6},
		{"once too often", http.MethodGet, []string{"/b", "/c", "/d", "/e", "/f", "/g"}, 302, 6},
		{"a write", http.MethodPost, []string{"/b"}, 302, 1},
		{"another host", http.MethodGet, []string{"https://evil.example/b"}, 302, 1},
		{"another port", http.MethodGet, []string{"https://api.example.net:8443/b"}, 302, 1},
		{"plain http", http.MethodGet, []string{"http://api.example.net/b"}, 302, 1},
		{"a user", http.MethodGet, []string{"https://user@api.example.net/b"}, 302, 1},
		{"no address", http.MethodGet, []string{"https://%zz"}, 302, 1},
		{"none", http.MethodGet, []string{""}, 302, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answers := &sequence{status: http.StatusFound, locations: c.locations}
			req, err := http.NewRequestWithContext(t.Context(), c.method, from, nil)
			require.NoError(t, err)
			resp, err := (&transport.RedirectFollower{Base: answers}).Do(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			assert.Equal(t, c.status, resp.StatusCode)
			assert.Len(t, answers.asked, c.asked, answers.asked)
			for _, asked := range answers.asked {
				assert.True(t, strings.HasPrefix(asked, c.method+" https://api.example.net"), asked)
			}
		})
	}
}
