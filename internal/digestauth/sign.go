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

// auth is the quality of protection that signs without the body.
const auth = "auth"

// newNonce prepares signing with the nonce of a challenge.
func newNonce(k credentialFunc, c *digest.Challenge) (*nonce, error) {
	h, a1, err := hashA1(k, c)
	if err != nil {
		return nil, err
	}
	return &nonce{challenge: c, hash: h, a1: a1, cnonce: newCnonce()}, nil
}

// useNextNonce makes n go on with the nonce that the server has named as the next.
func (n *nonce) useNextNonce(next string) {
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
// only, with the hash to make it. It is here that MD5 fails in FIPS mode, by a panic of its package.
func hashA1(k credentialFunc, c *digest.Challenge) (h hash.Hash, a1 string, err error) {
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
				h, a1, err = nil, "", ErrMD5Forbidden
			}
		}()
		h = md5.New() //nolint:gosec // see the import
	}
	username, password := k()
	if _, err := h.Write([]byte(username + ":" + c.Realm + ":" + password)); err != nil {
		return nil, "", ErrMD5Forbidden
	}
	return h, hex.EncodeToString(h.Sum(nil)), nil
}

// sign returns the Authorization header for the next request on n.
func (n *nonce) sign(k credentialFunc, req *http.Request) (string, error) {
	n.count++
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	username, _ := k()
	c, uri := n.challenge, req.URL.RequestURI()
	if c.SupportsQOP(auth) && !c.Userhash { // as nearly all servers want it: without the library's garbage
		return formatAuthorization(&digest.Credentials{
			Username: username, Realm: c.Realm, Nonce: c.Nonce, URI: uri, Algorithm: c.Algorithm, Opaque: c.Opaque,
			QOP: auth, Cnonce: n.cnonce, Nc: n.count, Response: n.response(method, uri),
		})
	}
	cred, err := digest.Digest(c, digest.Options{
		Method: method, URI: uri, GetBody: req.GetBody, Count: n.count,
		Username: username, A1: n.a1, Cnonce: n.cnonce,
	})
	if err != nil {
		return "", fmt.Errorf("digestauth: %w", err)
	}
	return formatAuthorization(cred)
}

// response is the signature with auth, in hexadecimal.
func (n *nonce) response(method, uri string) string {
	n.text = append(append(append(n.text[:0], method...), ':'), uri...)
	a2 := n.hashText()
	n.text = append(append(append(n.text[:0], n.a1...), ':'), n.challenge.Nonce...)
	n.text = appendCount(append(n.text, ':'), n.count)
	n.text = append(append(append(n.text, ':'), n.cnonce...), ":"+auth+":"...)
	n.text = append(n.text, a2...)
	return n.hashText()
}

// hashText is the hash of text in hexadecimal.
func (n *nonce) hashText() string {
	n.hash.Reset()
	_, _ = n.hash.Write(n.text) // never fails
	n.text = n.hash.Sum(n.text[:0])
	return hex.EncodeToString(n.text)
}
