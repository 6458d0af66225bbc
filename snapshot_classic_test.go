package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestClassicSnapshot_firstKnownPart(t *testing.T) {
	t.Parallel()
	snapshot := Snapshot{Complete: true, Parts: []SnapshotPart{{}, {MongodVersion: "4.0.1"}, {MongodVersion: "4.2.1", MasterKeyUUID: "k"}}}
	assert.Equal(t, "4.0.1", snapshot.Version())
	assert.Equal(t, "k", snapshot.MasterKey())
	assert.Zero(t, snapshot.Size())
}

func TestClassicSnapshot_byHand(t *testing.T) {
	t.Parallel()
	for _, snapshot := range []Snapshot{{GroupID: "g"}, {ClusterID: "c"}, {HostID: "h"}, {Created: Timestamp{Increment: 1}}} {
		assert.Equal(t, classicSnapshot, snapshot.format())
		assert.Equal(t, SnapshotPending, snapshot.State())
		snapshot.Complete = true
		assert.Equal(t, SnapshotCompleted, snapshot.State())
	}
}
