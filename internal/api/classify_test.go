package api_test

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/transport"
)

// otherError is an error of another package that knows its class.
type otherError struct{ class api.Class }

func (e *otherError) Error() string    { return "other" }
func (e *otherError) Class() api.Class { return e.class }

func TestClassify_errors(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for name, test := range map[string]struct {
		err  error
		want api.Class
	}{
		"no error":                      {nil, api.Permanent},
		"unknown":                       {errors.New("unknown"), api.Permanent},
		"lost response":                 {&api.TransportError{Err: io.EOF}, api.Transient},
		"no connection":                 {&api.TransportError{Err: refused}, api.Unsent},
		"not sent":                      {&api.TransportError{Err: &transport.NotSentError{Err: io.EOF}}, api.Unsent},
		"not sent, permanent":           {&api.TransportError{Err: &transport.NotSentError{Err: io.EOF, Permanent: true}}, api.Permanent},
		"unknown authority":             {&api.TransportError{Err: x509.UnknownAuthorityError{}}, api.Permanent},
		"refused token":                 {&api.TransportError{Err: &transport.NotSentError{Err: &otherError{api.Permanent}}}, api.Permanent},
		"token endpoint unavailable":    {&api.TransportError{Err: &transport.NotSentError{Err: &otherError{api.Transient}}}, api.Unsent},
		"token endpoint busy":           {&api.TransportError{Err: &transport.NotSentError{Err: &otherError{api.Unsent}}}, api.Unsent},
		"other request, sent here":      {&api.TransportError{Err: &otherError{api.Unsent}}, api.Transient},
		"connection cut":                {&api.TruncatedError{Err: io.ErrUnexpectedEOF}, api.Transient},
		"too large":                     {&api.TooLargeError{Limit: 1}, api.Permanent},
		"classified by another package": {&otherError{api.Eventual}, api.Eventual},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.want, api.Classify(test.err))
			if test.err != nil {
				assert.Equal(t, test.want, api.Classify(fmt.Errorf("wrapped: %w", test.err)))
			}
		})
	}
}

func TestClassifyStatus_statuses(t *testing.T) {
	t.Parallel()
	want := map[int]api.Class{
		408: api.Transient, 429: api.Unsent, 500: api.Transient, 502: api.Transient, 503: api.Transient, 504: api.Transient,
	}
	for status := 100; status < 600; status++ {
		class, listed := want[status]
		if !listed && status >= 500 {
			class = api.Eventual
		}
		assert.Equal(t, class, api.ClassifyStatus(status), status)
	}
}

func TestClassifyBody_causes(t *testing.T) {
	t.Parallel()
	assert.Equal(t, api.Eventual, api.ClassifyBody(errors.New("a web page")))
	assert.Equal(t, api.Transient, api.ClassifyBody(fmt.Errorf("read: %w", &api.TruncatedError{Err: io.EOF})))
	assert.Equal(t, api.Permanent, api.ClassifyBody(&api.TooLargeError{Limit: 1}))
}
