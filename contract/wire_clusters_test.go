package contract

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// wireCluster is one recorded response with one or more clusters. All clusters of a list are alike.
type wireCluster struct {
	file     string
	source   func(client *restorejobs.Client, project, name string) *restorejobs.Source
	clusters int
	shards   int
	state    string
	paused   restorejobs.Ternary
	backup   restorejobs.Ternary
	pit      restorejobs.Ternary
}

func dedicated(c *restorejobs.Client, project, name string) *restorejobs.Source {
	return c.AtlasV2.Cluster(project, name)
}

func flexible(c *restorejobs.Client, project, name string) *restorejobs.Source {
	return c.AtlasV2.Flex(project, name)
}

func oldServerless(c *restorejobs.Client, project, name string) *restorejobs.Source {
	return c.AtlasV2.Serverless(project, name)
}

func firstVersion(c *restorejobs.Client, project, name string) *restorejobs.Source {
	return c.AtlasV1.Cluster(project, name)
}

func wireClusters() []wireCluster {
	const (
		yes     = restorejobs.TernaryTrue
		no      = restorejobs.TernaryFalse
		unknown = restorejobs.TernaryUnknown
	)
	return []wireCluster{
		{"cluster-create.http", dedicated, 1, 0, "CREATING", no, no, no},
		{"cluster-get-m0.http", dedicated, 1, 0, "IDLE", no, no, no},
		{"cluster-get-paused.http", dedicated, 1, 2, "UPDATING", yes, yes, no},
		{"cluster-get-repairing.http", dedicated, 1, 2, "REPAIRING", no, no, no},
		{"cluster-get-replica-set-creating.http", dedicated, 1, 0, "CREATING", no, no, no},
		{"cluster-get-replica-set-deleting.http", dedicated, 1, 0, "DELETING", no, no, no},
		{"cluster-get-replica-set-idle.http", dedicated, 1, 0, "IDLE", no, no, no},
		{"cluster-get-replica-set-old-version.http", dedicated, 1, 0, "IDLE", no, no, no},
		{"cluster-get-replica-set-updating.http", dedicated, 1, 0, "UPDATING", no, no, no},
		{"cluster-get-sharded-idle.http", dedicated, 1, 2, "IDLE", no, yes, no},
		{"cluster-get-sharded-old-version.http", dedicated, 1, 2, "CREATING", no, yes, no},
		{"cluster-get-v1.http", firstVersion, 1, 0, "IDLE", no, no, no},
		{"cluster-list.http", dedicated, 1, 2, "UPDATING", no, no, no},
		{"cluster-list-old-version.http", dedicated, 1, 0, "IDLE", no, no, no},
		{"flex-cluster-create.http", flexible, 1, 0, "CREATING", unknown, yes, unknown},
		{"flex-cluster-get-creating.http", flexible, 1, 0, "CREATING", unknown, yes, unknown},
		{"flex-cluster-get-deleting.http", flexible, 1, 0, "DELETING", unknown, yes, unknown},
		{"flex-cluster-get-idle.http", flexible, 1, 0, "IDLE", unknown, yes, unknown},
		{"flex-cluster-get-updating.http", flexible, 1, 0, "UPDATING", unknown, yes, unknown},
		{"flex-cluster-list.http", flexible, 4, 0, "IDLE", unknown, yes, unknown},
		{"serverless-get.http", oldServerless, 1, -1, "IDLE", unknown, yes, no},
	}
}

// bodyTransport responds to each request with a body.
type bodyTransport []byte

// RoundTrip implements [http.RoundTripper].
func (b bodyTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(b)),
		ContentLength: int64(len(b)),
		Request:       req,
	}, nil
}

// Each recorded cluster is read as encoding/json reads it.
func TestWireClusters_everyField(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, row := range wireClusters() {
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, wire, row.file)
			body := wire[row.file].body
			var page struct {
				Results []json.RawMessage `json:"results"`
			}
			require.NoError(t, json.Unmarshal(body, &page))
			if page.Results == nil {
				page.Results = []json.RawMessage{body}
			}
			require.Len(t, page.Results, row.clusters)
			for _, raw := range page.Results {
				row.check(t, raw)
			}
		})
	}
}

func (w *wireCluster) check(t *testing.T, raw []byte) {
	t.Helper()
	var want map[string]any
	require.NoError(t, json.Unmarshal(raw, &want))
	text := func(name string) string {
		value, _ := want[name].(string)
		return value
	}
	client, err := restorejobs.NewClient(restorejobs.APIKey("wirepubl", "31c2a4e6-9d0b-4f7a-8a51-6be0c1d2f3a4"),
		restorejobs.WithTransport(bodyTransport(raw)))
	require.NoError(t, err)
	got, err := w.source(client, text("groupId"), text("name")).Cluster(wireContext(t))
	require.NoError(t, err)
	assert.Equal(t, string(raw), string(got.RawJSON()))
	assert.NotEmpty(t, got.ID)
	assert.Equal(t, text("id"), got.ID)
	assert.Equal(t, text("name"), got.Name)
	assert.Equal(t, text("groupId"), got.ProjectID)
	assert.Equal(t, text("clusterType"), got.RawType)
	assert.Equal(t, text("mongoDBVersion"), got.MongoDBVersion)
	assert.Equal(t, text("configServerType"), got.ConfigServerType)
	assert.Equal(t, text("stateName"), got.StateName)
	assert.Equal(t, w.state, got.StateName)
	assert.Equal(t, w.shards, got.ShardCount)
	assert.Equal(t, w.paused, got.Paused)
	assert.Equal(t, w.backup, got.BackupEnabled)
	assert.Equal(t, w.pit, got.PointInTimeEnabled)
	assert.Equal(t, w.state == "DELETING", got.Deleting == restorejobs.TernaryTrue)
	assert.NotEqual(t, restorejobs.TernaryUnknown, got.Deleting)
	kind := map[int]restorejobs.ClusterType{
		-1: restorejobs.ClusterTypeUnknown,
		0:  restorejobs.ClusterTypeReplicaSet,
		2:  restorejobs.ClusterTypeSharded,
	}
	assert.Equal(t, kind[w.shards], got.Type)
}

// The table has every recorded cluster.
func TestWireClusters_everyFile(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{}
	for _, row := range wireClusters() {
		rows[row.file] = true
	}
	for name, recorded := range openWire(t) {
		isRestore := strings.Contains(name, "restore") || strings.Contains(name, "snapshot")
		isDeleted := strings.Contains(name, "-delete")
		if isRestore || isDeleted || recorded.status >= http.StatusBadRequest {
			continue
		}
		if strings.Contains(name, "cluster-") || strings.HasPrefix(name, "serverless-") {
			assert.Contains(t, rows, name)
		}
	}
}

func TestWireClusters_project(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	const file = "project-get.http"
	replayed(t, wire, []string{file}, func(r *replay) {
		var want struct{ ID, Name, OrgID string }
		require.NoError(r.t, json.Unmarshal(wire[file].body, &want))
		project, err := r.client.AtlasV2.FindProject(wireContext(r.t), want.ID)
		r.observed(wire[file], http.MethodGet, "/api/atlas/v2/groups/"+want.ID, err)
		assert.Equal(r.t, &restorejobs.Project{ID: want.ID, Name: want.Name, OrgID: want.OrgID}, project)
		assert.Equal(r.t, "application/vnd.atlas.2023-01-01+json", r.sent().Header.Get("Accept"))
	})
}

// The recorded refusals decide what a lookup returns.
func TestWireClusters_lookup(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	replayed(t, wire, []string{"error-a-flex-cluster.http"}, func(r *replay) {
		source, err := r.client.AtlasV2.FindCluster(wireContext(r.t), recordedFlexProject, "snapshotCluster0")
		require.NoError(r.t, err)
		assert.Equal(r.t, "atlasv2/groups/"+recordedFlexProject+"/flexClusters/snapshotCluster0", source.Ref())
	})
	for file, kind := range map[string]string{
		"error-cluster-not-found.http": restorejobs.LookupCluster,
		"error-group-not-found.http":   restorejobs.LookupProject,
	} {
		replayed(t, wire, []string{file}, func(r *replay) {
			_, err := r.client.AtlasV2.FindCluster(wireContext(r.t), recordedFlexProject, "cluster-712")
			require.ErrorIs(r.t, err, restorejobs.ErrNotFound)
			var lookupErr *restorejobs.LookupError
			require.ErrorAs(r.t, err, &lookupErr)
			assert.Equal(r.t, kind, lookupErr.Kind)
		})
	}
}
