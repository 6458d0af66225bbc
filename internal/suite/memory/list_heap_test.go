package memory_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// TestAll_heapOfAList: a list that is read without read-ahead needs two and a half times the bytes
// of a page at most, however short its jobs are.
//
//nolint:paralleltest // measures the whole process
func TestAll_heapOfAList(t *testing.T) {
	testutil.SkipUnderRace(t)
	const size, pages = 500, 3
	for _, length := range []int{300, 1 << 10, 4 << 10} {
		t.Run(fmt.Sprintf("%d bytes a job", length), func(t *testing.T) {
			var bodies [pages][]byte
			for number := range bodies {
				bodies[number] = listOfJobs(number*size, size, pages*size, length)
			}
			client := clientFor(t, func(r *http.Request) (int, io.Reader, int64) {
				body := bodies[r.URL.Query().Get("pageNum")[0]-'1']
				return http.StatusOK, bytes.NewReader(body), int64(len(body))
			})
			before := heap()
			most := int64(0)
			read := 0
			for job, err := range client.OpsManager.Cluster("p", "c").Jobs.All(t.Context(), restorejobs.ListOptions{ReadAhead: -1}) {
				require.NoError(t, err)
				if read%size == 0 {
					runtime.GC() // once, so that what is in pools counts
					var stats runtime.MemStats
					runtime.ReadMemStats(&stats)
					most = max(most, int64(stats.HeapAlloc)-before)
				}
				read++
				runtime.KeepAlive(job)
			}
			assert.Equal(t, pages*size, read)
			page := int64(len(bodies[0]))
			t.Logf("%d KiB for pages of %d KiB, %.1f times", most>>10, page>>10, float64(most)/float64(page))
			assert.LessOrEqual(t, most, page*5/2)
			runtime.KeepAlive(bodies)
		})
	}
}

// TestList_heapOfKeptJobs: a job that is kept keeps its block of five jobs, and not its page.
//
//nolint:paralleltest // measures the whole process
func TestList_heapOfKeptJobs(t *testing.T) {
	testutil.SkipUnderRace(t)
	const size, pages, length = 500, 40, 1 << 10
	body := listOfJobs(0, size, size, length)
	for name, read := range jobReaders(t, body) {
		t.Run(name, func(t *testing.T) {
			var kept []*restorejobs.Job
			before := heap()
			for range pages {
				kept = append(kept, read()[size/2])
			}
			used := (heap() - before) / pages
			t.Logf("%d bytes for a kept job of %d bytes", used, length)
			const jobStruct = 1 << 10
			const block = 5
			assert.LessOrEqual(t, used, int64(2*block*(length+jobStruct)), "a text can begin in another block")
			runtime.KeepAlive(kept)
		})
	}
	runtime.KeepAlive(body)
}

// jobReaders are the ways to read a list whose only page is body.
func jobReaders(t *testing.T, body []byte) map[string]func() []*restorejobs.Job {
	t.Helper()
	client := clientFor(t, func(*http.Request) (int, io.Reader, int64) {
		return http.StatusOK, bytes.NewReader(body), int64(len(body))
	})
	jobs := client.OpsManager.Cluster("p", "c").Jobs
	return map[string]func() []*restorejobs.Job{
		"List": func() []*restorejobs.Job {
			page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
			require.NoError(t, err)
			return page.Jobs
		},
		"All": func() []*restorejobs.Job {
			var all []*restorejobs.Job
			for job, err := range jobs.All(t.Context(), restorejobs.ListOptions{}) {
				require.NoError(t, err)
				all = append(all, job)
			}
			return all
		},
	}
}

// TestList_heapBesideLongJob: a job that is kept keeps no long neighbour.
//
//nolint:paralleltest // measures the whole process
func TestList_heapBesideLongJob(t *testing.T) {
	testutil.SkipUnderRace(t)
	const groups, pages, long = 20, 4, 1 << 17
	tail := `"batchId":"` + strings.Repeat(`\\`, long/4) + `","hashes":[{"hash":"` + strings.Repeat("b", long/2) + `"}]}`
	var entries []string
	for i := range groups {
		entries = append(entries, fmt.Sprintf(`{"id":"short%d"},{"id":"short%da"},{"id":"long%d",%s`, i, i, i, tail))
	}
	body := []byte(`{"results":[` + strings.Join(entries, ",") + `]}`)
	for name, read := range jobReaders(t, body) {
		t.Run(name, func(t *testing.T) {
			var kept []*restorejobs.Job
			before := heap()
			for range pages {
				for _, job := range read() {
					if strings.HasPrefix(job.ID, "short") {
						kept = append(kept, job)
					}
				}
			}
			used := (heap() - before) / int64(len(kept))
			t.Logf("%d bytes for a kept job", used)
			assert.LessOrEqual(t, used, int64(16<<10))
			runtime.KeepAlive(kept)
		})
	}
	runtime.KeepAlive(body)
}

// listOfJobs is a page of jobs of a length.
func listOfJobs(first, n, total, length int) []byte {
	relation := "next"
	if first+n == total {
		relation = "self"
	}
	body := fmt.Appendf(nil, `{"links":[{"href":"x","rel":%q}],"results":[`, relation)
	for i := range n {
		if i > 0 {
			body = append(body, ',')
		}
		job := fmt.Sprintf(`{"id":"67c1a2b3e4b0%012x","created":"2025-03-01T04:00:00Z","statusName":"FINISHED",`+
			`"links":[{"href":"https://om.example.net/job","rel":"self"}],"delivery":{"statusName":"READY","url":"https://om.example.net/"}`, first+i)
		body = append(body, job...)
		body = fmt.Appendf(body, `,"batchId":%q}`, strings.Repeat("b", length-len(job)-len(`,"batchId":""}`)))
	}
	return fmt.Appendf(body, `],"totalCount":%d}`, total)
}
