package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const (
	user     = "jkluvwxy"
	password = "a1b2c3d4-1234-5678-9abc-def012345678"
	realm    = "MMS Public API"
	nonceUse = 64 // uses of a nonce
	denied   = `{"detail":"You are not authorized for this resource.","error":401,"reason":"Unauthorized"}`

	rememberedNonces = 4096
)

// gate is a strict digest server: a nonce has 64 uses, and its counts must rise. A lenient one
// accepts a nonce without a limit, and each count once, in any order.
type gate struct {
	lenient bool

	mu     sync.Mutex
	issued int
	nonces map[string]*nonce
	order  []string // oldest first, which are removed
}

type nonce struct {
	last, uses int
	seen       map[int]bool // counts, of a lenient gate
}

// use records a count, and reports whether it is accepted.
func (n *nonce) use(count int, lenient bool) bool {
	if lenient {
		if n.seen[count] {
			return false
		}
		if n.seen == nil {
			n.seen = map[int]bool{}
		}
		n.seen[count] = true
		return true
	}
	if count <= n.last {
		return false
	}
	n.last = count
	n.uses++
	return true
}

// pass reports whether the signature of a request is valid, and returns a challenge if not.
func (g *gate) pass(r *http.Request) (challenge string, ok bool) {
	given, signed := fields(r.Header.Get("Authorization"))
	g.mu.Lock()
	defer g.mu.Unlock()
	if !signed {
		return g.challenge(false), false
	}
	n := g.nonces[given["nonce"]]
	if n == nil || n.uses >= nonceUse {
		return g.challenge(true), false
	}
	count, err := strconv.ParseInt(given["nc"], 16, 32)
	if err != nil || !n.use(int(count), g.lenient) {
		return g.challenge(false), false
	}
	if given["username"] != user || given["uri"] != r.RequestURI || given["response"] != signature(given, r.Method) {
		return g.challenge(false), false
	}
	return "", true
}

func (g *gate) challenge(stale bool) string {
	g.issued++
	name := fmt.Sprintf("%08x%08x", g.issued*2654435761&0xffffffff, g.issued)
	if g.nonces == nil {
		g.nonces = map[string]*nonce{}
	}
	g.nonces[name] = new(nonce)
	g.order = append(g.order, name)
	if len(g.order) > rememberedNonces {
		delete(g.nonces, g.order[0])
		g.order = g.order[1:]
	}
	return challengeText(name, stale)
}

func challengeText(nonce string, stale bool) string {
	return fmt.Sprintf(`Digest realm=%q, domain="", nonce=%q, algorithm=MD5, qop="auth", stale=%t`, realm, nonce, stale)
}

// signature returns the correct value of the response field.
func signature(given map[string]string, method string) string {
	a1 := sum(user, realm, password)
	return sum(a1, given["nonce"], given["nc"], given["cnonce"], given["qop"], sum(method, given["uri"]))
}

func sum(parts ...string) string {
	h := md5.Sum([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h[:])
}

// fields parses the parameters of a Digest header.
func fields(header string) (map[string]string, bool) {
	rest, ok := strings.CutPrefix(header, "Digest ")
	if !ok {
		return nil, false
	}
	all := map[string]string{}
	for rest != "" {
		name, after, ok := strings.Cut(rest, "=")
		if !ok {
			return nil, false
		}
		var value string
		if quoted, found := strings.CutPrefix(after, `"`); found {
			value, rest, _ = strings.Cut(quoted, `"`)
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(after, ",")
		}
		all[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return all, true
}
