package allocations_test

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

const (
	smallClassicJob = `{"clusterId":"5196e5b0e4b0fca9cc88334a","created":"2025-03-01T04:00:00Z","delivery":{"methodName":"HTTP","statusName":"READY"},` +
		`"groupId":"5196d3628d022db4cbc26d9e","id":%q,"snapshotId":"67c1a2b3e4b0774946a10000","statusName":"FINISHED"}`
	smallCloudJob = `{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],"expired":false,"failed":false,"id":%q,` +
		`"snapshotId":"67c1a2b3e4b0774946a10000","targetClusterName":"Restored","targetGroupId":"5d2bb1a9a6f23972e9c63c14"}`
)

// keysOfLinks begin in the download links of the benchmarks. A long one makes a job long.
var keysOfLinks = [...]string{"/OTQ0", "/aB12"}

// endlessPages answers lists with one page, in which it writes other ids each time.
type endlessPages struct {
	body []byte
	ids  []int // offsets in body
	text int   // bytes of the jobs
	room int   // what the allocator takes for them
}

const streamedJobs = 30_000

// newEndlessPages returns pages of jobs that are longer by some bytes, and differ in their length.
func newEndlessPages(job string, longer int) *endlessPages {
	const size = 500
	p := &endlessPages{body: []byte(`{"links":[{"href":"x","rel":"self"}],"results":[`)}
	for i := range size {
		text := fmt.Sprintf(job, benchID(i))
		for _, key := range keysOfLinks {
			text = strings.Replace(text, key, "/"+strings.Repeat("x", longer+i%16), 1)
		}
		if i > 0 {
			p.body = append(p.body, ',')
		}
		p.ids = append(p.ids, len(p.body)+strings.Index(text, benchID(i)))
		p.body = append(p.body, text...)
		p.text += len(text)
		p.room += cap(append([]byte(nil), text...))
	}
	p.text /= size
	p.room /= size
	p.body = fmt.Appendf(p.body, `],"totalCount":%d}`, streamedJobs)
	return p
}

func (p *endlessPages) RoundTrip(r *http.Request) (*http.Response, error) {
	_, query, _ := strings.Cut(r.URL.RawQuery, "pageNum=")
	query, _, _ = strings.Cut(query, "&")
	number, err := strconv.Atoi(query)
	if err != nil {
		return nil, err
	}
	for i, at := range p.ids {
		const digits = 12
		unique := p.body[at+digits : at+2*digits]
		copy(unique, "000000000000")
		_ = strconv.AppendInt(unique[:digits-8], int64(10_000_000+number*len(p.ids)+i), 10)
	}
	return benchResponse(r, http.StatusOK, http.Header{"Content-Type": benchType}, p.body), nil
}

// TestAllocations_bytesOfStreamedJobs: a job of a list needs the memory of its text and 1.2 KiB. Its
// struct and four links take most of it.
func TestAllocations_bytesOfStreamedJobs(t *testing.T) { //nolint:paralleltest // counts what the whole process allocates
	testutil.SkipUnderRace(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // a pool has a part for each
	for _, kind := range benchKinds {               //nolint:paralleltest // as above
		small := smallClassicJob
		if kind.name == "AtlasV2" {
			small = smallCloudJob
		}
		for _, c := range []struct {
			name   string
			job    string
			longer int
		}{
			{"0.3 KiB", small, 0},
			{"1 KiB", kind.job, 0},
			{"4 KiB", kind.job, 3000},
		} {
			t.Run(kind.name+"/"+c.name, func(t *testing.T) {
				pages := newEndlessPages(c.job, c.longer)
				jobs := kind.jobs(benchClient(t, pages))
				seen := 0
				var before, after runtime.MemStats
				for job, err := range jobs.All(t.Context(), restorejobs.ListOptions{ReadAhead: -1}) {
					require.NoError(t, err)
					if seen == 0 { // the pools are full
						runtime.ReadMemStats(&before)
					}
					seen++
					if seen == streamedJobs {
						assert.True(t, bytes.Contains(pages.body, job.RawJSON()))
					}
				}
				runtime.ReadMemStats(&after)
				require.Equal(t, streamedJobs, seen)
				used := int(after.TotalAlloc-before.TotalAlloc) / streamedJobs
				t.Logf("%d bytes a job beside the %d of its text, for which the allocator takes %d", used-pages.text, pages.text, pages.room)
				const most = 1.2 * 1024
				assert.LessOrEqual(t, float64(used), float64(pages.room)+most)
			})
		}
	}
}

// BenchmarkListMixed is a page of 500 jobs of 1 to 2 KiB, whose neighbours have another length.
func BenchmarkListMixed(b *testing.B) {
	const size = 500
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			api := &benchAPI{total: size}
			api.page = []byte(`{"results":[`)
			for i := range size {
				text := fmt.Sprintf(kind.job, benchID(i))
				for _, key := range keysOfLinks {
					text = strings.Replace(text, key, "/"+strings.Repeat("x", i*389%1000), 1)
				}
				if i > 0 {
					api.page = append(api.page, ',')
				}
				api.page = append(api.page, text...)
			}
			api.page = fmt.Appendf(api.page, `],"totalCount":%d}`, size)
			benchList(b, kind, api)
		})
	}
}
