// Package bearer sends requests with OAuth tokens.
//
// A [Transport] gets a token from its [TokenFunc] for each request to the client's own origins,
// and one more if the service refuses the first. The token is the result of the caller's
// function ([FromFunc]), or is shared by all goroutines ([NewTokenCache]). An [Endpoint] fetches
// and revokes the tokens of a service account.
package bearer

import (
	"io"
	"net/http"
	"slices"
	"time"

	"example.com/restorejobs/internal/apierror"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Transport adds tokens to requests.
type Transport struct {
	Base    http.RoundTripper
	Token   TokenFunc
	Origins []string // that receive tokens, as transport.Origin returns them
}

// RoundTrip sends a request with a token. After a 401 it sends it once more with another token.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !slices.Contains(t.Origins, transport.Origin(req.URL)) {
		return t.Base.RoundTrip(req)
	}
	token, err := t.Token(req.Context(), "")
	if err != nil {
		transport.CloseRequestBody(req)
		return nil, transport.MarkNotSent(err)
	}
	resp, err := t.send(req, req.Body, token)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || isPermissionError(resp) {
		return resp, err
	}
	newToken, err := t.Token(req.Context(), token)
	if err == nil && newToken == token {
		return resp, nil
	}
	transport.DrainAndClose(resp.Body) // a refused request was not executed
	if err != nil {
		return nil, transport.MarkNotSent(err)
	}
	body, err := replay(req)
	if err != nil {
		return nil, transport.MarkNotSent(err)
	}
	return t.send(req, body, newToken)
}

// replay returns the body of a request that is sent again.
func replay(req *http.Request) (io.ReadCloser, error) {
	if req.GetBody == nil {
		return req.Body, nil
	}
	return req.GetBody()
}

// isPermissionError reports a 401 for a valid token that lacks a permission.
func isPermissionError(resp *http.Response) bool {
	return apierror.IsPermission(apierror.PeekCode(resp))
}

// send sends a copy of the request with a token.
func (t *Transport) send(req *http.Request, body io.ReadCloser, token string) (*http.Response, error) {
	authorization := "Bearer " + token
	redact.Authorization(req.Context(), authorization)
	signed := req.Clone(req.Context())
	signed.Body = body
	signed.Header.Set("Authorization", authorization)
	start := time.Now()
	resp, err := t.Base.RoundTrip(signed)
	report := transport.RoundTrip{Signed: true, Duration: time.Since(start)}
	if resp != nil {
		resp.Request = req // which never has the token
		report.Status = resp.StatusCode
	}
	if trace := transport.TraceFrom(req.Context()); trace != nil {
		trace(report)
	}
	return resp, err
}
