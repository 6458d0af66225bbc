package paging_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/paging"
)

var (
	errRefusal = errors.New("refused")
	errOther   = errors.New("unavailable")
)

// sizeFetcher returns the size of each request as the page, or the next of some errors.
func sizeFetcher(small int, errs ...error) *paging.Fetcher[int] {
	requests := 0
	return &paging.Fetcher[int]{
		Size:      500,
		SmallSize: small,
		IsRefusal: func(err error) bool { return errors.Is(err, errRefusal) },
		Request: func(_ context.Context, _, size int) (int, error) {
			requests++
			if requests > len(errs) {
				return size, nil
			}
			return size, errs[requests-1]
		},
	}
}

func TestFetcher_sizes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fetcher *paging.Fetcher[int]
		want    []error
		size    int
	}{
		"accepted":                  {sizeFetcher(100), []error{nil}, 500},
		"refused":                   {sizeFetcher(100, errRefusal), []error{nil, nil}, 100},
		"refused twice":             {sizeFetcher(100, errRefusal, errRefusal), []error{errRefusal, nil}, 100},
		"refused after another":     {sizeFetcher(100, errOther, errRefusal), []error{errOther, nil}, 100},
		"refused after an accepted": {sizeFetcher(100, nil, errRefusal), []error{nil, errRefusal, nil}, 500},
		"another error":             {sizeFetcher(100, errOther), []error{errOther, nil}, 500},
		"without a small size":      {sizeFetcher(0, errRefusal), []error{errRefusal, nil}, 500},
		"small already":             {sizeFetcher(500, errRefusal), []error{errRefusal, nil}, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, want := range c.want {
				size, err := c.fetcher.Fetch(t.Context(), i+1)
				require.Equal(t, want, err)
				assert.Equal(t, c.fetcher.Size, size)
			}
			assert.Equal(t, c.size, c.fetcher.Size)
		})
	}
}

func TestFetcher_concurrentAfterFirst(t *testing.T) {
	t.Parallel()
	fetcher := paging.Fetcher[int]{
		Size:      500,
		SmallSize: 100,
		IsRefusal: func(error) bool { return true },
		Request:   func(_ context.Context, number, _ int) (int, error) { return number, nil },
	}
	_, err := fetcher.Fetch(t.Context(), 1)
	require.NoError(t, err)
	var group sync.WaitGroup
	for number := range 8 {
		group.Go(func() {
			got, err := fetcher.Fetch(t.Context(), number)
			assert.NoError(t, err)
			assert.Equal(t, number, got)
		})
	}
	group.Wait()
}
