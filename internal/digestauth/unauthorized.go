package digestauth

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/digestauth/challenge"
)

// action is what to do after a leg was refused with a 401.
type action int

const (
	returnResponse     action = iota // the 401 is the answer
	returnAndKeepNonce               // the same, and the nonce was accepted
	requestChallenge                 // send without a signature, to be challenged
	signWithNewNonce                 // sign with the nonce of the challenge
)

// unauthorized is a 401 response.
type unauthorized struct {
	resp             *http.Response
	challenge        *digest.Challenge // nil if there is none that can be answered
	signed           bool
	issuedToThisCall bool // the refused nonce was issued to this very call
}

func newUnauthorized(resp *http.Response, n *nonce, issuedToThisCall bool) *unauthorized {
	if resp.Body == nil {
		resp.Body = http.NoBody // as a base transport made for a test may leave it
	}
	ch, _ := challenge.Parse(resp.Header)
	return &unauthorized{resp: resp, challenge: ch, signed: n != nil, issuedToThisCall: issuedToThisCall}
}

// decide decides by what the server said. A cached nonce may simply have aged.
// A fresh one that is refused tells the truth about the credential, unless that
// has worked here before: then another server may have answered, which does not
// know the nonces of the first.
func (u *unauthorized) decide(reqNum int, p *pool) action {
	switch {
	case !u.signed && u.challenge == nil:
		return returnResponse
	case reqNum == maxRequests:
		return returnResponse
	case !u.signed:
		return signWithNewNonce
	case u.challenge == nil && u.isPermissionError():
		return returnAndKeepNonce
	case u.challenge == nil && u.issuedToThisCall:
		return returnResponse
	case u.challenge == nil:
		return requestChallenge
	case u.challenge.Stale || !u.issuedToThisCall:
		return signWithNewNonce
	case u.isPermissionError():
		return returnAndKeepNonce
	case p.isTrusted():
		return signWithNewNonce
	}
	return returnResponse
}

// isPermissionError reports whether the body says that the caller is known but not
// permitted. MongoDB uses 401 for that too, with an error code of its own;
// failed authentication has UNEXPECTED_ERROR or none.
func (u *unauthorized) isPermissionError() bool {
	code := PeekCode(u.resp)
	return code != "" && code != "UNEXPECTED_ERROR"
}

// PeekCode returns the API's error code in the header or the body of a response,
// "" if there is none. It puts back what it has read of the body.
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
	resp.Body = &replayedBody{Reader: io.MultiReader(bytes.NewReader(peeked), rest), Closer: body}

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

// drain reads the body to its end, so that the connection can be used again, but
// no more of it than maxPeekedBody bytes.
func (u *unauthorized) drain() {
	_, _ = io.CopyN(io.Discard, u.resp.Body, maxPeekedBody+1)
	_ = u.resp.Body.Close()
}

// replayedBody is a body of which the beginning has been read and is given again.
type replayedBody struct {
	io.Reader
	io.Closer
}

// errReader repeats the error that ended a body early.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }
