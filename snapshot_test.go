package restorejobs

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// snapshotParts are the structs that the JSON pass of a snapshot fills, except those of a job.
var snapshotParts = []reflect.Type{
	reflect.TypeFor[Snapshot](),
	reflect.TypeFor[SnapshotPart](),
	reflect.TypeFor[MissingShard](),
	reflect.TypeFor[NamespaceFilterList](),
	reflect.TypeFor[SnapshotMember](),
}

// documentedSnapshotFields are the members that the documents, the schema and recordings name.
var documentedSnapshotFields = map[string]string{
	"Snapshot": `id links
		groupId clusterId clusterName hostId created lastOplogAppliedTimestamp expires missingShards namespaceFilterList parts
		complete doNotDelete isPossiblyInconsistent incremental
		status type snapshotType frequencyType createdAt expiresAt storageSizeBytes description mongodVersion policyItems
		masterKeyUUID cloudProvider copyRegions replicaSetName members snapshotIds configServerType serverlessInstanceName
		scheduledTime startTime finishTime expiration mongoDBVersion`,
	"SnapshotPart": `typeName clusterId hostId replicaSetName mongodVersion fcv dataSizeBytes storageSizeBytes fileSizeBytes
		compressionSetting masterKeyUUID encryptionEnabled completedTime machineId replicaState`,
	"MissingShard":        "id groupId typeName clusterName shardName replicaSetName lastHeartbeat links",
	"NamespaceFilterList": "filterList filterType",
	"SnapshotMember":      "id replicaSetName cloudProvider",
}

func TestSnapshot_hasEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for _, part := range snapshotParts {
		var names []string
		for name := range taggedFields(part) {
			names = append(names, name)
		}
		assert.ElementsMatch(t, strings.Fields(documentedSnapshotFields[part.Name()]), names, part.Name())
	}
}

// snapshotFiles are the bodies that are one snapshot, and what its methods return.
var snapshotFiles = map[string]struct {
	format       snapshotFormat
	state        SnapshotState
	isRestorable bool
	time         string // zero if empty
	expiry       string
	size         int64
	version      string
	key          string
}{
	"snapshots/classic_sharded.json": {
		format:  classicSnapshot,
		state:   SnapshotCompleted,
		time:    "2018-09-10T20:04:48Z",
		expiry:  "2018-09-12T20:00:00Z",
		size:    12288,
		version: "3.6.8",
		key:     "1f1f6f2e-9d2c-4b0a-8a6e-3b1a0d7c5e42",
	},
	"snapshots/classic_pending.json": {format: classicSnapshot, state: SnapshotPending, time: "2018-09-10T20:00:00Z"},
	"snapshots/classic_host.json": {
		format:       classicSnapshot,
		state:        SnapshotCompleted,
		isRestorable: true,
		time:         "2016-03-04T21:59:58Z",
		expiry:       "2016-03-06T22:00:00Z",
		size:         2048,
		version:      "3.2.4",
	},
	"snapshots/classic_legacy.json": {
		format:       classicSnapshot,
		state:        SnapshotCompleted,
		isRestorable: true,
		time:         "2019-09-10T20:04:48Z",
		expiry:       "2019-09-12T20:00:00Z",
	},
	"snapshots/cloud_replica_set.json": {
		format:       cloudSnapshot,
		state:        SnapshotCompleted,
		isRestorable: true,
		time:         "2026-08-10T03:28:08Z",
		expiry:       "2026-08-11T03:29:21Z",
		size:         1582854144,
		version:      "8.0.24-rc0",
		key:          "1f1f6f2e-9d2c-4b0a-8a6e-3b1a0d7c5e42",
	},
	"snapshots/cloud_in_progress.json": {
		format:  cloudSnapshot,
		state:   SnapshotPending,
		time:    "2026-08-10T03:28:08Z",
		expiry:  "2026-08-11T03:27:21Z",
		version: "8.0.24",
	},
	"snapshots/cloud_sharded.json": {
		format:       cloudSnapshot,
		state:        SnapshotCompleted,
		isRestorable: true,
		time:         "2026-08-09T03:05:05Z",
		expiry:       "2026-08-16T03:05:05Z",
		size:         3165708288,
		version:      "8.0.12",
	},
	"snapshots/cloud_serverless.json": {
		format:  cloudSnapshot,
		state:   SnapshotFailed,
		time:    "2021-12-21T00:00:00Z",
		expiry:  "2021-12-28T00:00:00Z",
		version: "5.1.0",
	},
	"snapshots/flex_completed.json": {
		format:       flexSnapshot,
		state:        SnapshotCompleted,
		isRestorable: true,
		time:         "2026-08-02T17:06:56Z",
		expiry:       "2026-08-10T17:05:10Z",
		version:      "8.0.29",
	},
	"snapshots/flex_running.json": {
		format:  flexSnapshot,
		state:   SnapshotPending,
		expiry:  "2026-08-11T17:05:10Z",
		version: "8.0.29",
	},
}

func TestSnapshot_everyBody(t *testing.T) {
	t.Parallel()
	for name, want := range snapshotFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bodyFile(t, name)
			read, err := decodeSnapshot(body)
			require.NoError(t, err)
			assertKeepsSnapshot(t, body, read)
			byHand := *read // what was read from a file and changed has the same answers
			byHand.raw = ""
			byHand.unread = 0
			for _, snapshot := range []*Snapshot{read, &byHand} {
				assert.Equal(t, want.format, snapshot.format())
				assert.Equal(t, want.state, snapshot.State())
				assert.Equal(t, want.isRestorable, snapshot.IsRestorable())
				assert.Equal(t, parsedTime(t, want.time), snapshot.Time())
				assert.Equal(t, parsedTime(t, want.expiry), snapshot.ExpiryTime())
				assert.Equal(t, want.size, snapshot.Size())
				assert.Equal(t, want.version, snapshot.Version())
				assert.Equal(t, want.key, snapshot.MasterKey())
			}
		})
	}
}

func parsedTime(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

// assertKeepsSnapshot compares a snapshot with its source, key by key.
func assertKeepsSnapshot(t *testing.T, body []byte, snapshot *Snapshot) {
	t.Helper()
	stored, err := json.Marshal(snapshot)
	require.NoError(t, err)
	assert.Equal(t, jsonValue(t, body), jsonValue(t, stored))
	assert.Equal(t, string(bytes.TrimSpace(body)), string(snapshot.RawJSON()))
	byHand := *snapshot
	byHand.raw = "" // the typed fields only
	assert.Nil(t, byHand.RawJSON())
	typed, err := json.Marshal(byHand)
	require.NoError(t, err)
	c := comparison{t: t, met: map[string]bool{}}
	c.object("", jsonValue(t, body), jsonValue(t, typed), reflect.TypeFor[Snapshot]())
}
