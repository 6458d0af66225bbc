package bearer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/transport"
)

const (
	renewalMargin = time.Minute // fetched anew so long before its end
	fetchTimeout  = time.Minute // for one fetch
)

// TokenFunc gives a token for one request. Refused is the one that the service did not take,
// "" where none was sent yet.
type TokenFunc func(ctx context.Context, refused string) (string, error)

// FromFunc is the source that asks the caller's function each time. An error of it ends the
// call: asking again is up to the function.
func FromFunc(get func(context.Context) (string, error)) TokenFunc {
	return func(ctx context.Context, _ string) (string, error) {
		token, err := get(ctx)
		if err == nil {
			err = validateToken(token)
		}
		if err != nil {
			return "", &transport.NotSentError{Err: fmt.Errorf("bearer token: %w", transport.SanitizeError(err)), Permanent: true}
		}
		return token, nil
	}
}

// validateToken refuses what cannot stand in a header, and would be printed by the error
// that says so.
func validateToken(token string) error {
	if token == "" {
		return errors.New("the token is empty")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("the token holds characters that no token has, such as white space at its end")
	}
	return nil
}

// TokenCache is one token for all goroutines. A fetch belongs to nobody's context: it goes on
// while anybody waits for it. Make it with [NewTokenCache].
type TokenCache struct {
	fetch func(context.Context) (*oauth2.Token, error)

	mu       sync.Mutex
	token    *oauth2.Token
	renewAt  time.Time // from when on a new one is fetched, zero for never
	inFlight *tokenFetch
}

// tokenFetch is a fetch under way.
type tokenFetch struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiters int
	token   *oauth2.Token
	err     error
}

// NewTokenCache shares the tokens that fetch gets; one with the zero expiry is good until it is
// refused.
func NewTokenCache(fetch func(context.Context) (*oauth2.Token, error)) *TokenCache {
	return &TokenCache{fetch: fetch}
}

// Get is a [TokenFunc]. It returns a token that is good for a while. A refused one is
// replaced, unless somebody else has done that. All who wait for a fetch get the same
// error.
func (t *TokenCache) Get(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	if cached := t.token; cached != nil && cached.AccessToken != refused && (t.renewAt.IsZero() || time.Now().Before(t.renewAt)) {
		t.mu.Unlock()
		return cached.AccessToken, nil
	}
	inFlight := t.inFlight
	if inFlight == nil {
		inFlight = t.startFetch()
	}
	inFlight.waiters++
	t.mu.Unlock()
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

// Remove takes the token away, for it to be revoked: "" where there is none. The next Get
// fetches a new one. GiveBack undoes that, unless there is another by then.
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
func (t *TokenCache) startFetch() *tokenFetch {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	f := &tokenFetch{done: make(chan struct{}), cancel: cancel}
	t.inFlight = f
	go func() {
		defer cancel()
		token, err := t.fetch(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		f.token, f.err = token, err
		if t.inFlight == f { // else everybody has left, and another token may be in use
			t.inFlight = nil
			if err == nil {
				t.token, t.renewAt = token, renewalTime(token.Expiry)
			}
		}
		close(f.done)
	}()
	return f
}

// renewalTime is a minute before the end, or half-way to it for a token that is short-lived:
// the token endpoint allows ten requests a minute.
func renewalTime(end time.Time) time.Time {
	if end.IsZero() {
		return end
	}
	return end.Add(-min(renewalMargin, time.Until(end)/2))
}

// release ends a fetch that nobody waits for any more.
func (t *TokenCache) release(f *tokenFetch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.waiters--
	if f.waiters == 0 {
		f.cancel()
		if t.inFlight == f {
			t.inFlight = nil
		}
	}
}
