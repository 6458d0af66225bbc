package contract

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wireFreeCall is one recorded response of an operation for which the library has no method.
type wireFreeCall struct {
	file   string
	method string
	path   string
}

func wireFree() []wireFreeCall {
	const (
		get     = http.MethodGet
		groups  = "/api/atlas/v2/groups/"
		inner   = groups + recordedFlexProject
		flags   = groups + "6a799efbc0eb9e7a177d7e0e/clusters"
		search  = groups + "6a799f0bc0eb9e7a177d81f1/clusters"
		upgrade = "6a793f5f2c88faeba59ba565/clusters/cluster-801"
		backup  = groups + recordedProject + "/clusters/" + recordedCluster + "/backup/snapshots"
		shot    = backup + "/" + recordedSnapshot
		plan    = groups + "6a793f4dc0eb9e7a17713383/clusters/backupSchedule-600/backup/schedule"
	)
	return []wireFreeCall{
		{"cluster-create.http", http.MethodPost, search},
		{"cluster-delete-accepted.http", http.MethodDelete, flags + "/cluster-712"},
		{"cluster-get-m0.http", get, groups + "6a793f7fc0eb9e7a17716153/clusters/cluster-29"},
		{"cluster-get-paused.http", http.MethodPatch, inner + "/clusters/cluster-634"},
		{"cluster-get-repairing.http", get, groups + "6a4e6c34c8b1f6741c04ecbe/clusters/cluster-334"},
		{"cluster-get-replica-set-creating.http", get, search + "/cluster-235"},
		{"cluster-get-replica-set-deleting.http", get, flags + "/cluster-712"},
		{"cluster-get-replica-set-idle.http", get, search + "/cluster-235"},
		{"cluster-get-replica-set-old-version.http", get, flags + "/cluster-712"},
		{"cluster-get-replica-set-updating.http", get, groups + upgrade},
		{"cluster-get-sharded-idle.http", get, inner + "/clusters/cluster-634"},
		{"cluster-get-sharded-old-version.http", get, inner + "/clusters/cluster-634"},
		{"cluster-get-v1.http", get, "/api/atlas/v1.0/groups/" + upgrade},
		{"cluster-list.http", get, groups + "6a793f4d2c88faeba59b98f1/clusters"},
		{"cluster-list-old-version.http", get, flags},
		{"cluster-snapshot-delete.http", http.MethodDelete, shot},
		{"flex-cluster-create.http", http.MethodPost, inner + "/flexClusters"},
		{"flex-cluster-delete.http", http.MethodDelete, inner + "/flexClusters/cluster-833"},
		{"flex-cluster-get-creating.http", get, inner + "/flexClusters/cluster-102"},
		{"flex-cluster-get-deleting.http", get, inner + "/flexClusters/cluster-833"},
		{"flex-cluster-get-idle.http", get, inner + "/flexClusters/cluster-833"},
		{"flex-cluster-get-updating.http", get, inner + "/flexClusters/cluster-894"},
		{"flex-cluster-list.http", get, inner + "/flexClusters"},
		{"project-delete-accepted.http", http.MethodDelete, groups + recordedTarget},
		{"project-get.http", get, groups + "6a793feb2c88faeba59bd8f6"},
		{"schedule-delete.http", http.MethodDelete, plan},
		{"schedule-get.http", get, plan},
		{"serverless-get.http", get, groups + "6957f861a08db8605b3f57a2/serverless/cluster-782"},
	}
}

// Client.Do reads the other recorded responses, into every kind of out, as encoding/json does.
func TestWireFree_everyByte(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, row := range wireFree() {
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			replayed(t, wire, []string{row.file}, func(r *replay) { row.check(r, wire[row.file]) })
		})
	}
}

func (w *wireFreeCall) check(r *replay, recorded *recording) {
	do := func(out any) {
		err := r.client.Do(wireContext(r.t), w.method, w.path, nil, out)
		r.observed(recorded, w.method, w.path, err)
	}
	do(nil)
	var raw json.RawMessage
	var text []byte
	kept := map[string]any{"kept": true}
	if len(recorded.body) == 0 {
		raw = json.RawMessage("kept")
		text = []byte("kept")
		do(&raw)
		do(&text)
		do(&kept)
		assert.Equal(r.t, "kept", string(raw))
		assert.Equal(r.t, "kept", string(text))
		assert.Equal(r.t, map[string]any{"kept": true}, kept)
		return
	}
	do(&raw)
	do(&text)
	assert.Equal(r.t, string(recorded.body), string(raw))
	assert.Equal(r.t, string(recorded.body), string(text))
	var want, got map[string]any
	require.NoError(r.t, json.Unmarshal(recorded.body, &want))
	do(&got)
	assert.Equal(r.t, want, got)
	do(&kept)
	want["kept"] = true
	assert.Equal(r.t, want, kept)
}
