package restorejobs

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTernary_string(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "unknown true false unknown", fmt.Sprint(TernaryUnknown, TernaryTrue, TernaryFalse, Ternary(9)))
}

func TestCluster_printsOneLine(t *testing.T) {
	t.Parallel()
	c := Cluster{Name: "orders\n\x1b[31m", RawType: "SHARDED", ShardCount: 2, StateName: "IDLE"}
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		text := fmt.Sprintf(verb, c)
		assert.Contains(t, text, ", SHARDED of 2 shards, IDLE")
		assert.NotContains(t, text, "\n")
		assert.NotContains(t, text, "\x1b")
	}
	assert.Equal(t, "cluster without name", (&Cluster{}).String())
	assert.Nil(t, (&Cluster{}).RawJSON())
}

func TestNewClusterType_everyProduct(t *testing.T) {
	t.Parallel()
	for rawType, want := range map[string]ClusterType{
		"REPLICASET":                ClusterTypeReplicaSet,
		"REPLICA_SET":               ClusterTypeReplicaSet,
		"SHARDED":                   ClusterTypeSharded,
		"GEOSHARDED":                ClusterTypeSharded,
		"SHARDED_REPLICA_SET":       ClusterTypeSharded,
		"CONFIG_SERVER_REPLICA_SET": ClusterTypeUnknown,
		"":                          ClusterTypeUnknown,
	} {
		assert.Equal(t, want, newClusterType(rawType), rawType)
	}
}

// A false fact that is printed as a number other than 0 would be read as true.
func TestTernary_json(t *testing.T) {
	t.Parallel()
	for fact, want := range map[Ternary]string{
		TernaryUnknown: "null",
		TernaryTrue:    "true",
		TernaryFalse:   "false",
		Ternary(9):     "null",
	} {
		text, err := json.Marshal(Cluster{Paused: fact})
		require.NoError(t, err)
		assert.Contains(t, string(text), `"Paused":`+want)
		var read Cluster
		require.NoError(t, json.Unmarshal(text, &read))
		assert.Equal(t, fact.String(), read.Paused.String())
	}
	var fact Ternary
	require.NoError(t, json.Unmarshal([]byte(`"yes"`), &fact))
	assert.Equal(t, TernaryUnknown, fact)
}
