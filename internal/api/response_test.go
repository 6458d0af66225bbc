package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

func TestResponse_isSuccess(t *testing.T) {
	t.Parallel()
	for status := 100; status < 600; status++ {
		resp := &Response{Status: status}
		assert.Equal(t, status/100 == 2, resp.IsSuccess(), status)
	}
}

func TestResponse_secretsOfTheClient(t *testing.T) {
	t.Parallel()
	calls := 0
	resp := &Response{addSecrets: func(secrets *redact.Secrets) {
		calls++
		secrets.Add("s3cret-t0ken-value")
	}}
	for range 2 {
		assert.NotContains(t, resp.Secrets().Text("refused s3cret-t0ken-value"), "s3cret-t0ken-value")
	}
	assert.Equal(t, 1, calls, "they are collected once")
}

// The body of a kept response does not share the buffer.
func TestResponse_keepCopies(t *testing.T) {
	t.Parallel()
	body := []byte(strings.Repeat("x", transport.MaxErrorBody+1))
	resp := &Response{Status: 200, Body: body}
	kept := resp.keep(409, body)
	body[0] = 'y'
	assert.Equal(t, 409, kept.Status)
	assert.Len(t, kept.Body, transport.MaxErrorBody)
	assert.Equal(t, byte('x'), kept.Body[0])
	assert.Equal(t, 200, resp.Status)
}

func TestResponse_retryAfterCountsFromReceipt(t *testing.T) {
	t.Parallel()
	received := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	resp := &Response{
		Header:     http.Header{"Retry-After": {received.Add(8 * time.Second).Format(http.TimeFormat)}},
		receivedAt: received,
	}
	assert.Equal(t, 8*time.Second, resp.RetryAfter())
}
