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
	"time"

	"github.com/icholy/digest"
)

// maxCount is the last count of a nonce: the field has eight hexadecimal digits.
const maxCount = math.MaxInt32

// qopAuth is the quality of protection that signs without the body.
const qopAuth = "auth"

// nonce is a server's nonce, with the client's part of its signatures. The lock of the pool guards
// the fields from lastCount on.
type nonce struct {
	challenge *digest.Challenge
	a1        string // hash of user name, realm and password
	cnonce    string // the client's nonce, random, one for each nonce of the server

	lastCount int  // the highest count of a request
	users     int  // requests in flight
	accepted  int  // the highest count that the server accepted
	refused   int  // the lowest count that it refused, 0 for none
	isRetired bool // a count may arrive late, or the server has replaced the nonce
	idleSince time.Time
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

// hashA1 returns the hash of the user name, realm and password.
func hashA1(credential credentialFunc, c *digest.Challenge) (a1 string, err error) {
	defer func() {
		if recover() != nil { // by MD5 in FIPS mode
			err = ErrMD5Forbidden
		}
	}()
	h := newHash(c.Algorithm)
	username, password := credential()
	if _, err := h.Write([]byte(username + ":" + c.Realm + ":" + password)); err != nil {
		return "", ErrMD5Forbidden
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// newHash returns the hash function of an algorithm that the challenge package accepts.
func newHash(algorithm string) hash.Hash {
	switch strings.ToUpper(algorithm) {
	case "SHA-256":
		return sha256.New()
	case "SHA-512":
		return sha512.New()
	case "SHA-512-256":
		return sha512.New512_256()
	}
	return md5.New() //nolint:gosec // see the import
}

// sign returns the Authorization header for the request.
func (u nonceUse) sign(credential credentialFunc, req *http.Request) (string, error) {
	username, _ := credential()
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	uri := req.URL.RequestURI()
	c := u.nonce.challenge
	isUsual := c.SupportsQOP(qopAuth) && !c.Userhash
	if isUsual { // without the allocations of the library
		return formatAuthorization(&digest.Credentials{
			Username:  username,
			Realm:     c.Realm,
			Nonce:     c.Nonce,
			URI:       uri,
			Algorithm: c.Algorithm,
			Opaque:    c.Opaque,
			QOP:       qopAuth,
			Cnonce:    u.nonce.cnonce,
			Nc:        u.count,
			Response:  u.response(method, uri),
		})
	}
	cred, err := digest.Digest(c, digest.Options{
		Method:   method,
		URI:      uri,
		GetBody:  req.GetBody,
		Count:    u.count,
		Username: username,
		A1:       u.nonce.a1,
		Cnonce:   u.nonce.cnonce,
	})
	if err != nil {
		return "", fmt.Errorf("digestauth: %w", err)
	}
	return formatAuthorization(cred)
}

// response returns the signature with [qopAuth] in hexadecimal.
func (u nonceUse) response(method, uri string) string {
	h := getHasher(u.nonce.challenge.Algorithm)
	defer hashers.Put(h)
	h.text = appendJoined(h.text[:0], method, uri)
	a2 := h.sumText()
	h.text = appendJoined(h.text[:0], u.nonce.a1, u.nonce.challenge.Nonce)
	h.text = append(h.text, ':')
	h.text = appendCount(h.text, u.count)
	h.text = append(h.text, ':')
	h.text = appendJoined(h.text, u.nonce.cnonce, qopAuth)
	h.text = append(h.text, ':')
	h.text = hex.AppendEncode(h.text, a2)
	return hex.EncodeToString(h.sumText())
}

// appendJoined appends values with colons between them.
func appendJoined(text []byte, values ...string) []byte {
	for i, value := range values {
		if i > 0 {
			text = append(text, ':')
		}
		text = append(text, value...)
	}
	return text
}
