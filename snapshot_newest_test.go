package restorejobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// snapshotBody is a snapshot of every format with members that decide whether it can be restored.
func snapshotBody(at time.Time, more string) string {
	date := at.UTC().Format(time.RFC3339)
	return fmt.Sprintf(`{"created":{"date":%q,"increment":1},"createdAt":%q,"finishTime":%q,%s}`, date, date, date, more)
}

const isComplete = `"complete":true,"status":"completed"`

func TestNewest_everySource(t *testing.T) {
	t.Parallel()
	newest := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	for _, scope := range restorejobstest.Scopes() {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		t.Cleanup(server.Close)
		snapshots := sourceOf(t, server, scope).Snapshots
		seed, err := snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(t, err, scope)
		assert.Contains(t, scope.Snapshots(), seed.ID)

		id := server.AddSnapshot(scope, snapshotBody(newest, isComplete))
		server.AddSnapshot(scope, snapshotBody(newest.Add(-time.Hour), isComplete))
		for _, unusable := range []string{
			`"complete":false,"status":"inProgress"`,
			`"complete":false,"status":"queued"`,
			`"complete":false,"status":"failed"`,
			`"complete":false,"status":"FAILED"`,
			`"complete":false`,
			`"status":"RUNNING"`,
			`"status":"unheard of"`,
			`"status":"completed","snapshotType":"fallback"`,
			`"complete":true,"missingShards":[{"shardName":"s0"}]`,
		} {
			server.AddSnapshot(scope, snapshotBody(newest.Add(time.Hour), unusable))
		}
		found, err := snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(t, err, scope)
		assert.Equal(t, id, found.ID, scope)
		assert.Equal(t, newest, found.Time())
		assert.True(t, found.IsRestorable())

		before, err := snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{Before: newest.Add(-time.Minute)})
		require.NoError(t, err, scope)
		assert.Equal(t, newest.Add(-time.Hour), before.Time(), scope)
	}
}

func TestNewest_shardedCluster(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess(), restorejobstest.WithShards(3))
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Cluster
	source := client.AtlasV2.Cluster(scope.Project(), scope.Sharded())
	id := server.AddSnapshotTo(scope, scope.Sharded(), snapshotBody(time.Now().Add(-time.Hour), isComplete))
	newest, err := source.Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, id, newest.ID)
	read, err := source.Snapshots.Get(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, newest.RawJSON(), read.RawJSON())
}

func TestNewest_limitsAreExclusive(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, cloudList("a@01", "b@02", "c@03"))
	at := func(hour int) time.Time { return time.Date(2026, 8, 10, hour, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		opts restorejobs.SnapshotOptions
		want string
	}{
		{restorejobs.SnapshotOptions{}, "c"},
		{restorejobs.SnapshotOptions{Before: at(3)}, "b"},
		{restorejobs.SnapshotOptions{Before: at(3).Add(time.Nanosecond)}, "c"},
		{restorejobs.SnapshotOptions{Before: at(2)}, "a"},
		{restorejobs.SnapshotOptions{After: at(2)}, "c"},
		{restorejobs.SnapshotOptions{After: at(1), Before: at(3)}, "b"},
	} {
		newest, err := service.atlas(t).Newest(t.Context(), c.opts)
		require.NoError(t, err)
		assert.Equal(t, c.want, newest.ID, "%+v", c.opts)
	}
}

func TestNewest_fallback(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	for _, snapshotType := range []string{`"fallback"`, `{"future":true}`} {
		service.on(mainSnapshots, http.StatusOK, `{"results":[{"id":"f","status":"completed","createdAt":"2026-08-10T00:00:00Z","snapshotType":`+snapshotType+`}]}`)
		_, err := service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
		require.ErrorContains(t, err, "IncludeFallback")
		newest, err := service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{IncludeFallback: true})
		require.NoError(t, err)
		assert.Equal(t, "f", newest.ID)
	}
}

func TestNewest_expired(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	for _, member := range []string{"expires", "expiresAt", "expiration"} {
		complete := map[string]string{"expires": `"complete":true`, "expiresAt": `"status":"completed"`, "expiration": `"status":"COMPLETED"`}[member]
		service := newSnapshotService()
		entry := func(id string, expiry time.Time) string {
			return fmt.Sprintf(`{"id":%q,%s,%q:%q}`, id, complete, member, expiry.Format(time.RFC3339))
		}
		service.on(mainSnapshots, http.StatusOK, `{"results":[`+entry("past", now.Add(-time.Second))+`,`+entry("later", now.Add(time.Hour))+`]}`)
		newest, err := service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.NoError(t, err, member)
		assert.Equal(t, "later", newest.ID)

		service.on(mainSnapshots, http.StatusOK, `{"results":[`+entry("past", now.Add(-time.Second))+`]}`)
		_, err = service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{})
		require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
		require.ErrorContains(t, err, "the newest, past, expired at ")
	}
}

func TestNewest_reasons(t *testing.T) {
	t.Parallel()
	const (
		pending   = `{"id":"pending","status":"queued"}`
		failed    = `{"id":"failed","status":"failed","createdAt":"2026-08-10T05:00:00Z"}`
		usable    = `{"id":"usable","status":"completed","createdAt":"2026-08-10T03:00:00Z"}`
		older     = `{"id":"older","status":"completed","createdAt":"2026-08-10T02:00:00Z"}`
		timeless  = `{"id":"timeless","status":"completed"}`
		nameless  = `{"status":"completed","createdAt":"2026-08-10T06:00:00Z"}`
		shardless = `{"id":"s","complete":true,"missingShards":[{}],"created":{"date":"2026-08-10T05:00:00Z"}}`
		ref       = "restorejobs: newest snapshot: atlasv2/groups/p/clusters/c has no snapshot"
	)
	early := time.Date(2026, 8, 10, 1, 0, 0, 0, time.UTC)
	late := time.Date(2026, 8, 10, 4, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		list   []string
		opts   restorejobs.SnapshotOptions
		reason restorejobs.NoSnapshotReason
		newest string
		text   string
	}{
		{"none", nil, restorejobs.SnapshotOptions{Before: early}, restorejobs.NoSnapshotAtAll, "", ref},
		{"pending", []string{pending}, restorejobs.SnapshotOptions{}, restorejobs.NoSnapshotCompleted, "pending", ref + " that can be restored: the newest, pending, is in state pending"},
		{"failed", []string{failed}, restorejobs.SnapshotOptions{Before: early}, restorejobs.NoSnapshotCompleted, "failed", ref + " that can be restored: the newest, failed, is in state failed"},
		{"shard", []string{shardless}, restorejobs.SnapshotOptions{}, restorejobs.NoSnapshotCompleted, "s", ref + " that can be restored: the newest, s, lacks a shard"},
		{"without id", []string{nameless}, restorejobs.SnapshotOptions{}, restorejobs.NoSnapshotCompleted, "", ref + " that can be restored: the newest, without id, cannot be named"},
		{
			"too late",
			[]string{older, failed, usable, pending},
			restorejobs.SnapshotOptions{Before: early},
			restorejobs.NoSnapshotInTime, "usable",
			ref + " that can be restored before 2026-08-10T01:00:00Z: the newest, usable, is of 2026-08-10T03:00:00Z",
		},
		{
			"too early",
			[]string{older, usable},
			restorejobs.SnapshotOptions{After: late},
			restorejobs.NoSnapshotInTime, "usable",
			ref + " that can be restored after 2026-08-10T04:00:00Z: the newest, usable, is of 2026-08-10T03:00:00Z",
		},
		{
			"between",
			[]string{usable},
			restorejobs.SnapshotOptions{After: late, Before: late.Add(time.Hour)},
			restorejobs.NoSnapshotInTime, "usable",
			ref + " that can be restored after 2026-08-10T04:00:00Z and before 2026-08-10T05:00:00Z: the newest, usable, is of 2026-08-10T03:00:00Z",
		},
		{
			"no time",
			[]string{timeless},
			restorejobs.SnapshotOptions{Before: early},
			restorejobs.NoSnapshotInTime, "timeless",
			ref + " that can be restored before 2026-08-10T01:00:00Z: the newest, timeless, has no known time",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			service := newSnapshotService()
			service.on(mainSnapshots, http.StatusOK, `{"results":[`+strings.Join(c.list, ",")+`]}`)
			snapshot, err := service.atlas(t).Newest(t.Context(), c.opts)
			assert.Nil(t, snapshot)
			require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
			var failure *restorejobs.NoSnapshotError
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, c.reason, failure.Reason)
			assert.Equal(t, c.opts.Before, failure.Before)
			assert.Equal(t, c.opts.After, failure.After)
			assert.Equal(t, c.text, err.Error())
			assert.Equal(t, c.text, fmt.Sprintf("%+v", err))
			assert.Equal(t, fmt.Sprintf("%q", c.text), fmt.Sprintf("%q", err))
			if len(c.list) == 0 {
				assert.Nil(t, failure.Newest)
				return
			}
			assert.Equal(t, c.newest, failure.Newest.ID)
		})
	}
}

func TestNewest_errorsOfTheList(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusForbidden, `{"error":403,"errorCode":"NO"}`)
	_, err := service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{})
	require.ErrorIs(t, err, restorejobs.ErrForbidden)
	require.NotErrorIs(t, err, restorejobs.ErrNoSnapshot)
	require.ErrorContains(t, err, "newest snapshot: 403")
	_, err = service.client(t).AtlasV2.Flex("p", "c").Snapshots.Newest(t.Context(), restorejobs.SnapshotOptions{Topology: restorejobs.SnapshotOfReplicaSet})
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// The parts of a sharded cluster's snapshot are not snapshots of the cluster.
func TestSnapshotsNewest_neverAPart(t *testing.T) {
	t.Parallel()
	const at = `"status":"completed","createdAt":"2026-08-10T03:00:00Z"`
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, `{"results":[{"id":"part0",`+at+`,"type":"replicaSet"},{"id":"part1",`+at+`},{"id":"whole",`+at+`}],"links":[{"rel":"self","href":"x"}]}`)
	service.on(shardedSnapshots, http.StatusOK, `{"results":[{"id":"5ba5e0",`+at+`,"type":"shardedCluster","members":[{"id":"part0"}],"snapshotIds":["part1","part0"]}]}`)
	ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"whole", "5ba5e0"}, ids)
}

// The service writes the values of flex snapshots in upper case, so those of others may change.
func TestSnapshotsNewest_fallbackInAnyCase(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, `{"results":[{"id":"a","status":"completed","createdAt":"2026-08-10T03:00:00Z","snapshotType":"FALLBACK"}],"links":[{"rel":"self","href":"x"}]}`)
	service.on(shardedSnapshots, http.StatusNotFound, `{"error":404,"errorCode":"X"}`)
	_, err := service.atlas(t).Newest(t.Context(), restorejobs.SnapshotOptions{})
	require.ErrorIs(t, err, restorejobs.ErrNoSnapshot)
}

func TestSnapshotsAll_refusalInAnEnvelope(t *testing.T) {
	t.Parallel()
	service := newSnapshotService()
	service.on(mainSnapshots, http.StatusOK, cloudList("a@01"))
	service.on(shardedSnapshots, http.StatusOK, `{"status":404,"content":{"error":404,"errorCode":"X","detail":"no"}}`)
	service.on("GET /backup/snapshots/b", http.StatusOK, `{"status":404,"content":{"error":404,"errorCode":"X","detail":"no"}}`)
	service.on("GET /backup/snapshots/shardedCluster/b", http.StatusOK, `{"status":200,"content":{"id":"b","status":"completed"}}`)
	ids, err := allSnapshots(t, service.atlas(t), restorejobs.SnapshotOptions{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, ids)
	snapshot, err := service.atlas(t).Get(t.Context(), "b")
	require.NoError(t, err)
	assert.Equal(t, "b", snapshot.ID)
}
