// Package bearer sends requests with OAuth tokens.
//
// A [Transport] asks its [TokenFunc] for the token of each request to the client's own
// origins, and once more where the service refuses that token. The source is either the
// caller's function ([FromFunc]), or one token for all goroutines ([NewTokenCache]), fetched from an
// [Endpoint] with the id and secret of a service account, and revoked there.
package bearer

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Transport puts the token on requests to the client's own origins.
type Transport struct {
	Base    http.RoundTripper
	Token   TokenFunc
	Origins []string // as digestauth.Origin spells them
}

// RoundTrip sends the request with a token; one that is refused with 401 is replaced
// once.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !slices.Contains(t.Origins, digestauth.Origin(req.URL)) {
		return t.Base.RoundTrip(req)
	}
	token, err := t.Token(req.Context(), "")
	if err != nil {
		transport.CloseRequestBody(req)
		return nil, asNotSent(err)
	}
	resp, err := t.send(req, req.Body, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || isPermissionError(resp) {
		return resp, err
	}
	newToken, err := t.Token(req.Context(), token)
	if err == nil && newToken == token {
		return resp, nil
	}
	transport.DrainAndClose(resp.Body) // refused, so it did not run
	if err != nil {
		return nil, asNotSent(err)
	}
	body := req.Body
	if req.GetBody != nil {
		if body, err = req.GetBody(); err != nil {
			return nil, asNotSent(err)
		}
	}
	return t.send(req, body, newToken)
}

// isPermissionError reports a 401 for a token that is good: MongoDB uses 401 for those whom
// it knows and does not permit, too.
func isPermissionError(resp *http.Response) bool {
	switch digestauth.PeekCode(resp) {
	case "USER_UNAUTHORIZED", "NOT_IN_GROUP", "USER_CANNOT_ACCESS_GROUP", "TENANT_SNAPSHOT_ACCESS_DENIED":
		return true
	}
	return false
}

// asNotSent marks an error as one from before the request.
func asNotSent(err error) error {
	var known *transport.NotSentError
	if errors.As(err, &known) {
		return err
	}
	return &transport.NotSentError{Err: err}
}

// send sends a copy of the request, which stays as it is.
func (t *Transport) send(req *http.Request, body io.ReadCloser, token string) (*http.Response, error) {
	signed := req.Clone(req.Context())
	signed.Body = body
	authorization := "Bearer " + token
	redact.Authorization(req.Context(), authorization)
	signed.Header.Set("Authorization", authorization)
	start, roundTrip := time.Now(), digestauth.RoundTrip{Signed: true}
	resp, err := t.Base.RoundTrip(signed)
	if resp != nil {
		resp.Request = req // which never holds the token
		roundTrip.Status = resp.StatusCode
	}
	roundTrip.Duration = time.Since(start)
	digestauth.Record(req.Context(), roundTrip)
	return resp, err
}
