package api

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRequest_urlBelowBase(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		base, path, query string
		want              string
	}{
		"host":              {"https://h", "/a/b", "", "https://h/a/b"},
		"query":             {"https://h", "/a", "x=1&y=2", "https://h/a?x=1&y=2"},
		"base path":         {"https://h/proxy", "/a", "", "https://h/proxy/a"},
		"escaped":           {"https://h", "/a%20b/c%2Fd", "", "https://h/a%20b/c%2Fd"},
		"escaped base path": {"https://h/p%2Fq", "/a", "", "https://h/p%2Fq/a"},
	} {
		base, err := url.Parse(test.base)
		require.NoError(t, err)
		req := newRequest(RetryNever)
		req.Base = base
		req.Path = test.path
		req.Query = test.query
		httpReq := req.httpRequest(t.Context(), nil)
		assert.Equal(t, test.want, httpReq.URL.String(), name)
		assert.Equal(t, "h", httpReq.Host)
		assert.Equal(t, test.base, base.String(), "the base is not changed")
	}
}

func TestRequest_headersAndBody(t *testing.T) {
	t.Parallel()
	req := newRequest(RetryNever)
	userAgent := []string{"agent"}
	httpReq := req.httpRequest(t.Context(), userAgent)
	assert.Equal(t, http.Header{"Accept": {"application/json"}, "User-Agent": {"agent"}}, httpReq.Header)
	assert.Nil(t, httpReq.Body)
	assert.Nil(t, httpReq.GetBody)
	httpReq.Header.Add("Accept", "other")
	httpReq.Header.Add("User-Agent", "other")
	assert.Equal(t, []string{"agent"}, userAgent[:cap(userAgent)], "other requests have it too")

	req.Body = []byte(`{"a":1}`)
	req.Method = http.MethodPost
	httpReq = req.httpRequest(t.Context(), userAgent)
	assert.Equal(t, "application/json", httpReq.Header.Get("Content-Type"))
	assert.Equal(t, int64(7), httpReq.ContentLength)
	for range 2 {
		body, err := httpReq.GetBody()
		require.NoError(t, err)
		content, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.Equal(t, `{"a":1}`, string(content), "the body can be sent again")
	}
}

// The transport can still have the request of an earlier attempt.
func TestRequest_attemptsShareNothing(t *testing.T) {
	t.Parallel()
	req := newRequest(RetryNever)
	first := req.httpRequest(t.Context(), nil)
	second := req.httpRequest(t.Context(), nil)
	first.URL.Path = "/other"
	first.Header["Accept"][0] = "other"
	assert.Equal(t, "/things/1", second.URL.Path)
	assert.Equal(t, "application/json", second.Header.Get("Accept"))
}

// A request that is sent twice has the context of each call.
func TestRequest_sentTwice(t *testing.T) {
	t.Parallel()
	type key struct{}
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(200, "text")}}
	req := newRequest(RetryNever)
	for i := range 2 {
		_, _, err := Send(context.WithValue(t.Context(), key{}, i), s.pipeline(), req, decodeText)
		require.NoError(t, err)
	}
	require.Len(t, s.requests, 2)
	for i, sent := range s.requests {
		assert.Equal(t, i, sent.Context().Value(key{}))
	}
}
