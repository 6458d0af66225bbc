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

func TestServer_requests(t *testing.T) {
	t.Parallel()
	server := testutil.NewServer(t, testutil.Sequence(
		testutil.Respond(http.StatusAccepted, "body"),
		func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "without a status") },
		testutil.RawBytes("HTTP/1.1 204 No Content\r\n\r\n"),
	))
	req := testutil.Request(t, http.MethodPost, server.URL+"/a?b=c", strings.NewReader("body"))
	req.Header.Set("Authorization", "Bearer token")
	resp, body := send(t, http.DefaultTransport, req)
	assert.Equal(t, http.StatusAccepted, resp.StatusCode)
	assert.Equal(t, "body", body)
	_, body = send(t, http.DefaultTransport, testutil.Request(t, http.MethodGet, server.URL, nil))
	assert.Equal(t, "without a status", body)
	resp, _ = send(t, http.DefaultTransport, testutil.Request(t, http.MethodGet, server.URL, nil))
	assert.Equal(t, http.StatusNoContent, resp.StatusCode)
	assert.Equal(t, []string{
		"POST /a?b=c (Bearer): 202",
		"GET / (no credentials): 200",
		"GET / (no credentials): raw bytes or nothing",
	}, server.Requests())
}

func TestNewUnstartedServer_receivesNothingBeforeStart(t *testing.T) {
	t.Parallel()
	server := testutil.NewUnstartedServer(t, testutil.Respond(http.StatusOK, ""))
	assert.Empty(t, server.URL)
	server.Start()
	resp, _ := send(t, http.DefaultTransport, testutil.Request(t, http.MethodGet, server.URL, nil))
	require.Equal(t, http.StatusOK, resp.StatusCode)
}
