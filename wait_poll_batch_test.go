package restorejobs_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// farDown is a list whose newest 20,000 jobs are others, in batches, and these: those of each
// prefix in a batch of their own.
func farDown(ids ...string) *listing {
	return &listing{ids: append(numbered("f", 20000), ids...), body: func(id string) string {
		if strings.HasPrefix(id, "f") {
			return managerJob(id, "other", "FINISHED")
		}
		return managerJob(id, "B"+id[:1], "IN_PROGRESS")
	}}
}

// A few jobs of one batch: a page in vain, one job, and the batch.
func TestWait_fewJobsByBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ids := numbered("a", 3)
		s := newService(nil)
		each := rounds(t, s, s.manager(t), farDown(ids...), ids, 3, restorejobs.WaitOptions{})
		batch := "?batchId=Ba&itemsPerPage=500&pageNum=1"
		assert.Equal(t, [][]string{{fmt.Sprintf(page, 1), "/" + ids[0], batch}, {batch}, {batch}}, each)
	})
}

// The batch of one job says nothing of the others: they are looked for in the list.
func TestWait_jobsOfAnotherBatch(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]string{
		"few":  append(numbered("a", 2), numbered("b", 2)...),
		"many": append(numbered("a", 500), numbered("b", 500)...),
		"one":  append(numbered("a", 1), numbered("b", 700)...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService(nil)
				each := rounds(t, s, s.manager(t), farDown(ids...), ids, 4, restorejobs.WaitOptions{})
				most := min(2*len(ids), 20000/500+2+3) // one by one, or all pages down to them, one job and its batch
				assert.LessOrEqual(t, len(each[0]), most)
				assert.LessOrEqual(t, len(each[1]), most)
				for _, requests := range each[2:] {
					assert.LessOrEqual(t, len(requests), min(len(ids), 4))
				}
			})
		})
	}
}

// The job that is asked for its batch may be the one that is wrong.
func TestWait_wrongIDBesideOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := farDown(numbered("a", 1000)...)
		ids := append([]string{"nope"}, l.ids[20000:]...)
		told := 0
		s := newService(l.handle)
		jobs, err := s.manager(t).Wait(t.Context(), ids, restorejobs.WaitOptions{OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.Err != nil && u.Polls == 1 {
				assert.Equal(t, "nope", u.ID)
				told++
			}
			return nil
		}})
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		require.ErrorContains(t, err, "job nope: ")
		assert.Equal(t, 1, told)
		assert.Equal(t, ids[1:], restorejobs.JobIDs(jobs), "seen before the grace was over")
		first := slices.IndexFunc(s.times(), func(at time.Duration) bool { return at > 0 })
		assert.Equal(t, []string{fmt.Sprintf(page, 1), "/nope"}, s.paths()[:first])
	})
}

// A service in trouble is asked again, and for the batch no second time.
func TestWait_batchLookupFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := farDown(numbered("a", 1000)...)
		l.body = func(id string) string { return managerJob(id, "B"+id[:1], "FINISHED") }
		s := newService(func(n int, r *http.Request) (*http.Response, error) {
			if strings.Contains(r.URL.Path, "/restoreJobs/") {
				return nil, reset()
			}
			return l.handle(n, r)
		})
		jobs, err := s.manager(t).Wait(t.Context(), l.ids[20000:], restorejobs.WaitOptions{})
		require.NoError(t, err)
		assert.Equal(t, l.ids[20000:], restorejobs.JobIDs(jobs))
		assert.Len(t, s.paths(), 2+41)
	})
}
