package restorejobs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func TestNewRequest_listsEveryInvalidID(t *testing.T) {
	t.Parallel()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"))
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("a/b", "").Jobs.Get(t.Context(), "..")
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
	for _, part := range []string{"projectID", "cluster id", "jobID", "WithBaseURL"} {
		assert.ErrorContains(t, err, part)
	}
}
