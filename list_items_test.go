package restorejobs_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
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

// TestListItems_nextPages: the next pages are requested after a sixteenth of the first one, so that a
// search for the newest items costs one request.
func TestListItems_nextPages(t *testing.T) {
	t.Parallel()
	for items, requests := range map[int]int{1: 1, 2: 1, 3: 1, 4: 3, 20: 3, 33: 3} {
		synctest.Test(t, func(t *testing.T) {
			server := restorejobstest.NewServer(restorejobstest.InProcess())
			defer server.Close()
			const size = 32
			server.AddJobs(restorejobstest.OpsManagerCluster, 3*size-len(server.Jobs(restorejobstest.OpsManagerCluster)))
			client, err := server.Client()
			require.NoError(t, err)
			source, err := client.Source(restorejobstest.OpsManagerCluster.Ref())
			require.NoError(t, err)
			before := len(server.Requests())
			read := 0
			for _, err := range source.Jobs.All(t.Context(), restorejobs.ListOptions{ItemsPerPage: size}) {
				require.NoError(t, err)
				if read++; read == items {
					synctest.Wait() // until what was requested has arrived
					break
				}
			}
			sent := 0
			for _, request := range server.Requests()[before:] {
				if request.Status == http.StatusOK {
					sent++
				}
			}
			assert.Equal(t, requests, sent, "%d items", items)
		})
	}
}
