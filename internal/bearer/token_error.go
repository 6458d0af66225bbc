package bearer

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// TokenError is a response of the endpoint that is not a success. It is redacted.
type TokenError struct {
	Operation string // GetToken or RevokeToken
	Path      string // TokenPath or RevokePath
	Status    int
	Header    http.Header
	Body      []byte // at most transport.MaxErrorBody bytes

	Code        string // the error of OAuth; empty if the body has none
	Description string // the error_description of OAuth
}

// Error returns the operation, the status and the code.
func (e *TokenError) Error() string {
	return fmt.Sprintf("%s: %d %q", e.Operation, e.Status, e.Code)
}

// fetchError returns the error for a response that the oauth2 package has read.
func (e *Endpoint) fetchError(refused *oauth2.RetrieveError) *TokenError {
	return &TokenError{
		Operation:   GetToken,
		Path:        e.TokenPath,
		Status:      refused.Response.StatusCode,
		Header:      refused.Response.Header,
		Body:        refused.Body,
		Code:        refused.ErrorCode,
		Description: refused.ErrorDescription,
	}
}

// revokeError returns the error for a response, and reads its body.
func (e *Endpoint) revokeError(resp *http.Response) *TokenError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, transport.MaxErrorBody))
	var oauth struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &oauth) != nil {
		oauth.Error = ""
		oauth.Description = ""
	}
	return &TokenError{
		Operation:   RevokeToken,
		Path:        e.RevokePath,
		Status:      resp.StatusCode,
		Header:      resp.Header,
		Body:        body,
		Code:        oauth.Error,
		Description: oauth.Description,
	}
}

// redact removes secrets.
func (e *TokenError) redact(secrets *redact.Secrets) *TokenError {
	e.Header = secrets.Header(e.Header)
	e.Body = secrets.Body(e.Body)
	e.Code = secrets.Text(e.Code)
	e.Description = secrets.Text(e.Description)
	return e
}
