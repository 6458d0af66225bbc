package allocations_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
)

// allocationBounds are the most allocations each piece of work may make, the round
// tripper of the benchmarks included. They do not depend on the machine. A change that
// needs fewer lowers its bound; one that needs more has a reason in its commit.
var allocationBounds = map[string]float64{
	"Get/Classic":         13,
	"Get/AtlasV2":         14,
	"GetDigest/Classic":   15,
	"GetDigest/AtlasV2":   16,
	"GetBearer/Classic":   13,
	"GetBearer/AtlasV2":   14,
	"GetObserved/Classic": 17,
	"GetObserved/AtlasV2": 18,
	"List/Classic":        740, // 500 jobs
	"List/AtlasV2":        1245,
	"All/Classic":         7700, // 5,000 jobs in ten pages
	"All/AtlasV2":         12700,
	"Wait/Classic/1":      35,
	"Wait/AtlasV2/1":      35,
	"Wait/Classic/500":    2050,
	"Wait/AtlasV2/500":    2550,
	"Download":            120, // 8 MiB
}

// TestAllocations holds the hot paths to their bounds. It is not parallel: it counts what
// the whole process allocates.
func TestAllocations(t *testing.T) { //nolint:paralleltest // see above
	testutil.SkipUnderRace(t)
	const size, total = 500, 5000
	for _, kind := range benchKinds {
		one := fmt.Appendf(nil, kind.job, benchJobID)
		get := func(jobs *restorejobs.Jobs) func(*testing.T) {
			return func(t *testing.T) {
				_, err := jobs.Get(t.Context(), benchJobID)
				require.NoError(t, err)
			}
		}
		assertAllocs(t, "Get/"+kind.name, 200, get(kind.jobs(benchClient(t, &benchAPI{one: one}))))
		assertAllocs(t, "GetDigest/"+kind.name, 200, get(kind.jobs(benchClient(t, &benchAPI{digest: true, one: one}))))

		bearer, err := restorejobs.NewClient(restorejobs.BearerToken(func(context.Context) (string, error) { return "token", nil }),
			restorejobs.WithBaseURL(benchBase), restorejobs.WithTransport(&benchAPI{one: one}))
		require.NoError(t, err)
		assertAllocs(t, "GetBearer/"+kind.name, 200, get(kind.jobs(bearer)))

		quiet := slog.New(slog.DiscardHandler)
		assertAllocs(t, "GetObserved/"+kind.name, 200, get(kind.jobs(benchClient(t, &benchAPI{one: one},
			restorejobs.WithObserver(func(context.Context, restorejobs.Attempt) {}), restorejobs.WithLogger(quiet)))))

		api := &benchAPI{total: size, job: kind.job}
		api.page = api.list(1, size)
		pages := kind.jobs(benchClient(t, api))
		assertAllocs(t, "List/"+kind.name, 20, func(t *testing.T) {
			page, err := pages.List(t.Context(), restorejobs.ListOptions{ItemsPerPage: size})
			require.NoError(t, err)
			require.Len(t, page.Jobs, size)
		})

		ended, ids := benchEnded(kind.job)
		waits := kind.jobs(benchClient(t, ended))
		for _, n := range []int{1, len(ids)} {
			assertAllocs(t, fmt.Sprintf("Wait/%s/%d", kind.name, n), 20, func(t *testing.T) {
				jobs, err := waits.Wait(t.Context(), ids[:n], restorejobs.WaitOptions{})
				require.NoError(t, err)
				require.Len(t, jobs, n)
			})
		}

		written := &benchAPI{total: total, job: kind.job}
		written.writeAll(size)
		all := kind.jobs(benchClient(t, written))
		assertAllocs(t, "All/"+kind.name, 5, func(t *testing.T) {
			seen := 0
			for _, err := range all.All(t.Context(), restorejobs.ListOptions{ReadAhead: -1}) {
				require.NoError(t, err)
				seen++
			}
			require.Equal(t, total, seen)
		})
	}
}

// The allocations of a download do not depend on the length of the file.
func TestAllocations_downloadTo(t *testing.T) { //nolint:paralleltest // as above
	testutil.SkipUnderRace(t)
	jobs := benchKinds[1].jobs(benchClient(t, &benchAPI{one: fmt.Appendf(nil, benchDownload, benchJobID)}))
	assertAllocs(t, "Download", 10, func(t *testing.T) {
		file, err := jobs.DownloadTo(t.Context(), benchJobID, io.Discard, restorejobs.DownloadOptions{})
		require.NoError(t, err)
		require.EqualValues(t, benchArchive, file.Size)
	})
}

func assertAllocs(t *testing.T, name string, runs int, work func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		bound, ok := allocationBounds[name]
		require.True(t, ok, "no bound is recorded")
		got := testing.AllocsPerRun(runs, func() { work(t) })
		t.Logf("%.0f allocations, bound %.0f", got, bound)
		require.LessOrEqual(t, got, bound, "more allocations than recorded")
	})
}
