package restorejobs_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// listed is a list as its server pages it: the ids on each page. What is said of next
// pages and of totals is up to say.
type listed struct {
	pages [][]string
	say   func(number, pages int) string // links and total, for a page
}

const (
	selfOnly = `"links":[{"rel":"self","href":"x"}]`
	selfNext = `"links":[{"rel":"self","href":"x"},{"rel":"next","href":"https://evil.example/s3cr3t"}]`
)

// honest says what the API does.
func honest(number, pages int) string {
	if number < pages {
		return selfNext
	}
	return selfOnly
}

func always(text string) func(int, int) string { return func(int, int) string { return text } }

// unlinked gives no links and this total.
func unlinked(total string) func(int, int) string { return always(`"totalCount":` + total) }

// linked adds a total to honest links.
func linked(total string) func(int, int) string {
	return func(number, pages int) string { return honest(number, pages) + `,"totalCount":` + total }
}

func (l listed) body(number int) string {
	var jobs []string
	if number <= len(l.pages) {
		for _, id := range l.pages[number-1] {
			jobs = append(jobs, `{"id":"`+id+`"}`)
		}
	}
	return `{"results":[` + strings.Join(jobs, ",") + `],` + l.say(number, len(l.pages)) + `}`
}

// wholeList is what came of reading a list to its end.
type wholeList struct {
	ids     []string
	errs    []error
	numbers []string // pageNum/itemsPerPage of every request
}

func readList(t *testing.T, opts restorejobs.ListOptions, serve func(number, size int) (int, string)) *wholeList {
	t.Helper()
	var mu sync.Mutex
	read := &wholeList{}
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "om.example.net", r.URL.Host)
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		size, _ := strconv.Atoi(r.URL.Query().Get("itemsPerPage"))
		mu.Lock()
		defer mu.Unlock()
		read.numbers = append(read.numbers, fmt.Sprintf("%d/%d", number, size))
		status, body := serve(number, size)
		return testutil.JSON(status, body), nil
	})))
	for job, err := range client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.All(t.Context(), opts) {
		if err != nil {
			assert.Nil(t, job)
			read.errs = append(read.errs, err)
			continue
		}
		read.ids = append(read.ids, job.ID)
	}
	t.Log("reached the server: " + strings.Join(read.numbers, " "))
	return read
}

func TestAll_faults(t *testing.T) {
	t.Parallel()
	ab, cd, ef := []string{"a", "b"}, []string{"c", "d"}, []string{"e"}
	tests := map[string]struct {
		list listed
		want string // ids
		says string // of the error at the end, "" for none
	}{
		"honest":                         {listed{[][]string{ab, cd, ef}, linked("5")}, "a b c d e", ""},
		"no jobs":                        {listed{[][]string{{}}, linked("0")}, "", ""},
		"no total":                       {listed{[][]string{ab, cd, ef}, honest}, "a b c d e", ""},
		"total too low":                  {listed{[][]string{ab, cd, ef}, linked("1")}, "a b c d e", ""},
		"total of 0":                     {listed{[][]string{ab, cd, ef}, linked("0")}, "a b c d e", ""},
		"total too high":                 {listed{[][]string{ab, cd, ef}, linked("900")}, "a b c d e", ""},
		"total below 0":                  {listed{[][]string{ab, cd, ef}, linked("-7")}, "a b c d e", ""},
		"total without measure":          {listed{[][]string{ab, cd, ef}, linked("9223372036854775807")}, "a b c d e", ""},
		"total beyond all numbers":       {listed{[][]string{ab, cd, ef}, linked("1e400")}, "a b c d e", ""},
		"total as text":                  {listed{[][]string{ab, cd, ef}, linked(`"many"`)}, "a b c d e", ""},
		"total of null":                  {listed{[][]string{ab, cd, ef}, linked("null")}, "a b c d e", ""},
		"no links":                       {listed{[][]string{ab, cd, ef}, unlinked("5")}, "a b c d e", ""},
		"no links, total too high":       {listed{[][]string{ab, cd, ef}, unlinked("900")}, "a b c d e", ""},
		"no links, nothing":              {listed{[][]string{{}}, unlinked("900")}, "", ""},
		"only self, total tells":         {listed{[][]string{ab, cd, ef}, always(selfOnly + `,"totalCount":5`)}, "a b c d e", ""},
		"empty page in the middle":       {listed{[][]string{ab, {}, cd, {}, {}, ef}, honest}, "a b c d e", ""},
		"empty page, no links":           {listed{[][]string{ab, {}, cd}, unlinked("4")}, "a b c d", ""},
		"two empty pages, no links":      {listed{[][]string{ab, {}, {}, cd}, unlinked("4")}, "a b c d", ""},
		"shifts by one":                  {listed{[][]string{{"a", "b", "c"}, {"c", "d", "e"}, {"e", "f", "g"}}, honest}, "a b c d e f g", ""},
		"shifts by a page":               {listed{[][]string{ab, ab, cd, ef}, honest}, "a b", "repeats an earlier page"},
		"one page for ever":              {listed{[][]string{ab}, always(selfNext)}, "a b", "10 empty pages in a row"},
		"the last page for ever":         {listed{[][]string{ab, cd, cd, cd, cd, cd}, always(selfNext)}, "a b c d", "page 3 repeats an earlier page"},
		"a circle":                       {listed{[][]string{ab, cd, ab, cd, ab, cd}, always(selfNext)}, "a b c d", "page 3 repeats an earlier page"},
		"the same in another order":      {listed{[][]string{ab, {"b", "a"}, {"a"}, {"b"}, {"a", "a"}, {"b", "b"}, {"a", "b", "a"}, {"b", "a", "b"}, {"a", "a", "a"}, {"b", "b", "b"}, {"b", "a", "a"}}, always(selfNext)}, "a b", "10 pages in a row without a new job"},
		"pages larger than asked for":    {listed{[][]string{{"a", "b", "c", "d", "e", "f"}}, honest}, "a b c d e f", ""},
		"more than one page, then empty": {listed{[][]string{ab, cd, {}}, honest}, "a b c d", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ahead := range []int{-1, 0, 32} {
				read := readList(t, restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: ahead}, func(number, _ int) (int, string) {
					return http.StatusOK, test.list.body(number)
				})
				assert.Equal(t, test.want, strings.Join(read.ids, " "))
				if test.says == "" {
					assert.Empty(t, read.errs)
					continue
				}
				if assert.Len(t, read.errs, 1) {
					assert.ErrorContains(t, read.errs[0], test.says)
					assert.ErrorContains(t, read.errs[0], "restorejobs: list restore jobs: ")
				}
			}
		})
	}
}

// TestAll_failsInTheMiddle gives what came before, then the error, once.
func TestAll_failsInTheMiddle(t *testing.T) {
	t.Parallel()
	whole := listed{[][]string{{"a", "b"}, {"c", "d"}, {"e", "f"}, {"g", "h"}, {"i"}}, linked("9")}
	for failing, want := range []string{"", "a b", "a b c d", "a b c d e f", "a b c d e f g h"} {
		for name, fault := range map[string]struct {
			status int
			body   string
			is     error
		}{
			"404":         {http.StatusNotFound, `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`, restorejobs.ErrNotFound},
			"503":         {http.StatusServiceUnavailable, webPage, restorejobs.ErrUnavailable},
			"a web page":  {http.StatusOK, webPage, nil},
			"half a page": {http.StatusOK, `{"results":[{"id":"x"},{"id":`, nil},
		} {
			t.Run(fmt.Sprintf("%s on page %d", name, failing+1), func(t *testing.T) {
				t.Parallel()
				for _, ahead := range []int{-1, 0, 32} {
					read := readList(t, restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: ahead}, func(number, _ int) (int, string) {
						if number == failing+1 {
							return fault.status, fault.body
						}
						return http.StatusOK, whole.body(number)
					})
					assert.Equal(t, want, strings.Join(read.ids, " "))
					if assert.Len(t, read.errs, 1) && fault.is != nil {
						assert.ErrorIs(t, read.errs[0], fault.is)
					}
				}
			})
		}
	}
}

// TestAll_smallPages falls back to what Ops Manager 3.6 allows, if the caller did not set a size.
func TestAll_smallPages(t *testing.T) {
	t.Parallel()
	var pages [][]string
	for number := range 3 {
		var ids []string
		for i := range 100 {
			ids = append(ids, fmt.Sprintf("%d-%d", number, i))
		}
		pages = append(pages, ids)
	}
	old := func(number, size int) (int, string) {
		if size > 100 {
			return http.StatusBadRequest, `{"error":400,"errorCode":"INVALID_QUERY_PARAMETER"}`
		}
		return http.StatusOK, listed{pages, linked("300")}.body(number)
	}
	read := readList(t, restorejobs.ListOptions{}, old)
	assert.Empty(t, read.errs)
	assert.Len(t, read.ids, 300)
	assert.Equal(t, []string{"1/500", "1/100"}, read.numbers[:2])
	assert.Len(t, read.numbers, 4, "refused once")

	read = readList(t, restorejobs.ListOptions{PageNum: 2}, old)
	assert.Empty(t, read.errs)
	assert.Len(t, read.ids, 200)

	read = readList(t, restorejobs.ListOptions{ItemsPerPage: 500}, old)
	assert.Len(t, read.errs, 1, "who asks for 500 is told")
	assert.Len(t, read.numbers, 1)

	read = readList(t, restorejobs.ListOptions{}, func(int, int) (int, string) { return http.StatusBadRequest, `{"error":400}` })
	assert.Len(t, read.errs, 1)
	assert.Equal(t, []string{"1/500", "1/100"}, read.numbers, "another refusal is the answer")
}

// TestAll_breakStopsReadAhead leaves nothing under way.
func TestAll_breakStopsReadAhead(t *testing.T) {
	t.Parallel()
	whole := listed{[][]string{{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}, {"g"}, {"h"}}, linked("8")}
	var mu sync.Mutex
	var once sync.Once
	ahead := make(chan struct{}) // closed when a page after the fourth is asked for
	under, most := 0, 0
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		mu.Lock()
		under++
		most = max(most, under)
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			under--
		}()
		switch {
		case number == 4:
			<-ahead
		case number > 4:
			once.Do(func() { close(ahead) })
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}
		return testutil.JSON(http.StatusOK, whole.body(number)), nil
	})))
	for job, err := range client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.All(t.Context(), restorejobs.ListOptions{ItemsPerPage: 1}) {
		require.NoError(t, err)
		if job.ID == "d" {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	assert.Zero(t, under)
	assert.Greater(t, most, 1)
}

func TestAll_repeatedPageWithoutIDs(t *testing.T) {
	t.Parallel()
	read := readList(t, restorejobs.ListOptions{ReadAhead: -1}, func(int, int) (int, string) {
		return http.StatusOK, `{"results":[{"statusName":"FINISHED"}],"totalCount":1,"links":[{"rel":"next","href":"x"}]}`
	})
	assert.Len(t, read.errs, 1)
	assert.Len(t, read.ids, 1)
	assert.Len(t, read.numbers, 2)
}
