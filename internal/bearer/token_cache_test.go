package bearer_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"example.com/restorejobs/internal/bearer"
)

// issuer numbers the tokens that it gives.
type issuer struct {
	takes time.Duration // for one fetch
	lasts time.Duration // 0 where it does not say
	fails error

	mu      sync.Mutex
	fetches int
}

func (i *issuer) fetch(ctx context.Context) (*oauth2.Token, error) {
	i.mu.Lock()
	i.fetches++
	token := &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", i.fetches)}
	i.mu.Unlock()
	select {
	case <-time.After(i.takes):
	case <-ctx.Done():
		return nil, fmt.Errorf("fetch: %w", ctx.Err())
	}
	if i.lasts != 0 {
		token.Expiry = time.Now().Add(i.lasts)
	}
	return token, i.fails
}

// getMany gets a token in many goroutines at once.
func getMany(ctx context.Context, shared *bearer.TokenCache, refused string) (tokens []string, errs []error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			token, err := shared.Get(ctx, refused)
			mu.Lock()
			defer mu.Unlock()
			tokens, errs = append(tokens, token), append(errs, err)
		})
	}
	group.Wait()
	return tokens, errs
}

func TestTokenCache_sharesOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &issuer{takes: time.Second}
		shared := bearer.NewTokenCache(from.fetch)
		for round, refused := range []string{"", "token-1"} {
			tokens, errs := getMany(t.Context(), shared, refused)
			for i, token := range tokens {
				require.NoError(t, errs[i])
				assert.Equal(t, fmt.Sprintf("token-%d", round+1), token)
			}
			assert.Equal(t, round+1, from.fetches, "of a first token, and in place of a refused one")
		}
		token, err := shared.Get(t.Context(), "token-1")
		require.NoError(t, err)
		assert.Equal(t, "token-2", token, "somebody else has replaced it already")
		assert.Equal(t, 2, from.fetches)
	})
}

func TestTokenCache_sharesTheError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &issuer{takes: time.Second, fails: errors.New("no")}
		shared := bearer.NewTokenCache(from.fetch)
		tokens, errs := getMany(t.Context(), shared, "")
		for i, err := range errs {
			require.ErrorIs(t, err, from.fails)
			assert.Empty(t, tokens[i])
		}
		assert.Equal(t, 1, from.fetches)
		from.fails = nil
		token, err := shared.Get(t.Context(), "")
		require.NoError(t, err, "a failure is not kept")
		assert.Equal(t, "token-2", token)
	})
}

// TestTokenCache_renewal holds a token to the last moment at which it is given.
func TestTokenCache_renewal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lasts, good time.Duration }{
		"an hour":       {time.Hour, 59 * time.Minute},
		"two minutes":   {2 * time.Minute, time.Minute},
		"half a minute": {30 * time.Second, 15 * time.Second},
		"no end":        {0, 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				from := &issuer{lasts: test.lasts}
				shared := bearer.NewTokenCache(from.fetch)
				get := func() string {
					token, err := shared.Get(t.Context(), "")
					require.NoError(t, err)
					return token
				}
				require.Equal(t, "token-1", get())
				time.Sleep(test.good - time.Nanosecond)
				require.Equal(t, "token-1", get())
				time.Sleep(time.Nanosecond)
				if test.lasts == 0 {
					assert.Equal(t, "token-1", get())
				} else {
					assert.Equal(t, "token-2", get())
				}
			})
		})
	}
}

func TestTokenCache_fetchContinuesForWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &issuer{takes: 10 * time.Second}
		shared := bearer.NewTokenCache(from.fetch)
		first, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := shared.Get(first, "")
			assert.Equal(t, context.Canceled, err)
		})
		synctest.Wait()
		group.Go(func() {
			token, err := shared.Get(t.Context(), "")
			assert.NoError(t, err, "the fetch is not that of who began it")
			assert.Equal(t, "token-1", token)
		})
		synctest.Wait()
		leave()
		group.Wait()
		assert.Equal(t, 1, from.fetches)
	})
}

func TestTokenCache_fetchEndsWithoutWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		slow := true
		shared := bearer.NewTokenCache(func(ctx context.Context) (*oauth2.Token, error) {
			if !slow {
				return &oauth2.Token{AccessToken: "token"}, nil
			}
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := shared.Get(ctx, "")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, <-ended, context.Canceled)

		start := time.Now()
		_, err = shared.Get(t.Context(), "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, <-ended, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start), "a fetch ends by itself where no caller does")

		slow = false
		token, err := shared.Get(t.Context(), "")
		require.NoError(t, err)
		assert.Equal(t, "token", token)
	})
}

func TestTokenCache_remove(t *testing.T) {
	t.Parallel()
	from := &issuer{}
	shared := bearer.NewTokenCache(from.fetch)
	get := func() string {
		token, err := shared.Get(t.Context(), "")
		require.NoError(t, err)
		return token
	}
	none, giveBack := shared.Remove()
	assert.Empty(t, none)
	giveBack() // does nothing
	assert.Equal(t, "token-1", get())
	token, giveBack := shared.Remove()
	assert.Equal(t, "token-1", token)
	none, _ = shared.Remove()
	assert.Empty(t, none)
	giveBack()
	assert.Equal(t, "token-1", get())

	_, giveBack = shared.Remove()
	assert.Equal(t, "token-2", get())
	giveBack()
	assert.Equal(t, "token-2", get(), "which is in use")
}

// TestTokenCache_abandonedFetch keeps no token, whenever it comes: another may be in use, or
// have been taken away to be revoked.
func TestTokenCache_abandonedFetch(t *testing.T) {
	t.Parallel()
	for name, others := range map[string]bool{"another is in use": true, "none is": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				late, fetches := make(chan struct{}), 0
				shared := bearer.NewTokenCache(func(context.Context) (*oauth2.Token, error) {
					fetches++
					if fetches == 1 {
						<-late // an answer that was read when the context ended
					}
					return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", fetches)}, nil
				})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { _, _ = shared.Get(ctx, "") }()
				synctest.Wait()
				cancel()
				synctest.Wait()
				want := ""
				if others {
					token, err := shared.Get(t.Context(), "")
					require.NoError(t, err)
					want = token
				}
				close(late)
				synctest.Wait()
				left, _ := shared.Remove()
				assert.Equal(t, want, left)
			})
		})
	}
}
