package bearer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/transport"
)

const (
	renewalMargin = time.Minute // before the expiry of a token
	fetchTimeout  = time.Minute
)

// TokenFunc returns a token for one request. The service refused the token in refused, which is
// empty for the first token of a request.
type TokenFunc func(ctx context.Context, refused string) (string, error)

// FromFunc returns a source that calls the caller's function for each request. Its errors are
// permanent: retries are up to the function.
func FromFunc(get func(context.Context) (string, error)) TokenFunc {
	return func(ctx context.Context, _ string) (string, error) {
		token, err := get(ctx)
		if err == nil {
			err = validateToken(token)
		}
		if err != nil {
			err = fmt.Errorf("bearer token: %w", transport.SanitizeError(err))
			return "", &transport.NotSentError{Err: err, Permanent: true}
		}
		return token, nil
	}
}

// validateToken refuses a token that a header cannot have: the error of net/http would show it.
func validateToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	for i := range len(token) {
		if c := token[i]; c <= ' ' || c > '~' {
			return errors.New("the token has an invalid character, such as white space at its end")
		}
	}
	return nil
}

// TokenCache shares one token among goroutines. A fetch runs under its own context and is
// canceled when no caller waits for it. Use [NewTokenCache].
type TokenCache struct {
	fetch func(context.Context) (*oauth2.Token, error)

	mu       sync.Mutex
	token    *oauth2.Token
	renewAt  time.Time // zero for a token that does not expire
	inFlight *tokenFetch
}

// tokenFetch is a fetch in progress.
type tokenFetch struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	token   *oauth2.Token
	err     error
}

// NewTokenCache returns a cache for the tokens that fetch returns.
func NewTokenCache(fetch func(context.Context) (*oauth2.Token, error)) *TokenCache {
	return &TokenCache{fetch: fetch}
}

// Get is a [TokenFunc]. It fetches a token if there is none, if it expires soon, or if it is the
// refused one. All callers that wait for a fetch get the same token or error.
func (t *TokenCache) Get(ctx context.Context, refused string) (string, error) {
	token, inFlight := t.join(refused)
	if inFlight == nil {
		return token, nil
	}
	select {
	case <-inFlight.done:
		if inFlight.err != nil {
			return "", inFlight.err
		}
		return inFlight.token.AccessToken, nil
	case <-ctx.Done():
		t.release(inFlight)
		return "", ctx.Err()
	}
}

// join returns the cached token if it can be used, else the fetch to wait for.
func (t *TokenCache) join(refused string) (token string, inFlight *tokenFetch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isUsable(refused) {
		return t.token.AccessToken, nil
	}
	if t.inFlight == nil {
		t.startFetch()
	}
	t.inFlight.waiters++
	return "", t.inFlight
}

// isUsable reports whether the cached token can be used. The lock is held.
func (t *TokenCache) isUsable(refused string) bool {
	if t.token == nil || t.token.AccessToken == refused {
		return false
	}
	return t.renewAt.IsZero() || time.Now().Before(t.renewAt)
}

// Remove removes and returns the token, to revoke it. It returns an empty string if there is
// none. The function putBack restores the token unless there is another one.
func (t *TokenCache) Remove() (token string, putBack func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	removed := t.token
	if removed == nil {
		return "", func() {}
	}
	t.token = nil
	return removed.AccessToken, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.token == nil && t.inFlight == nil {
			t.token = removed
		}
	}
}

// startFetch starts a fetch. The lock is held.
func (t *TokenCache) startFetch() {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	f := &tokenFetch{
		done:   make(chan struct{}),
		cancel: cancel,
	}
	t.inFlight = f
	go func() {
		defer cancel()
		token, err := t.fetch(ctx)
		t.finish(f, token, err)
	}()
}

// finish records the result of a fetch. A fetch that no caller waited for is not in flight any
// more, and another token may be in use.
func (t *TokenCache) finish(f *tokenFetch, token *oauth2.Token, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer close(f.done)
	f.token = token
	f.err = err
	if t.inFlight != f {
		return
	}
	t.inFlight = nil
	if err == nil {
		t.token = token
		t.renewAt = renewalTime(token.Expiry)
	}
}

// renewalTime returns when a token is renewed. A token of less than two minutes is renewed after
// half of its lifetime: the endpoint allows ten requests a minute.
func renewalTime(expiry time.Time) time.Time {
	if expiry.IsZero() {
		return expiry
	}
	return expiry.Add(-min(renewalMargin, time.Until(expiry)/2))
}

// release cancels a fetch that no caller waits for any more.
func (t *TokenCache) release(f *tokenFetch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.waiters--
	if f.waiters > 0 {
		return
	}
	f.cancel()
	if t.inFlight == f {
		t.inFlight = nil
	}
}
