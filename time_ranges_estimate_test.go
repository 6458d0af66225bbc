package restorejobs_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

const (
	pitCluster = `{"id":"1","groupId":"p","name":"c","clusterType":"REPLICASET","stateName":"IDLE","pitEnabled":true,"backupEnabled":true}`
	noBackup   = `{"detail":"No backup configuration exists for cluster 1 in group p.","error":404,"errorCode":"BACKUP_CONFIG_NOT_FOUND","parameters":["1","p"],"reason":"Not Found"}`
)

// atlasWindow is an API with one cluster and its schedule. Each response needs a second.
func atlasWindow(cluster, schedule string) *scriptedAPI {
	return newScriptedAPI(func(_ int, r *http.Request) (*http.Response, error) {
		time.Sleep(time.Second)
		body := cluster
		if strings.HasSuffix(r.URL.Path, "/backup/schedule") {
			body = schedule
		}
		status := http.StatusOK
		var problem struct {
			Error int `json:"error"`
		}
		if err := json.Unmarshal([]byte(body), &problem); err == nil && problem.Error != 0 {
			status = problem.Error
		}
		return testutil.JSON(status, body), nil
	})
}

func TestRestorableTimeRanges_estimate(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	policy := func(items string) string {
		return `{"restoreWindowDays":7,"policies":[{"id":"1","policyItems":[` + items + `]}]}`
	}
	item := func(frequency, unit, value string) string {
		return `{"frequencyType":"` + frequency + `","frequencyInterval":6,"retentionUnit":"` + unit + `","retentionValue":` + value + `}`
	}
	for name, test := range map[string]struct {
		cluster, schedule string
		window            time.Duration // 0: no range
	}{
		"window":                  {pitCluster, `{"restoreWindowDays":3,"policies":[]}`, 3 * day},
		"hourly is longer":        {pitCluster, policy(item("hourly", "weeks", "2")), 7 * day},
		"hourly is shorter":       {pitCluster, policy(item("hourly", "days", "2")), 2 * day},
		"in upper case":           {pitCluster, policy(item("HOURLY", "DAYS", "2")), 2 * day},
		"other items are shorter": {pitCluster, policy(item("daily", "days", "1") + "," + item("ondemand", "days", "1")), 7 * day},
		"the longest hourly item": {pitCluster, policy(item("hourly", "days", "2") + "," + item("hourly", "days", "4")), 4 * day},
		"unknown unit":            {pitCluster, policy(item("hourly", "fortnights", "1")), 7 * day},
		"odd retention":           {pitCluster, policy(item("hourly", "days", `"2"`)), 7 * day},
		"off":                     {strings.Replace(pitCluster, `"pitEnabled":true`, `"pitEnabled":false`, 1), policy(item("hourly", "days", "2")), 0},
		"off, nothing else":       {strings.Replace(pitCluster, `"pitEnabled":true`, `"pitEnabled":false`, 1), `{"error":403,"errorCode":"USER_UNAUTHORIZED"}`, 0},
		"not reported":            {strings.Replace(pitCluster, `"pitEnabled":true,`, ``, 1), policy(""), 0},
		"no backup":               {pitCluster, noBackup, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := atlasWindow(test.cluster, test.schedule)
				cluster := s.cluster(t)
				_, err := cluster.RestorableTimeRanges(t.Context()) // its first request waits for a challenge
				require.NoError(t, err)
				start := time.Now()
				ranges, err := cluster.RestorableTimeRanges(t.Context())
				require.NoError(t, err)
				assert.Equal(t, time.Second, time.Since(start), "the requests are concurrent")
				if test.window == 0 {
					assert.Equal(t, []restorejobs.TimeRange{}, ranges)
					return
				}
				end := time.Now().UTC()
				assert.Equal(t, []restorejobs.TimeRange{{
					Start:     restorejobs.Timestamp{Date: end.Add(-test.window)},
					End:       restorejobs.Timestamp{Date: end},
					Estimated: true,
				}}, ranges)
			})
		})
	}
}

// Months have different lengths.
func TestRestorableTimeRanges_estimateOfMonths(t *testing.T) {
	t.Parallel()
	for unit, want := range map[string]time.Duration{"months": 31 * 24 * time.Hour, "years": 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) { // it begins on 2000-01-01
			s := atlasWindow(pitCluster, `{"restoreWindowDays":1000,"policies":[{"policyItems":[{"frequencyType":"hourly","retentionUnit":"`+unit+`","retentionValue":1}]}]}`)
			ranges, err := s.cluster(t).RestorableTimeRanges(t.Context())
			require.NoError(t, err)
			require.Len(t, ranges, 1)
			assert.Equal(t, want, ranges[0].End.Date.Sub(ranges[0].Start.Date), unit)
		})
	}
}

func TestRestorableTimeRanges_estimateRequests(t *testing.T) {
	t.Parallel()
	requests := make(chan string, 2)
	s := newScriptedAPI(func(_ int, r *http.Request) (*http.Response, error) {
		requests <- r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Accept")
		body := pitCluster
		if strings.HasSuffix(r.URL.Path, "/backup/schedule") {
			body = `{"restoreWindowDays":1}`
		}
		return testutil.JSON(http.StatusOK, body, "Date", "Mon, 10 Aug 2026 03:16:54 GMT"), nil
	})
	ranges, err := s.cluster(t).RestorableTimeRanges(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"GET /api/atlas/v2/groups/p/clusters/c application/vnd.atlas.2024-08-05+json",
		"GET /api/atlas/v2/groups/p/clusters/c/backup/schedule application/vnd.atlas.2024-08-05+json",
	}, []string{<-requests, <-requests})
	require.Len(t, ranges, 1)
	assert.Equal(t, "2026-08-10T03:16:54Z", ranges[0].End.Date.Format(time.RFC3339), "by the server's clock")
}

func TestRestorableTimeRanges_estimateOfServer(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		scope := restorejobstest.AtlasV2Cluster
		jobs := jobsOf(t, server, scope)
		time.Sleep(20 * 365 * 24 * time.Hour) // Atlas has no times before 2008
		ranges, err := jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err)
		require.Len(t, ranges, 1)
		assert.True(t, ranges[0].Estimated)
		assert.Equal(t, 7*24*time.Hour, ranges[0].End.Date.Sub(ranges[0].Start.Date))
		for at, want := range map[time.Time]bool{
			ranges[0].Start.Date.Add(-time.Hour): false,
			ranges[0].End.Date.Add(-time.Hour):   true,
		} {
			assert.Equal(t, want, ranges[0].Contains(at))
			created, err := jobs.Create(t.Context(), restorejobs.FromPointInTime(at), restorejobs.ToCluster(scope.Project(), scope.Target()))
			assert.Equal(t, want, err == nil, "%s: %v", at, err)
			for _, job := range created {
				server.FinishJob(job.ID)
			}
		}

		server.EditSchedule(scope, scope.Cluster(), func(doc map[string]any) { doc["restoreWindowDays"] = 2 })
		ranges, err = jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 2*24*time.Hour, ranges[0].End.Date.Sub(ranges[0].Start.Date))
		for _, off := range []string{"pitEnabled", "backupEnabled"} {
			server.EditCluster(scope, scope.Cluster(), nil)
			server.EditCluster(scope, scope.Cluster(), func(doc map[string]any) { doc[off] = false })
			ranges, err = jobs.RestorableTimeRanges(t.Context())
			require.NoError(t, err)
			assert.Empty(t, ranges, off)
		}
	})
}

// An estimate that is stored and read again is still an estimate.
func TestTimeRange_estimateInJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 16, 54, 0, time.UTC)
	estimate := restorejobs.TimeRange{
		Start:     restorejobs.Timestamp{Date: at.Add(-time.Hour)},
		End:       restorejobs.Timestamp{Date: at},
		Estimated: true,
	}
	text, err := json.Marshal(estimate)
	require.NoError(t, err)
	var read restorejobs.TimeRange
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, estimate, read)
	text, err = json.Marshal(restorejobs.TimeRange{})
	require.NoError(t, err)
	assert.NotContains(t, string(text), "stimated")
}

func TestRestorableTimeRanges_estimateFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cluster, schedule string
		want              error
	}{
		"no cluster":        {`{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`, `{"error":404,"errorCode":"CLUSTER_NOT_FOUND"}`, restorejobs.ErrNotFound},
		"a flex cluster":    {`{"error":400,"errorCode":"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"}`, noBackup, restorejobs.ErrorCodeCannotUseFlexClusterInClusterAPI},
		"another 404":       {pitCluster, `{"error":404,"errorCode":"GROUP_NOT_FOUND"}`, restorejobs.ErrNotFound},
		"schedule refused":  {pitCluster, `{"error":403,"errorCode":"SOMETHING"}`, restorejobs.ErrForbidden},
		"window not told":   {pitCluster, `{"policies":[]}`, nil},
		"not an object":     {pitCluster, `[]`, nil},
		"cluster not a one": {`[]`, `{"restoreWindowDays":1}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := atlasWindow(test.cluster, test.schedule)
				ranges, err := s.cluster(t).RestorableTimeRanges(t.Context())
				require.Error(t, err)
				assert.Nil(t, ranges)
				assert.ErrorContains(t, err, "get restorable time ranges")
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}
			})
		})
	}
}

// A window that is longer than a date can tell is a century.
func TestRestorableTimeRanges_hugeWindow(t *testing.T) {
	t.Parallel()
	for _, days := range []string{"36501", "4000000", "9223372036854775807"} {
		synctest.Test(t, func(t *testing.T) {
			ranges, err := atlasWindow(pitCluster, `{"restoreWindowDays":`+days+`,"policies":[{"policyItems":[`+
				`{"frequencyType":"hourly","retentionUnit":"years","retentionValue":9223372036854775807}]}]}`).cluster(t).RestorableTimeRanges(t.Context())
			require.NoError(t, err)
			require.Len(t, ranges, 1)
			assert.Equal(t, 36500*24*time.Hour, ranges[0].End.Date.Sub(ranges[0].Start.Date), days)
			assert.True(t, ranges[0].Contains(time.Now().Add(-time.Hour)), days)
		})
	}
}
