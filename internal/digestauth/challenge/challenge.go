// Package challenge parses the headers of HTTP digest authentication: the challenges of a 401
// response (RFC 9110 section 11.6.1, RFC 7616) and the next nonce of a success.
//
// It is lenient about syntax and strict about content. It accepts every legal form of a header. It
// rejects a challenge with a value that cannot be sent back safely.
package challenge

import (
	"iter"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// Parse returns the strongest digest challenge of the WWW-Authenticate headers that this client
// supports, the first of equally strong ones. Other schemes and unknown parameters are ignored.
// The result is nil and false if none is supported.
//
// Its QOP has one entry, "auth" if the server offers it, else "auth-int". It is empty if the
// server offers none, which is the older form of RFC 2069.
func Parse(h http.Header) (best *digest.Challenge, ok bool) {
	strongest := 0
	for _, value := range h["Www-Authenticate"] {
		for p := range digestChallenges(value) {
			if c, strength := p.challenge(); strength > strongest {
				best = c
				strongest = strength
			}
		}
	}
	return best, best != nil
}

// NextNonce returns the nonce for the next request from the Authentication-Info header. It is empty
// if the header has none, or one that cannot be sent back safely.
func NextNonce(h http.Header) string {
	for _, value := range h["Authentication-Info"] {
		s := scanner{rest: value}
		for s.next() {
			isNextNonce := s.isParam && strings.EqualFold(s.name, "nextnonce")
			if isNextNonce && isSafeValue(s.value) {
				return s.value
			}
		}
	}
	return ""
}

// digestChallenges yields the parameters of each Digest challenge in a header value.
func digestChallenges(value string) iter.Seq[params] {
	return func(yield func(params) bool) {
		var p params
		inDigest := false
		s := scanner{rest: value}
		for s.next() {
			if s.isParam {
				p.set(s.name, s.value)
				continue
			}
			if inDigest && !yield(p) {
				return
			}
			p = params{}
			inDigest = strings.EqualFold(s.name, "Digest")
		}
		// An unterminated string may have swallowed the rest of the challenge.
		if inDigest && !s.unterminated {
			yield(p)
		}
	}
}

// params are the parameters of one challenge, as sent.
type params struct {
	realm     string
	nonce     string
	opaque    string
	stale     string
	algorithm string
	qop       string
	userhash  string
	setMask   uint // a bit for each parameter that is set
}

// set sets a parameter. Only its first value counts.
func (p *params) set(name, value string) {
	fields := [...]struct {
		name string
		to   *string
	}{
		{"realm", &p.realm},
		{"nonce", &p.nonce},
		{"opaque", &p.opaque},
		{"stale", &p.stale},
		{"algorithm", &p.algorithm},
		{"qop", &p.qop},
		{"userhash", &p.userhash},
	}
	for i, f := range fields {
		if strings.EqualFold(name, f.name) && p.setMask&(1<<i) == 0 {
			p.setMask |= 1 << i
			*f.to = value
		}
	}
}

// challenge returns the parameters as a challenge, and its strength. It returns nil and 0 for an
// unsupported challenge.
func (p *params) challenge() (*digest.Challenge, int) {
	qop, isKnown := chooseQOP(p.qop)
	strength := strengthOf(p.algorithm)
	isSupported := isKnown && strength > 0 && p.nonce != ""
	isSafe := isSafeValue(p.nonce) && isSafeValue(p.realm) && isSafeValue(p.opaque)
	if !isSupported || !isSafe {
		return nil, 0
	}
	return &digest.Challenge{
		Realm:     p.realm,
		Nonce:     p.nonce,
		Opaque:    p.opaque,
		Stale:     strings.EqualFold(p.stale, "true"),
		Algorithm: p.algorithm,
		QOP:       qop,
		Userhash:  strings.EqualFold(p.userhash, "true"),
	}, strength
}

// strengthOf ranks the supported algorithms. It returns 0 for others.
func strengthOf(algorithm string) int {
	switch strings.ToUpper(algorithm) {
	case "", "MD5":
		return 1
	case "SHA-256":
		return 2
	case "SHA-512":
		return 3
	case "SHA-512-256":
		return 4
	}
	return 0
}

// chooseQOP returns one quality of protection from a list. It returns false if the list has only
// unknown ones.
func chooseQOP(list string) (qop []string, isKnown bool) {
	isEmpty := true
	for name := range strings.SplitSeq(list, ",") {
		name = strings.Trim(name, space)
		isEmpty = isEmpty && name == ""
		switch {
		case strings.EqualFold(name, "auth"):
			return []string{"auth"}, true
		case strings.EqualFold(name, "auth-int"):
			qop = []string{"auth-int"}
		}
	}
	return qop, isEmpty || qop != nil
}

// isSafeValue reports whether a value can be sent in a header.
func isSafeValue(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] == 0x7f {
			return false
		}
	}
	return true
}
