package restorejobs_test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// orders is the smallest valid restore.
func orders() restorejobs.CollectionRestore {
	return restorejobs.CollectionRestore{
		Point:       restorejobs.FromSnapshot(collectionSnapshotID),
		Target:      restorejobs.ToCluster("h", "staging"),
		Collections: []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
	}
}

func TestCollectionJobsCreate_bodies(t *testing.T) {
	t.Parallel()
	point := time.Date(2023, 12, 10, 15, 0, 45, 0, time.UTC)
	restored := orders()
	full := restorejobs.CollectionRestore{
		Point:            restorejobs.FromOplog(restorejobs.Timestamp{Date: point, Increment: 3}),
		Target:           restorejobs.ToCluster("h", "staging"),
		Databases:        []restorejobs.RestoreNamespace{{Source: "stock"}, {Source: "a", Target: "b"}},
		Collections:      []restorejobs.RestoreNamespace{{Source: "sales.orders", Target: "sales.old"}},
		DatabaseSuffix:   "_d",
		CollectionSuffix: "_c",
		WriteStrategy:    restorejobs.WriteStrategyOverwriteExisting,
		IndexStrategy:    restorejobs.IndexStrategyAllExceptTTL,
	}
	atTime := orders()
	atTime.Point = restorejobs.FromPointInTime(point)
	atTime.IndexStrategy = restorejobs.IndexStrategyNone
	for name, test := range map[string]struct {
		restore restorejobs.CollectionRestore
		want    string
	}{
		"defaults": {restored, `{"snapshotId":"` + collectionSnapshotID + `","targetGroupId":"h","targetClusterName":"staging",` +
			`"writeStrategy":"CREATE_NEW","indexStrategy":"ALL","collections":[{"sourceNamespace":"sales.orders"}]}`},
		"everything": {full, `{"oplogTs":1702220445,"oplogInc":3,"targetGroupId":"h","targetClusterName":"staging",` +
			`"writeStrategy":"OVERWRITE_EXISTING","indexStrategy":"ALL_EXCEPT_TTL",` +
			`"databases":[{"sourceNamespace":"stock"},{"sourceNamespace":"a","targetNamespace":"b"}],` +
			`"collections":[{"sourceNamespace":"sales.orders","targetNamespace":"sales.old"}],` +
			`"databaseSuffix":"_d","collectionSuffix":"_c"}`},
		"point in time": {atTime, `{"pointInTimeUtcSeconds":1702220445,"targetGroupId":"h","targetClusterName":"staging",` +
			`"writeStrategy":"CREATE_NEW","indexStrategy":"NONE","collections":[{"sourceNamespace":"sales.orders"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, jobs := newCollectionAPI(t, respondJSON(http.StatusCreated, collectionJob("INITIALIZING")))
			job, err := jobs.Create(t.Context(), test.restore)
			require.NoError(t, err)
			assert.Equal(t, collectionJobID, job.ID)
			assert.Equal(t, restorejobs.StateRunning, job.State())
			media := "application/vnd.atlas.2025-03-12+json"
			requests := api.requests()
			require.Len(t, requests, 1)
			assert.JSONEq(t, test.want, requests[0].body)
			requests[0].body = ""
			assert.Equal(t, collectionRequest{
				method:      http.MethodPost,
				path:        "/api/atlas/v2/groups/p/clusters/c/collectionRestoreJobs",
				accept:      media,
				contentType: media,
			}, requests[0])
		})
	}
}

func TestCollectionJobsCreate_invalidArguments(t *testing.T) {
	t.Parallel()
	namespaces := func(n int, format string) []restorejobs.RestoreNamespace {
		var list []restorejobs.RestoreNamespace
		for i := range n {
			list = append(list, restorejobs.RestoreNamespace{Source: fmt.Sprintf(format, i)})
		}
		return list
	}
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	for name, test := range map[string]struct {
		edit func(r *restorejobs.CollectionRestore)
		want []string
	}{
		"nothing at all": {
			func(r *restorejobs.CollectionRestore) { *r = restorejobs.CollectionRestore{} },
			[]string{"Point: make one with", "Target: make one with ToCluster", "Databases and Collections must not both be empty"},
		},
		"checkpoint": {
			func(r *restorejobs.CollectionRestore) { r.Point = restorejobs.FromCheckpoint("c") },
			[]string{"Point: make one with FromSnapshot, FromPointInTime or FromOplog"},
		},
		"empty snapshot": {
			func(r *restorejobs.CollectionRestore) { r.Point = restorejobs.FromSnapshot("") },
			[]string{"snapshotID must not be empty"},
		},
		"fraction of a second": {
			func(r *restorejobs.CollectionRestore) {
				r.Point = restorejobs.FromPointInTime(past.Add(time.Millisecond))
			},
			[]string{"time must be whole seconds"},
		},
		"future": {
			func(r *restorejobs.CollectionRestore) {
				r.Point = restorejobs.FromPointInTime(past.Add(48 * time.Hour))
			},
			[]string{"time must not be in the future"},
		},
		"increment": {
			func(r *restorejobs.CollectionRestore) {
				r.Point = restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: math.MaxInt32 + 1})
			},
			[]string{"oplog increment must be between 1 and 2147483647"},
		},
		"download": {
			func(r *restorejobs.CollectionRestore) { r.Target = restorejobs.ToDownload() },
			[]string{"Target: make one with ToCluster"},
		},
		"empty target": {
			func(r *restorejobs.CollectionRestore) { r.Target = restorejobs.ToCluster("", "") },
			[]string{"Target: projectID must not be empty", "Target: cluster must not be empty"},
		},
		"strategies": {
			func(r *restorejobs.CollectionRestore) {
				r.WriteStrategy = "OVERWRITE"
				r.IndexStrategy = "all"
			},
			[]string{"WriteStrategy must be one of CREATE_NEW, OVERWRITE_EXISTING", "IndexStrategy must be one of ALL, NONE, ALL_EXCEPT_TTL"},
		},
		"too many": {
			func(r *restorejobs.CollectionRestore) {
				r.Databases = namespaces(101, "d%d")
				r.Collections = namespaces(101, "d.c%d")
			},
			[]string{"Databases must have at most 100 entries", "Collections must have at most 100 entries"},
		},
		"names": {
			func(r *restorejobs.CollectionRestore) {
				r.Databases = []restorejobs.RestoreNamespace{{Source: "a.b"}, {Source: "a", Target: "x y"}}
				r.Collections = []restorejobs.RestoreNamespace{{Source: "sales"}, {Target: "sales.orders"}, {Source: "a.b", Target: "b."}}
			},
			[]string{"Databases[0].Source must not contain", "Databases[1].Target must not contain", `Collections[0].Source must be "database.collection"`, "Collections[1].Source must not be empty", `Collections[2].Target must be "database.collection"`},
		},
		"suffixes": {
			func(r *restorejobs.CollectionRestore) {
				r.DatabaseSuffix = ".old"
				r.CollectionSuffix = "\x00"
			},
			[]string{"DatabaseSuffix must not contain", "CollectionSuffix must not contain a NUL"},
		},
		"long with suffix": {
			func(r *restorejobs.CollectionRestore) {
				r.Databases = namespaces(1, strings.Repeat("d", 60)+"%d")
				r.Collections = namespaces(1, "d."+strings.Repeat("c", 250)+"%d")
				r.DatabaseSuffix = "_old"
				r.CollectionSuffix = "_old"
			},
			[]string{"Databases[0] must be at most 63 bytes with its suffix", "Collections[0] must be at most 255 bytes with its suffix"},
		},
		"one target for two": {
			func(r *restorejobs.CollectionRestore) {
				r.Collections = []restorejobs.RestoreNamespace{{Source: "a.b"}, {Source: "a.c", Target: "a.b"}}
				r.Databases = []restorejobs.RestoreNamespace{{Source: "a"}, {Source: "a"}}
			},
			[]string{"Collections[1] must not have the same target as Collections[0]", "Databases[1] must not have the same target as Databases[0]"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api, jobs := newCollectionAPI(t, respondJSON(http.StatusCreated, collectionJob("INITIALIZING")))
			restore := orders()
			test.edit(&restore)
			_, err := jobs.Create(t.Context(), restore)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.Equal(t, len(test.want)-1, strings.Count(err.Error(), "; "), "nothing else: %v", err)
			_, err = jobs.FindCreated(t.Context(), past, restore)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, "the same rules")
			assert.Empty(t, api.requests())
		})
	}
}

// The limits themselves are valid.
func TestCollectionJobsCreate_limits(t *testing.T) {
	t.Parallel()
	_, jobs := newCollectionAPI(t, respondJSON(http.StatusCreated, collectionJob("INITIALIZING")))
	restore := orders()
	restore.Collections = nil
	for i := range 100 {
		restore.Databases = append(restore.Databases, restorejobs.RestoreNamespace{Source: fmt.Sprintf("d%d", i)})
		restore.Collections = append(restore.Collections, restorejobs.RestoreNamespace{Source: fmt.Sprintf("d.c%d", i)})
	}
	_, err := jobs.Create(t.Context(), restore)
	require.NoError(t, err)
}
