package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSnapshot_constantsOfDocumentedLists(t *testing.T) {
	t.Parallel()
	for want, have := range map[string][]string{
		"queued inProgress completed failed": texts(SnapshotStatusQueued, SnapshotStatusInProgress, SnapshotStatusCompleted, SnapshotStatusFailed),
		"replicaSet shardedCluster":          texts(SnapshotOfReplicaSet, SnapshotOfShardedCluster),
		"onDemand scheduled fallback":        texts(SnapshotTypeOnDemand, SnapshotTypeScheduled, SnapshotTypeFallback),
		"hourly daily weekly monthly yearly ondemand": texts(SnapshotHourly, SnapshotDaily, SnapshotWeekly, SnapshotMonthly,
			SnapshotYearly, SnapshotOnDemand),
		"unknown pending completed failed": texts(SnapshotUnknown, SnapshotPending, SnapshotCompleted, SnapshotFailed),
	} {
		assert.Equal(t, strings.Fields(want), have)
	}
}
