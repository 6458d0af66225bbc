package paging_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs/internal/paging"
)

func TestHasNext_everySource(t *testing.T) {
	t.Parallel()
	const (
		none = iota // no links
		self        // links without a next one
		next
	)
	for name, c := range map[string]struct {
		number    int
		items     int
		total     int
		links     int
		requested int
		want      bool
	}{
		"full, nothing else":                  {1, 2, -1, none, 2, true},
		"short, nothing else":                 {1, 1, -1, none, 2, false},
		"more than requested":                 {1, 3, -1, none, 2, true},
		"full, a higher total":                {1, 2, 3, none, 2, true},
		"full, a total that ends here":        {1, 2, 2, none, 2, true},
		"full, a total that ends here, links": {1, 2, 2, self, 2, false},
		"full, a higher total, links":         {1, 2, 3, self, 2, true},
		"full, links":                         {1, 2, -1, self, 2, false},
		"short, a next link":                  {1, 1, 1, next, 2, true},
		"empty, a next link":                  {1, 0, -1, next, 2, true},
		"empty":                               {1, 0, 0, none, 2, false},
		"empty, a higher total":               {2, 0, 9, none, 2, false},
		"empty, a higher total, links":        {2, 0, 9, self, 2, false},
		"short second page, total ends here":  {2, 1, 3, none, 2, false},
		"short second page, nothing else":     {2, 1, -1, none, 2, false},
		"default size, nothing else":          {1, 100, -1, none, 500, true},
		"default size on a later page":        {3, 100, -1, none, 500, true},
		"default size, links":                 {1, 100, -1, self, 500, false},
		"capped first page":                   {1, 100, 950, none, 500, true},
		"capped third page":                   {3, 100, 950, none, 500, true},
		"capped last page, full":              {10, 100, 1000, none, 500, true},
		"capped last page, short":             {10, 50, 950, none, 500, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := &paging.Page[entry]{
				Items:       make([]entry, c.items),
				Number:      c.number,
				Total:       c.total,
				HasLinks:    c.links != none,
				HasNextLink: c.links == next,
			}
			assert.Equal(t, c.want, page.HasNext(c.requested))
		})
	}
}
