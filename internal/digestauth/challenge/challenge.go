// Package challenge reads what a server says about HTTP digest
// authentication: the challenges of a 401 response (RFC 9110 section 11.6.1,
// RFC 7616) and the next nonce of a successful one.
//
// It is lenient about spelling and strict about content: every legal form of
// the header is understood, and a value that could not be sent back safely
// makes the challenge unusable.
package challenge

import (
	"iter"
	"net/http"
	"strings"

	"github.com/icholy/digest"
)

// Parse returns the strongest digest challenge of the WWW-Authenticate headers
// in h that this client can answer. Several headers, several schemes in one
// header, and parameters it does not know are fine; other schemes are skipped.
// Among equally strong challenges the first wins. ok is false if there is none.
//
// The QOP of the result has one entry, "auth" if the server offers it, else
// "auth-int"; it is empty if the server named none, which means the older form
// of RFC 2069.
func Parse(h http.Header) (best *digest.Challenge, ok bool) {
	strongest := 0
	for _, value := range h["Www-Authenticate"] {
		for p := range digestChallenges(value) {
			if c, strength := p.challenge(); strength > strongest {
				best, strongest = c, strength
			}
		}
	}
	return best, best != nil
}

// NextNonce returns the nonce that the server wants to see in the next request,
// from the Authentication-Info header. It is empty if the header has none, or
// one that could not be sent back.
func NextNonce(h http.Header) string {
	for _, value := range h["Authentication-Info"] {
		for s := (scanner{rest: value}); s.next(); {
			if s.isParam && strings.EqualFold(s.name, "nextnonce") && isSafeValue(s.value) {
				return s.value
			}
		}
	}
	return ""
}

// digestChallenges yields the parameters of each Digest challenge in one header
// value.
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
			p, inDigest = params{}, strings.EqualFold(s.name, "Digest")
		}
		// After a string without its closing quote nothing tells what is missing.
		if inDigest && !s.unterminated {
			yield(p)
		}
	}
}

// params are the parameters of one challenge, as sent. Of a name that comes
// twice the first value holds.
type params struct {
	realm, nonce, opaque, stale, algorithm, qop, userhash string
	setMask                                               uint
}

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

// challenge returns the parameters as a challenge and how strong it is; 0 means
// that it cannot be answered.
func (p *params) challenge() (*digest.Challenge, int) {
	qop, known := chooseQOP(p.qop)
	strength := strengthOf(p.algorithm)
	if p.nonce == "" || !known || strength == 0 ||
		!isSafeValue(p.nonce) || !isSafeValue(p.realm) || !isSafeValue(p.opaque) {
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

// strengthOf ranks the algorithms that can be computed; 0 is for all others.
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

// chooseQOP picks one quality of protection from the list the server offers.
// known is false if the list names only others.
func chooseQOP(list string) (qop []string, known bool) {
	offered := false
	for name := range strings.SplitSeq(list, ",") {
		name = strings.Trim(name, " \t")
		offered = offered || name != ""
		switch {
		case strings.EqualFold(name, "auth"):
			return []string{"auth"}, true
		case strings.EqualFold(name, "auth-int"):
			qop = []string{"auth-int"}
		}
	}
	return qop, qop != nil || !offered
}

// isSafeValue reports whether a value may be repeated in a header of ours.
func isSafeValue(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' || value[i] == 0x7f {
			return false
		}
	}
	return true
}
