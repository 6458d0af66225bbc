package bearer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// What the endpoint is asked for, as errors name it.
const (
	GetToken    = "get access token"
	RevokeToken = "revoke access token"
)

// maxErrorBody bounds what is read of a refusal.
const maxErrorBody = 1 << 20

// Endpoint is where a service account gets its tokens.
type Endpoint struct {
	Base      http.RoundTripper
	UserAgent string

	BaseURL, TokenPath, RevokePath string

	// Credentials gives the id and secret. It is a function because no way of printing shows
	// what is in one.
	Credentials func() (id, secret string)
}

// TokenError is an answer of the endpoint that is no success.
type TokenError struct {
	Operation string // GetToken or RevokeToken
	Path      string // TokenPath or RevokePath
	Status    int
	Header    http.Header
	Body      []byte // at most its first MiB

	Code, Description string // as OAuth has them, "" where the body does not
}

// Error names the operation, the status and the code.
func (e *TokenError) Error() string {
	return fmt.Sprintf("%s: %d %q", e.Operation, e.Status, e.Code)
}

// maxTokenType bounds what an error has of a token's type.
const maxTokenType = 50

// isBearer reports whether a token may be sent as a Bearer token. RFC 6749 makes the type
// required (section 5.1) and its letter case irrelevant (section 7.1). A missing type, which
// some servers do not send, counts as Bearer.
func isBearer(tokenType string) bool {
	return tokenType == "" || strings.EqualFold(tokenType, "Bearer")
}

// Fetch gets a token. The error is a [*TokenError] where the endpoint gave one. A token of
// another type than Bearer is an error, and is not sent anywhere.
func (e *Endpoint) Fetch(ctx context.Context) (*oauth2.Token, error) {
	id, secret := e.Credentials()
	config := clientcredentials.Config{
		ClientID: id, ClientSecret: secret,
		TokenURL: e.BaseURL + e.TokenPath, AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, e.client()))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil:
		return nil, e.redacted(&TokenError{
			Operation: GetToken, Path: e.TokenPath,
			Status: refused.Response.StatusCode, Header: refused.Response.Header, Body: refused.Body,
			Code: refused.ErrorCode, Description: refused.ErrorDescription,
		}, "")
	case err != nil:
		err = e.secrets("").Error(transport.SanitizeError(err))
	case !isBearer(token.TokenType):
		return nil, &transport.NotSentError{Permanent: true, Err: fmt.Errorf("%s: the token has the type %q, and only Bearer can be sent",
			GetToken, transport.OneLine(e.secrets("").Text(token.TokenType), maxTokenType))}
	default:
		err = validateToken(token.AccessToken)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", GetToken, err)
	}
	return token, nil
}

// Revoke ends a token. The error is a [*TokenError] where the endpoint gave one.
func (e *Endpoint) Revoke(ctx context.Context, token string) error {
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.BaseURL+e.RevokePath, strings.NewReader(form))
	if err != nil {
		return fmt.Errorf("%s: %w", RevokeToken, transport.SanitizeError(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	id, secret := e.Credentials()
	req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	resp, err := e.client().Do(req)
	if err != nil {
		return fmt.Errorf("%s: %w", RevokeToken, e.secrets(token).Error(transport.SanitizeError(err)))
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	refused := &TokenError{
		Operation: RevokeToken, Path: e.RevokePath,
		Status: resp.StatusCode, Header: resp.Header, Body: body,
	}
	var oauth struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &oauth) == nil {
		refused.Code, refused.Description = oauth.Error, oauth.Description
	}
	return e.redacted(refused, token)
}

// secrets returns what a request to the endpoint holds. Token is empty if it holds none.
func (e *Endpoint) secrets(token string) *redact.Secrets {
	secrets := &redact.Secrets{}
	secrets.AddBasic(e.Credentials())
	secrets.Add(token)
	return secrets
}

// redacted removes the request's secrets from a refusal.
func (e *Endpoint) redacted(refused *TokenError, token string) *TokenError {
	secrets := e.secrets(token)
	refused.Header = secrets.Header(refused.Header)
	refused.Body = secrets.Body(refused.Body)
	refused.Code = secrets.Text(refused.Code)
	refused.Description = secrets.Text(refused.Description)
	return refused
}

// client sends to the endpoint: no credentials but the account's, no redirects.
func (e *Endpoint) client() *http.Client {
	return &http.Client{
		Transport:     &endpointTransport{e},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpointTransport names this library on the endpoint too, and refuses a success that is
// no JSON: a proxy's page for people.
type endpointTransport struct{ *Endpoint }

func (e *endpointTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", e.UserAgent)
	req.Header.Set("Accept", "application/json")
	resp, err := e.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if kind := transport.NonJSONMediaType(resp.Header); kind != "" && resp.StatusCode < 300 && resp.ContentLength != 0 {
		transport.DrainAndClose(resp.Body)
		kind = transport.NonJSONMediaType(e.secrets("").Header(resp.Header))
		return nil, fmt.Errorf("%d: the body is %q, not JSON, so this came from a proxy or from something else than the API", resp.StatusCode, kind)
	}
	return resp, nil
}
