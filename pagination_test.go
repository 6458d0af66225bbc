package restorejobs_test

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// oneRequest is how long a page of a slowList takes.
const oneRequest = 20 * time.Millisecond

// slowList is a list of one job a page, on a network that takes its time, and when each of
// its pages was requested.
type slowList struct {
	listed

	slow    int // page that takes ten times as long, 0 for none
	headers http.Header

	mu    sync.Mutex
	began time.Time
	asked map[time.Duration][]int // pages, by when
	under int
	most  int // requests under way at once
}

func newSlowList(pages int, say func(int, int) string) *slowList {
	l := &slowList{listed: listed{say: say}, began: time.Now(), asked: map[time.Duration][]int{}}
	for number := range pages {
		l.pages = append(l.pages, []string{fmt.Sprintf("job%d", number+1)})
	}
	return l
}

func (l *slowList) RoundTrip(r *http.Request) (*http.Response, error) {
	number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
	l.mu.Lock()
	at := time.Since(l.began)
	l.asked[at] = append(l.asked[at], number)
	l.under++
	l.most = max(l.most, l.under)
	l.mu.Unlock()
	wait := oneRequest
	if number == l.slow {
		wait *= 10
	}
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
	}
	l.mu.Lock()
	l.under--
	l.mu.Unlock()
	resp := testutil.JSON(http.StatusOK, l.body(number))
	maps.Copy(resp.Header, l.headers)
	return resp, r.Context().Err()
}

// read reads the list until a job, or to its end.
func (l *slowList) read(t *testing.T, opts restorejobs.ListOptions, until string) (ids []string) {
	t.Helper()
	opts.ItemsPerPage = 1
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(l))
	for job, err := range client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.All(t.Context(), opts) {
		require.NoError(t, err)
		ids = append(ids, job.ID)
		if job.ID == until {
			break
		}
	}
	return ids
}

// rounds reports how many pages were requested in each time of one request.
func (l *slowList) rounds() []int {
	var rounds []int
	for at := time.Duration(0); len(l.asked[at]) > 0; at += oneRequest {
		rounds = append(rounds, len(l.asked[at]))
	}
	return rounds
}

// TestAll_readAhead reports what reading ahead saves, and what it may not cost.
func TestAll_readAhead(t *testing.T) {
	t.Parallel()
	exhausted := http.Header{"Ratelimit-Limit": {"100"}, "Ratelimit-Remaining": {"0"}}
	for _, c := range []struct {
		name    string
		say     func(int, int) string
		ahead   int
		headers http.Header
		until   string
		rounds  []int // requests in each time of one request
		most    int
	}{
		{"by default", linked("10"), 0, nil, "", []int{1, 4, 4, 1}, 4},
		{"eight", linked("10"), 8, nil, "", []int{1, 8, 1}, 8},
		{"more than there are", linked("10"), 32, nil, "", []int{1, 9}, 9},
		{"none", linked("10"), -1, nil, "", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1},
		{"without a total, none: nothing shows a shift", honest, 8, nil, "job4", []int{1, 1, 1, 1}, 1},
		{"ten jobs of a long list", linked("10"), 8, nil, "job1", []int{1}, 1},
		{"when no requests are left", linked("10"), 8, exhausted, "", []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				list := newSlowList(10, c.say)
				list.headers = c.headers
				ids := list.read(t, restorejobs.ListOptions{ReadAhead: c.ahead}, c.until)
				if c.until == "" {
					assert.Len(t, ids, 10)
				}
				assert.Equal(t, c.rounds, list.rounds())
				assert.Equal(t, c.most, list.most)
				assert.Zero(t, list.under, "nothing is left under way")
			})
		})
	}
}

// TestAll_readAheadKeepsOrder though a page in the middle comes last.
func TestAll_readAheadKeepsOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		list := newSlowList(12, linked("12"))
		list.slow = 3
		var want []string
		for _, page := range list.pages {
			want = append(want, page...)
		}
		assert.Equal(t, want, list.read(t, restorejobs.ListOptions{}, ""))
		assert.LessOrEqual(t, list.most, 4)
	})
}

// cappedServer has n jobs and gives at most so many on a page, without links.
func cappedServer(n, most int, total bool) func(number, size int) (int, string) {
	return func(number, size int) (int, string) {
		size = min(size, most)
		var jobs []string
		for i := (number - 1) * size; i < min(n, number*size); i++ {
			jobs = append(jobs, fmt.Sprintf(`{"id":"j%d"}`, i))
		}
		counted := ""
		if total {
			counted = fmt.Sprintf(`,"totalCount":%d`, n)
		}
		return http.StatusOK, fmt.Sprintf(`{"results":[%s]%s}`, strings.Join(jobs, ","), counted)
	}
}

// TestAll_serverCapsPages: what is left out of a page is not left out of the list, from
// whichever page it is read.
func TestAll_serverCapsPages(t *testing.T) {
	t.Parallel()
	for first := range 8 {
		for _, ahead := range []int{-1, 0, 32} {
			for _, total := range []bool{true, false} {
				read := readList(t, restorejobs.ListOptions{PageNum: first, ReadAhead: ahead}, cappedServer(600, 100, total))
				assert.Len(t, read.ids, 600-100*min(max(first-1, 0), 6), "from page %d", first)
				assert.Empty(t, read.errs)
			}
		}
	}
	read := readList(t, restorejobs.ListOptions{PageNum: 2}, cappedServer(600, 500, true)) // which does not
	assert.Len(t, read.ids, 100)
	assert.Empty(t, read.errs)
}

// TestAll_defaultSizedPage where neither links nor a total tell, though more was asked
// for. Any other page that is short ends the list: most servers put all they have on it.
func TestAll_defaultSizedPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ jobs, requests int }{
		{0, 1}, {1, 1}, {99, 1}, {100, 2}, {101, 2}, {200, 3}, {250, 3}, {1000, 11},
	} {
		read := readList(t, restorejobs.ListOptions{ReadAhead: -1}, cappedServer(c.jobs, 100, false))
		assert.Len(t, read.ids, c.jobs)
		assert.Empty(t, read.errs)
		assert.Len(t, read.numbers, c.requests, "%d jobs", c.jobs)
	}
	whole := cappedServer(600, 500, false) // its second page is as long as the default, and not full
	read := readList(t, restorejobs.ListOptions{ReadAhead: -1}, whole)
	assert.Len(t, read.ids, 600)
	assert.Empty(t, read.errs)
	assert.Len(t, read.numbers, 2)

	for _, jobs := range []int{99, 100, 101} { // and the server knows no pages
		read := readList(t, restorejobs.ListOptions{}, func(int, int) (int, string) { return cappedServer(jobs, 500, false)(1, 500) })
		assert.Len(t, read.ids, jobs)
		if jobs != 100 {
			assert.Empty(t, read.errs)
			assert.Len(t, read.numbers, 1)
			continue
		}
		require.Len(t, read.errs, 1)
		require.ErrorContains(t, read.errs[0], "page 2 repeats an earlier page")
	}
}

// TestAll_stopsAtTotal: a server may refuse pages that are not there.
func TestAll_stopsAtTotal(t *testing.T) {
	t.Parallel()
	for _, ahead := range []int{-1, 0, 32} {
		serve := cappedServer(101, 100, true)
		read := readList(t, restorejobs.ListOptions{ReadAhead: ahead}, func(number, size int) (int, string) {
			if number > 2 {
				return http.StatusNotFound, `{"errorCode":"PAGE_NOT_FOUND"}`
			}
			return serve(number, size)
		})
		assert.Len(t, read.ids, 101)
		assert.Empty(t, read.errs)
		assert.Len(t, read.numbers, 2)
	}
}

// TestAll_shortPageInTheMiddle reports nothing about the size of pages: jobs may be hidden.
func TestAll_shortPageInTheMiddle(t *testing.T) {
	t.Parallel()
	whole := listed{say: linked("100")}
	for number := range 10 {
		var ids []string
		for i := range 10 {
			if number != 1 || i == 0 {
				ids = append(ids, fmt.Sprintf("%d-%d", number, i))
			}
		}
		whole.pages = append(whole.pages, ids)
	}
	highest := 0
	read := readList(t, restorejobs.ListOptions{ItemsPerPage: 10, ReadAhead: 32}, func(number, _ int) (int, string) {
		highest = max(highest, number)
		return http.StatusOK, whole.body(number)
	})
	assert.Len(t, read.ids, 91)
	assert.Empty(t, read.errs)
	assert.Equal(t, 11, highest, "ten by the total, and one more because it says that jobs are missing")
}

func TestListOptions_pageNumIsBounded(t *testing.T) {
	t.Parallel()
	for _, number := range []int{-1, 4294968, math.MaxInt} {
		read := readList(t, restorejobs.ListOptions{PageNum: number}, func(int, int) (int, string) { return http.StatusOK, `{}` })
		require.Len(t, read.errs, 1)
		require.ErrorIs(t, read.errs[0], restorejobs.ErrInvalidArgument)
		assert.Empty(t, read.numbers)
	}
	read := readList(t, restorejobs.ListOptions{PageNum: 4294967}, cappedServer(3, 1, true))
	assert.Empty(t, read.errs)
}

// TestHasNext: a page has one after it by the next link, else by the total, else, where
// there are no links at all, because it is full.
func TestHasNext(t *testing.T) {
	t.Parallel()
	const (
		one     = `"results":[{"id":"a"}]`
		two     = `"results":[{"id":"a"},{"id":"b"}]`
		nothing = `"results":[]`
	)
	hundred := `"results":[` + strings.Repeat(`{"id":"a"},`, 99) + `{"id":"a"}]`
	for name, c := range map[string]struct {
		opts restorejobs.ListOptions
		body string
		want bool
	}{
		"full, nothing else":         {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + two + `}`, true},
		"full in the server's size":  {restorejobs.ListOptions{}, `{` + hundred + `}`, true},
		"full, a link that is none":  {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + two + `,"links":[{}]}`, true},
		"short, nothing else":        {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + one + `}`, false},
		"full, and the total higher": {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + two + `,"totalCount":3}`, true},
		"the second by the total":    {restorejobs.ListOptions{ItemsPerPage: 2, PageNum: 2}, `{` + one + `,"totalCount":3}`, false},
		"full, but linked":           {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + two + `,` + selfOnly + `}`, false},
		"linked, the total higher":   {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + two + `,"totalCount":3,` + selfOnly + `}`, true},
		"a next link, short":         {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + one + `,"totalCount":1,` + selfNext + `}`, true},
		"a next link, empty":         {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + nothing + `,` + selfNext + `}`, true},
		"empty":                      {restorejobs.ListOptions{ItemsPerPage: 2}, `{` + nothing + `,"totalCount":0}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(_ *http.Request) (*http.Response, error) {
				return testutil.JSON(http.StatusOK, c.body), nil
			})))
			page, err := client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.List(t.Context(), c.opts)
			require.NoError(t, err)
			assert.Equal(t, c.want, page.HasNext)
		})
	}
}

func TestHasNext_serverCapsPages(t *testing.T) {
	t.Parallel()
	for _, hasTotal := range []bool{true, false} {
		for _, total := range []int{950, 1000} {
			serve := cappedServer(total, 100, hasTotal)
			client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				number, err := strconv.Atoi(r.URL.Query().Get("pageNum"))
				assert.NoError(t, err)
				status, body := serve(number, 500)
				return testutil.JSON(status, body), nil
			})))
			jobs := 0
			for number := 1; ; number++ {
				page, err := client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.List(t.Context(), restorejobs.ListOptions{PageNum: number, ItemsPerPage: 500})
				require.NoError(t, err)
				jobs += len(page.Jobs)
				if !page.HasNext {
					break
				}
			}
			assert.Equal(t, total, jobs, "with a total: %t", hasTotal)
		}
	}
}

func TestAll_pageNumWithCappedPages(t *testing.T) {
	t.Parallel()
	read := readList(t, restorejobs.ListOptions{PageNum: 3}, cappedServer(1000, 100, true))
	assert.Empty(t, read.errs)
	assert.Len(t, read.ids, 800)
}
