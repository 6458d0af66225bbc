package contract

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// recordedSnapshotBody has every field of the recorded snapshots. An unknown field fails the test.
type recordedSnapshotBody struct {
	ID               string         `json:"id"`
	Links            []recordedLink `json:"links"`
	Status           string         `json:"status"`
	Type             string         `json:"type"`
	SnapshotType     string         `json:"snapshotType"`
	FrequencyType    string         `json:"frequencyType"`
	CreatedAt        time.Time      `json:"createdAt"`
	ExpiresAt        time.Time      `json:"expiresAt"`
	StorageSizeBytes int64          `json:"storageSizeBytes"`
	Description      string         `json:"description"`
	MongodVersion    string         `json:"mongodVersion"`
	PolicyItems      []string       `json:"policyItems"`
	CloudProvider    string         `json:"cloudProvider"`
	CopyRegions      []string       `json:"copyRegions"`
	ReplicaSetName   string         `json:"replicaSetName"`
	ScheduledTime    time.Time      `json:"scheduledTime"`
	StartTime        time.Time      `json:"startTime"`
	FinishTime       time.Time      `json:"finishTime"`
	Expiration       time.Time      `json:"expiration"`
	MongoDBVersion   string         `json:"mongoDBVersion"`
}

// snapshot converts to the snapshot that the library must return.
func (r *recordedSnapshotBody) snapshot() *restorejobs.Snapshot {
	snapshot := &restorejobs.Snapshot{
		ID:               r.ID,
		Status:           restorejobs.SnapshotStatus(r.Status),
		Type:             restorejobs.SnapshotTopology(r.Type),
		SnapshotType:     restorejobs.SnapshotType(r.SnapshotType),
		FrequencyType:    restorejobs.SnapshotFrequency(r.FrequencyType),
		CreatedAt:        r.CreatedAt,
		ExpiresAt:        r.ExpiresAt,
		StorageSizeBytes: r.StorageSizeBytes,
		Description:      r.Description,
		MongodVersion:    r.MongodVersion,
		PolicyItems:      r.PolicyItems,
		CloudProvider:    r.CloudProvider,
		CopyRegions:      r.CopyRegions,
		ReplicaSetName:   r.ReplicaSetName,
		ScheduledTime:    r.ScheduledTime,
		StartTime:        r.StartTime,
		FinishTime:       r.FinishTime,
		Expiration:       r.Expiration,
		MongoDBVersion:   r.MongoDBVersion,
	}
	for _, link := range r.Links {
		snapshot.Links = append(snapshot.Links, restorejobs.Link{Rel: link.Rel, Href: link.Href})
	}
	return snapshot
}

// sameSnapshot compares a snapshot with the text that it was read from.
func sameSnapshot(t *testing.T, raw []byte, got *restorejobs.Snapshot) {
	t.Helper()
	var read recordedSnapshotBody
	readStrictly(t, raw, &read)
	sameValue(t, raw, read.snapshot(), got)
}

// wireSnapshot is one recorded response about snapshots.
type wireSnapshot struct {
	wireCall

	state  restorejobs.SnapshotState
	failed []string // IDs in a list
}

func wireSnapshots() []wireSnapshot {
	const (
		flexCluster = recordedFlexCluster
		inner       = recordedFlexProject
	)
	at := func(file, verb, project, cluster, id string, state restorejobs.SnapshotState) wireSnapshot {
		return wireSnapshot{
			wireCall: wireCall{
				file:    file,
				verb:    verb,
				project: project,
				cluster: cluster,
				id:      id,
			},
			state: state,
		}
	}
	shot := func(file, verb string, state restorejobs.SnapshotState) wireSnapshot {
		return at(file, verb, recordedProject, recordedCluster, recordedSnapshot, state)
	}
	rows := []wireSnapshot{
		shot("cluster-snapshot-completed.http", "get", restorejobs.SnapshotCompleted),
		shot("cluster-snapshot-create.http", "create", restorejobs.SnapshotPending),
		shot("cluster-snapshot-in-progress.http", "get", restorejobs.SnapshotPending),
		shot("cluster-snapshot-in-progress-early.http", "get", restorejobs.SnapshotPending),
		at("cluster-snapshot-in-progress-created-at.http", "get", "687f1d94a799aa2ae9e80858", "backupRestores-295",
			"687f211ca799aa2ae9e818e2", restorejobs.SnapshotPending),
		at("cluster-snapshot-list.http", "list", inner, "cluster-209", "", restorejobs.SnapshotCompleted),
		at("cluster-snapshot-queued.http", "get", inner, "cluster-631", "69851360816af07e8d7ae11a", restorejobs.SnapshotPending),
		at("flex-snapshot-completed.http", "get", inner, flexCluster, recordedFlexShot, restorejobs.SnapshotCompleted),
		at("flex-snapshot-list.http", "list", inner, flexCluster, "", restorejobs.SnapshotCompleted),
		at("flex-snapshot-list-with-failed.http", "list", inner, "test-flex", "", restorejobs.SnapshotCompleted),
	}
	rows[len(rows)-1].failed = []string{"697ce4e5b8d2010a8779b8d4"}
	for i := range rows {
		rows[i].flex = rows[i].file[:4] == "flex"
	}
	return rows
}

func (w *wireSnapshot) snapshots(client *restorejobs.Client) *restorejobs.Snapshots {
	return w.source(client).Snapshots
}

// path returns the recorded path.
func (w *wireSnapshot) path() string { return w.pathOf("snapshots") }

// Each recorded response is read by its own call, as encoding/json reads it.
func TestWireSnapshots_everyField(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, row := range wireSnapshots() {
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			replayed(t, wire, []string{row.file}, func(r *replay) {
				recorded := wire[row.file]
				switch row.verb {
				case "get":
					snapshot, err := row.snapshots(r.client).Get(wireContext(r.t), row.id)
					r.observed(recorded, http.MethodGet, row.path(), err)
					row.same(r.t, recorded.body, snapshot)
				case "create":
					request := restorejobs.SnapshotRequest{Description: "test-snapshot", RetentionDays: 1}
					snapshot, err := row.snapshots(r.client).Create(wireContext(r.t), request)
					r.observed(recorded, http.MethodPost, row.path(), err)
					row.same(r.t, recorded.body, snapshot)
				default:
					row.list(r, recorded)
				}
				assert.Equal(r.t, "application/vnd.atlas."+recordedVersion(recorded.header)+"+json", r.sent().Header.Get("Accept"))
			})
		})
	}
}

// list reads the list, whose snapshots come back sorted.
func (w *wireSnapshot) list(r *replay, recorded *recording) {
	var read recordedPage
	readStrictly(r.t, recorded.body, &read)
	raw := map[string]json.RawMessage{}
	for _, entry := range read.Results {
		var body recordedSnapshotBody
		readStrictly(r.t, entry, &body)
		raw[body.ID] = entry
	}
	require.Len(r.t, raw, read.TotalCount)
	opts := restorejobs.SnapshotOptions{}
	if !w.flex {
		opts.Topology = restorejobs.SnapshotOfReplicaSet // the other list was not recorded
	}
	var last time.Time
	seen := 0
	for snapshot, err := range w.snapshots(r.client).All(wireContext(r.t), opts) {
		require.NoError(r.t, err)
		require.Contains(r.t, raw, snapshot.ID)
		w.same(r.t, raw[snapshot.ID], snapshot)
		assert.True(r.t, last.IsZero() || !snapshot.Time().After(last), "newest first")
		last = snapshot.Time()
		seen++
	}
	assert.Equal(r.t, read.TotalCount, seen)
	r.observed(recorded, http.MethodGet, w.path(), nil)
}

// same compares a snapshot with its bytes and with the row.
func (w *wireSnapshot) same(t *testing.T, raw []byte, snapshot *restorejobs.Snapshot) {
	t.Helper()
	sameSnapshot(t, raw, snapshot)
	state := w.state
	for _, id := range w.failed {
		if snapshot.ID == id {
			state = restorejobs.SnapshotFailed
		}
	}
	assert.Equal(t, state, snapshot.State(), snapshot.ID)
	assert.Equal(t, state == restorejobs.SnapshotCompleted, snapshot.IsRestorable(), snapshot.ID)
	assert.False(t, snapshot.ExpiryTime().IsZero(), snapshot.ID)
	if w.verb != "list" {
		assert.Equal(t, w.id, snapshot.ID)
	}
}
