package digestauth

import (
	"fmt"
	"maps"
	"net/http"
	"time"

	"example.com/restorejobs/internal/digestauth/challenge"
	"example.com/restorejobs/internal/redact"
)

const header = "Authorization"

// roundTrip is one RoundTrip: a request and the legs it takes.
type roundTrip struct {
	base       http.RoundTripper
	credential credentialFunc
	pool       *pool
	req        *http.Request
	trace      func(RoundTrip) // may be nil
	hasBody    bool
}

// run sends leg after leg until there is an answer. A nonce whose leg fails is
// not given back: the server may see its count late, after a higher one.
func (r *roundTrip) run() (*http.Response, error) {
	n := r.pool.get()
	issuedToThisCall := false // whether n was issued to this very call
	for reqNum := 1; ; reqNum++ {
		resp, err := r.send(reqNum, n)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized {
			r.recordResponse(n, resp)
			return resp, nil
		}
		u := newUnauthorized(resp, n, issuedToThisCall)
		switch u.decide(reqNum, r.pool) {
		case returnAndKeepNonce:
			r.pool.put(n)
			return resp, nil
		case returnResponse:
			if u.signed {
				r.pool.recordRefusal()
			}
			return resp, nil
		case requestChallenge:
			n, issuedToThisCall = nil, false
		case signWithNewNonce:
			if n, err = newNonce(r.credential, u.challenge); err != nil {
				u.drain()
				return nil, err
			}
			issuedToThisCall = true
		}
		u.drain()
		if err := r.req.Context().Err(); err != nil {
			return nil, &NotSentError{err}
		}
	}
}

// recordResponse takes note of a response that is not a 401.
func (r *roundTrip) recordResponse(n *nonce, resp *http.Response) {
	if n == nil {
		return
	}
	if resp.StatusCode < http.StatusBadRequest {
		r.pool.recordSuccess()
	}
	if next := challenge.NextNonce(resp.Header); next != "" {
		n.useNextNonce(next)
	}
	r.pool.put(n)
}

// send makes one leg, signed if n is not nil.
func (r *roundTrip) send(reqNum int, n *nonce) (*http.Response, error) {
	out, err := r.buildRequest(reqNum, n)
	if err != nil {
		return nil, err
	}
	var start time.Time
	if r.trace != nil {
		start = time.Now()
	}
	resp, err := r.base.RoundTrip(out)
	if r.trace != nil {
		r.report(n, resp, time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	resp.Request = r.req
	return resp, nil
}

func (r *roundTrip) report(n *nonce, resp *http.Response, took time.Duration) {
	l := RoundTrip{Signed: n != nil, Duration: took}
	if resp != nil {
		l.Status = resp.StatusCode
		if l.Status == http.StatusUnauthorized {
			ch, ok := challenge.Parse(resp.Header)
			l.Stale = ok && ch.Stale
		}
	}
	r.trace(l)
}

// buildRequest returns a copy of the caller's request for one leg. The first leg
// has the caller's own body, which the base transport closes; later ones replay
// it.
func (r *roundTrip) buildRequest(reqNum int, n *nonce) (*http.Request, error) {
	if n == nil && reqNum == 1 && len(r.req.Header[header]) == 0 {
		return r.req, nil // as it is: nothing is added
	}
	out := r.req.WithContext(r.req.Context())
	out.Header = make(http.Header, len(r.req.Header)+1)
	maps.Copy(out.Header, r.req.Header) // the values are only read
	delete(out.Header, header)
	if n != nil {
		value, err := n.sign(r.credential, r.req)
		if err != nil {
			if reqNum == 1 && r.req.Body != nil {
				_ = r.req.Body.Close()
			}
			return nil, err
		}
		redact.Authorization(r.req.Context(), value)
		out.Header[header] = []string{value}
	}
	if reqNum > 1 && r.hasBody {
		body, err := r.req.GetBody()
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
