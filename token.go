package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/wire"
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
		return "", &wire.NotSentError{Err: fmt.Errorf("bearer token: %w", err), Final: true}
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
		wire.CloseBody(request)
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
	wire.Drain(response.Body) // refused, so it did not run
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
	var known *wire.NotSentError
	if errors.As(err, &known) {
		return err
	}
	return &wire.NotSentError{Err: err}
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
