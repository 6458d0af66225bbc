package testutil

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecord_bodies(t *testing.T) {
	t.Parallel()
	echo := RoundTripFunc(func(req *http.Request) (*http.Response, error) {
		if req.Body == nil {
			return Response(http.StatusOK, "nothing"), nil
		}
		body, err := io.ReadAll(req.Body)
		return Response(http.StatusCreated, string(body)+" received"), err
	})
	exchange, err := Record(echo, Request(t, http.MethodPost, "https://example.net/", strings.NewReader("a body")))
	require.NoError(t, err)
	assert.Equal(t, "a body", string(exchange.Sent))
	assert.Equal(t, "a body received", string(exchange.Received))
	body, err := io.ReadAll(exchange.Response.Body)
	require.NoError(t, err)
	assert.Equal(t, "a body received", string(body), "the body can be read")

	exchange, err = Record(echo, Request(t, http.MethodGet, "https://example.net/", nil))
	require.NoError(t, err)
	assert.Nil(t, exchange.Sent)
	assert.Equal(t, "nothing", string(exchange.Received))
}

func TestRecord_errors(t *testing.T) {
	t.Parallel()
	errBroken := errors.New("broken")
	_, err := Record(Always(http.StatusOK, ""), Request(t, http.MethodPost, "https://example.net/", iotest.ErrReader(errBroken)))
	require.ErrorIs(t, err, errBroken, "of the request's body")
	get := Request(t, http.MethodGet, "https://example.net/", nil)
	_, err = Record(RoundTripFunc(func(*http.Request) (*http.Response, error) { return nil, errBroken }), get)
	require.ErrorIs(t, err, errBroken, "of the transport")
	_, err = Record(RoundTripFunc(func(*http.Request) (*http.Response, error) {
		resp := Response(http.StatusOK, "")
		resp.Body = io.NopCloser(iotest.ErrReader(errBroken))
		return resp, nil
	}), get)
	require.ErrorIs(t, err, errBroken, "of the response's body")
}
