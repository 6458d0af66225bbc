package main

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"sync"
	"sync/atomic"
)

// handSigner signs requests. By default a nonce has one request at a time, as servers with rising
// counts require. A shared signer has one nonce for all.
type handSigner struct {
	shared bool

	mu      sync.Mutex
	idle    []*handNonce
	current *handNonce
	first   sync.Once // the first request of a shared signer
}

type handNonce struct {
	value, realm, a1 string
	count            atomic.Int64
	ready            chan struct{} // closed when a shared nonce is known
}

// get returns a nonce, or nil for a request without one.
func (s *handSigner) get() *handNonce {
	if s.shared {
		return s.getShared()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	n := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	return n
}

// getShared makes all callers except the first wait for its nonce.
func (s *handSigner) getShared() *handNonce {
	isFirst := false
	s.first.Do(func() {
		s.current = &handNonce{ready: make(chan struct{})}
		isFirst = true
	})
	if isFirst {
		return nil
	}
	<-s.current.ready
	return s.current
}

func (s *handSigner) put(n *handNonce) {
	if n == nil || s.shared {
		return
	}
	s.mu.Lock()
	s.idle = append(s.idle, n)
	s.mu.Unlock()
}

// renew returns the nonce of a challenge.
func (s *handSigner) renew(_ *handNonce, challenge string) *handNonce {
	given, _ := fields(challenge)
	n := &handNonce{value: given["nonce"], realm: given["realm"]}
	if s.shared {
		n = s.current
		n.value = given["nonce"]
		n.realm = given["realm"]
		defer close(n.ready)
	}
	n.a1 = handSum(user + ":" + n.realm + ":" + password)
	return n
}

func handSum(text string) string {
	h := md5.Sum([]byte(text))
	return hex.EncodeToString(h[:])
}

// sign returns an Authorization header.
func (n *handNonce) sign(method, uri string) string {
	const (
		cnonce = "0a1b2c3d4e5f6071"
		digits = 8
	)
	count := strconv.FormatInt(n.count.Add(1), 16)
	count = "00000000"[:digits-len(count)] + count
	response := handSum(n.a1 + ":" + n.value + ":" + count + ":" + cnonce + ":auth:" + handSum(method+":"+uri))
	return `Digest username="` + user + `", realm="` + n.realm + `", nonce="` + n.value + `", uri="` + uri +
		`", algorithm=MD5, qop=auth, nc=` + count + `, cnonce="` + cnonce + `", response="` + response + `"`
}
