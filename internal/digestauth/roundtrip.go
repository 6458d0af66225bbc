package digestauth

import (
	"fmt"
	"net/http"
	"time"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/digestauth/challenge"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// maxRequests limits the HTTP requests of one RoundTrip.
const maxRequests = 5

// roundTrip is one RoundTrip and its HTTP requests.
type roundTrip struct {
	base        http.RoundTripper
	credential  credentialFunc
	pool        *pool
	req         *http.Request
	trace       func(transport.RoundTrip) // may be nil
	hasBody     bool
	ownsRequest bool
}

// run sends requests until a response is final. The nonce of a request that failed is not used
// again: the server may receive its count late, after a higher one.
func (r *roundTrip) run() (*http.Response, error) {
	use, isFirst, err := r.pool.acquire(r.req.Context())
	if err != nil {
		transport.CloseRequestBody(r.req)
		return nil, &transport.NotSentError{Err: err}
	}
	defer func() {
		if isFirst { // there was no challenge
			r.pool.endFirst(nil)
		}
	}()
	isNew := false // the nonce was issued to this call
	for reqNum := 1; ; reqNum++ {
		resp, err := r.send(reqNum, use)
		if err != nil {
			r.pool.retire(use)
			return nil, err
		}
		if resp.StatusCode != http.StatusUnauthorized {
			if isFirst && resp.StatusCode < http.StatusBadRequest {
				r.pool.endWithoutChallenge()
			}
			r.recordResponse(use, resp)
			return resp, nil
		}
		issuedToThisCall := isNew && !r.pool.isShared(use)
		u := newUnauthorized(resp, use.isSigned(), issuedToThisCall)
		switch u.decide(reqNum, r.pool) {
		case returnAndKeepNonce:
			r.pool.accept(use)
			return resp, nil
		case returnResponse:
			if u.signed {
				r.pool.recordRefusal()
			}
			r.pool.refuse(use, u.isStale())
			return resp, nil
		case requestChallenge:
			r.pool.refuse(use, u.isStale())
			use = nonceUse{}
			isNew = false
		case signWithNewNonce:
			if u.isPermissionError() { // its count may have been accepted
				r.pool.retire(use)
			} else {
				r.pool.refuse(use, u.isStale())
			}
			use, err = r.useChallenge(u.challenge, isFirst)
			isFirst = isFirst && err != nil
			isNew = true
		}
		transport.DrainAndClose(resp.Body)
		if err != nil {
			return nil, notSigned(err)
		}
		if err := r.req.Context().Err(); err != nil {
			r.pool.retire(use)
			return nil, &transport.NotSentError{Err: err}
		}
	}
}

// useChallenge returns the first use of the nonce of a challenge.
func (r *roundTrip) useChallenge(c *digest.Challenge, isFirst bool) (nonceUse, error) {
	n, err := newNonce(r.credential, c)
	if err != nil {
		return nonceUse{}, err
	}
	if isFirst {
		return r.pool.endFirst(n), nil
	}
	return r.pool.add(n), nil
}

// recordResponse records a response that is not a 401.
func (r *roundTrip) recordResponse(use nonceUse, resp *http.Response) {
	if !use.isSigned() {
		return
	}
	if resp.StatusCode < http.StatusBadRequest {
		r.pool.recordSuccess()
	}
	if next := challenge.NextNonce(resp.Header); next != "" && next != use.nonce.challenge.Nonce {
		r.pool.replace(use, use.nonce.next(r.credential, next))
		return
	}
	r.pool.accept(use)
}

// send sends one request.
func (r *roundTrip) send(reqNum int, use nonceUse) (*http.Response, error) {
	out, err := r.buildRequest(reqNum, use)
	if err != nil {
		if reqNum == 1 {
			transport.CloseRequestBody(r.req)
		}
		return nil, err
	}
	var start time.Time
	if r.trace != nil {
		start = time.Now()
	}
	resp, err := r.base.RoundTrip(out)
	if r.trace != nil {
		r.report(use, resp, time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	resp.Request = r.req
	return resp, nil
}

func (r *roundTrip) report(use nonceUse, resp *http.Response, took time.Duration) {
	report := transport.RoundTrip{Signed: use.isSigned(), Duration: took}
	if resp != nil {
		report.Status = resp.StatusCode
		report.Stale = isStale(resp)
	}
	r.trace(report)
}

func isStale(resp *http.Response) bool {
	if resp.StatusCode != http.StatusUnauthorized {
		return false
	}
	ch, ok := challenge.Parse(resp.Header)
	return ok && ch.Stale
}

// buildRequest returns the request to send: the caller's, or a copy with another header. The first one
// has the caller's own body, which the base transport closes. Later ones replay it. A request that was
// sent is never changed: its transport may still write it.
func (r *roundTrip) buildRequest(reqNum int, use nonceUse) (*http.Request, error) {
	isUnchanged := !use.isSigned() && reqNum == 1 && len(r.req.Header[transport.AuthorizationHeader]) == 0
	if isUnchanged {
		return r.req, nil
	}
	out := r.req
	isSignedInPlace := r.ownsRequest && reqNum == 1 && use.isSigned()
	if !isSignedInPlace {
		out = transport.CopyUnsigned(r.req)
	}
	if use.isSigned() {
		value, err := use.sign(r.credential, r.req)
		if err != nil {
			return nil, notSigned(err)
		}
		redact.Authorization(r.req.Context(), value)
		out.Header[transport.AuthorizationHeader] = []string{value}
	}
	if reqNum > 1 && r.hasBody {
		body, err := r.req.GetBody()
		if err != nil {
			return nil, &transport.NotSentError{Err: fmt.Errorf("digestauth: replay request body: %w", err)}
		}
		out.Body = body
	}
	return out, nil
}
