package restorejobs_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// The projects are on several pages of the list.
func TestLookupCandidates_readsAllPages(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	for scope, service := range map[restorejobstest.Scope]finder{
		restorejobstest.CloudManagerCluster: client.CloudManager,
		restorejobstest.AtlasV2Cluster:      client.AtlasV2,
	} {
		want := []string{server.AddProject(scope, "Twice")}
		for i := range 600 {
			server.AddProject(scope, fmt.Sprint("another ", i))
		}
		want = append(want, server.AddProject(scope, "Twice"))
		_, err := service.FindProject(t.Context(), "Twice")
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		var found []string
		for _, candidate := range lookupErr.Candidates {
			found = append(found, candidate.ID)
			assert.Equal(t, "Twice", candidate.Name)
			assert.NotEmpty(t, candidate.OrgID)
			project, err := service.FindProject(t.Context(), candidate.ID)
			require.NoError(t, err)
			assert.Equal(t, candidate.ID, project.ID)
		}
		assert.Equal(t, want, found)
	}
	lists := 0
	for _, request := range server.Requests() {
		if request.Method == http.MethodGet && strings.HasSuffix(request.Path, "/groups") {
			lists++
		}
	}
	assert.Equal(t, 4, lists)
}
