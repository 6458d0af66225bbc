package digestauth_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hammer makes calls from many goroutines and returns how many were not
// answered with 200.
func hammer(t *testing.T, a *app, goroutines, calls int) (failed int) {
	t.Helper()
	u := serve(t, a)
	client := newClient(t, password, u)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range calls {
				status, _, err := get(t, client, u, "/jobs?pageNum=1")
				if err != nil || status != http.StatusOK {
					mu.Lock()
					failed++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return failed
}

// Counts on a nonce rise one by one, so that the strictest server is content,
// and few calls cost more than one request.
func TestRoundTrip_noncesCountUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		app               *app
		goroutines, calls int
		atMost            float64 // requests per call
	}{
		"one goroutine":                   {&app{lifetime: 64}, 1, 400, 1.03},
		"eight goroutines":                {&app{lifetime: 64}, 8, 200, 1.05},
		"eight, old nonces not called so": {&app{lifetime: 64, noStale: true}, 8, 200, 1.05},
		"cold start with fifty":           {&app{}, 50, 1, 2},
		"nonces of five uses":             {&app{lifetime: 5}, 4, 50, 1.3},
		"nonces of one use":               {&app{lifetime: 1}, 4, 50, 2},
		"next nonce in each response":     {&app{lifetime: 1, nextNonce: true}, 1, 100, 1.01},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := hammer(t, test.app, test.goroutines, test.calls)
			requests, outOfOrder, refused := test.app.seen()
			perCall := float64(requests) / float64(test.goroutines*test.calls)
			t.Logf("%.4f requests per call", perCall)
			assert.Zero(t, failed, "calls that failed")
			assert.Zero(t, outOfOrder, "counts that did not rise by one")
			assert.Zero(t, refused, "wrong signatures")
			assert.LessOrEqual(t, perCall, test.atMost)
		})
	}
}

func TestRoundTrip_signsWholeTarget(t *testing.T) {
	t.Parallel()
	a := &app{}
	u := serve(t, a)
	client := newClient(t, password, u)
	for _, target := range []string{"", "/", "/a%2Fb/c%20d?x=%22y%22&z", "/?", "/a?b=c+d&e=%2B", `/q?a="b"`} {
		status, _, err := get(t, client, u, target)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, status, target)
	}
	requests, _, _ := a.seen()
	assert.Equal(t, 7, requests)
}
