package digestauth

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/digestauth/challenge"
)

// maxPeekedBody limits what is read of the body of a 401 in bytes.
const maxPeekedBody = 64 << 10

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
	issuedToThisCall bool // the refused nonce was issued to this RoundTrip
}

func newUnauthorized(resp *http.Response, n *nonce, issuedToThisCall bool) *unauthorized {
	if resp.Body == nil {
		resp.Body = http.NoBody // a base transport made for a test may omit it
	}
	ch, _ := challenge.Parse(resp.Header)
	return &unauthorized{
		resp:             resp,
		challenge:        ch,
		signed:           n != nil,
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

// isPermissionError reports whether the body has the error code of a missing permission. MongoDB
// responds to that with 401 too. The code of a failed authentication is UNEXPECTED_ERROR.
func (u *unauthorized) isPermissionError() bool {
	code := PeekCode(u.resp)
	return code != "" && code != "UNEXPECTED_ERROR"
}

// PeekCode returns the API's error code in the header or the body of a response, empty if there
// is none. The body can be read again.
func PeekCode(resp *http.Response) string {
	if code := resp.Header.Get("X-Error-Code"); code != "" || resp.Body == nil {
		return code
	}
	body := resp.Body
	peeked, err := io.ReadAll(io.LimitReader(body, maxPeekedBody+1))
	rest := io.Reader(body)
	if err != nil {
		rest = errReader{err}
	}
	resp.Body = &replayedBody{
		Reader: io.MultiReader(bytes.NewReader(peeked), rest),
		Closer: body,
	}
	var apiBody struct {
		ErrorCode string `json:"errorCode"`
		Content   struct {
			ErrorCode string `json:"errorCode"`
		} `json:"content"` // in an envelope
	}
	// A body that is not JSON, or another JSON, has no code.
	_ = json.Unmarshal(peeked, &apiBody)
	if apiBody.ErrorCode == "" {
		return apiBody.Content.ErrorCode
	}
	return apiBody.ErrorCode
}

// replayedBody is a body whose beginning was read and is read again.
type replayedBody struct {
	io.Reader
	io.Closer
}

// errReader repeats the error that ended a body early.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }
