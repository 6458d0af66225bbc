package restorejobs

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// assertSameTexts expects the same of a page whose jobs are decoded later.
func assertSameTexts(t *testing.T, body []byte, page pageBody[*Job], pageErr error) {
	t.Helper()
	texts := new(jobTextPage)
	later, err := texts.decode(bytes.Clone(body), defaultMaxBody)
	require.Equal(t, pageErr == nil, err == nil, "%s", body)
	if err != nil {
		return
	}
	assert.Equal(t, page.total, later.total)
	assert.Equal(t, page.hasNext, later.hasNext)
	require.Len(t, later.items, len(page.items))
	for i, text := range later.items {
		decodeBlock(later.items[i:])
		assert.Equal(t, page.items[i], later.items[i].job)
		assert.Equal(t, page.items[i].ID, string(text.id))
	}
}

func TestJobTexts_entries(t *testing.T) {
	t.Parallel()
	for _, entries := range []string{
		``,
		`{"id":"a"}`,
		` {"id":"a","links":[{"id":"b"}]} , {"name":"x","id":"é\n"} `,
		`{"id":"a","id":"b"},{"id":"c","id":null},{"id":7},{"id":"d","id":{}},{"ID":"e"},{"\u0069d":"f"}`,
		`7,null,"x",[{"id":"a"}],{},{"id":""}`,
		`{"id":"a"`, `{"id":"a"},`, `{"id":"a",}`, `{"id":"\x"}`,
	} {
		for _, format := range []string{`{"results":[%s],"totalCount":3}`, `{"status":200,"content":{"results":[%s]}}`, `{"results":[1],"results":[%s]}`} {
			body := fmt.Appendf(nil, format, entries)
			page, err := decodePage(body, defaultMaxBody, new(jobReader).read)
			assertSameTexts(t, body, page, err)
		}
	}
}

// TestDecodeBlock: short jobs share memory, up to five of them and 8 KiB, and a long one is alone.
func TestDecodeBlock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lengths []int
		decoded int
	}{
		{[]int{300, 300, 300, 300, 300, 300}, 5},
		{[]int{300, 300}, 2},
		{[]int{4 << 10, 4 << 10, 300}, 2},
		{[]int{4 << 10, 4<<10 + 1, 300}, 1},
		{[]int{300, 9 << 10, 300}, 1},
		{[]int{9 << 10, 300, 300}, 1},
	} {
		var entries []string
		for i, length := range c.lengths {
			head := fmt.Sprintf(`{"id":"j%d","batchId":"`, i)
			entries = append(entries, head+strings.Repeat("b", length-len(head)-2)+`"}`)
		}
		page := new(jobTextPage)
		body := []byte(`{"results":[` + strings.Join(entries, ",") + `]}`)
		_, err := page.decode(body, defaultMaxBody)
		require.NoError(t, err)
		decodeBlock(page.texts)
		for i, text := range page.texts {
			require.Equal(t, i < c.decoded, text.job != nil, "%d of %v", i, c.lengths)
		}
		first := page.texts[0].job
		decodeBlock(page.texts)
		require.Same(t, first, page.texts[0].job, "it is decoded once")
		decodeBlock(page.texts[c.decoded-1:])
		clear(body) // no job uses it
		for i, text := range page.texts[:c.decoded] {
			assert.Equal(t, fmt.Sprintf("j%d", i), text.job.ID)
			assert.Equal(t, entries[i], string(text.job.RawJSON()))
		}
	}
}

// TestJobTexts_reset: one huge page does not make later ones a burden, as with the bodies of responses.
func TestJobTexts_reset(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body   string
		isKept bool
	}{
		"usual":        {`{"results":[{"id":"a"},{"id":"b"}]}`, true},
		"many entries": {`{"results":[` + strings.Repeat(`{"id":"1"},`, 60_000) + `7]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			texts := new(jobTextPage)
			_, err := texts.decode([]byte(test.body), defaultMaxBody)
			require.NoError(t, err)
			assert.Equal(t, test.isKept, texts.reset())
			assert.Empty(t, texts.texts)
		})
	}
}

// TestAll_reusesPages: the memory of a page is used for the next one, and no job changes by it.
func TestAll_reusesPages(t *testing.T) {
	t.Parallel()
	const pages, size = 6, 5
	client := clientWithoutRetries(t, func(r *http.Request) (*http.Response, error) {
		number := int(r.URL.Query().Get("pageNum")[0] - '0')
		var entries []string
		for i := range size {
			entries = append(entries, fmt.Sprintf(`{"id":"%d-%d","batchId":"%s"}`, number, i, strings.Repeat("b", number*100)))
		}
		relation := "next"
		if number == pages {
			relation = "self"
		}
		return testutil.JSON(http.StatusOK, fmt.Sprintf(`{"links":[{"rel":%q}],"results":[%s],"totalCount":%d}`,
			relation, strings.Join(entries, ","), pages*size)), nil
	})
	for _, readAhead := range []int{-1, 0} {
		var jobs []*Job
		for job, err := range client.OpsManager.Cluster("p", "c").Jobs.All(t.Context(), ListOptions{ItemsPerPage: size, ReadAhead: readAhead}) {
			require.NoError(t, err)
			jobs = append(jobs, job)
		}
		require.Len(t, jobs, pages*size)
		for i, job := range jobs {
			number := i/size + 1
			assert.Equal(t, fmt.Sprintf("%d-%d", number, i%size), job.ID)
			assert.Equal(t, strings.Repeat("b", number*100), job.BatchID)
		}
	}
}
