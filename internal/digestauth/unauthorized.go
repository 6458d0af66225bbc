package digestauth

import (
	"net/http"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/apierror"
	"example.com/restorejobs/internal/digestauth/challenge"
)

// action is what to do after a 401.
type action int

const (
	returnResponse     action = iota
	returnAndKeepNonce        // the nonce was accepted
	requestChallenge          // send without a signature
	signWithNewNonce          // sign with the nonce of the challenge
)

// unauthorized is a 401 response.
type unauthorized struct {
	resp             *http.Response
	challenge        *digest.Challenge // nil if there is none that can be used
	signed           bool
	issuedToThisCall bool // the refused nonce was issued to this RoundTrip, and used by it alone
}

func newUnauthorized(resp *http.Response, signed, issuedToThisCall bool) *unauthorized {
	if resp.Body == nil {
		resp.Body = http.NoBody // a base transport made for a test may omit it
	}
	ch, _ := challenge.Parse(resp.Header)
	return &unauthorized{
		resp:             resp,
		challenge:        ch,
		signed:           signed,
		issuedToThisCall: issuedToThisCall,
	}
}

// decide decides by the response. A cached nonce may have expired. If a fresh one is refused,
// the credential is wrong, unless it was accepted before: then another server, which does not
// know the nonces of the first, may have responded.
func (u *unauthorized) decide(reqNum int, p *pool) action {
	switch {
	case !u.signed && u.challenge == nil:
		return returnResponse
	case reqNum == maxRequests:
		return returnResponse
	case !u.signed:
		return signWithNewNonce
	case u.challenge == nil:
		return u.decideUnchallenged()
	case u.challenge.Stale || !u.issuedToThisCall:
		return signWithNewNonce
	case u.isPermissionError():
		return returnAndKeepNonce
	case p.isTrusted():
		return signWithNewNonce
	}
	return returnResponse
}

// decideUnchallenged decides for a signed request whose response has no challenge.
func (u *unauthorized) decideUnchallenged() action {
	switch {
	case u.isPermissionError():
		return returnAndKeepNonce
	case u.issuedToThisCall:
		return returnResponse
	}
	return requestChallenge
}

// isStale reports whether the response has stale=true.
func (u *unauthorized) isStale() bool { return u.challenge != nil && u.challenge.Stale }

// isPermissionError reports whether the response has the error code of a missing permission.
// MongoDB responds to that with 401 too.
func (u *unauthorized) isPermissionError() bool {
	return apierror.MayBePermission(apierror.PeekCode(u.resp))
}
