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

// A nonce records how one nonce of the server was used.
type nonce struct {
	issued  time.Time
	uses    int
	highest uint64
	seen    map[uint64]bool
}

// authenticate returns nil if the credentials are valid, else the 401 response.
func (s *Server) authenticate(req *request) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	scheme, value, _ := strings.Cut(req.header.Get("Authorization"), " ")
	switch strings.ToLower(scheme) {
	case "bearer":
		if until, ok := s.tokens[value]; ok && s.now().Before(until) {
			return nil
		}
		resp := s.unauthorizedResponse()
		resp.header.Set("WWW-Authenticate", `Bearer realm="`+realm+`", error="invalid_token"`)
		return resp
	case "digest":
		ok, stale := s.checkDigest(req, parseDigest(value))
		if ok {
			return nil
		}
		return s.challengeResponse(stale)
	default:
		return s.challengeResponse(false)
	}
}

// unauthorizedResponse is the 401 of the real service: indented and without X-Error-Code.
func (s *Server) unauthorizedResponse() *response {
	return newResponse(http.StatusUnauthorized, "application/json", encodeJSON(map[string]any{
		"error":     401,
		"reason":    "Unauthorized",
		"detail":    "You are not authorized for this resource.",
		"errorCode": "UNEXPECTED_ERROR",
	}, true))
}

func (s *Server) challengeResponse(stale bool) *response {
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
	resp := s.unauthorizedResponse()
	fill := strings.NewReplacer("{nonce}", value, "{stale}", strconv.FormatBool(stale))
	for _, header := range headers {
		resp.header.Add("WWW-Authenticate", fill.Replace(header))
	}
	return resp
}

func (s *Server) isExpired(n *nonce) bool { return s.now().Sub(n.issued) > s.opts.nonceLifetime }

// checkDigest reports whether the credentials are valid, or invalid only because of a stale
// nonce. As on the real server, an unknown, old or used-up nonce is stale, a repeated count is not.
func (s *Server) checkDigest(req *request, params map[string]string) (ok, stale bool) {
	password, known := s.opts.keys[params["username"]]
	if !known || params["uri"] != req.uri || !s.isCorrectResponse(req.method, password, params) {
		return false, false
	}
	n := s.nonces[params["nonce"]]
	if n == nil || s.isExpired(n) || n.uses >= s.opts.nonceUses {
		return false, true
	}
	if params["qop"] != "" && !s.isNewCount(n, params["nc"]) {
		return false, false
	}
	n.uses++
	return true, false
}

func (s *Server) isNewCount(n *nonce, nc string) bool {
	count, err := strconv.ParseUint(nc, 16, 32)
	if err != nil || len(nc) != 8 || count == 0 || n.seen[count] {
		return false
	}
	if s.opts.risingCount && count <= n.highest {
		return false
	}
	n.seen[count] = true
	n.highest = max(n.highest, count)
	return true
}

func (s *Server) isCorrectResponse(method, password string, params map[string]string) bool {
	hash := md5Hex
	algorithm := params["algorithm"]
	usual := s.opts.challenges == nil
	asChallenged := params["realm"] == realm && strings.EqualFold(algorithm, s.opts.algorithm)
	if usual && !asChallenged {
		return false
	}
	if strings.EqualFold(algorithm, "SHA-256") {
		hash = sha256Hex
	}
	middle := params["nonce"]
	qopRequired := usual && !s.opts.opChallenge
	switch {
	case params["qop"] == "auth" && params["cnonce"] != "":
		middle += ":" + params["nc"] + ":" + params["cnonce"] + ":auth"
	case params["qop"] != "" || qopRequired:
		return false
	}
	a1 := hash(params["username"] + ":" + params["realm"] + ":" + password)
	a2 := hash(method + ":" + params["uri"])
	want := hash(a1 + ":" + middle + ":" + a2)
	return subtle.ConstantTimeCompare([]byte(want), []byte(params["response"])) == 1
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

// unquote returns the text before the closing quote, and the rest after it.
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
