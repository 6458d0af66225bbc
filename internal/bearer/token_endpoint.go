package bearer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/transport"
)

// Operations of the endpoint, as errors name them.
const (
	GetToken    = "get access token"
	RevokeToken = "revoke access token"
)

// maxTokenType limits the type of a token in an error, in bytes.
const maxTokenType = 50

// Endpoint fetches and revokes the tokens of a service account.
type Endpoint struct {
	Base       http.RoundTripper
	UserAgent  string
	BaseURL    string
	TokenPath  string
	RevokePath string

	// Credentials returns the id and secret. It is a function because fmt cannot print what a
	// function holds.
	Credentials func() (id, secret string)
}

// Fetch returns a new token. The error is a [*TokenError] if the response is not a success. A
// token of another type than Bearer is an error.
func (e *Endpoint) Fetch(ctx context.Context) (*oauth2.Token, error) {
	ctx, sent := redact.Record(ctx)
	id, secret := e.Credentials()
	config := clientcredentials.Config{
		ClientID:     id,
		ClientSecret: secret,
		TokenURL:     e.BaseURL + e.TokenPath,
		AuthStyle:    oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, e.client()))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil {
		return nil, e.fetchError(refused).redact(e.secrets(sent, ""))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", GetToken, e.secrets(sent, "").Error(transport.SanitizeError(err)))
	}
	if !isBearer(token.TokenType) {
		return nil, &transport.NotSentError{Permanent: true, Err: e.tokenTypeError(sent, token.TokenType)}
	}
	if err := validateToken(token.AccessToken); err != nil {
		return nil, fmt.Errorf("%s: %w", GetToken, err)
	}
	return token, nil
}

// isBearer reports whether a token may be sent as a Bearer token. RFC 6749 makes the type
// required (section 5.1) and its letter case irrelevant (section 7.1). A missing type, which
// some servers do not send, counts as Bearer.
func isBearer(tokenType string) bool {
	return tokenType == "" || strings.EqualFold(tokenType, "Bearer")
}

func (e *Endpoint) tokenTypeError(sent *redact.Sent, tokenType string) error {
	shown := redact.OneLine(e.secrets(sent, "").Text(tokenType), maxTokenType)
	return fmt.Errorf("%s: the token has the type %q, and only Bearer can be sent", GetToken, shown)
}

// Revoke revokes a token. The error is a [*TokenError] if the response is not a success.
func (e *Endpoint) Revoke(ctx context.Context, token string) error {
	ctx, sent := redact.Record(ctx)
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
		return fmt.Errorf("%s: %w", RevokeToken, e.secrets(sent, token).Error(transport.SanitizeError(err)))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return e.revokeError(resp).redact(e.secrets(sent, token))
	}
	return nil
}

// secrets returns what a request to the endpoint holds: the credentials, what was recorded, and
// the token unless it is empty.
func (e *Endpoint) secrets(sent *redact.Sent, token string) *redact.Secrets {
	secrets := &redact.Secrets{}
	sent.AddTo(secrets)
	secrets.AddBasic(e.Credentials())
	secrets.Add(token)
	return secrets
}

// client returns a client for the endpoint, which follows no redirects: they would repeat the
// credentials.
func (e *Endpoint) client() *http.Client {
	return &http.Client{
		Transport:     &endpointTransport{e},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// endpointTransport adds headers, and refuses a success that is not JSON, such as the page of a
// proxy.
type endpointTransport struct{ *Endpoint }

func (e *endpointTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", e.UserAgent)
	req.Header.Set("Accept", "application/json")
	resp, err := e.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	isSuccess := resp.StatusCode < 300 && resp.ContentLength != 0
	if isSuccess && transport.NonJSONMediaType(resp.Header) != "" {
		transport.DrainAndClose(resp.Body)
		_, sent := redact.Record(req.Context())
		hint := transport.ForeignBodyHint(e.secrets(sent, "").Header(resp.Header), nil)
		return nil, fmt.Errorf("%d: %s", resp.StatusCode, hint)
	}
	return resp, nil
}
