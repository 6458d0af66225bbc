package restorejobs_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestGoalVersion_everyVariant(t *testing.T) {
	t.Parallel()
	for _, scope := range restorejobstest.Scopes() {
		server := restorejobstest.NewServer(restorejobstest.InProcess())
		defer server.Close()
		client, err := server.Client()
		require.NoError(t, err)
		source, err := client.Source(scope.Ref())
		require.NoError(t, err)
		goal, err := source.GoalVersion(t.Context(), restorejobs.ToDownload())
		require.NoError(t, err, scope)
		assert.Zero(t, goal, scope)
		assert.Empty(t, server.Requests(), scope)

		goal, err = source.GoalVersion(t.Context(), restorejobs.ToCluster(scope.Project(), "cluster"))
		require.NoError(t, err, scope)
		isManager := source.Variant() == restorejobs.VariantOpsManager || source.Variant() == restorejobs.VariantCloudManager
		assert.Equal(t, isManager, goal > 0, scope)
		assert.Equal(t, isManager, len(server.Requests()) > 0, scope)
	}
}

func TestGoalVersion_refused(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	defer server.Close()
	client, err := server.Client(restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	scope := restorejobstest.OpsManagerCluster
	source := client.OpsManager.Cluster(scope.Project(), scope.Cluster())
	to := restorejobs.ToCluster(scope.Project(), scope.Target())
	for status, isUnknown := range map[int]bool{
		http.StatusUnauthorized:       true,
		http.StatusForbidden:          true,
		http.StatusNotFound:           true,
		http.StatusServiceUnavailable: false,
	} {
		server.InjectFault(restorejobstest.RespondStatus(status), 1)
		_, err := source.GoalVersion(t.Context(), to)
		require.Error(t, err, status)
		assert.Equal(t, isUnknown, errors.Is(err, restorejobs.ErrTargetUnknown), status)
		assert.True(t, strings.HasPrefix(err.Error(), "restorejobs: "), err)
	}
	_, err = source.GoalVersion(t.Context(), restorejobs.ToCluster("a/b", "c"))
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
}
