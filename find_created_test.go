package restorejobs_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// A create whose reply was lost is found: all of its jobs, and no others.
func TestFindCreated_everyVariant(t *testing.T) {
	t.Parallel()
	eachRestore(t, func(t *testing.T, server *restorejobstest.Server, jobs *restorejobs.Jobs, r restore) {
		server.SetAutomationGoalDelay(time.Second)
		server.SetAgentDelay(time.Second)
		before, err := jobs.Create(t.Context(), r.point, r.to) // the same, earlier
		require.NoError(t, err)
		endRestores(server, before) // else its target is busy
		time.Sleep(time.Minute)
		since := time.Now()
		found, err := jobs.FindCreated(t.Context(), since, r.point, r.to)
		require.NoError(t, err)
		assert.NotNil(t, found)
		assert.Empty(t, found)

		server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
		_, err = jobs.Create(t.Context(), r.point, r.to)
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		found, err = jobs.FindCreated(t.Context(), since, r.point, r.to)
		require.NoError(t, err)
		require.Len(t, found, 1, "one create")
		assert.Len(t, found[0], len(before), "all of the batch")
		for _, job := range found[0] {
			assert.NotContains(t, restorejobs.JobIDs(before), job.ID)
		}
		assert.Equal(t, 2, server.CreateCount(), "none is started twice")
		_, err = jobs.Wait(t.Context(), restorejobs.JobIDs(found[0]), restorejobs.WaitOptions{})
		require.NoError(t, err)
	})
}

// endRestores finishes jobs.
func endRestores(server *restorejobstest.Server, jobs []*restorejobs.Job) {
	for _, job := range jobs {
		server.FinishJob(job.ID)
	}
}

// Restores of other points and to other places are not taken for it.
func TestFindCreated_otherRestores(t *testing.T) {
	t.Parallel()
	eachRestore(t, func(t *testing.T, _ *restorejobstest.Server, jobs *restorejobs.Jobs, r restore) {
		since := time.Now()
		created, err := jobs.Create(t.Context(), r.point, r.to)
		require.NoError(t, err)
		early := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
		for name, other := range map[string]restore{
			"snapshot": {restorejobs.FromSnapshot("5c0ffee0000000000000dddd"), r.to},
			"time":     {restorejobs.FromPointInTime(early), r.to},
			"oplog":    {restorejobs.FromOplog(restorejobs.Timestamp{Date: early, Increment: 1}), r.to},
			"project":  {r.point, restorejobs.ToCluster("5c0ffee0000000000000eeee", "elsewhere")},
			"download": {r.point, restorejobs.ToDownload()},
		} {
			if other == r {
				continue
			}
			if name != "snapshot" && name != "project" && created[0].SnapshotID != "" && strings.Contains(jobs.String(), "atlasv2/") &&
				strings.Contains(jobs.String(), "/legacyClusters/") {
				continue // which do not say whether a job is for a point in time
			}
			found, err := jobs.FindCreated(t.Context(), since, other.point, other.to)
			if err != nil {
				assert.ErrorIs(t, err, restorejobs.ErrInvalidArgument, name) // the variant does not have it
				continue
			}
			assert.Empty(t, found, name)
		}
		found, err := jobs.FindCreated(t.Context(), since, r.point, r.to)
		require.NoError(t, err)
		require.Len(t, found, 1)
		assert.ElementsMatch(t, restorejobs.JobIDs(created), restorejobs.JobIDs(found[0]))
	})
}

// What a server does not tell does not hide a job.
func TestFindCreated_missingFields(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)
	entry := restorejobs.Timestamp{Date: at.Add(-time.Hour), Increment: 3}
	into, link := restorejobs.ToCluster("g", "t"), restorejobs.ToDownload()
	manager := func(s *scriptedAPI) *restorejobs.Jobs { return s.manager(t) }
	legacy := func(s *scriptedAPI) *restorejobs.Jobs { return s.client(t).AtlasV2.LegacyCluster("p", "c").Jobs }
	cloud := func(s *scriptedAPI) *restorejobs.Jobs { return s.cluster(t) }
	flex := func(s *scriptedAPI) *restorejobs.Jobs { return s.client(t).AtlasV2.Flex("p", "c").Jobs }
	const (
		created = `"created":"2026-08-10T12:00:00Z","statusName":"IN_PROGRESS"`
		target  = `"delivery":{"methodName":"HTTP","targetGroupId":"g","targetClusterId":"t"}`
		id      = `"id":"6a79bd400000000000000001"` // of 12:00:00

		scheduled = `"restoreScheduledDate":"2026-08-10T12:00:00Z","status":"PENDING","snapshotId":"s"`
	)
	for name, test := range map[string]struct {
		jobs  func(*scriptedAPI) *restorejobs.Jobs
		job   string
		point restorejobs.RestorePoint
		to    restorejobs.Destination
		found bool
	}{
		"no delivery yet":          {manager, `{` + created + `,"snapshotId":"s"}`, restorejobs.FromSnapshot("s"), into, true},
		"no target yet":            {manager, `{` + created + `,"snapshotId":"s","delivery":{"methodName":"AUTOMATED_RESTORE"}}`, restorejobs.FromSnapshot("s"), into, true},
		"queryable":                {manager, `{` + created + `,"snapshotId":"s","delivery":{"methodName":"QUERY"}}`, restorejobs.FromSnapshot("s"), link, false},
		"created before":           {manager, `{"created":"2026-08-10T11:59:50Z","statusName":"IN_PROGRESS","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, false},
		"clock a little behind":    {manager, `{"created":"2026-08-10T11:59:56Z","statusName":"IN_PROGRESS","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, true},
		"time unknown":             {manager, `{"id":"odd","statusName":"IN_PROGRESS","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, true},
		"no pointInTime":           {manager, `{` + created + `,"timestamp":{"date":"2026-08-10T10:59:59Z","increment":9},` + target + `}`, restorejobs.FromPointInTime(entry.Date), into, true},
		"not a point in time":      {manager, `{` + created + `,"pointInTime":false,"timestamp":{"date":"2026-08-10T10:59:59Z","increment":9},` + target + `}`, restorejobs.FromPointInTime(entry.Date), into, false},
		"a point of a snapshot":    {manager, `{` + created + `,"pointInTime":true,"snapshotId":"s",` + target + `}`, restorejobs.FromSnapshot("s"), into, false},
		"later data":               {manager, `{` + created + `,"pointInTime":true,"timestamp":{"date":"2026-08-10T11:00:01Z","increment":1},` + target + `}`, restorejobs.FromPointInTime(entry.Date), into, false},
		"the entry":                {manager, `{` + created + `,"pointInTime":true,"timestamp":{"date":"2026-08-10T11:00:00Z","increment":3},` + target + `}`, restorejobs.FromOplog(entry), into, true},
		"a later entry":            {manager, `{` + created + `,"pointInTime":true,"timestamp":{"date":"2026-08-10T11:00:00Z","increment":4},` + target + `}`, restorejobs.FromOplog(entry), into, false},
		"checkpoint":               {manager, `{` + created + `,"checkpointId":"c",` + target + `}`, restorejobs.FromCheckpoint("c"), into, true},
		"checkpoint not told":      {manager, `{` + created + `,` + target + `}`, restorejobs.FromCheckpoint("c"), into, true},
		"another checkpoint":       {manager, `{` + created + `,"checkpointId":"d",` + target + `}`, restorejobs.FromCheckpoint("c"), into, false},
		"no checkpoint":            {manager, `{` + created + `,"checkpointId":"d","snapshotId":"s",` + target + `}`, restorejobs.FromSnapshot("s"), into, false},
		"another cluster":          {manager, `{` + created + `,"snapshotId":"s",` + target + `}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("g", "u"), false},
		"another project":          {manager, `{` + created + `,"snapshotId":"s",` + target + `}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("h", "t"), false},
		"legacy target by id":      {legacy, `{` + created + `,"snapshotId":"s","delivery":{"methodName":"HTTP","targetGroupId":"g","targetClusterId":"1"}}`, restorejobs.FromSnapshot("s"), into, true},
		"legacy target by name":    {legacy, `{` + created + `,"snapshotId":"s","delivery":{"methodName":"HTTP","targetClusterName":"u","targetClusterId":"1"}}`, restorejobs.FromSnapshot("s"), into, false},
		"cloud, time of the id":    {cloud, `{` + id + `,"deliveryType":"download","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, true},
		"cloud, id of before":      {cloud, `{"id":"6a79bcc80000000000000001","deliveryType":"download","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, false},
		"cloud, createdAt":         {cloud, `{"id":"6a79bcc80000000000000001","createdAt":"2026-08-10T12:00:01Z","deliveryType":"download","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, true},
		"cloud, a restore":         {cloud, `{` + id + `,"deliveryType":"automated","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), link, false},
		"cloud, a download":        {cloud, `{` + id + `,"deliveryType":"download","snapshotId":"s"}`, restorejobs.FromSnapshot("s"), into, false},
		"cloud, seconds":           {cloud, `{` + id + `,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1786359600}`, restorejobs.FromPointInTime(entry.Date), into, true},
		"cloud, other seconds":     {cloud, `{` + id + `,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1786359601}`, restorejobs.FromPointInTime(entry.Date), into, false},
		"cloud, an entry's second": {cloud, `{` + id + `,"deliveryType":"pointInTime","oplogTs":1786359600,"oplogInc":3}`, restorejobs.FromPointInTime(entry.Date), into, false},
		"cloud, entry":             {cloud, `{` + id + `,"deliveryType":"pointInTime","oplogTs":1786359600,"oplogInc":3}`, restorejobs.FromOplog(entry), into, true},
		"cloud, other entry":       {cloud, `{` + id + `,"deliveryType":"pointInTime","oplogTs":1786359600,"oplogInc":4}`, restorejobs.FromOplog(entry), into, false},
		"cloud, a second's entry":  {cloud, `{` + id + `,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1786359600}`, restorejobs.FromOplog(entry), into, false},
		"cloud, desired":           {cloud, `{` + id + `,"deliveryType":"pointInTime","desiredTimestamp":{"date":"2026-08-10T11:00:00Z","increment":3}}`, restorejobs.FromOplog(entry), into, true},
		"cloud, other desired":     {cloud, `{` + id + `,"deliveryType":"pointInTime","desiredTimestamp":{"date":"2026-08-10T11:00:00Z","increment":4}}`, restorejobs.FromOplog(entry), into, false},
		"cloud, desired time":      {cloud, `{` + id + `,"deliveryType":"pointInTime","desiredTimestamp":{"date":"2026-08-10T11:00:00Z","increment":1}}`, restorejobs.FromPointInTime(entry.Date), into, true},
		"cloud, nothing told":      {cloud, `{` + id + `,"deliveryType":"pointInTime","desiredTimestamp":{"date":null,"increment":null}}`, restorejobs.FromPointInTime(entry.Date), into, true},
		"cloud, another cluster":   {cloud, `{` + id + `,"deliveryType":"automated","snapshotId":"s","targetClusterName":"u"}`, restorejobs.FromSnapshot("s"), into, false},
		"flex":                     {flex, `{"restoreScheduledDate":"2026-08-10T12:00:00Z","status":"PENDING","snapshotId":"s","targetDeploymentItemName":"t","targetProjectId":"p"}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("", "t"), true},
		"flex, another project":    {flex, `{"restoreScheduledDate":"2026-08-10T12:00:00Z","status":"PENDING","snapshotId":"s","targetDeploymentItemName":"t","targetProjectId":"g"}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("", "t"), false},
		"flex, a download":         {flex, `{` + scheduled + `,"deliveryType":"DOWNLOAD"}`, restorejobs.FromSnapshot("s"), link, true},
		"flex, with a target":      {flex, `{` + scheduled + `,"deliveryType":"DOWNLOAD","targetDeploymentItemName":"c","targetProjectId":"p"}`, restorejobs.FromSnapshot("s"), link, true},
		"flex, other snapshot":     {flex, `{` + scheduled + `,"deliveryType":"DOWNLOAD"}`, restorejobs.FromSnapshot("t"), link, false},
		"flex, a restore":          {flex, `{` + scheduled + `,"deliveryType":"RESTORE","targetDeploymentItemName":"t"}`, restorejobs.FromSnapshot("s"), link, false},
		"flex, type not told":      {flex, `{` + scheduled + `}`, restorejobs.FromSnapshot("s"), link, true},
		"flex, not a restore":      {flex, `{` + scheduled + `,"deliveryType":"DOWNLOAD","targetDeploymentItemName":"t"}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("", "t"), false},
		"flex, another cluster":    {flex, `{"restoreScheduledDate":"2026-08-10T12:00:00Z","status":"PENDING","snapshotId":"s","targetDeploymentItemName":"u","targetProjectId":"p"}`, restorejobs.FromSnapshot("s"), restorejobs.ToCluster("", "t"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
				return testutil.JSON(200, `{"results":[`+test.job+`]}`), nil
			})
			found, err := test.jobs(s).FindCreated(t.Context(), at, test.point, test.to)
			require.NoError(t, err)
			assert.Equal(t, test.found, len(found) == 1)
		})
	}
}

// The parts of a sharded create come together, even where one reports another snapshot.
func TestFindCreated_wholeBatch(t *testing.T) {
	t.Parallel()
	part := func(id, snapshot, batch string) string {
		return fmt.Sprintf(`{"id":%q,"statusName":"IN_PROGRESS","created":"2026-08-10T12:00:00Z","snapshotId":%q,"batchId":%q}`, id, snapshot, batch)
	}
	body := `{"results":[` + part("3", "config", "b") + `,` + part("2", "s", "b") + `,` + part("1", "other", "c") + `]}`
	s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) { return testutil.JSON(200, body), nil })
	found, err := s.manager(t).FindCreated(t.Context(), time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC), restorejobs.FromSnapshot("s"),
		restorejobs.ToDownload())
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"3", "2"}}, idsOf(found))
}

// idsOf are the ids of the jobs of each create.
func idsOf(creates [][]*restorejobs.Job) [][]string {
	var ids [][]string
	for _, create := range creates {
		ids = append(ids, restorejobs.JobIDs(create))
	}
	return ids
}

// Each create has its own jobs, newest create first, in whatever order the list comes.
func TestFindCreated_groupsJobsByCreate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)
	job := func(id, batch string, second int, status string) string {
		text := fmt.Sprintf(`{"id":%q,"statusName":%q,"created":%q,"snapshotId":"s"`, id, status, at.Add(time.Duration(second)*time.Second).Format(time.RFC3339))
		if batch != "" {
			text += fmt.Sprintf(`,"batchId":%q`, batch)
		}
		return text + "}"
	}
	list := []string{
		job("e", "second", 41, "FINISHED"), job("d", "first", 12, "BROKEN"), job("f", "second", 40, "KILLED"), job("b", "", 20, "BROKEN"),
		job("c", "first", 11, "FINISHED"), job("a", "", 30, "IN_PROGRESS"), job("g", "", 20, "KILLED"),
	}
	newestFirst := [][]string{{"e", "f"}, {"a"}, {"b"}, {"g"}, {"d", "c"}}
	for name, isReversed := range map[string]bool{"as it comes": false, "the other way": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jobs := slices.Clone(list)
			want := newestFirst
			if isReversed {
				slices.Reverse(jobs)
				want = [][]string{{"f", "e"}, {"a"}, {"g"}, {"b"}, {"c", "d"}}
			}
			s := newScriptedAPI(bodies(`{"results":[` + strings.Join(jobs, ",") + `]}`))
			found, err := s.manager(t).FindCreated(t.Context(), at, restorejobs.FromSnapshot("s"), restorejobs.ToDownload())
			require.NoError(t, err)
			assert.Equal(t, want, idsOf(found))
		})
	}
}

// Nothing is left out by its state: the caller checks it.
func TestFindCreated_includesJobsThatEndedBadly(t *testing.T) {
	t.Parallel()
	for _, state := range []string{`"failed":true`, `"cancelled":true`, `"expired":true`} {
		s := newScriptedAPI(bodies(`{"results":[{"id":"6a79bd400000000000000001","deliveryType":"download","snapshotId":"s",` + state + `}]}`))
		found, err := s.cluster(t).FindCreated(t.Context(), time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC), restorejobs.FromSnapshot("s"),
			restorejobs.ToDownload())
		require.NoError(t, err)
		require.Len(t, found, 1, state)
		require.Len(t, found[0], 1)
		assert.True(t, found[0][0].State().Terminal())
		assert.NotEqual(t, restorejobs.StateFinished, found[0][0].State())
	}
}

// A server whose clock is wrong is asked by its own clock.
func TestFindCreated_serverClock(t *testing.T) {
	t.Parallel()
	for _, offset := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(offset.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				since := time.Now()
				body := func(created time.Time) string {
					return fmt.Sprintf(`{"statusName":"IN_PROGRESS","snapshotId":"s","created":%q}`, created.Add(offset).UTC().Format(time.RFC3339))
				}
				s := newScriptedAPI(func(int, *http.Request) (*http.Response, error) {
					return testutil.JSON(200, `{"results":[`+body(since.Add(time.Second))+`,`+body(since.Add(-time.Minute))+`]}`, "Date", time.Now().Add(offset).UTC().Format(http.TimeFormat)), nil
				})
				time.Sleep(30 * time.Second)
				found, err := s.manager(t).FindCreated(t.Context(), since, restorejobs.FromSnapshot("s"), restorejobs.ToDownload())
				require.NoError(t, err)
				assert.Len(t, found, 1)
			})
		})
	}
}

// What takes its time, or another clock, does not move the time that is looked from: a job of
// a minute before is not found.
func TestFindCreated_clockOfFirstHeaders(t *testing.T) {
	t.Parallel()
	at := func(told time.Time) []string { return []string{"Date", told.UTC().Format(http.TimeFormat)} }
	for name, answer := range map[string]func(n int, now time.Time, jobs [2]string) (*http.Response, error){
		"headers that come late": func(_ int, now time.Time, jobs [2]string) (*http.Response, error) {
			time.Sleep(90 * time.Second)
			return testutil.JSON(200, `{"results":[`+jobs[0]+`,`+jobs[1]+`]}`, at(now.Add(90*time.Second))...), nil
		},
		"a body that comes late": func(_ int, now time.Time, jobs [2]string) (*http.Response, error) {
			return withLateBody(testutil.JSON(200, `{"results":[`+jobs[0]+`,`+jobs[1]+`]}`, at(now)...))
		},
		"a challenge before": func(n int, now time.Time, jobs [2]string) (*http.Response, error) {
			if n == 1 {
				time.Sleep(90 * time.Second)
				return testutil.JSON(401, `{}`, append(at(now), "WWW-Authenticate", `Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`)...), nil
			}
			return withLateBody(testutil.JSON(200, `{"results":[`+jobs[0]+`,`+jobs[1]+`]}`, at(now)...))
		},
		"an answer that is asked for again": func(n int, now time.Time, jobs [2]string) (*http.Response, error) {
			if n == 1 {
				return withLateBody(testutil.JSON(503, `{}`, at(now)...))
			}
			return withLateBody(testutil.JSON(200, `{"results":[`+jobs[0]+`,`+jobs[1]+`]}`, at(now)...))
		},
		"a second page by another clock": func(n int, now time.Time, jobs [2]string) (*http.Response, error) {
			if n == 1 {
				return withLateBody(testutil.JSON(200, `{"results":[`+jobs[0]+`],"links":[{"rel":"next"}]}`, at(now)...))
			}
			return withLateBody(testutil.JSON(200, `{"results":[`+jobs[1]+`],"links":[{"rel":"self"}]}`, at(now.Add(-time.Hour))...))
		},
		"an answer out of a cache": func(_ int, now time.Time, jobs [2]string) (*http.Response, error) {
			return withLateBody(testutil.JSON(200, `{"results":[`+jobs[0]+`,`+jobs[1]+`]}`, append(at(now.Add(-10*time.Minute)), "Age", "600")...))
		},
	} {
		for _, offset := range []time.Duration{-time.Hour, 0, time.Hour} {
			t.Run(fmt.Sprintf("%s, %s ahead", name, offset), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					since := time.Now()
					body := func(id string, created time.Time) string {
						return fmt.Sprintf(`{"id":%q,"statusName":"IN_PROGRESS","snapshotId":"s","created":%q}`, id, created.Add(offset).UTC().Format(time.RFC3339))
					}
					jobs := [2]string{body("lost", since.Add(time.Second)), body("older", since.Add(-time.Minute))}
					s := newScriptedAPI(func(n int, _ *http.Request) (*http.Response, error) { return answer(n, time.Now().Add(offset), jobs) })
					seen := 0
					client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(s),
						restorejobs.WithBaseURL("https://api.example.net"), restorejobs.WithObserver(func(_ context.Context, e restorejobs.Attempt) { seen += e.HTTPRequests }))
					require.NoError(t, err)
					time.Sleep(30 * time.Second)
					found, err := client.OpsManager.Cluster("p", "c").Jobs.FindCreated(t.Context(), since, restorejobs.FromSnapshot("s"), restorejobs.ToDownload())
					require.NoError(t, err)
					assert.Equal(t, [][]string{{"lost"}}, idsOf(found))
					assert.Len(t, s.requests(), seen, "observers count as ever")
				})
			})
		}
	}
}

// withLateBody delays the body of a response by 90 seconds.
func withLateBody(resp *http.Response) (*http.Response, error) {
	resp.Body = io.NopCloser(&dripReader{left: 1, piece: readAll(resp.Body), every: 90 * time.Second})
	return resp, nil
}

func readAll(body io.Reader) []byte {
	text, _ := io.ReadAll(body) // from memory
	return text
}

// The search ends with older jobs, but only where the list shows that newest came first.
func TestFindCreated_stopsEarly(t *testing.T) {
	t.Parallel()
	since := time.Date(2026, 8, 10, 12, 0, 0, 0, time.UTC)
	before := func(ages ...time.Duration) []time.Time {
		times := make([]time.Time, len(ages))
		for i, age := range ages {
			times[i] = since.Add(-age)
		}
		return times
	}
	hourly := make([]time.Time, 1000)
	for i := range hourly {
		hourly[i] = since.Add(time.Duration(3-i) * time.Hour)
	}
	oldest := slices.Clone(hourly)
	slices.Reverse(oldest)
	bulk := slices.Repeat(before(time.Hour), 150)                                                 // of one second
	batch := slices.Repeat(before(time.Hour, time.Hour-3*time.Second, time.Hour-time.Second), 50) // of a few
	dateless := slices.Clone(hourly)
	for i := 50; i < len(dateless); i += 50 {
		dateless[i] = time.Time{}
	}
	for name, test := range map[string]struct {
		list  []time.Time // of creation, zero where nothing tells
		found int
		pages int
	}{
		"newest first":                    {hourly, 4, 2},
		"oldest first":                    {oldest, 4, 10},
		"in no order":                     {slices.Concat(oldest[:1], oldest[500:], oldest[1:500]), 4, 10},
		"newest first, a bulk":            {slices.Concat(before(0), bulk, bulk), 1, 2},
		"oldest first, a bulk":            {slices.Concat(bulk, bulk, before(0)), 1, 4},
		"oldest first, a batch":           {slices.Concat(batch, batch, before(0)), 1, 4},
		"all of one second":               {slices.Concat(bulk, bulk), 0, 3},
		"newest first, some without time": {dateless, 4 + 19, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids := make([]string, len(test.list))
			for i := range ids {
				ids[i] = strconv.Itoa(i)
			}
			l := &jobList{ids: ids, body: func(id string) string {
				created := test.list[intOr(id, 0)]
				if created.IsZero() {
					return fmt.Sprintf(`{"id":%q,"statusName":"FINISHED","snapshotId":"s"}`, id)
				}
				return fmt.Sprintf(`{"id":%q,"statusName":"FINISHED","snapshotId":"s","created":%q}`, id, created.Format(time.RFC3339))
			}}
			s := newScriptedAPI(l.handle)
			found, err := s.manager(t).FindCreated(t.Context(), since, restorejobs.FromSnapshot("s"), restorejobs.ToDownload())
			require.NoError(t, err)
			assert.Len(t, found, test.found)
			assert.Len(t, s.requests(), test.pages)
		})
	}
}

// A list that fails or has no end is not an empty answer.
func TestFindCreated_listFails(t *testing.T) {
	t.Parallel()
	point, to := restorejobs.FromSnapshot("s"), restorejobs.ToDownload()
	for name, test := range map[string]struct {
		answer func(int, *http.Request) (*http.Response, error)
		says   string
	}{
		"refused": {func(int, *http.Request) (*http.Response, error) { return testutil.APIError(403, ""), nil }, "restorejobs: find created restore jobs: 403"},
		"no end": {
			func(int, *http.Request) (*http.Response, error) {
				return testutil.JSON(200, `{"links":[{"rel":"next","href":"x"}],"results":[{"id":"1","statusName":"FINISHED"}]}`), nil
			}, "restorejobs: find created restore jobs: page 2 repeats an earlier page",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := newScriptedAPI(test.answer).manager(t).FindCreated(t.Context(), time.Now(), point, to)
			require.ErrorContains(t, err, test.says)
			assert.Nil(t, found)
		})
	}
}

func TestFindCreated_invalidArguments(t *testing.T) {
	t.Parallel()
	s := newScriptedAPI(nil)
	_, err := s.cluster(t).FindCreated(t.Context(), time.Time{}, restorejobs.FromCheckpoint("c"), restorejobs.ToCluster("", "t"))
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, says := range []string{"find created restore jobs: ", "since must be set", "checkpoint", "projectID must not be empty"} {
		require.ErrorContains(t, err, says)
	}
	assert.Empty(t, s.requests())

	s = newScriptedAPI(func(int, *http.Request) (*http.Response, error) { return testutil.JSON(200, `{"results":[]}`), nil })
	past := restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: time.Now().Add(-time.Minute).Truncate(time.Second)})
	_, err = s.manager(t).FindCreated(t.Context(), time.Now(), restorejobs.FromSnapshot("s"), past)
	require.NoError(t, err, "the link that was asked for may have expired by now")
}

func TestFindCreated_oldestFirst(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	var results []string
	for i := range 199 {
		created := now.Add(-time.Hour + time.Duration(i)*4*time.Second)
		results = append(results, fmt.Sprintf(`{"id":"old%d","statusName":"FINISHED","snapshotId":"x","created":%q,"delivery":{"methodName":"HTTP"}}`, i, created.Format(time.RFC3339)))
	}
	results = append(results, fmt.Sprintf(`{"id":"mine","statusName":"IN_PROGRESS","snapshotId":"S","created":%q,"delivery":{"methodName":"HTTP"}}`, now.Format(time.RFC3339)))
	f := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("pageNum"))
		first := (max(page, 1) - 1) * 100
		links := `[]`
		if first+100 < len(results) {
			links = `[{"rel":"next","href":"x"}]`
		}
		first = min(first, len(results))
		body := fmt.Sprintf(`{"results":[%s],"totalCount":%d,"links":%s}`, strings.Join(results[first:min(first+100, len(results))], ","), len(results), links)
		testutil.Respond(http.StatusOK, body, "Content-Type", jsonType)(w, r)
	})
	found, err := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs.FindCreated(t.Context(), now.Add(-time.Minute),
		restorejobs.FromSnapshot("S"), restorejobs.ToDownload())
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

func TestFindCreated_checkpointIsNotASnapshot(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Format(time.RFC3339)
	f := testutil.NewServer(t, testutil.Respond(200, fmt.Sprintf(`{"results":[{"id":"other","statusName":"IN_PROGRESS","created":%q,"pointInTime":false,"snapshotId":"S","delivery":{"methodName":"HTTP","targetGroupId":"p","targetClusterId":"t"}}],"totalCount":1,"links":[]}`, now), "Content-Type", "application/json"))
	found, err := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs.FindCreated(t.Context(), time.Now().Add(-time.Minute), restorejobs.FromCheckpoint("K"), restorejobs.ToCluster("p", "t"))
	require.NoError(t, err)
	assert.Empty(t, found)
}
