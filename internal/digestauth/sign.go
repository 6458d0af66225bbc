package digestauth

import (
	"crypto/md5" //nolint:gosec // the algorithm is the server's choice
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

// maxCount is the last count of a nonce: the field has eight hexadecimal digits.
const maxCount = math.MaxInt32

// qopAuth is the quality of protection that signs without the body.
const qopAuth = "auth"

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
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	uri := req.URL.RequestURI()
	if u.nonce.isUsual() {
		return u.signUsual(method, uri)
	}
	username, _ := credential()
	cred, err := digest.Digest(u.nonce.challenge, digest.Options{
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

// signUsual signs without the allocations of the library.
func (u nonceUse) signUsual(method, uri string) (string, error) {
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
	response := h.sumText()
	common := &u.nonce.common
	w := fieldWriter{
		text:       append(h.text[:0], common.beforeURI...),
		hasControl: common.hasControl,
	}
	w.quoted(", uri", uri)
	w.text = append(w.text, common.afterURI...)
	w.nonceCount(u.count)
	w.plain(", response", `"`)
	w.text = hex.AppendEncode(w.text, response)
	w.text = append(w.text, '"')
	h.text = w.text
	return w.result()
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
