package restorejobstest

import (
	"crypto/md5" //nolint:gosec // digest authentication is defined with MD5
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const realm = "MMS Public API"

// A nonce remembers how a server side nonce was used.
type nonce struct {
	issued  time.Time
	uses    int
	highest uint64
	seen    map[uint64]bool
}

// authenticate gives nil for a request that may pass, else the answer that
// turns it away.
func (s *Server) authenticate(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	scheme, value, _ := strings.Cut(req.header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		if until, ok := s.tokens[value]; ok && s.now().Before(until) {
			return nil
		}
		resp := s.unauthorized()
		resp.header.Set("WWW-Authenticate", `Bearer realm="`+realm+`", error="invalid_token"`)
		return resp
	case "digest":
		ok, stale := s.checkDigest(req, parseDigest(value))
		if ok {
			return nil
		}
		return s.challenge(stale)
	default:
		return s.challenge(false)
	}
}

// unauthorized is the 401 of the real service, which is indented and carries
// no X-Error-Code.
func (s *Server) unauthorized() *response {
	return newResponse(http.StatusUnauthorized, "application/json", encode(map[string]any{
		"error":     401,
		"reason":    "Unauthorized",
		"detail":    "You are not authorized for this resource.",
		"errorCode": "UNEXPECTED_ERROR",
	}, true))
}

func (s *Server) challenge(stale bool) *response {
	raw := make([]byte, 24)
	_, _ = rand.Read(raw)
	value := base64.StdEncoding.EncodeToString(raw)
	for old, n := range s.nonces {
		if s.isExpired(n) {
			delete(s.nonces, old)
		}
	}
	s.nonces[value] = &nonce{issued: s.now(), seen: map[uint64]bool{}}

	headers := s.opts.challenges
	if headers == nil {
		qop := "qop"
		if s.opts.opChallenge {
			qop = "op"
		}
		headers = []string{`Digest realm="` + realm + `", domain="", nonce="{nonce}", algorithm=` + s.opts.algorithm +
			`, ` + qop + `="auth", stale={stale}`}
	}
	resp := s.unauthorized()
	fill := strings.NewReplacer("{nonce}", value, "{stale}", strconv.FormatBool(stale))
	for _, header := range headers {
		resp.header.Add("WWW-Authenticate", fill.Replace(header))
	}
	return resp
}

func (s *Server) isExpired(n *nonce) bool { return s.now().Sub(n.issued) > s.opts.nonceLifetime }

// checkDigest reports whether the credentials are good, and if not whether only
// their nonce is at fault. It follows the server that the real service runs on:
// an unknown, old or worn-out nonce is stale, a count seen before is not.
func (s *Server) checkDigest(req *request, c map[string]string) (ok, stale bool) {
	password, known := s.opts.keys[c["username"]]
	if !known || c["uri"] != req.uri || !s.responseMatches(req.method, password, c) {
		return false, false
	}
	n := s.nonces[c["nonce"]]
	if n == nil || s.isExpired(n) || n.uses >= s.opts.nonceUses {
		return false, true
	}
	if c["qop"] != "" && !s.countIsNew(n, c["nc"]) {
		return false, false
	}
	n.uses++
	return true, false
}

func (s *Server) countIsNew(n *nonce, nc string) bool {
	count, err := strconv.ParseUint(nc, 16, 32)
	if err != nil || len(nc) != 8 || count == 0 || n.seen[count] || (s.opts.risingCount && count <= n.highest) {
		return false
	}
	n.seen[count] = true
	n.highest = max(n.highest, count)
	return true
}

func (s *Server) responseMatches(method, password string, c map[string]string) bool {
	hash := md5Hex
	algorithm := c["algorithm"]
	usual := s.opts.challenges == nil
	if usual && (c["realm"] != realm || !strings.EqualFold(algorithm, s.opts.algorithm)) {
		return false
	}
	if strings.EqualFold(algorithm, "SHA-256") {
		hash = sha256Hex
	}
	middle := c["nonce"]
	switch {
	case c["qop"] == "auth" && c["cnonce"] != "":
		middle += ":" + c["nc"] + ":" + c["cnonce"] + ":auth"
	case c["qop"] != "" || (usual && !s.opts.opChallenge):
		return false
	}
	want := hash(hash(c["username"]+":"+c["realm"]+":"+password) + ":" + middle + ":" + hash(method+":"+c["uri"]))
	return subtle.ConstantTimeCompare([]byte(want), []byte(c["response"])) == 1
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// parseDigest reads the parameters of an Authorization header.
func parseDigest(text string) map[string]string {
	params := map[string]string{}
	for text != "" {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			break
		}
		var value string
		if strings.HasPrefix(rest, `"`) {
			value, rest = unquote(rest[1:])
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		params[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
		text = rest
	}
	return params
}

// unquote reads up to the closing quote and gives what follows it.
func unquote(text string) (value, rest string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return b.String(), text[i+1:]
		case text[i] == '\\' && i+1 < len(text):
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String(), ""
}
