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

// issuer returns numbered tokens.
type issuer struct {
	delay    time.Duration // of one fetch
	lifetime time.Duration // 0 for tokens without expiry
	err      error

	mu      sync.Mutex
	fetches int
}

func (i *issuer) fetch(ctx context.Context) (*oauth2.Token, error) {
	i.mu.Lock()
	i.fetches++
	token := &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", i.fetches)}
	i.mu.Unlock()
	select {
	case <-time.After(i.delay):
	case <-ctx.Done():
		return nil, fmt.Errorf("fetch: %w", ctx.Err())
	}
	if i.lifetime != 0 {
		token.Expiry = time.Now().Add(i.lifetime)
	}
	return token, i.err
}

// getMany gets a token in many goroutines together.
func getMany(ctx context.Context, cache *bearer.TokenCache, refused string) (tokens []string, errs []error) {
	var mu sync.Mutex
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			token, err := cache.Get(ctx, refused)
			mu.Lock()
			defer mu.Unlock()
			tokens = append(tokens, token)
			errs = append(errs, err)
		})
	}
	group.Wait()
	return tokens, errs
}

func TestTokenCache_sharesOneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &issuer{delay: time.Second}
		cache := bearer.NewTokenCache(from.fetch)
		for round, refused := range []string{"", "token-1"} {
			tokens, errs := getMany(t.Context(), cache, refused)
			for i, token := range tokens {
				require.NoError(t, errs[i])
				assert.Equal(t, fmt.Sprintf("token-%d", round+1), token)
			}
			assert.Equal(t, round+1, from.fetches, "one fetch for the first token, and one for the refused token")
		}
		token, err := cache.Get(t.Context(), "token-1")
		require.NoError(t, err)
		assert.Equal(t, "token-2", token, "another goroutine has replaced it")
		assert.Equal(t, 2, from.fetches)
	})
}

func TestTokenCache_sharesTheError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := &issuer{delay: time.Second, err: errors.New("no")}
		cache := bearer.NewTokenCache(from.fetch)
		tokens, errs := getMany(t.Context(), cache, "")
		for i, err := range errs {
			require.ErrorIs(t, err, from.err)
			assert.Empty(t, tokens[i])
		}
		assert.Equal(t, 1, from.fetches)
		from.err = nil
		token, err := cache.Get(t.Context(), "")
		require.NoError(t, err, "an error is not cached")
		assert.Equal(t, "token-2", token)
	})
}

// TestTokenCache_renewal checks the first moment at which a token is renewed.
func TestTokenCache_renewal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lifetime, usable time.Duration }{
		"an hour":       {time.Hour, 59 * time.Minute},
		"two minutes":   {2 * time.Minute, time.Minute},
		"half a minute": {30 * time.Second, 15 * time.Second},
		"no expiry":     {0, 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				from := &issuer{lifetime: test.lifetime}
				cache := bearer.NewTokenCache(from.fetch)
				get := func() string {
					token, err := cache.Get(t.Context(), "")
					require.NoError(t, err)
					return token
				}
				require.Equal(t, "token-1", get())
				time.Sleep(test.usable - time.Nanosecond)
				require.Equal(t, "token-1", get())
				time.Sleep(time.Nanosecond)
				if test.lifetime == 0 {
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
		from := &issuer{delay: 10 * time.Second}
		cache := bearer.NewTokenCache(from.fetch)
		first, cancelFirst := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() {
			_, err := cache.Get(first, "")
			assert.Equal(t, context.Canceled, err)
		})
		synctest.Wait()
		group.Go(func() {
			token, err := cache.Get(t.Context(), "")
			assert.NoError(t, err, "the fetch continues without the caller that started it")
			assert.Equal(t, "token-1", token)
		})
		synctest.Wait()
		cancelFirst()
		group.Wait()
		assert.Equal(t, 1, from.fetches)
	})
}

func TestTokenCache_fetchEndsWithoutWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		slow := true
		cache := bearer.NewTokenCache(func(ctx context.Context) (*oauth2.Token, error) {
			if !slow {
				return &oauth2.Token{AccessToken: "token"}, nil
			}
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := cache.Get(ctx, "")
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, <-ended, context.Canceled)

		start := time.Now()
		_, err = cache.Get(t.Context(), "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, <-ended, context.DeadlineExceeded)
		assert.Equal(t, time.Minute, time.Since(start), "a fetch has a timeout of its own")

		slow = false
		token, err := cache.Get(t.Context(), "")
		require.NoError(t, err)
		assert.Equal(t, "token", token)
	})
}

func TestTokenCache_remove(t *testing.T) {
	t.Parallel()
	from := &issuer{}
	cache := bearer.NewTokenCache(from.fetch)
	get := func() string {
		token, err := cache.Get(t.Context(), "")
		require.NoError(t, err)
		return token
	}
	none, putBack := cache.Remove()
	assert.Empty(t, none)
	putBack() // does nothing
	assert.Equal(t, "token-1", get())
	token, putBack := cache.Remove()
	assert.Equal(t, "token-1", token)
	none, _ = cache.Remove()
	assert.Empty(t, none)
	putBack()
	assert.Equal(t, "token-1", get())

	_, putBack = cache.Remove()
	assert.Equal(t, "token-2", get())
	putBack()
	assert.Equal(t, "token-2", get(), "the newer token stays")
}

// TestTokenCache_abandonedFetch checks that the token of an abandoned fetch is not cached: another
// one may be in use, or may have been removed to revoke it.
func TestTokenCache_abandonedFetch(t *testing.T) {
	t.Parallel()
	for name, hasOther := range map[string]bool{"another in use": true, "none in use": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				late := make(chan struct{})
				fetches := 0
				cache := bearer.NewTokenCache(func(context.Context) (*oauth2.Token, error) {
					fetches++
					if fetches == 1 {
						<-late // a response that was read when the context ended
					}
					return &oauth2.Token{AccessToken: fmt.Sprintf("token-%d", fetches)}, nil
				})
				ctx, cancel := context.WithCancel(t.Context())
				go func() { _, _ = cache.Get(ctx, "") }()
				synctest.Wait()
				cancel()
				synctest.Wait()
				want := ""
				if hasOther {
					token, err := cache.Get(t.Context(), "")
					require.NoError(t, err)
					want = token
				}
				close(late)
				synctest.Wait()
				cached, _ := cache.Remove()
				assert.Equal(t, want, cached)
			})
		})
	}
}
