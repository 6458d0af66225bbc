package digestauth

import (
	"fmt"
	"maps"
	"net/http"
	"time"

	"example.com/restorejobs/internal/challenge"
	"example.com/restorejobs/internal/redact"
)

const header = "Authorization"

// call is one RoundTrip: a request and the legs it takes.
type call struct {
	base    http.RoundTripper
	key     secret
	pool    *pool
	req     *http.Request
	trace   func(Leg) // may be nil
	hasBody bool
}

// run sends leg after leg until there is an answer. A nonce whose leg fails is
// not given back: the server may see its count late, after a higher one.
func (c *call) run() (*http.Response, error) {
	n := c.pool.take()
	fresh := false // whether n was issued to this very call
	for leg := 1; ; leg++ {
		resp, err := c.send(leg, n)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized {
			c.accepted(n, resp)
			return resp, nil
		}
		r := newRefusal(resp, n, fresh)
		switch r.verdict(leg, c.pool) {
		case keepNonce:
			c.pool.put(n)
			return resp, nil
		case final:
			if r.signed {
				c.pool.doubt()
			}
			return resp, nil
		case askAgain:
			n, fresh = nil, false
		case signAnew:
			if n, err = newNonce(c.key, r.challenge); err != nil {
				r.close()
				return nil, err
			}
			fresh = true
		}
		r.close()
		if err := c.req.Context().Err(); err != nil {
			return nil, &NotSentError{err}
		}
	}
}

// accepted takes note of a response that is not a 401.
func (c *call) accepted(n *nonce, resp *http.Response) {
	if n == nil {
		return
	}
	if resp.StatusCode < http.StatusBadRequest {
		c.pool.prove()
	}
	if next := challenge.NextNonce(resp.Header); next != "" {
		n.follow(next)
	}
	c.pool.put(n)
}

// send makes one leg, signed if n is not nil.
func (c *call) send(leg int, n *nonce) (*http.Response, error) {
	out, err := c.outgoing(leg, n)
	if err != nil {
		return nil, err
	}
	var start time.Time
	if c.trace != nil {
		start = time.Now()
	}
	resp, err := c.base.RoundTrip(out)
	if c.trace != nil {
		c.report(n, resp, time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	resp.Request = c.req
	return resp, nil
}

func (c *call) report(n *nonce, resp *http.Response, took time.Duration) {
	l := Leg{Signed: n != nil, Duration: took}
	if resp != nil {
		l.Status = resp.StatusCode
		if l.Status == http.StatusUnauthorized {
			ch, ok := challenge.Parse(resp.Header)
			l.Stale = ok && ch.Stale
		}
	}
	c.trace(l)
}

// outgoing returns a copy of the caller's request for one leg. The first leg
// has the caller's own body, which the base transport closes; later ones replay
// it.
func (c *call) outgoing(leg int, n *nonce) (*http.Request, error) {
	if n == nil && leg == 1 && len(c.req.Header[header]) == 0 {
		return c.req, nil // as it is: nothing is added
	}
	out := c.req.WithContext(c.req.Context())
	out.Header = make(http.Header, len(c.req.Header)+1)
	maps.Copy(out.Header, c.req.Header) // the values are only read
	delete(out.Header, header)
	if n != nil {
		value, err := n.sign(c.key, c.req)
		if err != nil {
			if leg == 1 && c.req.Body != nil {
				_ = c.req.Body.Close()
			}
			return nil, err
		}
		redact.Authorization(c.req.Context(), value)
		out.Header[header] = []string{value}
	}
	if leg > 1 && c.hasBody {
		body, err := c.req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("digestauth: replay request body: %w", err)
		}
		out.Body = body
	}
	return out, nil
}

// NotSentError is the end of a context between a refused leg and the next: what was sent
// did not run, and the rest never was. The text is the context's.
type NotSentError struct{ Err error }

func (e *NotSentError) Error() string { return e.Err.Error() }

// Unwrap returns the context's error.
func (e *NotSentError) Unwrap() error { return e.Err }
