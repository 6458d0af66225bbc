package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// service sends its replies in order; the last one is repeated. Its requests are tracked.
type service struct {
	replies  []func(*http.Request) (*http.Response, error)
	requests []*http.Request
	bodies   []string
}

func (s *service) Do(req *http.Request) (*http.Response, error) {
	tracked := &transport.TrackedTransport{Base: s}
	return tracked.RoundTrip(req)
}

func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	reply := s.replies[min(len(s.requests), len(s.replies)-1)]
	s.requests = append(s.requests, req)
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		s.bodies = append(s.bodies, string(body))
	}
	return reply(req)
}

func respond(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		resp := limited(status, header...)
		resp.Body = io.NopCloser(strings.NewReader(body))
		resp.ContentLength = -1
		return resp, nil
	}
}

func fail(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// pipeline retries twice without a delay, and limits bodies to 100 bytes.
func (s *service) pipeline() *Pipeline {
	return &Pipeline{
		Doer:      s,
		UserAgent: []string{"agent"},
		MaxBody:   100,
		Retry:     RetryPolicy{MaxRetries: 2, MaxDelay: time.Minute},
	}
}

func newRequest(mode RetryMode) *Request {
	return &Request{
		Operation: "get thing",
		Method:    http.MethodGet,
		Base:      &url.URL{Scheme: "https", Host: "api.example.com"},
		Path:      "/things/1",
		Accept:    "application/json",
		Retry:     mode,
	}
}

func decodeText(resp *Response) (string, error) { return string(resp.Body), nil }

func TestSend_decodesSuccess(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(200, "text")}}
	req := newRequest(RetryIfUnsent)
	req.Method = http.MethodPost
	req.Body = []byte(`{"a":1}`)
	value, attempts, err := Send(t.Context(), s.pipeline(), req, decodeText)
	require.NoError(t, err)
	assert.Equal(t, "text", value)
	assert.Equal(t, 1, attempts)
	require.Len(t, s.requests, 1)
	assert.Equal(t, "https://api.example.com/things/1", s.requests[0].URL.String())
	assert.Equal(t, []string{`{"a":1}`}, s.bodies)
}

func TestSend_retriesByModeAndClass(t *testing.T) {
	t.Parallel()
	unsent := &transport.NotSentError{Err: io.EOF}
	decodeNothing := func(*Response) (string, error) { return "", errors.New("not a thing") }
	for name, test := range map[string]struct {
		reply  func(*http.Request) (*http.Response, error)
		decode func(*Response) (string, error)
		want   map[RetryMode]int // attempts
	}{
		"200":             {respond(200, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
		"400":             {respond(400, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
		"408":             {respond(408, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 3, RetryIfUnsent: 1, RetryNever: 1}},
		"429":             {respond(429, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 3, RetryIfUnsent: 3, RetryNever: 1}},
		"501":             {respond(501, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
		"503":             {respond(503, "x"), decodeText, map[RetryMode]int{RetryIdempotent: 3, RetryIfUnsent: 1, RetryNever: 1}},
		"not sent":        {fail(unsent), decodeText, map[RetryMode]int{RetryIdempotent: 3, RetryIfUnsent: 3, RetryNever: 1}},
		"lost":            {fail(io.ErrUnexpectedEOF), decodeText, map[RetryMode]int{RetryIdempotent: 3, RetryIfUnsent: 1, RetryNever: 1}},
		"cannot be read":  {respond(200, "x"), decodeNothing, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
		"too large":       {respond(200, strings.Repeat("x", 101)), decodeText, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
		"longest allowed": {respond(200, strings.Repeat("x", 100)), decodeText, map[RetryMode]int{RetryIdempotent: 1, RetryIfUnsent: 1, RetryNever: 1}},
	} {
		for mode, want := range test.want {
			s := &service{replies: []func(*http.Request) (*http.Response, error){test.reply}}
			_, attempts, err := Send(t.Context(), s.pipeline(), newRequest(mode), test.decode)
			assert.Equal(t, want, attempts, "%s, mode %d: %v", name, mode, err)
			assert.Len(t, s.requests, want)
		}
	}
}

func TestSend_secondAttemptSucceeds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: []func(*http.Request) (*http.Response, error){respond(503, "", "Retry-After", "7"), respond(200, "text")}}
		start := time.Now()
		value, attempts, err := Send(t.Context(), s.pipeline(), newRequest(RetryIdempotent), decodeText)
		require.NoError(t, err)
		assert.Equal(t, "text", value)
		assert.Equal(t, 2, attempts)
		assert.Equal(t, 7*time.Second, time.Since(start), "the delay that the server requests")
	})
}

func TestSend_statusError(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(404, "why", "X-Request-Id", "r")}}
	_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decodeText)
	var statusErr *StatusError
	require.ErrorAs(t, err, &statusErr)
	assert.Equal(t, 404, statusErr.Response.Status)
	assert.Equal(t, "why", string(statusErr.Response.Body))
	assert.Equal(t, "r", RequestID(statusErr.Response.Header))
	assert.EqualError(t, err, "status 404")
}

// A decoder can find an error inside of a success.
func TestSend_innerError(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(200, "wrapped")}}
	decode := func(*Response) (string, error) {
		return "", fmt.Errorf("wrapped: %w", &InnerError{Status: 409, Body: []byte("inner")})
	}
	_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decode)
	var statusErr *StatusError
	require.ErrorAs(t, err, &statusErr)
	assert.Equal(t, 409, statusErr.Response.Status)
	assert.Equal(t, "inner", string(statusErr.Response.Body))
}

func TestSend_bodyErrors(t *testing.T) {
	t.Parallel()
	cut := func(*http.Request) (*http.Response, error) {
		resp := limited(200)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)))
		resp.ContentLength = 50
		return resp, nil
	}
	announced := func(*http.Request) (*http.Response, error) {
		resp := limited(200)
		resp.Body = io.NopCloser(strings.NewReader(strings.Repeat("x", 101)))
		resp.ContentLength = 101
		return resp, nil
	}
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		s := &service{replies: []func(*http.Request) (*http.Response, error){cut}}
		_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decodeText)
		var truncated *TruncatedError
		require.ErrorAs(t, err, &truncated)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		var bodyErr *BodyError
		require.ErrorAs(t, err, &bodyErr)
		assert.Equal(t, "abc", string(bodyErr.Response.Body), "what arrived is kept")
		assert.Equal(t, Transient, Classify(err))
	})
	t.Run("too large", func(t *testing.T) {
		t.Parallel()
		for _, reply := range []func(*http.Request) (*http.Response, error){announced, respond(200, strings.Repeat("x", 101))} {
			s := &service{replies: []func(*http.Request) (*http.Response, error){reply}}
			_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decodeText)
			var tooLarge *TooLargeError
			require.ErrorAs(t, err, &tooLarge)
			assert.Equal(t, int64(100), tooLarge.Limit)
			assert.Equal(t, Permanent, Classify(err))
		}
	})
}

// Whether a write was sent is decided by its own transport.
func TestSend_transportErrors(t *testing.T) {
	t.Parallel()
	reset := errors.New("reset")
	for _, err := range []error{reset, &transport.NotSentError{Err: reset}} {
		s := &service{replies: []func(*http.Request) (*http.Response, error){fail(err)}}
		_, _, got := Send(t.Context(), s.pipeline(), newRequest(RetryIfUnsent), decodeText)
		var transportErr *TransportError
		require.ErrorAs(t, got, &transportErr)
		require.ErrorIs(t, got, reset)
		assert.Equal(t, transport.IsNotSent(err), transport.IsNotSent(got))
	}
}

func TestSend_contextEnds(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(503, "")}}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, attempts, err := Send(cancelled, s.pipeline(), newRequest(RetryIdempotent), decodeText)
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, attempts)
	assert.Empty(t, s.requests, "nothing is sent")

	ctx, cancelLater := context.WithCancel(t.Context())
	s.replies[0] = func(req *http.Request) (*http.Response, error) {
		cancelLater()
		return respond(503, "")(req)
	}
	_, attempts, err = Send(ctx, s.pipeline(), newRequest(RetryIdempotent), decodeText)
	var statusErr *StatusError
	require.ErrorAs(t, err, &statusErr, "the last response")
	assert.Equal(t, 1, attempts, "no retry after the context")
}

func TestSend_rateLimitPauseEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: []func(*http.Request) (*http.Response, error){respond(200, "text", "RateLimit-Remaining", "0", "Retry-After", "9")}}
		pipeline := s.pipeline()
		pipeline.RateLimiter = &RateLimiter{MaxWait: time.Minute}
		_, _, err := Send(t.Context(), pipeline, newRequest(RetryIfUnsent), decodeText)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err = Send(ctx, pipeline, newRequest(RetryIfUnsent), decodeText)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.True(t, transport.IsNotSent(err), "the write was not sent")
		assert.Len(t, s.requests, 1)
	})
}

func TestSend_observesEveryAttempt(t *testing.T) {
	t.Parallel()
	s := &service{replies: []func(*http.Request) (*http.Response, error){fail(io.EOF), respond(503, "busy"), respond(200, "text")}}
	type observed struct {
		number int
		status int
		body   string
		failed bool
	}
	var got []observed
	pipeline := s.pipeline()
	req := newRequest(RetryIdempotent)
	pipeline.Observe = func(_ context.Context, observedReq *Request, attempt *Attempt) {
		assert.Same(t, req, observedReq)
		o := observed{number: attempt.Number, failed: attempt.Err != nil}
		if attempt.Response != nil {
			o.status = attempt.Response.Status
			o.body = string(attempt.Response.Body)
		}
		got = append(got, o)
	}
	_, attempts, err := Send(t.Context(), pipeline, req, decodeText)
	require.NoError(t, err)
	assert.Equal(t, 3, attempts)
	assert.Equal(t, []observed{{1, 0, "", true}, {2, 503, "busy", true}, {3, 200, "text", false}}, got)
}

// A transport that repeats a credential in its error is redacted, and stays an unsent request.
func TestSend_redactsTransportError(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-t0ken-value"
	s := &service{replies: []func(*http.Request) (*http.Response, error){fail(&transport.NotSentError{Err: errors.New("refused " + secret), Permanent: true})}}
	pipeline := s.pipeline()
	pipeline.AddSecrets = func(secrets *redact.Secrets) { secrets.Add(secret) }
	_, attempts, err := Send(t.Context(), pipeline, newRequest(RetryIdempotent), decodeText)
	require.Error(t, err)
	assert.NotContains(t, fmt.Sprintf("%+v %#v", err, err), secret)
	assert.True(t, transport.IsNotSent(err))
	assert.True(t, transport.IsPermanent(err))
	assert.Equal(t, 1, attempts)
}

func TestSend_errorBodyIsBounded(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("x"), transport.MaxErrorBody+10)
	s := &service{replies: []func(*http.Request) (*http.Response, error){respond(500, string(long))}}
	_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decodeText)
	var statusErr *StatusError
	require.ErrorAs(t, err, &statusErr)
	assert.Len(t, statusErr.Response.Body, transport.MaxErrorBody)
}

// TestSend_retryAfterCountsFromHeaders: the delay does not begin at the end of the body.
func TestSend_retryAfterCountsFromHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(8 * time.Second)
		s := &service{replies: []func(*http.Request) (*http.Response, error){
			func(*http.Request) (*http.Response, error) {
				resp := limited(http.StatusServiceUnavailable, "Retry-After", until.UTC().Format(http.TimeFormat))
				resp.Body = io.NopCloser(slowBody{})
				return resp, nil
			},
		}}
		_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), decodeText)
		var status *StatusError
		require.ErrorAs(t, err, &status)
		assert.Equal(t, 8*time.Second, status.RetryAfter())
		assert.Equal(t, 5*time.Second, time.Until(until))
	})
}

// TestSend_retryAfterOfUnusableBody: a success whose body cannot be used can request a delay too.
func TestSend_retryAfterOfUnusableBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		until := time.Now().Add(8 * time.Second).UTC().Format(http.TimeFormat)
		s := &service{replies: []func(*http.Request) (*http.Response, error){respond(http.StatusOK, "x", "Retry-After", until)}}
		_, _, err := Send(t.Context(), s.pipeline(), newRequest(RetryNever), func(*Response) (string, error) { return "", io.EOF })
		var unusable *BodyError
		require.ErrorAs(t, err, &unusable)
		assert.Equal(t, 8*time.Second, unusable.RetryAfter())
	})
}

// slowBody ends after three seconds.
type slowBody struct{}

func (slowBody) Read([]byte) (int, error) {
	time.Sleep(3 * time.Second)
	return 0, io.EOF
}
