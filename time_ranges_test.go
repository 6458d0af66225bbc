package restorejobs_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestRestorableTimeRanges(t *testing.T) {
	t.Parallel()
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		if r.scope == restorejobstest.AtlasV2Cluster {
			return // an estimate: see TestRestorableTimeRanges_estimateOfServer
		}
		ranges, err := jobs.RestorableTimeRanges(t.Context())
		if !r.ranges {
			assertUnsupported(t, server, r, "get restorable time ranges", err)
			return
		}
		require.NoError(t, err)
		require.NotEmpty(t, ranges)
		assert.False(t, ranges[0].Start.IsZero())
		assert.False(t, ranges[0].End.Date.Before(ranges[0].Start.Date))
		assertRequest(t, r, sent(t, server), http.MethodPost, r.path+"/restorableTimeRanges", "")
	})
}

func TestTimeRangeContains_edges(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 8, 10, 3, 0, 0, 0, time.UTC)
	end := start.Add(time.Hour)
	span := restorejobs.TimeRange{
		Start: restorejobs.Timestamp{Date: start, Increment: 5},
		End:   restorejobs.Timestamp{Date: end, Increment: 2},
	}
	for name, test := range map[string]struct {
		span restorejobs.TimeRange
		at   time.Time
		want bool
	}{
		"before":                {span, start.Add(-time.Second), false},
		"a moment before":       {span, start.Add(-time.Nanosecond), false},
		"the base snapshot":     {span, start, false},
		"a moment later":        {span, start.Add(time.Nanosecond), true},
		"a second later":        {span, start.Add(time.Second), true},
		"inside":                {span, start.Add(30*time.Minute + time.Millisecond), true},
		"another zone":          {span, start.Add(time.Minute).In(time.FixedZone("", 3600)), true},
		"the end":               {span, end, true},
		"a moment after":        {span, end.Add(time.Nanosecond), false},
		"after":                 {span, end.Add(time.Second), false},
		"no time":               {span, time.Time{}, false},
		"no start":              {restorejobs.TimeRange{End: span.End}, start, false},
		"no end":                {restorejobs.TimeRange{Start: span.Start}, end, false},
		"nothing":               {restorejobs.TimeRange{}, start, false},
		"one entry":             {restorejobs.TimeRange{Start: span.Start, End: span.Start}, start, false},
		"two in one second":     {restorejobs.TimeRange{Start: span.Start, End: restorejobs.Timestamp{Date: start, Increment: 9}}, start, false},
		"end before start":      {restorejobs.TimeRange{Start: span.End, End: span.Start}, start.Add(time.Minute), false},
		"no increments":         {restorejobs.TimeRange{Start: restorejobs.Timestamp{Date: start}, End: restorejobs.Timestamp{Date: end}}, end, true},
		"no increment at start": {restorejobs.TimeRange{Start: restorejobs.Timestamp{Date: start}, End: restorejobs.Timestamp{Date: end}}, start, false},
	} {
		assert.Equal(t, test.want, test.span.Contains(test.at), name)
	}
}

// The test server refuses the points that a range does not contain.
func TestTimeRangeContains_agreesWithServer(t *testing.T) {
	t.Parallel()
	for _, scope := range []restorejobstest.Scope{restorejobstest.CloudManagerCluster, restorejobstest.OpsManagerCluster} {
		inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
			jobs := jobsOf(t, server, scope)
			time.Sleep(20 * 365 * 24 * time.Hour) // the snapshots are of 2017
			ranges, err := jobs.RestorableTimeRanges(t.Context())
			require.NoError(t, err)
			require.Len(t, ranges, 1)
			span := ranges[0]
			assert.False(t, span.Estimated)
			for _, at := range []time.Time{span.Start.Date.Add(-time.Second), span.Start.Date, span.Start.Date.Add(time.Second), span.End.Date} {
				_, err := jobs.Create(t.Context(), restorejobs.FromPointInTime(at), restorejobs.ToCluster(scope.Project(), scope.Target()))
				assert.Equal(t, span.Contains(at), err == nil, "%s: %v", at, err)
				time.Sleep(time.Hour) // until the target is restored
			}
		})
	}
}

func TestRestorableTimeRanges_isRetried(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.OpsManagerCluster
		server.InjectFault(restorejobstest.RespondHTML(http.StatusServiceUnavailable), 1)
		server.InjectFault(restorejobstest.TruncateBody(10), 1)
		server.InjectFault(restorejobstest.ResetConnection(), 1)
		ranges, err := client.OpsManager.Cluster(scope.Project(), scope.Cluster()).Jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err, "a POST that only reads")
		assert.NotEmpty(t, ranges)
	})
}

func TestTimeRange_String(t *testing.T) {
	t.Parallel()
	start := restorejobs.Timestamp{Date: time.Date(2026, 11, 27, 1, 2, 3, 0, time.FixedZone("", 3600)), Increment: 7}
	end := restorejobs.Timestamp{Date: time.Date(2026, 11, 28, 4, 5, 6, 7e6, time.UTC)}
	for want, span := range map[string]restorejobs.TimeRange{
		"2026-11-27T00:02:03Z to 2026-11-28T04:05:06.007Z from snapshot s 1":             {Start: start, End: end, SnapshotID: "s\n1"},
		"2026-11-27T00:02:03Z to 2026-11-28T04:05:06.007Z from snapshot s with 2 shards": {Start: start, End: end, SnapshotID: "s", ShardCount: 2},
		"2026-11-27T00:02:03Z to 2026-11-28T04:05:06.007Z, an estimate":                  {Start: start, End: end, Estimated: true},
		"unknown to unknown": {},
	} {
		assert.Equal(t, want, span.String())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			assert.Equal(t, want, fmt.Sprintf(verb, span), verb)
			assert.Equal(t, "["+want+"]", fmt.Sprintf("%v", []restorejobs.TimeRange{span}))
		}
	}
}
