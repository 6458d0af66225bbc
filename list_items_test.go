package restorejobs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestListItems_errorNamesOperation(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer(restorejobstest.InProcess())
	defer server.Close()
	server.AddJobs(restorejobstest.OpsManagerCluster, 4)
	same := server.Jobs(restorejobstest.OpsManagerCluster)[0]["id"].(string)
	page := `{"results":[{"id":"` + same + `"},{"id":"b"}],"totalCount":6,"links":[{"rel":"next","href":"x"}]}`
	server.InjectFault(restorejobstest.RespondBody(200, "application/json", page), 50)
	client, err := server.Client()
	require.NoError(t, err)
	source, err := client.Source(restorejobstest.OpsManagerCluster.Ref())
	require.NoError(t, err)
	for _, err = range source.Jobs.All(t.Context(), restorejobs.ListOptions{ItemsPerPage: 2, ReadAhead: -1}) {
		if err != nil {
			break
		}
	}
	require.ErrorContains(t, err, "restorejobs: list restore jobs: ")
}
