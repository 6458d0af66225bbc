package examples_test

import (
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/durable"
	"example.com/restorejobs/restorejobstest"
)

func TestArchiveToBucket_killed(t *testing.T) {
	t.Parallel()
	for name, c := range downloads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stores := map[*shop]*s3mem.Backend{} // that outlive the programs
			open := func(t *testing.T) *shop {
				t.Helper()
				store := s3mem.New()
				require.NoError(t, store.CreateBucket("backups"))
				service := httptest.NewServer(gofakes3.New(store).Server())
				t.Cleanup(service.Close)
				s := newShop(t, c.scope, restorejobstest.WithShards(c.shards))
				stores[s] = store
				s.env = []string{"AWS_ACCESS_KEY_ID=fake", "AWS_SECRET_ACCESS_KEY=fake"}
				s.words = append([]string{"archive-to-bucket", "-endpoint", service.URL, "-part", "5"}, c.flags...)
				s.words = append(s.words, s.scope.ProjectName()+"/"+s.scope.ClusterName())
				return s
			}
			killAtRandomPoints(t, open, func(t *testing.T, s *shop, steps []durable.Step) {
				t.Helper()
				s.checkRestores(t, steps, c.isSingleUse)
				result := s.states(t)[0].Result
				assert.Len(t, result.Files, c.files)
				var expected []string
				for _, file := range result.Files {
					sum, size := hashObject(t, stores[s], file.Path)
					assert.Equal(t, file.SHA1, sum)
					assert.Equal(t, file.Size, size)
					assert.EqualValues(t, archiveSize, size)
					assert.Equal(t, c.isVerified, file.Verified)
					expected = append(expected, file.Path, file.Path+".json")
				}
				assert.ElementsMatch(t, expected, objects(t, stores[s]))
				delete(stores, s)
			})
		})
	}
}

func objects(t *testing.T, store *s3mem.Backend) []string {
	t.Helper()
	list, err := store.ListBucket("backups", nil, gofakes3.ListBucketPage{})
	require.NoError(t, err)
	var keys []string
	for _, content := range list.Contents {
		keys = append(keys, content.Key)
	}
	return keys
}

func hashObject(t *testing.T, store *s3mem.Backend, key string) (sum string, size int64) {
	t.Helper()
	object, err := store.GetObject("backups", key, nil)
	require.NoError(t, err)
	defer object.Contents.Close()
	hash := sha1.New()
	size, err = io.Copy(hash, object.Contents)
	require.NoError(t, err)
	return hex.EncodeToString(hash.Sum(nil)), size
}

// A broken upload continues behind the last part that the bucket has.
func TestArchiveToBucket_continues(t *testing.T) {
	t.Parallel()
	store := s3mem.New()
	require.NoError(t, store.CreateBucket("backups"))
	service := httptest.NewServer(gofakes3.New(store).Server())
	defer service.Close()
	s := newShop(t, restorejobstest.AtlasV2Cluster)
	s.env = []string{"AWS_ACCESS_KEY_ID=fake", "AWS_SECRET_ACCESS_KEY=fake"}
	s.words = []string{"archive-to-bucket", "-endpoint", service.URL, "-part", "5", s.scope.ProjectName() + "/" + s.scope.ClusterName()}
	s.InjectFault(restorejobstest.StallBody(6<<20, time.Hour).At(restorejobstest.Downloads), 1)
	command := s.command(t)
	require.NoError(t, command.Start())
	require.Eventually(t, func() bool { return len(objects(t, store)) == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())
	s.run(t)
	requests := s.Requests()
	last := slices.IndexFunc(requests, func(r restorejobstest.Request) bool { return r.Download && r.Header.Get("Range") != "" })
	require.GreaterOrEqual(t, last, 0)
	assert.Equal(t, "bytes=5242880-", requests[last].Header.Get("Range"))
	file := s.states(t)[0].Result.Files[0]
	sum, _ := hashObject(t, store, file.Path)
	assert.Equal(t, file.SHA1, sum)
	assert.Equal(t, 1, s.CreateCount())
}
