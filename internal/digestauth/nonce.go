package digestauth

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/icholy/digest"
)

// nonce is a server's nonce, with the client's part of its signatures. The lock of the pool guards
// the fields from lastCount on.
type nonce struct {
	challenge *digest.Challenge
	a1        string // hash of user name, realm and password
	cnonce    string // the client's nonce, random, one for each nonce of the server
	common    commonFields

	lastCount          int  // the highest count of a request
	users              int  // requests in flight
	accepted           int  // the highest count that the server accepted
	refused            int  // the lowest count that it refused, 0 for none
	hasNonStaleRefusal bool // it refused a count without stale=true
	isRetired          bool // a count may arrive late, or the server has replaced the nonce
	idleSince          time.Time
}

// nonceUse is one count of a nonce, for one request. The zero value is a request without a signature.
type nonceUse struct {
	nonce   *nonce
	count   int
	isAlone bool // no other request with the nonce was in flight
}

// isSigned reports whether the request has a signature.
func (u nonceUse) isSigned() bool { return u.nonce != nil }

// newNonce returns the nonce of a challenge.
func newNonce(credential credentialFunc, c *digest.Challenge) (*nonce, error) {
	a1, err := hashA1(credential, c)
	if err != nil {
		return nil, err
	}
	return newNonceOf(credential, c, a1, newCnonce()), nil
}

// next returns the nonce that replaces n.
func (n *nonce) next(credential credentialFunc, text string) *nonce {
	c := *n.challenge
	c.Nonce = text
	return newNonceOf(credential, &c, n.a1, newCnonce())
}

func newNonceOf(credential credentialFunc, c *digest.Challenge, a1, cnonce string) *nonce {
	n := &nonce{
		challenge: c,
		a1:        a1,
		cnonce:    cnonce,
	}
	if n.isUsual() {
		username, _ := credential()
		n.common = newCommonFields(username, cnonce, c)
	}
	return n
}

// isUsual reports whether signatures have [qopAuth] and the user name as it is.
func (n *nonce) isUsual() bool { return n.challenge.SupportsQOP(qopAuth) && !n.challenge.Userhash }

func newCnonce() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
