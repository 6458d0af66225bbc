package wire_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/wire"
)

// sequence answers every request with a redirect to the next address, and 200 after the last.
type sequence struct {
	status    int
	locations []string
	asked     []string
}

func (s *sequence) RoundTrip(request *http.Request) (*http.Response, error) {
	s.asked = append(s.asked, request.Method+" "+request.URL.String())
	response := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: request, Body: io.NopCloser(strings.NewReader("x"))}
	if n := len(s.asked); n <= len(s.locations) {
		response.StatusCode = s.status
		response.Header.Set("Location", s.locations[n-1])
	}
	return response, nil
}

// TestFollower follows reads within their origin, and returns every other redirect as it is.
func TestFollower(t *testing.T) {
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
			request, err := http.NewRequestWithContext(t.Context(), c.method, from, nil)
			require.NoError(t, err)
			response, err := (&wire.Follower{Base: answers}).Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			assert.Equal(t, c.status, response.StatusCode)
			assert.Len(t, answers.asked, c.asked, answers.asked)
			for _, asked := range answers.asked {
				assert.True(t, strings.HasPrefix(asked, c.method+" https://api.example.net"), asked)
			}
		})
	}
}
