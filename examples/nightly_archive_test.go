package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

// downloads are the situations of programs that download.
var downloads = map[string]struct {
	scope       restorejobstest.Scope
	shards      int
	files       int
	flags       []string
	isSingleUse bool
	isVerified  bool // by a checksum of the service
}{
	"Ops Manager replica set, links for one use": {restorejobstest.OpsManagerCluster, 0, 1, nil, true, true},
	"Ops Manager replica set, free links":        {restorejobstest.OpsManagerCluster, 0, 1, []string{"-max", "1000"}, false, true},
	"Ops Manager sharded, links for one use":     {restorejobstest.OpsManagerCluster, 2, 3, nil, true, true},
	"Ops Manager sharded, free links":            {restorejobstest.OpsManagerCluster, 2, 3, []string{"-max", "1000"}, false, true},
	"Atlas replica set, free links":              {restorejobstest.AtlasV2Cluster, 0, 1, nil, false, false},
	"Atlas sharded, links for one use":           {restorejobstest.AtlasV2Cluster, 2, 3, nil, true, false},
}

func TestNightlyArchive_killed(t *testing.T) {
	t.Parallel()
	for name, c := range downloads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := func(t *testing.T) *shop {
				t.Helper()
				s := newShop(t, c.scope, restorejobstest.WithShards(c.shards))
				s.words = append(append([]string{"nightly-archive"}, c.flags...), s.scope.ProjectName()+"/"+s.scope.ClusterName())
				return s
			}
			killAtRandomPoints(t, open, func(t *testing.T, s *shop, steps []durable.Step) {
				t.Helper()
				s.checkRestores(t, steps, c.isSingleUse)
				result := s.states(t)[0].Result
				checkFiles(t, result, c.files, "result.json")
				for _, file := range result.Files {
					assert.Equal(t, c.isVerified, file.Verified)
				}
				evidence, err := os.ReadFile(filepath.Join(filepath.Dir(result.Files[0].Path), "result.json"))
				require.NoError(t, err)
				expected, err := json.Marshal(result)
				require.NoError(t, err)
				assert.JSONEq(t, string(expected), string(evidence))
			})
		})
	}
}

func TestNightlyArchive_keepsSevenNights(t *testing.T) {
	t.Parallel()
	s := newShop(t, restorejobstest.AtlasV2Cluster)
	s.words = []string{"nightly-archive", s.scope.ProjectName() + "/" + s.scope.ClusterName()}
	night := time.Now().UTC().AddDate(0, 0, -10).Truncate(time.Hour)
	for i := range 9 {
		failed := filepath.Join(s.dir, night.Add(time.Minute).Format("2006-01-02T1504Z"))
		require.NoError(t, os.Mkdir(failed, 0o700)) // of a night without a whole archive
		s.AddSnapshot(s.scope, fmt.Sprintf(`{"status":"completed","type":"replicaSet","snapshotType":"scheduled","createdAt":%q}`, night.Format(time.RFC3339)))
		first := s.run(t)
		assert.Equal(t, first, s.run(t), "a second run does nothing")
		assert.Equal(t, i+1, s.CreateCount())
		night = night.AddDate(0, 0, 1)
	}
	whole, err := filepath.Glob(filepath.Join(s.dir, "*", "archive.tar.gz"))
	require.NoError(t, err)
	assert.Len(t, whole, 7)
	folders, err := filepath.Glob(filepath.Join(s.dir, "*Z"))
	require.NoError(t, err)
	assert.Len(t, folders, 14, "the folders of failed nights end with those of earlier ones")
}
