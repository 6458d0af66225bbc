package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCloudSnapshot_isTheDefault(t *testing.T) {
	t.Parallel()
	for _, snapshot := range []Snapshot{{}, {Status: "queued"}, {Type: SnapshotOfReplicaSet}, {ServerlessInstanceName: "i"}} {
		assert.Equal(t, cloudSnapshot, snapshot.format())
		assert.Zero(t, snapshot.Time())
		assert.Empty(t, snapshot.Version())
	}
}
