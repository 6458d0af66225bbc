package restorejobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"example.com/restorejobs/internal/digestauth"
)

// tokenFunc gets a token; the zero expiry means that nothing is known of its end.
type tokenFunc func(context.Context) (*oauth2.Token, error)

// ServiceAccount are the client id and secret of a service account, for OAuth. Atlas v2;
// Cloud Manager as a preview; not documented for Ops Manager. The token is fetched from
// /api/oauth/token on the client's base URL when first needed, shared by all goroutines,
// and fetched anew a minute before its end, or once when the service refuses it.
// [Client.Close] revokes it.
//
// API: Atlas and Cloud Manager "Service Accounts", OAuth 2.0 client credentials.
func ServiceAccount(clientID, clientSecret string) Credentials {
	return Credentials{&credentials{kind: serviceAccount, halves: &halves{clientID, clientSecret}}}
}

// BearerToken asks get for a token before every attempt: caching is up to get, which must
// be safe for concurrent use. All variants that take OAuth tokens. When the service
// refuses a token, get is asked once more. An error of get ends the call, with nothing
// sent.
func BearerToken(get func(context.Context) (string, error)) Credentials {
	c := &credentials{kind: bearerToken, halves: &halves{}}
	if get != nil {
		c.token = func(ctx context.Context) (*oauth2.Token, error) {
			token, err := get(ctx)
			return &oauth2.Token{AccessToken: token}, err
		}
	}
	return Credentials{c}
}

const (
	tokenOperation = "get access token"

	tokenPath   = "/api/oauth/token"  //nolint:gosec // a path
	revokePath  = "/api/oauth/revoke" //nolint:gosec // a path
	tokenMargin = time.Minute         // fetched anew so long before its end
	tokenLimit  = time.Minute         // for one fetch
)

// tokenSource shares one token among all goroutines. A fetch belongs to nobody's context:
// it goes on while anybody waits for it.
type tokenSource struct {
	fetch  tokenFunc
	client *Client
	secret *credentials

	mu      sync.Mutex
	token   *oauth2.Token
	renew   time.Time // from when on a new one is fetched, zero for never
	current *tokenFetch
}

// tokenFetch is a fetch under way.
type tokenFetch struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	token   *oauth2.Token
	err     error
}

func newTokenSource(c *Client, secret *credentials) *tokenSource {
	s := &tokenSource{client: c, secret: secret, fetch: secret.token}
	if secret.kind == serviceAccount {
		s.fetch = s.clientCredentials
	}
	return s
}

// get returns a token that is good for a while. A refused one is replaced, unless
// somebody else has done that.
func (s *tokenSource) get(ctx context.Context, refused string) (string, error) {
	if s.secret.kind == bearerToken {
		return s.ask(ctx)
	}
	s.mu.Lock()
	if t := s.token; t != nil && t.AccessToken != refused && (s.renew.IsZero() || time.Now().Before(s.renew)) {
		s.mu.Unlock()
		return t.AccessToken, nil
	}
	current := s.current
	if current == nil {
		current = s.begin()
	}
	current.waiting++
	s.mu.Unlock()
	select {
	case <-current.done:
		if current.err != nil {
			return "", ownCopy(current.err)
		}
		return current.token.AccessToken, nil
	case <-ctx.Done():
		s.leave(current)
		return "", ctx.Err()
	}
}

// ask asks the caller's function.
func (s *tokenSource) ask(ctx context.Context) (string, error) {
	token, err := s.fetch(ctx)
	if err == nil {
		err = tokenProblem(token.AccessToken)
	}
	if err != nil {
		return "", &notSentError{err: fmt.Errorf("bearer token: %w", err), final: true}
	}
	return token.AccessToken, nil
}

// tokenProblem refuses what cannot stand in a header, and would be printed by the error
// that says so.
func tokenProblem(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the token holds characters that no token has, such as white space at its end")
	}
	return nil
}

// ownCopy gives every waiting call an error of its own, because each notes its attempts.
func ownCopy(err error) error {
	if api, ok := err.(*Error); ok { //nolint:errorlint // as clientCredentials made it
		own := *api
		return &own
	}
	return err
}

// begin starts a fetch. The lock is held.
func (s *tokenSource) begin() *tokenFetch {
	ctx, cancel := context.WithTimeout(context.Background(), tokenLimit)
	f := &tokenFetch{done: make(chan struct{}), cancel: cancel}
	s.current = f
	go func() {
		defer cancel()
		token, err := s.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		f.token, f.err = token, err
		if s.current == f {
			s.current = nil
		}
		if err == nil {
			s.token, s.renew = token, renewal(token.Expiry)
		}
		close(f.done)
	}()
	return f
}

// renewal is a minute before the end, or half-way to it for a token that is short-lived:
// the token endpoint allows ten requests a minute.
func renewal(end time.Time) time.Time {
	if end.IsZero() {
		return end
	}
	return end.Add(-min(tokenMargin, time.Until(end)/2))
}

// leave ends a fetch that nobody waits for any more.
func (s *tokenSource) leave(f *tokenFetch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
		if s.current == f {
			s.current = nil
		}
	}
}

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
func (c *Client) address(path string) string {
	target := *c.baseURL
	target.Path, target.RawPath = strings.TrimSuffix(target.Path, "/")+path, ""
	return target.String()
}

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
		drain(response.Body)
		return nil, fmt.Errorf("%d: the body is %q, not JSON, so this came from a proxy or from something else than the API", response.StatusCode, kind)
	}
	return response, nil
}

// refusedToken turns the token endpoint's own error shape into an [*Error].
func (c *Client) refusedToken(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return &tokenError{withoutURL(err)}
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

// bearerTransport puts the token on requests to the client's own origins.
type bearerTransport struct {
	base    http.RoundTripper
	token   *tokenSource
	origins []string
}

// RoundTrip sends the request with a token; one that is refused with 401 is replaced
// once.
func (t *bearerTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if !slices.Contains(t.origins, digestauth.Origin(request.URL)) {
		return t.base.RoundTrip(request)
	}
	token, err := t.token.get(request.Context(), "")
	if err != nil {
		closeBody(request)
		return nil, notSent(err)
	}
	response, err := t.send(request, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized || lacksPermission(response) {
		return response, err
	}
	again, err := t.token.get(request.Context(), token)
	if err == nil && again == token {
		return response, nil
	}
	drain(response.Body) // refused, so it did not run
	if err != nil {
		return nil, notSent(err)
	}
	if request.GetBody != nil {
		if request.Body, err = request.GetBody(); err != nil {
			return nil, notSent(err)
		}
	}
	return t.send(request, again)
}

// lacksPermission reports a 401 for a token that is good: MongoDB uses 401 for those whom
// it knows and does not permit, too.
func lacksPermission(response *http.Response) bool {
	switch Code(digestauth.ErrorCode(response)) {
	case "USER_UNAUTHORIZED", "NOT_IN_GROUP", "USER_CANNOT_ACCESS_GROUP", "TENANT_SNAPSHOT_ACCESS_DENIED":
		return true
	}
	return false
}

// notSent marks an error as one from before the request.
func notSent(err error) error {
	var known *notSentError
	if errors.As(err, &known) {
		return err
	}
	return &notSentError{err: err}
}

func (t *bearerTransport) send(request *http.Request, token string) (*http.Response, error) {
	signed := request.Clone(request.Context())
	signed.Header.Set("Authorization", "Bearer "+token)
	start, leg := time.Now(), digestauth.Leg{Signed: true}
	response, err := t.base.RoundTrip(signed)
	if response != nil {
		response.Request = request // which never holds the token
		leg.Status = response.StatusCode
	}
	leg.Duration = time.Since(start)
	digestauth.Report(request.Context(), leg)
	return response, err
}

func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}

// drain reads a short body to its end, so that its connection can be used again.
func drain(body io.ReadCloser) {
	const most = 64 << 10
	_, _ = io.CopyN(io.Discard, body, most)
	_ = body.Close()
}

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
		return fmt.Errorf("restorejobs: %s: %w", operation, withoutURL(err))
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	secret := c.token.secret
	request.SetBasicAuth(url.QueryEscape(secret.username), url.QueryEscape(secret.private))
	response, err := c.tokenClient().Do(request)
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", operation, withoutURL(err))
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
