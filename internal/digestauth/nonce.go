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
	return &nonce{
		challenge: c,
		a1:        a1,
		cnonce:    newCnonce(),
	}, nil
}

// next returns the nonce that replaces n.
func (n *nonce) next(text string) *nonce {
	c := *n.challenge
	c.Nonce = text
	return &nonce{
		challenge: &c,
		a1:        n.a1,
		cnonce:    newCnonce(),
	}
}

func newCnonce() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
