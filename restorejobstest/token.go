package restorejobstest

import (
	"net/http"
	"net/url"
	"time"
)

const tokenLifetime = time.Hour

// serveToken issues and revokes the access tokens of service accounts.
func (s *Server) serveToken(req *request) *response {
	id, secret, _ := (&http.Request{Header: req.header}).BasicAuth()
	id, idErr := url.QueryUnescape(id)
	secret, secretErr := url.QueryUnescape(secret)
	form, formErr := url.ParseQuery(string(req.body))
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.opts.accounts[id]
	switch {
	case req.path != "/api/oauth/token" && req.path != "/api/oauth/revoke":
		return tokenError(http.StatusNotFound, "not_found", "The path is unknown.")
	case req.method != http.MethodPost:
		return tokenError(http.StatusMethodNotAllowed, "invalid_request", "Only POST is allowed.")
	case !ok || known != secret || idErr != nil || secretErr != nil:
		return tokenError(http.StatusUnauthorized, "invalid_client", "The client id or secret is wrong.")
	case formErr != nil:
		return tokenError(http.StatusBadRequest, "invalid_request", "The body is not a form.")
	case req.path == "/api/oauth/revoke":
		delete(s.tokens, form.Get("token"))
		return newResponse(http.StatusOK, "", nil)
	case form.Get("grant_type") != "client_credentials":
		return tokenError(http.StatusBadRequest, "unsupported_grant_type", "Only client_credentials is supported.")
	}
	token := "mdbtoken." + randomHex(16)
	s.tokens[token] = s.now().Add(tokenLifetime)
	return newResponse(http.StatusOK, "application/json", encodeJSON(map[string]any{
		"access_token": token,
		"token_type":   "Bearer",
		"expires_in":   int(tokenLifetime.Seconds()),
	}, false))
}

// tokenError has the shape of an OAuth error, not of an API error.
func tokenError(status int, code, description string) *response {
	return newResponse(status, "application/json", encodeJSON(map[string]any{"error": code, "error_description": description}, false))
}

// RevokeTokens revokes every access token that was issued.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}
