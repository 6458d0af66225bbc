package restorejobs

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnDemandForm_requests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form  *onDemandForm
		req   SnapshotRequest
		query string
		body  string
	}{
		{cloudOnDemand, SnapshotRequest{}, "", `{}`},
		{cloudOnDemand, SnapshotRequest{Description: "before"}, "", `{"description":"before"}`},
		{cloudOnDemand, SnapshotRequest{Description: "b", RetentionDays: 3}, "", `{"description":"b","retentionInDays":3}`},
		{managerOnDemand, SnapshotRequest{RetentionDays: 1}, "retentionDays=1", ""},
	} {
		query, body, err := c.form.encode(c.req)
		require.NoError(t, err)
		assert.Equal(t, c.query, query.Encode())
		assert.Equal(t, c.body, string(body))
	}
}

func TestOnDemandForm_invalidRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form *onDemandForm
		req  SnapshotRequest
		want string
	}{
		{cloudOnDemand, SnapshotRequest{RetentionDays: -1}, "RetentionDays must be between 1 and 2147483647, or 0 for the default"},
		{cloudOnDemand, SnapshotRequest{RetentionDays: math.MaxInt32 + 1}, "RetentionDays must be"},
		{managerOnDemand, SnapshotRequest{}, "RetentionDays must be between 1 and 2147483647"},
		{managerOnDemand, SnapshotRequest{RetentionDays: -1}, "RetentionDays must be"},
		{managerOnDemand, SnapshotRequest{Description: "d", RetentionDays: 1}, "Description must be empty"},
	} {
		_, _, err := c.form.encode(c.req)
		require.ErrorIs(t, err, ErrInvalidArgument)
		require.ErrorContains(t, err, c.want)
	}
}
