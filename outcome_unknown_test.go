package restorejobs_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestOutcomeUnknownError_findsTheCreate(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client, err := server.Client()
		require.NoError(t, err)
		scope := restorejobstest.AtlasV2Cluster
		jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs
		point := restorejobs.FromSnapshot(scope.Snapshots()[0])
		before := time.Now()
		server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
		_, err = jobs.Create(t.Context(), point, restorejobs.ToDownload())
		var unknown *restorejobs.OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown)
		assert.Equal(t, point, unknown.Point)
		assert.Equal(t, restorejobs.ToDownload(), unknown.Destination)
		assert.Equal(t, before, unknown.Start)
		creates, err := unknown.Find(t.Context())
		require.NoError(t, err)
		want, err := jobs.FindCreated(t.Context(), before, point, restorejobs.ToDownload())
		require.NoError(t, err)
		assert.NotEmpty(t, creates)
		assert.Equal(t, want, creates)
	})
}

func TestOutcomeUnknownError_ofDoFindsNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, server *restorejobstest.Server) {
		client, err := server.Client()
		require.NoError(t, err)
		server.InjectFault(restorejobstest.RespondStatus(503).On("POST /"), 1)
		err = client.Do(t.Context(), http.MethodPost, "/api/atlas/v2/groups/x/clusters", map[string]any{}, nil)
		var unknown *restorejobs.OutcomeUnknownError
		require.ErrorAs(t, err, &unknown)
		require.NotErrorIs(t, err, restorejobs.ErrUnavailable)
		var apiErr *restorejobs.Error
		require.ErrorAs(t, err, &apiErr)
		assert.Equal(t, http.StatusServiceUnavailable, apiErr.StatusCode)
		assert.False(t, errors.Is(apiErr, restorejobs.ErrUnavailable))
		assert.False(t, apiErr.Retryable())
		_, err = unknown.Find(t.Context())
		require.ErrorIs(t, err, errors.ErrUnsupported)
	})
}
