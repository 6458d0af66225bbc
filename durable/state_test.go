package durable_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestRestore_journalOfAnotherPlan(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		f.restore(f.toCluster(), journal)
		other := f.toCluster()
		other.To = restorejobs.ToCluster(f.scope.Project(), f.scope.Sharded())
		_, err := durable.Restore(t.Context(), other, journal)
		var stateErr *durable.StateError
		require.ErrorAs(t, err, &stateErr)
		assert.Equal(t, "it belongs to another plan, and each needs its own journal: its destination is "+
			f.toCluster().To.String()+", that of the plan is "+other.To.String(), stateErr.Problem)
		assert.Equal(t, 1, f.server.CreateCount())
	})
}

func TestState_ofAnotherVersion(t *testing.T) {
	t.Parallel()
	f := newFixture(t, restorejobstest.AtlasV2Cluster)
	identity := durable.Identity{
		Source:      f.source.Ref(),
		Point:       "newest snapshot",
		Destination: f.toCluster().To.String(),
	}
	for problem, state := range map[string]durable.State{
		"version 2 is not known": {Version: 2, Plan: identity, Step: durable.StepWait},
		"another plan":           {Version: 1, Step: durable.StepWait},
		`step "new" is not`:      {Version: 1, Plan: identity, Step: "new"},
	} {
		_, err := durable.Advance(t.Context(), f.toCluster(), state)
		var stateErr *durable.StateError
		require.ErrorAs(t, err, &stateErr, problem)
		assert.Contains(t, stateErr.Problem, problem)
	}
	assert.Empty(t, f.server.Requests())
}

func TestState_hasNoSecret(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.OpsManagerCluster)
		plan := f.toDirectory()
		state := durable.State{}
		for state.Step != durable.StepDone {
			var err error
			state, err = durable.Advance(t.Context(), plan, state)
			require.NoError(t, err)
			encoded, err := json.Marshal(state)
			require.NoError(t, err)
			for _, secret := range []string{"://", restorejobstest.PrivateKey, restorejobstest.PublicKey} {
				assert.NotContains(t, string(encoded), secret, state.Step)
			}
		}
	})
}

// TestState_survivesJSON requires that a process that reads a state performs the same step.
func TestState_survivesJSON(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, isDownload := range []bool{false, true} {
			f := newFixture(t, restorejobstest.OpsManagerCluster)
			plan := f.toCluster()
			if isDownload {
				plan = f.toDirectory()
			}
			state := durable.State{}
			for state.Step != durable.StepDone {
				next, err := durable.Advance(t.Context(), plan, state)
				require.NoError(t, err)
				encoded, err := json.Marshal(next)
				require.NoError(t, err)
				state = durable.State{}
				require.NoError(t, json.Unmarshal(encoded, &state))
				again, err := json.Marshal(state)
				require.NoError(t, err)
				assert.JSONEq(t, string(encoded), string(again))
			}
			assert.Equal(t, 1, f.server.CreateCount())
		}
	})
}

func TestState_jsonNamesAreLowerCamelCase(t *testing.T) {
	t.Parallel()
	for _, value := range []any{
		durable.State{},
		durable.Identity{},
		durable.Choice{},
		durable.Result{},
		durable.JobResult{},
		durable.FileResult{},
	} {
		typ := reflect.TypeOf(value)
		for i := range typ.NumField() {
			field := typ.Field(i)
			if !field.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			assert.NotEmpty(t, name, "%s.%s", typ, field.Name)
			assert.Equal(t, strings.ToLower(name[:1]), name[:1], "%s.%s", typ, field.Name)
		}
	}
}

func TestRestore_planThatIsCorrectedBeforeTheCreate(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		f := newFixture(t, restorejobstest.AtlasV2Cluster)
		journal := &durable.MemoryJournal{}
		wrong := f.toCluster()
		wrong.To = restorejobs.ToCluster(f.scope.Project(), "stagign")
		_, err := durable.Restore(t.Context(), wrong, journal)
		var target *restorejobs.TargetError
		require.ErrorAs(t, err, &target)
		result := f.restore(f.toCluster(), journal)
		assert.Equal(t, f.toCluster().To.String(), result.Destination)
		_, err = durable.Restore(t.Context(), wrong, journal)
		var stateErr *durable.StateError
		require.ErrorAs(t, err, &stateErr, "a journal with jobs stays with its plan")
	})
}
