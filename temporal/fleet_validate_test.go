package restoretemporal

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestFleetRequestValidate_invalid(t *testing.T) {
	t.Parallel()
	for text, edit := range map[string]func(f *FleetRequest){
		"restores must be between 1 and 1000, not 0":    func(f *FleetRequest) { f.Restores = nil },
		"restores must be between 1 and 1000, not 1001": func(f *FleetRequest) { f.Restores = make([]NamedPlan, 1001) },
		"restores[1]: name must be set":                 func(f *FleetRequest) { f.Restores[1].Name = "" },
		"restores[1]: name must have at most 100 bytes": func(f *FleetRequest) { f.Restores[1].Name = strings.Repeat("x", 101) },
		`restores[1]: name "a/b" must be printable`:     func(f *FleetRequest) { f.Restores[1].Name = "a/b" },
		`restores[1]: name "a\n" must be printable`:     func(f *FleetRequest) { f.Restores[1].Name = "a\n" },
		`restores[1]: the name "a" is used twice`:       func(f *FleetRequest) { f.Restores[1].Name = "a" },
		`restore "b": maxAttempts must be`:              func(f *FleetRequest) { f.Restores[1].Plan.MaxAttempts = -1 },
		"maxStartsPerRun must be between":               func(f *FleetRequest) { f.MaxStartsPerRun = -1 },
		"continued is set by the workflow only":         func(f *FleetRequest) { f.Continued = &FleetContinuation{} },
		"divide the fleet": func(f *FleetRequest) {
			f.Restores[0].Plan.Source.Project = strings.Repeat("x", 600_000)
		},
	} {
		request := FleetRequest{Restores: []NamedPlan{
			{Name: "a", Plan: validPlan()},
			{Name: "b", Plan: validPlan()},
		}}
		require.NoError(t, request.Validate())
		edit(&request)
		err := request.Validate()
		require.ErrorContains(t, err, text)
		require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
		assert.Less(t, len(err.Error()), 10_000)
	}
}

// An invalid fleet fails immediately, and nothing is sent.
func TestFleet_invalidPayload(t *testing.T) {
	t.Parallel()
	ref := restorejobstest.AtlasV2Cluster.Ref()
	large := `{"restores": [{"name": "a", "plan": {"source": {"ref": "` + strings.Repeat("x", 600_000) + `"}}}]}`
	for payload, text := range map[string]string{
		`{}`:                           "restores must be between 1 and 1000",
		`{"restore": []}`:              `unknown field "restore"`,
		`{"restores": [{"nom": "a"}]}`: `unknown field "nom"`,
		large:                          "divide the fleet",
		`{"restores": [{"name": "a", "plan": {"source": {"ref": "` + ref + `"}, "directory": "a"}}, {"name": "a", "plan": {}}]}`: "is used twice",
		`{"restores": [{"name": "a", "plan": {"source": {"ref": "` + ref + `"}}}]}`:                                              `restore "a": `,
	} {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		f.env.ExecuteWorkflow(FleetWorkflow, json.RawMessage(payload))
		err := f.env.GetWorkflowError()
		assert.Equal(t, FailureInvalidPlan, FailureType(err), "%v", err)
		require.ErrorContains(t, err, text)
		assert.Empty(t, f.server.Requests())
	}
}

func TestFleetRequest_failureBudget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ restores, budget, want int }{
		{restores: 1, want: 3},
		{restores: 30, want: 3},
		{restores: 31, want: 4},
		{restores: 300, want: 30},
		{restores: 300, budget: 1, want: 1},
		{restores: 300, budget: -1, want: 0},
	} {
		request := FleetRequest{Restores: make([]NamedPlan, test.restores), FailureBudget: test.budget}
		assert.Equal(t, test.want, request.failureBudget(), "%+v", test)
	}
}

// What a fleet carries into its next run fits into a payload, also for the largest fleet.
func TestFleetContinuation_size(t *testing.T) {
	t.Parallel()
	request := FleetRequest{Continued: &FleetContinuation{}}
	for i := range maxRestores {
		name := fmt.Sprintf("%0*d", maxNameSize, i)
		ref := "atlasv2/groups/6a22a5000000000000000001/clusters/" + strings.Repeat("c", 64)
		request.Restores = append(request.Restores, NamedPlan{
			Name: name,
			Plan: Plan{Source: Cluster{Ref: ref}, To: &Cluster{Ref: ref}},
		})
		request.Continued.Projects = append(request.Continued.Projects, "atlas/6a22a5000000000000000001")
		row := FleetRow{
			Name:       name,
			Source:     ref,
			Target:     ref,
			WorkflowID: "a fleet/" + name + "/12345678",
		}
		result := durable.Result{Jobs: make([]durable.JobResult, 20)}
		for j := range result.Jobs {
			result.Jobs[j].ID = strings.Repeat("7", 24)
		}
		row.setResult(&result)
		row.Failure = truncateText(strings.Repeat("x", 5000), maxRowText)
		request.Continued.Result.Rows = append(request.Continued.Result.Rows, row)
	}
	require.NoError(t, request.Validate())
	data, err := json.Marshal(request)
	require.NoError(t, err)
	assert.Less(t, len(data), 2<<20, "the limit of a payload")
}
