package allocations_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// The benchmarks use no network: a round tripper responds. They measure this library and the client of
// net/http. The folder bench compares it with other libraries.

const (
	benchBase     = "https://bench.example.net"
	benchArchives = "/archives"
	benchArchive  = 8 << 20 // bytes
	benchDownload = `{"deliveryType":"download","deliveryUrl":["` + benchBase + benchArchives + `/archive.tar.gz"],"id":%q}`
)

// zeros is an archive that costs nothing to read.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// benchAPI responds to a Get with a job, and to a List with a page of distinct jobs. With digest it
// requires digest authentication, and a new nonce after 64 uses.
type benchAPI struct {
	digest bool
	total  int
	job    string   // with %q for the id
	one    []byte   // the response to every Get
	page   []byte   // the response to every list, nil for pages
	pages  [][]byte // the responses to lists by number, nil for list
}

const (
	benchClassicJob = `{"batchId":"5d9b83a0c902fc2a1f500001","clusterId":"5196e5b0e4b0fca9cc88334a","created":"2025-03-01T04:00:00Z",` +
		`"delivery":{"expirationHours":24,"expires":"2025-03-02T04:00:00Z","maxDownloads":10,"methodName":"HTTP","statusName":"READY",` +
		`"url":"https://api-backup.mongodb.com/backup/restore/v2/pull/67c1a2b3e4b0774946a16490/OTQ0NWY5Y2YwMjk0NjFlMDU5YTFmNWRkNDYyMWVj/rs0-1740801600-67c1a2b3e4b0774946a16490.tar.gz"},` +
		`"encryptionEnabled":false,"groupId":"5196d3628d022db4cbc26d9e","id":%q,` +
		`"links":[{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/5196d3628d022db4cbc26d9e/clusters/5196e5b0e4b0fca9cc88334a/restoreJobs/67c1a2b3e4b0774946a16490","rel":"self"},` +
		`{"href":"https://cloud.mongodb.com/api/public/v1.0/groups/5196d3628d022db4cbc26d9e/clusters/5196e5b0e4b0fca9cc88334a","rel":"http://mms.mongodb.com/cluster"}],` +
		`"pointInTime":false,"snapshotId":"67c1a2b3e4b0774946a10000","statusName":"FINISHED","timestamp":{"date":"2025-02-28T21:00:00Z","increment":1}}`
	benchCloudJob = `{"cancelled":false,"deliveryType":"download","deliveryUrl":["https://restore-67c1a2b3e4b0774946a16490.ljxf1b.mongodb.net:27017/aB12up63eFh16ZmBiQ9cUO5Q/restore-67c1a2b3e4b0774946a10000.tar.gz"],` +
		`"desiredTimestamp":{"date":null,"increment":null,"time":null},"expired":false,"expiresAt":"2025-03-01T05:00:00Z","failed":false,"id":%q,` +
		`"links":[{"href":"https://cloud.mongodb.com/api/atlas/v2/groups/5196d3628d022db4cbc26d9e/clusters/Cluster0/backup/restoreJobs/67c1a2b3e4b0774946a16490","rel":"self"},` +
		`{"href":"https://cloud.mongodb.com/api/atlas/v2/groups/5196d3628d022db4cbc26d9e/clusters/Cluster0/backup/snapshots/67c1a2b3e4b0774946a10000","rel":"https://cloud.mongodb.com/snapshot"},` +
		`{"href":"https://cloud.mongodb.com/api/atlas/v2/groups/5196d3628d022db4cbc26d9e/clusters/Cluster0","rel":"https://cloud.mongodb.com/cluster"},` +
		`{"href":"https://cloud.mongodb.com/api/atlas/v2/groups/5196d3628d022db4cbc26d9e","rel":"https://cloud.mongodb.com/group"}],` +
		`"snapshotId":"67c1a2b3e4b0774946a10000","timestamp":"2025-02-28T21:00:00Z"}`
	benchChallenge = `Digest realm="MMS Public API", domain="", nonce="f2d1c0b9a8f7e6d5", algorithm=MD5, qop="auth", stale=false`
)

var (
	benchType       = []string{"application/json"}
	benchChallenged = []string{benchChallenge}
)

func (a *benchAPI) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": benchType}
	if signed := r.Header.Get("Authorization"); a.digest && (signed == "" || strings.Contains(signed, "nc=00000041")) {
		header["Www-Authenticate"] = benchChallenged
		return benchResponse(r, http.StatusUnauthorized, header, nil), nil
	}
	if path.Dir(r.URL.Path) == benchArchives {
		header.Set("Content-Type", "application/gzip")
		resp := benchResponse(r, http.StatusOK, header, nil)
		resp.Body, resp.ContentLength = io.NopCloser(io.LimitReader(zeros{}, benchArchive)), benchArchive
		return resp, nil
	}
	if path.Base(r.URL.Path) != "restoreJobs" {
		return benchResponse(r, http.StatusOK, header, a.one), nil
	}
	if a.page != nil {
		return benchResponse(r, http.StatusOK, header, a.page), nil
	}
	query := r.URL.Query()
	number, err := strconv.Atoi(query.Get("pageNum"))
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(query.Get("itemsPerPage"))
	if err != nil {
		return nil, err
	}
	if number <= len(a.pages) {
		return benchResponse(r, http.StatusOK, header, a.pages[number-1]), nil
	}
	return benchResponse(r, http.StatusOK, header, a.list(number, size)), nil
}

func benchResponse(r *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: r,
	}
}

// writeAll writes all pages, so that serving them costs nothing.
func (a *benchAPI) writeAll(size int) {
	for first := 0; first < a.total; first += size {
		a.pages = append(a.pages, a.list(len(a.pages)+1, size))
	}
}

// list writes a page.
func (a *benchAPI) list(number, size int) []byte {
	end := min(number*size, a.total)
	body := make([]byte, 0, 1100*size)
	body = append(body, `{"links":[`...)
	if end < a.total {
		body = append(body, `{"href":"https://bench.example.net/","rel":"next"}`...)
	}
	body = append(body, `],"results":[`...)
	for i := (number - 1) * size; i < end; i++ {
		body = fmt.Appendf(body, a.job, benchID(i))
		if i+1 < end {
			body = append(body, ',')
		}
	}
	return fmt.Appendf(body, `],"totalCount":%d}`, a.total)
}

func benchClient(tb testing.TB, api http.RoundTripper, opts ...restorejobs.Option) *restorejobs.Client {
	tb.Helper()
	client, err := restorejobs.NewClient(restorejobs.APIKey("jkluvwxy", "a1b2c3d4-1234-5678-9abc-def012345678"),
		append([]restorejobs.Option{restorejobs.WithBaseURL(benchBase), restorejobs.WithTransport(api)}, opts...)...)
	require.NoError(tb, err)
	return client
}

// benchKind is a generation of jobs.
type benchKind struct {
	name string
	job  string // with %q for the id
	jobs func(*restorejobs.Client) *restorejobs.Jobs
}

// benchKinds are the two generations that differ in what there is to decode.
var benchKinds = []benchKind{
	{"Classic", benchClassicJob, func(c *restorejobs.Client) *restorejobs.Jobs {
		return c.OpsManager.Cluster("5196d3628d022db4cbc26d9e", "5196e5b0e4b0fca9cc88334a").Jobs
	}},
	{"AtlasV2", benchCloudJob, func(c *restorejobs.Client) *restorejobs.Jobs {
		return c.AtlasV2.Cluster("5196d3628d022db4cbc26d9e", "Cluster0").Jobs
	}},
}

const benchJobID = "67c1a2b3e4b0774946a16490"

// BenchmarkGet is one job without digest.
func BenchmarkGet(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			benchGet(b, kind.jobs(benchClient(b, &benchAPI{one: fmt.Appendf(nil, kind.job, benchJobID)})))
		})
	}
}

// BenchmarkGetDigest is the same with a signature, and a new nonce every 64 calls.
func BenchmarkGetDigest(b *testing.B) {
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			benchGet(b, kind.jobs(benchClient(b, &benchAPI{digest: true, one: fmt.Appendf(nil, kind.job, benchJobID)})))
		})
	}
}

func benchGet(b *testing.B, jobs *restorejobs.Jobs) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if job, err := jobs.Get(b.Context(), benchJobID); err != nil || job.ID != benchJobID {
			b.Fatal(job, err)
		}
	}
}

// BenchmarkList is a page of 500.
func BenchmarkList(b *testing.B) {
	const size = 500
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			api := &benchAPI{total: size, job: kind.job}
			api.page = api.list(1, size)
			benchList(b, kind, api)
		})
	}
}

// benchList reads the page of an API.
func benchList(b *testing.B, kind benchKind, api *benchAPI) {
	b.Helper()
	jobs := kind.jobs(benchClient(b, api))
	b.SetBytes(int64(len(api.page)))
	b.ReportAllocs()
	for b.Loop() {
		page, err := jobs.List(b.Context(), restorejobs.ListOptions{ItemsPerPage: api.total})
		if err != nil || len(page.Jobs) != api.total {
			b.Fatal(page, err)
		}
	}
}

// BenchmarkWait is one look at a job by itself, and at 500 in a list.
func BenchmarkWait(b *testing.B) {
	for _, kind := range benchKinds {
		api, ids := benchEnded(kind.job)
		jobs := kind.jobs(benchClient(b, api))
		for _, n := range []int{1, len(ids)} {
			b.Run(fmt.Sprintf("%s/%d", kind.name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if ended, err := jobs.Wait(b.Context(), ids[:n], restorejobs.WaitOptions{}); err != nil || len(ended) != n {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// benchEnded has a page of jobs that are all done.
func benchEnded(job string) (api *benchAPI, ids []string) {
	const size = 500
	api = &benchAPI{total: size, job: job}
	api.page = api.list(1, size)
	for i := range size {
		ids = append(ids, benchID(i))
	}
	api.one = fmt.Appendf(nil, job, ids[0])
	return api, ids
}

func benchID(i int) string { return fmt.Sprintf("67c1a2b3e4b0%012x", i) }

// BenchmarkAll streams 100,000 jobs with the default read-ahead.
func BenchmarkAll(b *testing.B) {
	const total = 100_000
	for _, kind := range benchKinds {
		b.Run(kind.name, func(b *testing.B) {
			api := &benchAPI{total: total, job: kind.job}
			api.writeAll(500)
			jobs := kind.jobs(benchClient(b, api))
			b.ReportAllocs()
			for b.Loop() {
				seen := 0
				for _, err := range jobs.All(b.Context(), restorejobs.ListOptions{}) {
					if err != nil {
						b.Fatal(err)
					}
					seen++
				}
				if seen != total {
					b.Fatal(seen)
				}
			}
		})
	}
}
