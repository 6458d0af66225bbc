package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A member of another type than documented is unknown, and hides no other.
func TestDecodeCluster_unusualMembers(t *testing.T) {
	t.Parallel()
	c, err := decodeBackupCluster([]byte(`{"id":7,"name":"orders","clusterType":{},"paused":"yes","backupEnabled":null,"pitEnabled":1,` +
		`"replicationSpecs":"none","stateName":"MELTING","mongoDBVersion":"8.0","configServerType":[]}`))
	require.NoError(t, err)
	assert.Equal(t, "orders", c.Name)
	assert.Equal(t, "8.0", c.MongoDBVersion)
	assert.Equal(t, "MELTING", c.StateName)
	assert.Equal(t, -1, c.ShardCount)
	for _, fact := range []Ternary{c.Paused, c.BackupEnabled, c.PointInTimeEnabled, c.Deleting, c.Restoring} {
		assert.Equal(t, TernaryUnknown, fact)
	}
	m, err := decodeManagerCluster([]byte(`{"status":200,"content":{"id":"a","typeName":5,"clusterName":"orders"}}`))
	require.NoError(t, err)
	assert.Equal(t, "orders", m.Name)
	assert.Equal(t, ClusterTypeUnknown, m.Type)
	assert.JSONEq(t, `{"id":"a","typeName":5,"clusterName":"orders"}`, string(m.RawJSON()))
}

func TestDecodeCluster_notACluster(t *testing.T) {
	t.Parallel()
	for _, body := range []string{``, ` `, `{}`, `[]`, `null`, `7`, `{"name":`, `<html>`, `{"status":200}`} {
		for _, format := range clusterFormats {
			c, err := format.decode([]byte(body))
			require.Error(t, err, body)
			assert.Nil(t, c)
		}
	}
}

func TestDecodeCluster_backupByVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		body          string
		cloud, legacy Ternary
	}{
		{`{"name":"c","backupEnabled":true}`, TernaryTrue, TernaryUnknown},
		{`{"name":"c","backupEnabled":true,"providerBackupEnabled":false}`, TernaryFalse, TernaryTrue},
		{`{"name":"c","backupEnabled":false,"providerBackupEnabled":true}`, TernaryTrue, TernaryFalse},
		{`{"name":"c"}`, TernaryUnknown, TernaryUnknown},
	} {
		cloud, err := decodeBackupCluster([]byte(c.body))
		require.NoError(t, err)
		assert.Equal(t, c.cloud, cloud.BackupEnabled, c.body)
		legacy, err := decodeLegacyCluster([]byte(c.body))
		require.NoError(t, err)
		assert.Equal(t, c.legacy, legacy.BackupEnabled, c.body)
	}
}

func TestIsDeletingState_everyState(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]Ternary{
		"IDLE": TernaryFalse, "CREATING": TernaryFalse, "UPDATING": TernaryFalse, "REPAIRING": TernaryFalse,
		"DELETING": TernaryTrue, "DELETED": TernaryTrue, "": TernaryUnknown, "MELTING": TernaryUnknown,
	} {
		assert.Equal(t, want, isDeletingState(state), state)
	}
}

// Every endpoint has the document of its cluster, except hosts.
func TestClusterFormats_everyEndpoint(t *testing.T) {
	t.Parallel()
	for _, e := range endpoints {
		_, ok := clusterFormats[e]
		assert.Equal(t, e.name != "Host", ok, e)
	}
}
