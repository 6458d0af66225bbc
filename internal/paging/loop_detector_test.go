package paging_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/paging"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	const remembered = 8192
	ids := paging.NewLoopDetector("job")
	for i := range remembered {
		require.True(t, ids.Add([]byte(strconv.Itoa(i))))
	}
	for i := range remembered {
		require.False(t, ids.Add([]byte(strconv.Itoa(i))), "%d was there", i)
	}
	assert.True(t, ids.Add(nil))
	assert.True(t, ids.Add(nil), "what has no id is always new")
	for i := range remembered {
		require.True(t, ids.Add([]byte("more"+strconv.Itoa(i))))
	}
	assert.True(t, ids.Add([]byte("0")), "not remembered for ever")
	assert.False(t, ids.Add([]byte("more8191")))
}

// TestCheckPage gives pages between commas, one letter for each id, and "-" for none.
func TestCheckPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		pages string
		ends  string // error at the last page, "" for none
	}{
		{"news", "ab,cd,ef", ""},
		{"shifted", "ab,bc,cd", ""},
		{"repeated", "ab,cd,ab", "page 3 repeats an earlier page"},
		{"the same ids in another order", "ab,ba", ""},
		{"nothing new for long", "abc,ab,bc,ac,a,b,c,ba,cb,ca,cab", "10 pages in a row without a new job, up to page 11"},
		{"empty", strings.Repeat(".,", 9) + ".", "10 empty pages in a row, up to page 10"},
		{"empty between", "a,.,.,.,.,.,.,.,.,.,b,.,.,.,.,.,.,.,.,.", ""},
		{"without ids", "-,--,---", ""},
		{"without ids, again", "--,--", "page 2 repeats an earlier page"},
		{"partly without ids, again", "a-,a-", "page 2 repeats an earlier page"},
		{"partly without ids, news", "a-,b-,a-c", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ids := paging.NewLoopDetector("job")
			pages := strings.Split(c.pages, ",")
			for i, page := range pages {
				page = strings.Trim(page, ".")
				id := func(i int) []byte { return []byte(strings.Trim(page[i:i+1], "-")) }
				err := ids.CheckPage(i+1, len(page), false, id)
				if c.ends != "" && i == len(pages)-1 {
					require.EqualError(t, err, c.ends)
					return
				}
				require.NoError(t, err, "page %d", i+1)
				for i := range page {
					ids.Add(id(i))
				}
			}
		})
	}
}
