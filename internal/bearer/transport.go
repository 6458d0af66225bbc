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
	"sync/atomic"
	"time"

	"example.com/restorejobs/internal/apierror"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Transport adds tokens to requests.
type Transport struct {
	Base    http.RoundTripper
	Token   TokenFunc
	Origins transport.Origins // that receive tokens
	// OwnsRequests is set if no other code can see the token in the header of a request, such as a
	// CheckRedirect of the caller. A request is sent without a copy then.
	OwnsRequests bool

	last atomic.Pointer[authorization]
}

// authorization is the header for a token. A token is long, and most requests have that of the one
// before.
type authorization struct {
	token  string
	header []string // all requests share it
}

// RoundTrip sends a request with a token. After a 401 it sends it once more with another token.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.Origins.Index(req.URL) < 0 {
		return t.Base.RoundTrip(req)
	}
	token, err := t.Token(req.Context(), "")
	if err != nil {
		transport.CloseRequestBody(req)
		return nil, transport.MarkNotSent(err)
	}
	signed := req
	if !t.OwnsRequests {
		signed = transport.CopyUnsigned(req)
	}
	resp, err := t.send(req, signed, token)
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
	signed = transport.CopyUnsigned(req) // the transport may still write the first one
	signed.Body = body
	return t.send(req, signed, newToken)
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

// send adds a token to signed, which is req or a copy, and sends it.
func (t *Transport) send(req, signed *http.Request, token string) (*http.Response, error) {
	header := t.authorize(token)
	redact.Authorization(req.Context(), header[0])
	signed.Header[transport.AuthorizationHeader] = header
	trace := transport.TraceFrom(req.Context())
	if trace == nil {
		return t.sendTo(req, signed)
	}
	start := time.Now()
	resp, err := t.sendTo(req, signed)
	report := transport.RoundTrip{Signed: true, Duration: time.Since(start)}
	if resp != nil {
		report.Status = resp.StatusCode
	}
	trace(report)
	return resp, err
}

// sendTo sends signed. The Request of the response is req.
func (t *Transport) sendTo(req, signed *http.Request) (*http.Response, error) {
	resp, err := t.Base.RoundTrip(signed)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// authorize returns the header for a token.
func (t *Transport) authorize(token string) []string {
	if last := t.last.Load(); last != nil && last.token == token {
		return last.header
	}
	header := []string{"Bearer " + token}
	t.last.Store(&authorization{token: token, header: header})
	return header
}
