package restorejobs_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/restorejobstest"
)

// The status of a project is read from both products. Refusals and invalid arguments are errors.
func TestAutomationStatus_read(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	client, err := server.Client()
	require.NoError(t, err)
	for scope, service := range map[restorejobstest.Scope]restorejobs.ManagerService{
		restorejobstest.OpsManagerCluster:   client.OpsManager,
		restorejobstest.CloudManagerCluster: client.CloudManager,
	} {
		status, err := service.AutomationStatus(t.Context(), scope.Project())
		require.NoError(t, err)
		assert.Positive(t, status.GoalVersion)
		hosts := server.Hostnames(scope, scope.Cluster())
		found := 0
		for _, process := range status.Processes {
			assert.Equal(t, status.GoalVersion, process.LastGoalVersionAchieved)
			assert.NotEmpty(t, process.Name)
			for _, host := range hosts {
				if process.Hostname == host {
					found++
				}
			}
		}
		assert.Equal(t, len(hosts), found)
		server.RaiseGoal(scope)
		after, err := service.AutomationStatus(t.Context(), scope.Project())
		require.NoError(t, err)
		assert.Equal(t, status.GoalVersion+1, after.GoalVersion)

		server.InjectFault(restorejobstest.RespondStatus(503), 1)
		_, err = service.AutomationStatus(t.Context(), scope.Project())
		require.NoError(t, err, "it is a read, which is retried")
		_, err = service.AutomationStatus(t.Context(), "5ba5e0000000000000009999")
		require.ErrorIs(t, err, restorejobs.ErrNotFound)
		_, err = service.AutomationStatus(t.Context(), "a/b")
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	}
}

// A response that is not a status is an error.
func TestAutomationStatus_unusable(t *testing.T) {
	t.Parallel()
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"),
		restorejobs.WithTransport(testutil.Always(http.StatusOK, `{"processes":[]}`)), restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	_, err = client.CloudManager.AutomationStatus(t.Context(), "p")
	require.ErrorContains(t, err, "restorejobs: get automation status: 200: the body is not an automation status")
	_, err = client.OpsManager.AutomationStatus(t.Context(), "p")
	require.ErrorIs(t, err, restorejobs.ErrBaseURLRequired)
}
