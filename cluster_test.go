package restorejobs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
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
