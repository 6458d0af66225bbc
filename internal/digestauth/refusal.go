package digestauth

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/challenge"
)

// verdict is what to do after a leg was refused with a 401.
type verdict int

const (
	final     verdict = iota // the 401 is the answer
	keepNonce                // the same, and the nonce was accepted
	askAgain                 // send without a signature, to be challenged
	signAnew                 // sign with the nonce of the challenge
)

// refusal is a 401 response.
type refusal struct {
	resp      *http.Response
	challenge *digest.Challenge // nil if there is none that can be answered
	signed    bool
	fresh     bool // the refused nonce was issued to this very call
}

func newRefusal(resp *http.Response, n *nonce, fresh bool) *refusal {
	if resp.Body == nil {
		resp.Body = http.NoBody // as a base transport made for a test may leave it
	}
	ch, _ := challenge.Parse(resp.Header)
	return &refusal{resp: resp, challenge: ch, signed: n != nil, fresh: fresh}
}

// verdict decides by what the server said. A cached nonce may simply have aged.
// A fresh one that is refused tells the truth about the credential, unless that
// has worked here before: then another server may have answered, which does not
// know the nonces of the first.
func (r *refusal) verdict(leg int, p *pool) verdict {
	switch {
	case !r.signed && r.challenge == nil:
		return final
	case leg == maxLegs:
		return final
	case !r.signed:
		return signAnew
	case r.challenge == nil && r.denied():
		return keepNonce
	case r.challenge == nil && r.fresh:
		return final
	case r.challenge == nil:
		return askAgain
	case r.challenge.Stale || !r.fresh:
		return signAnew
	case r.denied():
		return keepNonce
	case p.proven():
		return signAnew
	}
	return final
}

// denied reports whether the body says that the caller is known but not
// permitted. MongoDB uses 401 for that too, with an error code of its own;
// failed authentication has UNEXPECTED_ERROR or none.
func (r *refusal) denied() bool {
	code := ErrorCode(r.resp)
	return code != "" && code != "UNEXPECTED_ERROR"
}

// ErrorCode returns the API's error code in the header or the body of a response,
// "" if there is none. It puts back what it has read of the body.
func ErrorCode(resp *http.Response) string {
	if code := resp.Header.Get("X-Error-Code"); code != "" || resp.Body == nil {
		return code
	}
	body := resp.Body
	kept, err := io.ReadAll(io.LimitReader(body, maxKept+1))
	rest := io.Reader(body)
	if err != nil {
		rest = failedReader{err}
	}
	resp.Body = &replayedBody{Reader: io.MultiReader(bytes.NewReader(kept), rest), Closer: body}

	var reply struct {
		ErrorCode string `json:"errorCode"`
		Content   struct {
			ErrorCode string `json:"errorCode"`
		} `json:"content"` // in an envelope
	}
	// A body that is not JSON, or another JSON, has no code.
	_ = json.Unmarshal(kept, &reply)
	if reply.ErrorCode == "" {
		return reply.Content.ErrorCode
	}
	return reply.ErrorCode
}

// close reads the body to its end, so that the connection can be used again, but
// no more of it than maxKept bytes.
func (r *refusal) close() {
	_, _ = io.CopyN(io.Discard, r.resp.Body, maxKept+1)
	_ = r.resp.Body.Close()
}

// replayedBody is a body of which the beginning has been read and is given again.
type replayedBody struct {
	io.Reader
	io.Closer
}

// failedReader repeats the error that ended a body early.
type failedReader struct{ err error }

func (f failedReader) Read([]byte) (int, error) { return 0, f.err }
