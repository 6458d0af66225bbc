package restorejobstest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

func TestClient_everyScope(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]rjt.Option{
		"network":    {rjt.WithAPIKey("one", "secret"), rjt.WithAPIKey("two", "secret")},
		"TLS":        {rjt.WithTLS()},
		"in process": {rjt.InProcess(), rjt.WithTLS()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := rjt.NewServer(opts...)
			t.Cleanup(server.Close)
			client, err := server.Client()
			require.NoError(t, err)
			for _, scope := range rjt.Scopes() {
				source, err := client.Source(scope.Ref())
				require.NoError(t, err, scope)
				jobs := source.Jobs
				page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
				require.NoError(t, err, scope)
				require.Len(t, page.Jobs, len(scope.Jobs()), scope)
				assert.Equal(t, scope.Jobs()[0], page.Jobs[0].ID, scope)
				job, err := jobs.Get(t.Context(), scope.Jobs()[0])
				require.NoError(t, err, scope)
				assert.Equal(t, scope.Jobs()[0], job.ID)
			}
		})
	}
}

// A program is tested without an account and without a network.
func Example() {
	server := rjt.NewServer(rjt.InProcess())
	defer server.Close()
	client, err := server.Client()
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	scope := rjt.AtlasV2Cluster
	jobs := client.AtlasV2.Cluster(scope.Project(), scope.Cluster()).Jobs
	server.InjectFault(rjt.DropResponse().On("POST /"), 1)
	_, err = jobs.Create(ctx, restorejobs.FromSnapshot(scope.Snapshots()[0]), restorejobs.ToDownload())
	fmt.Println("outcome unknown:", errors.Is(err, restorejobs.ErrOutcomeUnknown))
	fmt.Println("restores started:", server.CreateCount())
	// Output:
	// outcome unknown: true
	// restores started: 1
}
