package restorejobs

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJob_string(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"id":"J","statusName":"FINISHED","snapshotId":"S","batchId":"B"}`:                                                "restore job J finished of snapshot S in batch B",
		`{"id":"J","cancelled":true,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1600000000}`:                      "restore job J cancelled to 2020-09-13T12:26:40Z",
		`{"id":"J","failed":true,"oplogTs":1600000000,"oplogInc":7}`:                                                       "restore job J failed to 2020-09-13T12:26:40Z",
		`{"statusName":"KILLED","pointInTime":true,"desiredTimestamp":{"date":"2020-09-13T14:26:40+02:00","increment":1}}`: "restore job without id cancelled to 2020-09-13T12:26:40Z",
	} {
		var job Job
		require.NoError(t, json.Unmarshal([]byte(text), &job))
		assert.Equal(t, want, job.String())
	}
}
