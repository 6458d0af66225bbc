package examples_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// addCluster adds a cluster of the project, and returns its name for a command.
func (s *shop) addCluster(name string, shards int) string {
	s.AddCluster(restorejobstest.ClusterSpec{Scope: s.scope, Name: name, Shards: shards, NoSnapshots: !strings.HasPrefix(name, "source")})
	return s.scope.ProjectName() + "/" + name
}

// restores are the situations of programs that restore into clusters.
var restores = map[string]struct {
	scope  restorejobstest.Scope
	shards int
}{
	"Ops Manager replica set": {restorejobstest.OpsManagerCluster, 0},
	"Ops Manager sharded":     {restorejobstest.OpsManagerCluster, 2},
	"Atlas replica set":       {restorejobstest.AtlasV2Cluster, 0},
	"Atlas sharded":           {restorejobstest.AtlasV2Cluster, 2},
}

func TestStagingRefresh_killed(t *testing.T) {
	t.Parallel()
	for name, c := range restores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := func(t *testing.T) *shop {
				t.Helper()
				s := newShop(t, c.scope)
				s.journals = []string{s.scope.ProjectName() + "-target1.json", s.scope.ProjectName() + "-target2.json"}
				s.words = []string{
					"staging-refresh", "-job-only",
					s.addCluster("source1", c.shards) + "=" + s.addCluster("target1", c.shards),
					s.addCluster("source2", c.shards) + "=" + s.addCluster("target2", c.shards),
				}
				return s
			}
			killAtRandomPoints(t, open, func(t *testing.T, s *shop, steps []durable.Step) {
				t.Helper()
				s.checkRestores(t, steps, false)
				out := s.run(t)
				assert.Equal(t, 2, strings.Count(out, " has the newest snapshot since "), out)
				assert.Equal(t, 2, s.CreateCount(), "the third run restores nothing")
			})
		})
	}
}

func TestDrill_killed(t *testing.T) {
	t.Parallel()
	at := time.Now().UTC().Add(-time.Hour).Truncate(time.Second)
	for name, c := range restores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := func(t *testing.T) *shop {
				t.Helper()
				s := newShop(t, c.scope)
				s.journals = []string{at.Format("drill-20060102T150405Z.json")}
				s.words = []string{"drill", "-job-only", "-at", at.Format(time.RFC3339), s.addCluster("source", c.shards), s.addCluster("scratch", c.shards)}
				return s
			}
			killAtRandomPoints(t, open, func(t *testing.T, s *shop, steps []durable.Step) {
				t.Helper()
				s.checkRestores(t, steps, false)
				var evidence durable.Result
				require.NoError(t, json.Unmarshal([]byte(s.run(t)), &evidence))
				assert.Equal(t, 1, s.CreateCount(), "the third run restores nothing")
				assert.Equal(t, s.states(t)[0].Result, evidence)
				assert.False(t, evidence.InPlace.IsZero())
				assert.True(t, at.Equal(evidence.Choice.Time))
				for _, job := range evidence.Jobs {
					assert.Equal(t, restorejobs.StateFinished, job.State)
				}
			})
		})
	}
}
