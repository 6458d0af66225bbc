package restorejobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"example.com/restorejobs/internal/wire"
)

// clientCredentials fetches a token from the service.
func (s *tokenSource) clientCredentials(ctx context.Context) (*oauth2.Token, error) {
	config := clientcredentials.Config{
		ClientID: s.secret.username, ClientSecret: s.secret.private,
		TokenURL: s.client.address(tokenPath), AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, s.client.tokenClient()))
	if err != nil {
		return nil, s.client.refusedToken(err)
	}
	if err := tokenProblem(token.AccessToken); err != nil {
		return nil, &tokenError{err}
	}
	return token, nil
}

// address is a path on the base URL, for those who need a text.
func (c *Client) address(path string) string { return c.baseURL.String() + path }

// tokenClient sends to the token endpoint: no credentials but its own, no redirects.
func (c *Client) tokenClient() *http.Client {
	return &http.Client{
		Transport:     &tokenTransport{c.transport, c.userAgent},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// tokenTransport names this library on the token endpoint too, and refuses a success that
// is no JSON: a proxy's page for people.
type tokenTransport struct {
	base      http.RoundTripper
	userAgent string
}

func (t *tokenTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("User-Agent", t.userAgent)
	request.Header.Set("Accept", "application/json")
	response, err := t.base.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	kind := contentType(response.Header)
	if response.StatusCode < 300 && response.ContentLength != 0 && kind != "" && !isJSON(kind) {
		wire.Drain(response.Body)
		return nil, fmt.Errorf("%d: the body is %q, not JSON, so this came from a proxy or from something else than the API", response.StatusCode, kind)
	}
	return response, nil
}

// refusedToken turns the token endpoint's own error shape into an [*Error].
func (c *Client) refusedToken(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return &tokenError{wire.WithoutURL(err)}
	}
	e := &Error{
		Operation: tokenOperation, Method: http.MethodPost, Path: tokenPath,
		StatusCode: refused.Response.StatusCode, Code: Code(refused.ErrorCode), Detail: refused.ErrorDescription,
		RequestID: requestID(refused.Response.Header), RetryAfter: retryAfter(refused.Response.Header, time.Now()),
		Reason: http.StatusText(refused.Response.StatusCode), Attempts: 1, body: capped(refused.Body),
	}
	e.Hint = odditiesHint(&answer{header: refused.Response.Header, body: refused.Body}, e.StatusCode)
	if e.StatusCode == http.StatusUnauthorized {
		e.Hint = "wrong client id or secret, or the secret has expired"
	}
	return e
}

// tokenError is a token that could not be had; the call itself was not sent.
type tokenError struct{ err error }

func (e *tokenError) Error() string { return tokenOperation + ": " + e.err.Error() }
func (e *tokenError) Unwrap() error { return e.err }

// Close revokes a service account's token, if one was fetched, and closes idle
// connections of a transport that is not the caller's. It is optional: a client without
// it leaves a token that ends by itself within the hour. The client can still be used;
// it then fetches a new token.
//
// API: Atlas "Service Accounts", revoke.
func (c *Client) Close(ctx context.Context) error {
	defer c.closeIdle()
	if c.token == nil || c.token.secret.kind != serviceAccount {
		return nil
	}
	c.token.mu.Lock()
	token := c.token.token
	c.token.token = nil
	c.token.mu.Unlock()
	if token == nil {
		return nil
	}
	return c.revoke(ctx, token.AccessToken)
}

func (c *Client) revoke(ctx context.Context, token string) error {
	const operation = "revoke access token"
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(revokePath), strings.NewReader(form))
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", operation, wire.WithoutURL(err))
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	secret := c.token.secret
	request.SetBasicAuth(url.QueryEscape(secret.username), url.QueryEscape(secret.private))
	response, err := c.tokenClient().Do(request)
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", operation, wire.WithoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return nil
	}
	body, _ := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	e := &Error{
		Operation: operation, Method: http.MethodPost, Path: revokePath, StatusCode: response.StatusCode,
		RequestID: requestID(response.Header), RetryAfter: retryAfter(response.Header, time.Now()), Attempts: 1, body: body,
	}
	var oauth struct {
		Error       Code   `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(body, &oauth) == nil {
		e.Code, e.Detail = oauth.Error, oauth.Description
	}
	return e
}
