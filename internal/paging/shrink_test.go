package paging_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/paging"
)

func TestReader_removalReadsBack(t *testing.T) {
	t.Parallel()
	list := newList(12)
	before := slices.Clone(list.ids)
	list.onRequest = func(number int) {
		if number == 4 && len(list.ids) == len(before) {
			for range 4 {
				list.remove(0) // page 1 is the first that begins with an entry that was returned
			}
		}
	}
	ids, err := read(t.Context(), list.options(2, 1))
	require.NoError(t, err)
	assert.Equal(t, before, ids)
	assert.Equal(t, []int{1, 2, 3, 4, 3, 2, 1, 2, 3, 4}, list.requests)
}

func TestReader_listThatKeepsShrinking(t *testing.T) {
	t.Parallel()
	list := newList(1000)
	list.onRequest = func(int) { list.remove(0) }
	_, err := read(t.Context(), list.options(2, 4))
	require.EqualError(t, err, "the list has shrunk 11 times in a row at page 2")
	var listErr *paging.Error
	assert.ErrorAs(t, err, &listErr)
}

func TestReader_shrinksTooFar(t *testing.T) {
	t.Parallel()
	list := newList(6000)
	list.onRequest = func(number int) {
		if number == 11 {
			list.ids = list.ids[5000:]
		}
	}
	ids, err := read(t.Context(), list.options(500, 1))
	require.EqualError(t, err, "more snapshots have gone before page 11 than can be read again")
	assert.Len(t, ids, 5000)
}

// A server counts what remains of the list: its totals fall without a removal.
func TestReader_totalsThatAreNotKept(t *testing.T) {
	t.Parallel()
	for _, inFlight := range []int{1, 4, 32} {
		list := newList(20)
		list.change = func(page *paging.Page[entry]) { page.Total = 20 - 2*(page.Number-1) }
		ids, err := read(t.Context(), list.options(2, inFlight))
		require.NoError(t, err)
		assert.Equal(t, list.ids, ids)
		assert.LessOrEqual(t, len(list.requests), 32)
	}
}
