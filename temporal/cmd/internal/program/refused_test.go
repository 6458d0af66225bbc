package program

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
	restoretemporal "example.com/restorejobs/temporal"
	"example.com/restorejobs/temporal/cmd/internal/list"
)

// runRefused runs the workflow of a list, and returns what the program prints about its error.
func runRefused(t *testing.T, text string) (code int, printed string) {
	t.Helper()
	server := restorejobstest.NewServer()
	defer server.Close()
	mongo, err := restorejobs.NewClient(restorejobs.APIKey(restorejobstest.PublicKey, restorejobstest.PrivateKey), restorejobs.WithBaseURL(server.URL()))
	require.NoError(t, err)
	request, err := list.Read("wrong.yaml", []byte(text))
	require.NoError(t, err)
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quietLogger())
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "fleet"})
	require.NoError(t, restoretemporal.Register(env, &restoretemporal.Activities{Client: mongo}))
	env.ExecuteWorkflow(restoretemporal.FleetWorkflow, request)
	err = env.GetWorkflowError()
	require.Equal(t, restoretemporal.FailureInvalidPlan, restoretemporal.FailureType(err), "%v", err)
	assert.Zero(t, server.CreateCount())
	var out bytes.Buffer
	code = ExitCode(&out, refused("wrong.yaml", err))
	return code, out.String()
}

// A fleet that is refused is a wrong list: the text has the file and the problems only.
func TestRefused_problems(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	project := scope.ProjectName()
	source := project + "/" + scope.ClusterName()
	to := project + "/" + scope.TargetName()
	for name, c := range map[string]struct{ restores, want string }{
		"no cluster": {
			fmt.Sprintf("- {name: archive-katalog, source: %s/katalog, to: %s}\n", project, to),
			fmt.Sprintf("wrong.yaml: restore \"archive-katalog\": source: no cluster \"katalog\" in project %q\n", project),
		},
		"no project, and no target": {
			fmt.Sprintf("- {name: a, source: nothing/b, to: %s}\n- {name: b, source: %s, to: %s/nowhere}\n", to, source, project),
			"wrong.yaml: restore \"a\": source: no project \"nothing\"\n" +
				fmt.Sprintf("wrong.yaml: restore \"b\": to: no cluster \"nowhere\" in project %q\n", project),
		},
		"a shared target": {
			fmt.Sprintf("- {name: a, source: %s, to: %s}\n- {name: b, source: %s, to: %s}\n", source, to, source, to),
			"wrong.yaml: restores \"a\" and \"b\" have the same target, ",
		},
		"a download": {
			fmt.Sprintf("- {name: a, source: %s, directory: a}\n", source),
			"wrong.yaml: restore \"a\": the worker has neither ",
		},
	} {
		code, printed := runRefused(t, "defaults: {product: atlas}\nrestores:\n"+c.restores)
		assert.Equal(t, exitUsage, code, name)
		assert.Contains(t, printed, c.want, name)
		for _, unwanted := range []string{"runID", "invalid", "restorejobs: ", "restoretemporal: ", "retryable"} {
			assert.NotContains(t, printed, unwanted, name)
		}
	}
}
