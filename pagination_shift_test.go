package restorejobs_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
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

// shiftingList is a list that changes while its pages are requested.
type shiftingList struct {
	links bool
	total bool

	// beforeEvaluation and afterEvaluation delay a response to a request for a page.
	beforeEvaluation func(number int) time.Duration
	afterEvaluation  func(number int) time.Duration
	// onEvaluation runs before a page is taken from the list.
	onEvaluation func(number int)

	mu       sync.Mutex
	ids      []string
	created  int
	requests []int
}

func newShiftingList(jobs int) *shiftingList {
	list := &shiftingList{links: true, total: true}
	for range jobs {
		list.insert(len(list.ids))
	}
	return list
}

// insert adds a new job at an index.
func (l *shiftingList) insert(index int) {
	l.created++
	l.ids = slices.Insert(l.ids, index, fmt.Sprintf("job%d", l.created))
}

func (l *shiftingList) RoundTrip(req *http.Request) (*http.Response, error) {
	number, _ := strconv.Atoi(req.URL.Query().Get("pageNum"))
	size, _ := strconv.Atoi(req.URL.Query().Get("itemsPerPage"))
	if l.beforeEvaluation != nil {
		time.Sleep(l.beforeEvaluation(number))
	}
	body := l.page(number, size)
	if l.afterEvaluation != nil {
		time.Sleep(l.afterEvaluation(number))
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return testutil.JSON(http.StatusOK, body), nil
}

func (l *shiftingList) page(number, size int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, number)
	if l.onEvaluation != nil {
		l.onEvaluation(number)
	}
	from := min((number-1)*size, len(l.ids))
	to := min(number*size, len(l.ids))
	results := []map[string]string{}
	for _, id := range l.ids[from:to] {
		results = append(results, map[string]string{"id": id})
	}
	body := map[string]any{"results": results}
	if l.total {
		body["totalCount"] = len(l.ids)
	}
	if l.links {
		links := []map[string]string{{"rel": "self", "href": "x"}}
		if to < len(l.ids) {
			links = append(links, map[string]string{"rel": "next", "href": "x"})
		}
		body["links"] = links
	}
	text, _ := json.Marshal(body) // of strings and numbers
	return string(text)
}

// all reads the list with All.
func (l *shiftingList) all(t *testing.T, opts restorejobs.ListOptions) ([]string, error) {
	t.Helper()
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(l))
	var ids []string
	for job, err := range client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.All(t.Context(), opts) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, job.ID)
	}
	return ids, nil
}

// assertWhole expects every job of the list once, of those that were there the whole time.
func assertWhole(t *testing.T, before, after, got []string) {
	t.Helper()
	counts := map[string]int{}
	for _, id := range got {
		counts[id]++
		require.LessOrEqual(t, counts[id], 1, "%s comes twice", id)
	}
	for _, id := range before {
		if slices.Contains(after, id) {
			require.Equal(t, 1, counts[id], "%s is missing", id)
		}
	}
}

// A job is created after page 3 was responded and before page 2 is.
func TestAll_insertAfterLaterPage(t *testing.T) {
	t.Parallel()
	for _, links := range []bool{true, false} {
		for _, total := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				list := newShiftingList(6)
				list.links = links
				list.total = total
				before := slices.Clone(list.ids)
				inserted := false
				list.beforeEvaluation = func(number int) time.Duration {
					if number == 2 {
						return 2 * time.Second
					}
					return time.Second
				}
				list.onEvaluation = func(number int) {
					if number == 2 && !inserted {
						inserted = true
						list.insert(0)
					}
				}
				ids, err := list.all(t, restorejobs.ListOptions{ItemsPerPage: 2})
				require.NoError(t, err)
				assertWhole(t, before, list.ids, ids)
			})
		}
	}
}

// shiftingRun is one reading of a list that changes at random.
type shiftingRun struct {
	seed    uint64
	jobs    int
	size    int
	ahead   int
	links   bool
	total   bool
	place   string // where jobs are inserted: "head", "tail" or "anywhere"
	inserts int
	removes int
}

// randomRun chooses everything by a seed.
func randomRun(seed uint64) shiftingRun {
	random := rand.New(rand.NewPCG(seed, 1))
	return shiftingRun{
		seed:    seed,
		jobs:    random.IntN(40),
		size:    1 + random.IntN(7),
		ahead:   random.IntN(34) - 1,
		links:   random.IntN(2) == 0,
		total:   random.IntN(2) == 0,
		place:   []string{"head", "tail", "anywhere"}[random.IntN(3)],
		inserts: random.IntN(9),
	}
}

// change inserts or removes one job.
func (r *shiftingRun) change(random *rand.Rand, list *shiftingList) {
	if r.removes > 0 && len(list.ids) > 0 && (r.inserts == 0 || random.IntN(2) == 0) {
		r.removes--
		index := random.IntN(len(list.ids))
		list.ids = slices.Delete(list.ids, index, index+1)
		return
	}
	if r.inserts == 0 {
		return
	}
	r.inserts--
	switch r.place {
	case "head":
		list.insert(0)
	case "tail":
		list.insert(len(list.ids))
	default:
		list.insert(random.IntN(len(list.ids) + 1))
	}
}

// check reads the list while it changes, and expects a whole list or an error.
func (r *shiftingRun) check(t *testing.T) error {
	t.Helper()
	random := rand.New(rand.NewPCG(r.seed, 2))
	list := newShiftingList(r.jobs)
	list.links = r.links
	list.total = r.total
	before := slices.Clone(list.ids)
	pause := func(int) time.Duration {
		list.mu.Lock()
		defer list.mu.Unlock()
		return time.Duration(random.IntN(1000)) * time.Millisecond
	}
	list.beforeEvaluation = pause
	list.afterEvaluation = pause
	left := *r
	list.onEvaluation = func(int) {
		for random.IntN(2) == 0 && left.inserts+left.removes > 0 {
			left.change(random, list)
		}
	}
	ids, err := list.all(t, restorejobs.ListOptions{ItemsPerPage: r.size, ReadAhead: r.ahead})
	if err != nil {
		return err
	}
	assertWhole(t, before, list.ids, ids)
	return nil
}

// Wherever and whenever jobs are created, no job is lost and none comes twice. Only a list that
// grows by whole pages and has no total may end in an error: it looks like a list without an end.
func TestAll_insertsBetweenResponses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		run := randomRun(seed)
		synctest.Test(t, func(t *testing.T) {
			err := run.check(t)
			if run.total || run.inserts < run.size {
				require.NoError(t, err, "%+v", run)
			}
		})
		if t.Failed() {
			t.Fatalf("failed: %+v", run)
		}
	}
}

// Jobs that go away pull others to earlier pages: a falling total says so.
func TestAll_removalsBetweenResponses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		run := randomRun(seed)
		run.total = true
		run.removes = 1 + run.inserts
		run.inserts = 0
		synctest.Test(t, func(t *testing.T) { require.NoError(t, run.check(t), "%+v", run) })
		if t.Failed() {
			t.Fatalf("failed: %+v", run)
		}
	}
}

// A list that is newest first is whole under creates and removals together. Reading ahead, it is
// where fewer jobs are created than fit on a page.
func TestAll_newestFirstChangesBetweenResponses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		run := randomRun(seed)
		run.total = true
		run.place = "head"
		run.removes = run.inserts
		if seed%2 == 0 {
			run.ahead = -1
		} else {
			run.size += run.inserts
		}
		synctest.Test(t, func(t *testing.T) {
			err := run.check(t)
			if run.inserts < run.size { // else a page may repeat under the same total
				require.NoError(t, err, "%+v", run)
			}
		})
		if t.Failed() {
			t.Fatalf("failed: %+v", run)
		}
	}
}

// FuzzAll_shiftingPages reads lists that change at random.
func FuzzAll_shiftingPages(f *testing.F) {
	f.Add(uint64(1), uint8(20), uint8(2), int8(4), uint8(3), uint8(4), uint8(0))
	f.Add(uint64(2), uint8(9), uint8(1), int8(-1), uint8(2), uint8(0), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, jobs, size uint8, ahead int8, form, inserts, removes uint8) {
		run := shiftingRun{
			seed:    seed,
			jobs:    int(jobs),
			size:    1 + int(size),
			ahead:   int(ahead % 33),
			links:   form&1 != 0,
			total:   form&2 != 0,
			place:   []string{"head", "tail", "anywhere", "anywhere"}[form>>2&3],
			inserts: int(inserts % 16),
			removes: int(removes % 16),
		}
		switch {
		case !run.total:
			run.removes = 0 // nothing shows them
		case run.removes > 0 && run.place != "head":
			run.inserts = 0 // a total shows the difference only
		case run.removes > 0 && run.inserts >= run.size:
			run.ahead = -1
		}
		synctest.Test(t, func(t *testing.T) {
			err := run.check(t)
			if err != nil {
				require.GreaterOrEqual(t, run.inserts+run.removes, min(run.size, 10), "%+v: %v", run, err)
			}
		})
	})
}

// A server whose totals differ from page to page does not keep them. The list is whole, for a
// few more requests.
func TestAll_wrongTotals(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(int, int) string{
		"what is left":    func(number, pages int) string { return linked(strconv.Itoa(2*(pages-number)+2))(number, pages) },
		"of the first":    func(number, pages int) string { return linked(strconv.Itoa(20/number/number))(number, pages) },
		"none but at odd": func(number, pages int) string { return linked([]string{"null", "20"}[number%2])(number, pages) },
		"at random":       func(number, pages int) string { return linked(strconv.Itoa(number*7919%31))(number, pages) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := listed{say: say}
			var want []string
			for number := range 10 {
				list.pages = append(list.pages, []string{fmt.Sprintf("a%d", number), fmt.Sprintf("b%d", number)})
				want = append(want, list.pages[number]...)
			}
			for _, ahead := range []int{-1, 0, 32} {
				read := readList(t, restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: ahead}, func(number, _ int) (int, string) {
					return http.StatusOK, list.body(number)
				})
				assert.Empty(t, read.errs)
				assert.Equal(t, want, read.ids)
				assert.LessOrEqual(t, len(read.numbers), 32)
			}
		})
	}
}

// A list that shrinks faster than it can be read again ends in an error.
func TestAll_listThatKeepsShrinking(t *testing.T) {
	t.Parallel()
	list := newShiftingList(1000)
	list.onEvaluation = func(int) { list.ids = list.ids[1:] }
	_, err := list.all(t, restorejobs.ListOptions{ItemsPerPage: 2})
	require.ErrorContains(t, err, "restorejobs: list restore jobs: the list has shrunk 11 times in a row at page 2")

	list = newShiftingList(6000)
	list.onEvaluation = func(number int) {
		if number == 11 {
			list.ids = list.ids[5000:]
		}
	}
	ids, err := list.all(t, restorejobs.ListOptions{ReadAhead: -1})
	require.ErrorContains(t, err, "restorejobs: list restore jobs: more jobs have gone before page 11 than can be read again")
	assert.Len(t, ids, 5000)
}

// The job of the create moves to an earlier page while FindCreated reads.
func TestFindCreated_removalBetweenPages(t *testing.T) {
	t.Parallel()
	list := newShiftingList(250)
	before := slices.Clone(list.ids)
	list.onEvaluation = func(number int) {
		if number == 2 && len(list.ids) == len(before) {
			list.ids = list.ids[1:]
		}
	}
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(list))
	found, err := client.OpsManager.Cluster(clienttest.ProjectID, clienttest.ClusterID).Jobs.FindCreated(t.Context(), time.Now(),
		restorejobs.FromCheckpoint("c"), restorejobs.ToCluster("g", "t"))
	require.NoError(t, err)
	ids := slices.Concat(idsOf(found)...)
	assertWhole(t, before, list.ids, ids)
	assert.Len(t, ids, 250)
}

// A server repeats its last page for every later number. Its links say that the list has ended,
// its total that there is more.
func TestAll_pagesPastTheEndAreClamped(t *testing.T) {
	t.Parallel()
	pages := [][]string{{"a", "b"}, {"c", "d"}, {"e"}}
	for count := 1; count <= len(pages); count++ {
		for _, total := range []string{"1", "6", "900"} {
			for _, ahead := range []int{-1, 0, 32} {
				list := listed{pages: pages[:count], say: linked(total)}
				read := readList(t, restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: ahead}, func(number, _ int) (int, string) {
					return http.StatusOK, list.body(min(number, count))
				})
				assert.Empty(t, read.errs)
				assert.Equal(t, slices.Concat(pages[:count]...), read.ids)
			}
		}
	}
}
