package testutil_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

func send(t *testing.T, transport http.RoundTripper, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := transport.RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp, string(body)
}

func TestRoundTripFunc_setsRequest(t *testing.T) {
	t.Parallel()
	req := testutil.Request(t, http.MethodGet, "http://host/", nil)
	transport := testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
		return testutil.JSON(http.StatusCreated, "{}", "X-A", "1", "X-A", "2"), nil
	})
	resp, body := send(t, transport, req)
	assert.Same(t, req, resp.Request)
	assert.Equal(t, http.StatusCreated, resp.StatusCode)
	assert.Equal(t, "{}", body)
	assert.EqualValues(t, 2, resp.ContentLength)
	assert.Equal(t, http.Header{"Content-Type": {"application/json"}, "X-A": {"1", "2"}}, resp.Header)

	failing := testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) { return nil, io.EOF })
	_, err := failing.RoundTrip(req)
	assert.ErrorIs(t, err, io.EOF)
}

func TestJSON_otherMediaType(t *testing.T) {
	t.Parallel()
	resp := testutil.JSON(http.StatusOK, "<html>", "content-type", "text/html")
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.Header{"Content-Type": {"text/html"}}, resp.Header)
}

func TestHandle_requestAndResponse(t *testing.T) {
	t.Parallel()
	transport := testutil.Handle(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/a?b=c", r.RequestURI)
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.Copy(w, r.Body)
	}))
	req := testutil.Request(t, http.MethodPost, "http://host/a?b=c", strings.NewReader("body"))
	resp, body := send(t, transport, req)
	assert.Same(t, req, resp.Request)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	assert.Equal(t, "body", body)
	_, body = send(t, transport, testutil.Request(t, http.MethodGet, "http://host/a?b=c", nil))
	assert.Empty(t, body)
}

func TestSequence_repeatsLast(t *testing.T) {
	t.Parallel()
	server := testutil.Serve(t, testutil.Sequence(
		testutil.Respond(http.StatusServiceUnavailable, "first", "Retry-After", "7"),
		testutil.Respond(http.StatusOK, "last"),
	))
	for i, want := range []string{"first", "last", "last"} {
		resp, body := send(t, http.DefaultTransport, testutil.Request(t, http.MethodGet, server.String(), nil))
		assert.Equal(t, want, body)
		assert.Equal(t, i == 0, resp.Header.Get("Retry-After") == "7")
	}
}
