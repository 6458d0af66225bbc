package digestauth

import (
	"crypto/md5" //nolint:gosec // the algorithm is the server's choice
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// maxCount is the last count of a nonce; the field has eight hex digits.
const maxCount = math.MaxInt32

// newNonce prepares signing with the nonce of a challenge.
func newNonce(k secret, c *digest.Challenge) (*nonce, error) {
	a1, err := hashA1(k, c)
	if err != nil {
		return nil, err
	}
	return &nonce{challenge: c, a1: a1, cnonce: newCnonce()}, nil
}

// follow makes n go on with the nonce that the server has named as the next.
func (n *nonce) follow(next string) {
	if next == n.challenge.Nonce {
		return // its counts go on
	}
	c := *n.challenge
	c.Nonce = next
	n.challenge, n.cnonce, n.count = &c, newCnonce(), 0
}

func newCnonce() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// hashA1 is the part of a signature that depends on the credential and the realm
// only. It is here that MD5 fails in FIPS mode, by a panic of its package.
func hashA1(k secret, c *digest.Challenge) (a1 string, err error) {
	var h hash.Hash
	switch strings.ToUpper(c.Algorithm) {
	case "SHA-256":
		h = sha256.New()
	case "SHA-512":
		h = sha512.New()
	case "SHA-512-256":
		h = sha512.New512_256()
	default:
		defer func() {
			if recover() != nil {
				a1, err = "", ErrMD5Forbidden
			}
		}()
		h = md5.New() //nolint:gosec // see the import
	}
	username, password := k()
	if _, err := h.Write([]byte(username + ":" + c.Realm + ":" + password)); err != nil {
		return "", ErrMD5Forbidden
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sign returns the Authorization header for the next request on n.
func (n *nonce) sign(k secret, req *http.Request) (string, error) {
	n.count++
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	username, _ := k()
	cred, err := digest.Digest(n.challenge, digest.Options{
		Method:   method,
		URI:      req.URL.RequestURI(),
		GetBody:  req.GetBody,
		Count:    n.count,
		Username: username,
		A1:       n.a1,
		Cnonce:   n.cnonce,
	})
	if err != nil {
		return "", fmt.Errorf("digestauth: %w", err)
	}
	return authorization(cred)
}
