package bearer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/wire"
)

const (
	renewalMargin = time.Minute // fetched anew so long before its end
	fetchLimit    = time.Minute // for one fetch
)

// Source gives a token for one request. Refused is the one that the service did not take,
// "" where none was sent yet.
type Source func(ctx context.Context, refused string) (string, error)

// Ask is the source that asks the caller's function each time. An error of it ends the
// call: asking again is up to the function.
func Ask(get func(context.Context) (string, error)) Source {
	return func(ctx context.Context, _ string) (string, error) {
		token, err := get(ctx)
		if err == nil {
			err = tokenProblem(token)
		}
		if err != nil {
			return "", &wire.NotSentError{Err: fmt.Errorf("bearer token: %w", wire.Told(err)), Final: true}
		}
		return token, nil
	}
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

// Shared is one token for all goroutines. A fetch belongs to nobody's context: it goes on
// while anybody waits for it. Make it with [Share].
type Shared struct {
	fetch func(context.Context) (*oauth2.Token, error)

	mu      sync.Mutex
	token   *oauth2.Token
	renew   time.Time // from when on a new one is fetched, zero for never
	current *fetching
}

// fetching is a fetch under way.
type fetching struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	token   *oauth2.Token
	err     error
}

// Share shares the tokens that fetch gets; one with the zero expiry is good until it is
// refused.
func Share(fetch func(context.Context) (*oauth2.Token, error)) *Shared {
	return &Shared{fetch: fetch}
}

// Get is a [Source]. It returns a token that is good for a while. A refused one is
// replaced, unless somebody else has done that. All who wait for a fetch get the same
// error.
func (s *Shared) Get(ctx context.Context, refused string) (string, error) {
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
			return "", current.err
		}
		return current.token.AccessToken, nil
	case <-ctx.Done():
		s.leave(current)
		return "", ctx.Err()
	}
}

// Take takes the token away, for it to be revoked: "" where there is none. The next Get
// fetches a new one. GiveBack undoes that, unless there is another by then.
func (s *Shared) Take() (token string, giveBack func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.token
	if taken == nil {
		return "", func() {}
	}
	s.token = nil
	return taken.AccessToken, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.token == nil && s.current == nil {
			s.token = taken
		}
	}
}

// begin starts a fetch. The lock is held.
func (s *Shared) begin() *fetching {
	ctx, cancel := context.WithTimeout(context.Background(), fetchLimit)
	f := &fetching{done: make(chan struct{}), cancel: cancel}
	s.current = f
	go func() {
		defer cancel()
		token, err := s.fetch(ctx)
		s.mu.Lock()
		defer s.mu.Unlock()
		f.token, f.err = token, err
		if s.current == f { // else everybody has left, and another token may be in use
			s.current = nil
			if err == nil {
				s.token, s.renew = token, renewal(token.Expiry)
			}
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
	return end.Add(-min(renewalMargin, time.Until(end)/2))
}

// leave ends a fetch that nobody waits for any more.
func (s *Shared) leave(f *fetching) {
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
