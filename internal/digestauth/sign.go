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

// nonce is a server's nonce with the state of its signatures. Only the request that got it from
// the pool may use it.
type nonce struct {
	challenge *digest.Challenge
	hash      hash.Hash
	text      []byte // hash input, kept to reuse its capacity
	sum       []byte // its hash, as above
	a1        string // hash of user name, realm and password
	cnonce    string // the client's nonce, random, one for each nonce of the server
	count     int    // signatures so far
	idleSince time.Time

	template *nonce // the shared nonce of which this is a copy, nil for others
	isAlone  bool   // no other copy was in use
	users    int    // copies in use, if this is shared
}

// share returns a copy that signs once, with the next count.
func (n *nonce) share() *nonce {
	c := *n
	c.hash = newHash(n.challenge.Algorithm)
	c.text = nil
	c.sum = nil
	c.template = n
	c.isAlone = n.users == 0
	n.users++
	n.count++
	return &c
}

// endShare ends the use of a copy, and returns its shared nonce. The lock of the pool is held.
func (n *nonce) endShare() *nonce {
	shared := n.template
	n.template = nil
	shared.users--
	return shared
}

// newNonce returns the nonce of a challenge.
func newNonce(credential credentialFunc, c *digest.Challenge) (*nonce, error) {
	h, a1, err := hashA1(credential, c)
	if err != nil {
		return nil, err
	}
	return &nonce{
		challenge: c,
		hash:      h,
		a1:        a1,
		cnonce:    newCnonce(),
	}, nil
}

// useNextNonce replaces the server's nonce. The same nonce keeps its count.
func (n *nonce) useNextNonce(next string) {
	if next == n.challenge.Nonce {
		return
	}
	c := *n.challenge
	c.Nonce = next
	n.challenge = &c
	n.cnonce = newCnonce()
	n.count = 0
}

func newCnonce() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// hashA1 returns the hash of the user name, realm and password, and the hash function.
func hashA1(credential credentialFunc, c *digest.Challenge) (h hash.Hash, a1 string, err error) {
	defer func() {
		if recover() != nil { // by MD5 in FIPS mode
			err = ErrMD5Forbidden
		}
	}()
	h = newHash(c.Algorithm)
	username, password := credential()
	if _, err := h.Write([]byte(username + ":" + c.Realm + ":" + password)); err != nil {
		return nil, "", ErrMD5Forbidden
	}
	return h, hex.EncodeToString(h.Sum(nil)), nil
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

// sign returns the Authorization header for the next request with the nonce.
func (n *nonce) sign(credential credentialFunc, req *http.Request) (string, error) {
	n.count++
	username, _ := credential()
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	uri := req.URL.RequestURI()
	c := n.challenge
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
			Cnonce:    n.cnonce,
			Nc:        n.count,
			Response:  n.response(method, uri),
		})
	}
	cred, err := digest.Digest(c, digest.Options{
		Method:   method,
		URI:      uri,
		GetBody:  req.GetBody,
		Count:    n.count,
		Username: username,
		A1:       n.a1,
		Cnonce:   n.cnonce,
	})
	if err != nil {
		return "", fmt.Errorf("digestauth: %w", err)
	}
	return formatAuthorization(cred)
}

// response returns the signature with [qopAuth] in hexadecimal.
func (n *nonce) response(method, uri string) string {
	n.text = appendJoined(n.text[:0], method, uri)
	a2 := n.hashText()
	n.text = appendJoined(n.text[:0], n.a1, n.challenge.Nonce)
	n.text = append(n.text, ':')
	n.text = appendCount(n.text, n.count)
	n.text = append(n.text, ':')
	n.text = appendJoined(n.text, n.cnonce, qopAuth)
	n.text = append(n.text, ':')
	n.text = hex.AppendEncode(n.text, a2)
	return hex.EncodeToString(n.hashText())
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

// hashText returns the hash of text. The bytes are valid until the next hash.
func (n *nonce) hashText() []byte {
	n.hash.Reset()
	_, _ = n.hash.Write(n.text) // never fails
	n.sum = n.hash.Sum(n.sum[:0])
	return n.sum
}
