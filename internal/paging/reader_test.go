package paging_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/paging"
)

// entry is an entry of a list in the tests.
type entry struct{ id string }

// list serves its entries in pages.
type list struct {
	hasTotals bool
	hasLinks  bool
	delay     func(number int) time.Duration // of a request, before and after the page is read
	onRequest func(number int)               // runs before the page is read
	change    func(*paging.Page[entry])

	mu        sync.Mutex
	ids       []string
	created   int
	requests  []int
	cancelled int
}

func newList(n int) *list {
	l := &list{hasTotals: true, hasLinks: true}
	for range n {
		l.insert(len(l.ids))
	}
	return l
}

func (l *list) insert(index int) {
	l.created++
	l.ids = slices.Insert(l.ids, index, "e"+strconv.Itoa(l.created))
}

func (l *list) remove(index int) { l.ids = slices.Delete(l.ids, index, index+1) }

func (l *list) request(ctx context.Context, number, size int) (*paging.Page[entry], error) {
	l.sleep(ctx, number)
	page := l.page(number, size)
	l.sleep(ctx, number)
	if err := ctx.Err(); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.cancelled++
		return nil, err
	}
	return page, nil
}

func (l *list) sleep(ctx context.Context, number int) {
	if l.delay == nil {
		return
	}
	l.mu.Lock()
	delay := l.delay(number)
	l.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(delay):
	}
}

func (l *list) page(number, size int) *paging.Page[entry] {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, number)
	if l.onRequest != nil {
		l.onRequest(number)
	}
	from := min((number-1)*size, len(l.ids))
	to := min(number*size, len(l.ids))
	page := &paging.Page[entry]{Number: number, Total: paging.UnknownTotal}
	for _, id := range l.ids[from:to] {
		page.Items = append(page.Items, entry{id})
	}
	if l.hasTotals {
		page.Total = len(l.ids)
	}
	if l.hasLinks {
		page.HasLinks = true
		page.HasNextLink = to < len(l.ids)
	}
	if l.change != nil {
		l.change(page)
	}
	return page
}

func (l *list) options(size, maxInFlight int) paging.Options[entry] {
	return paging.Options[entry]{
		Fetcher: paging.Fetcher[*paging.Page[entry]]{
			Request: l.request,
			Size:    size,
		},
		AppendID:    func(dst []byte, e entry) []byte { return append(dst, e.id...) },
		Noun:        "snapshot",
		MaxInFlight: maxInFlight,
	}
}

// read reads a whole list.
func read(ctx context.Context, opts paging.Options[entry]) ([]string, error) {
	reader := paging.NewReader(ctx, opts)
	defer reader.Stop()
	var ids []string
	for {
		page, err := reader.Read()
		if page == nil || err != nil {
			return ids, err
		}
		for _, item := range page.Items {
			ids = append(ids, item.id)
		}
	}
}

func TestReader_wholeList(t *testing.T) {
	t.Parallel()
	for _, entries := range []int{0, 1, 2, 3, 6, 7, 50} {
		for _, hasTotals := range []bool{true, false} {
			for _, hasLinks := range []bool{true, false} {
				for _, inFlight := range []int{0, 1, 4, 32} {
					list := newList(entries)
					list.hasTotals = hasTotals
					list.hasLinks = hasLinks
					ids, err := read(t.Context(), list.options(3, inFlight))
					require.NoError(t, err)
					assert.Equal(t, list.ids, ids)
				}
			}
		}
	}
}

// A server repeats its last page for every later number. Its total shows that the list has ended.
func TestReader_lastPageRepeatsAfterTotal(t *testing.T) {
	t.Parallel()
	for _, entries := range []int{4, 5} {
		for _, firstPage := range []int{1, 2, 3, 4, 9} {
			for _, hasLinks := range []bool{true, false} {
				list := newList(entries)
				list.hasLinks = hasLinks
				opts := list.options(2, 4)
				opts.FirstPage = firstPage
				last := (entries + 1) / 2
				opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
					page, err := list.request(ctx, min(number, last), size)
					if err == nil {
						page.Number = number
					}
					return page, err
				}
				ids, err := read(t.Context(), opts)
				require.NoError(t, err, "%d entries from page %d", entries, firstPage)
				assert.Equal(t, list.ids[2*min(firstPage-1, last-1):], ids)
				assert.LessOrEqual(t, len(list.requests), 4)
			}
		}
	}
}

// A total that is not reached shows that a repeated page hides entries.
func TestReader_pageRepeatsBeforeTotal(t *testing.T) {
	t.Parallel()
	for _, total := range []int{6, 900} {
		list := newList(4)
		list.hasLinks = false
		list.change = func(page *paging.Page[entry]) { page.Total = total }
		opts := list.options(2, 1)
		opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
			page, err := list.request(ctx, min(number, 2), size)
			if err == nil {
				page.Number = number
			}
			return page, err
		}
		_, err := read(t.Context(), opts)
		require.EqualError(t, err, "page 3 repeats an earlier page")
	}
}

func TestReader_firstPage(t *testing.T) {
	t.Parallel()
	list := newList(10)
	opts := list.options(3, 4)
	opts.FirstPage = 3
	ids, err := read(t.Context(), opts)
	require.NoError(t, err)
	assert.Equal(t, list.ids[6:], ids)
	assert.NotContains(t, list.requests, 1)
	assert.NotContains(t, list.requests, 2)
}

func TestReader_readsAhead(t *testing.T) {
	t.Parallel()
	for inFlight, want := range map[int]time.Duration{1: 10 * time.Second, 3: 4 * time.Second, 9: 2 * time.Second, 32: 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			list := newList(20)
			list.delay = func(int) time.Duration { return time.Second / 2 }
			start := time.Now()
			ids, err := read(t.Context(), list.options(2, inFlight))
			require.NoError(t, err)
			assert.Equal(t, list.ids, ids)
			assert.Equal(t, want, time.Since(start), "%d in flight", inFlight)
			assert.Len(t, list.requests, 10)
		})
	}
}

func TestReader_unknownTotalIsReadPageByPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newList(20)
		list.hasTotals = false
		list.delay = func(int) time.Duration { return time.Second / 2 }
		start := time.Now()
		_, err := read(t.Context(), list.options(2, 32))
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestReader_rateLimitExhausted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newList(20)
		list.delay = func(int) time.Duration { return time.Second / 2 }
		list.change = func(page *paging.Page[entry]) { page.RateLimitExhausted = true }
		start := time.Now()
		_, err := read(t.Context(), list.options(2, 32))
		require.NoError(t, err)
		assert.Equal(t, 10*time.Second, time.Since(start))
	})
}

func TestReader_stopCancelsRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newList(100)
		list.delay = func(number int) time.Duration { return time.Duration(number) * time.Minute }
		reader := paging.NewReader(t.Context(), list.options(2, 8))
		for range 2 {
			page, err := reader.Read()
			require.NoError(t, err)
			require.Len(t, page.Items, 2)
		}
		start := time.Now()
		reader.Stop()
		assert.Zero(t, time.Since(start))
		assert.Equal(t, 7, list.cancelled)
	})
}

// TestReader_RequestAhead: pages are fetched while the caller works.
func TestReader_RequestAhead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inFlight int
		isCalled bool
		want     time.Duration // of ten pages, each of which is fetched and worked on for a second
	}{
		"one in flight":    {1, true, 20 * time.Second},
		"two in flight":    {2, true, 11 * time.Second}, // after the first second, the work alone
		"eight in flight":  {8, true, 11 * time.Second},
		"without the call": {2, false, 12 * time.Second}, // the second page is requested by Read
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newList(20)
				list.delay = func(int) time.Duration { return time.Second / 2 }
				reader := paging.NewReader(t.Context(), list.options(2, c.inFlight))
				defer reader.Stop()
				start := time.Now()
				pages := 0
				for {
					page, err := reader.Read()
					require.NoError(t, err)
					if page == nil {
						break
					}
					pages++
					if c.isCalled {
						reader.RequestAhead()
					}
					time.Sleep(time.Second)
				}
				assert.Equal(t, 10, pages)
				assert.Len(t, list.requests, 10)
				assert.Equal(t, c.want, time.Since(start))
			})
		})
	}
}

func TestReader_contextCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newList(100)
		list.delay = func(int) time.Duration { return time.Minute }
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		ids, err := read(ctx, list.options(2, 4))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, ids, 10)
	})
}

func TestReader_requestFails(t *testing.T) {
	t.Parallel()
	errRequest := errors.New("refused")
	for _, inFlight := range []int{1, 4} {
		list := newList(20)
		opts := list.options(2, inFlight)
		opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
			if number == 3 {
				return nil, errRequest
			}
			return list.request(ctx, number, size)
		}
		reader := paging.NewReader(t.Context(), opts)
		defer reader.Stop()
		for range 2 {
			page, err := reader.Read()
			require.NoError(t, err)
			require.Len(t, page.Items, 2)
		}
		_, err := reader.Read()
		assert.Equal(t, errRequest, err, "as received")
		page, err := reader.Read()
		require.NoError(t, err, "once")
		assert.Nil(t, page)
	}
}

func TestReader_smallPages(t *testing.T) {
	t.Parallel()
	errSize := errors.New("too large")
	list := newList(9)
	var sizes []int
	opts := list.options(500, 4)
	opts.Fetcher.SmallSize = 2
	opts.Fetcher.IsRefusal = func(err error) bool { return errors.Is(err, errSize) }
	opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
		if size > 2 {
			sizes = append(sizes, size)
			return nil, errSize
		}
		return list.request(ctx, number, size)
	}
	ids, err := read(t.Context(), opts)
	require.NoError(t, err)
	assert.Equal(t, list.ids, ids)
	assert.Equal(t, []int{500}, sizes, "refused once")
}

// A server returns at most 2 entries, and counts pages by that size.
func TestReader_serverCapsPages(t *testing.T) {
	t.Parallel()
	for _, hasLinks := range []bool{true, false} {
		for _, inFlight := range []int{1, 4} {
			list := newList(9)
			list.hasLinks = hasLinks
			opts := list.options(500, inFlight)
			opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
				return list.request(ctx, number, min(size, 2))
			}
			ids, err := read(t.Context(), opts)
			require.NoError(t, err)
			assert.Equal(t, list.ids, ids)
		}
	}
}

func TestReader_insertReadsAgainWhatWasReadAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newList(12)
		before := slices.Clone(list.ids)
		list.delay = func(int) time.Duration { return time.Second }
		list.onRequest = func(int) {
			if len(list.requests) == 4 {
				list.insert(0)
			}
		}
		ids, err := read(t.Context(), list.options(2, 4))
		require.NoError(t, err)
		assert.Subset(t, ids, before)
		assert.Len(t, ids, len(before))
		assert.Greater(t, len(list.requests), 6)
	})
}

// assertWhole expects every entry that was in the list the whole time once.
func assertWhole(t *testing.T, before, after, got []string) {
	t.Helper()
	counts := map[string]int{}
	for _, id := range got {
		counts[id]++
		require.Equal(t, 1, counts[id], "%s is returned twice", id)
	}
	for _, id := range before {
		if slices.Contains(after, id) {
			require.Equal(t, 1, counts[id], "%s is missing", id)
		}
	}
}

// readChanging reads a list of which entries are inserted, or removed, at random places and times.
func readChanging(t *testing.T, seed uint64, isRemoval bool) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	list := newList(random.IntN(40))
	list.hasLinks = random.IntN(2) == 0
	size := 1 + random.IntN(7)
	changes := random.IntN(9)
	before := slices.Clone(list.ids)
	list.delay = func(int) time.Duration { return time.Duration(random.IntN(1000)) * time.Millisecond }
	list.onRequest = func(int) {
		for changes > 0 && random.IntN(2) == 0 {
			changes--
			switch {
			case !isRemoval:
				list.insert(random.IntN(len(list.ids) + 1))
			case len(list.ids) > 0:
				list.remove(random.IntN(len(list.ids)))
			}
		}
	}
	ids, err := read(t.Context(), list.options(size, 1+random.IntN(32)))
	require.NoError(t, err)
	assertWhole(t, before, list.ids, ids)
}

func TestReader_randomInserts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) { readChanging(t, seed, false) })
		require.False(t, t.Failed(), "seed %d", seed)
	}
}

func TestReader_randomRemovals(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		synctest.Test(t, func(t *testing.T) { readChanging(t, seed, true) })
		require.False(t, t.Failed(), "seed %d", seed)
	}
}

func TestReader_listWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*paging.Page[entry])
		want   string
	}{
		"repeated page": {
			change: func(page *paging.Page[entry]) { page.Items = []entry{{"a"}, {"b"}} },
			want:   "page 2 repeats an earlier page",
		},
		"repeated page without ids": {
			change: func(page *paging.Page[entry]) { page.Items = []entry{{}, {}} },
			want:   "page 2 repeats an earlier page",
		},
		"empty pages": {
			change: func(page *paging.Page[entry]) { page.Items = nil },
			want:   "10 empty pages in a row, up to page 10",
		},
		"old entries in another order": {
			change: func(page *paging.Page[entry]) {
				page.Items = nil
				for i := range 12 {
					page.Items = append(page.Items, entry{strconv.Itoa((i + page.Number) % 12)})
				}
			},
			want: "10 pages in a row without a new snapshot, up to page 11",
		},
		"circle of more entries than are remembered": {
			change: func(page *paging.Page[entry]) {
				const (
					pages = 20
					size  = 500
				)
				page.Items = nil
				for i := range size {
					isEnd := page.Number > 2*pages // of the test, if the circle is not found
					if !isEnd {
						page.Items = append(page.Items, entry{strconv.Itoa(page.Number%pages*size + i)})
					}
				}
			},
			want: "page 21 repeats an earlier page",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := newList(0)
			list.change = func(page *paging.Page[entry]) {
				c.change(page)
				page.Total = paging.UnknownTotal
				page.HasNextLink = true
			}
			_, err := read(t.Context(), list.options(2, 4))
			require.EqualError(t, err, c.want)
			var listErr *paging.Error
			assert.ErrorAs(t, err, &listErr)
		})
	}
}

// A server repeats its last page for every later number, and its total is too high.
func TestReader_lastPageRepeats(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 4} {
		list := newList(5)
		list.change = func(page *paging.Page[entry]) { page.Total = 900 }
		opts := list.options(2, inFlight)
		opts.Fetcher.Request = func(ctx context.Context, number, size int) (*paging.Page[entry], error) {
			page, err := list.request(ctx, min(number, 3), size)
			if err == nil {
				page.Number = number
			}
			return page, err
		}
		ids, err := read(t.Context(), opts)
		require.NoError(t, err)
		assert.Equal(t, list.ids, ids)
	}
}
