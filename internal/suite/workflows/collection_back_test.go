package workflows

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

// collectionBack restores one collection from the newest snapshot that has it.
type collectionBack struct {
	source *restorejobs.Source
	target restorejobs.Destination
	log    io.Writer
}

func (c *collectionBack) run(ctx context.Context, database, collection string) (*restorejobs.CollectionJob, error) {
	snapshot, err := c.source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{})
	if err != nil {
		return nil, err
	}
	if err := c.requireCollection(ctx, snapshot.ID, database, collection); err != nil {
		return nil, err
	}
	job, err := c.createOnce(ctx, restorejobs.CollectionRestore{
		Point:            restorejobs.FromSnapshot(snapshot.ID),
		Target:           c.target,
		Collections:      []restorejobs.RestoreNamespace{{Source: database + "." + collection}},
		CollectionSuffix: "_restored",
	})
	if err != nil {
		return nil, err
	}
	return c.source.CollectionJobs.Wait(ctx, job.ID, restorejobs.WaitOptions{
		OnUpdate: func(u restorejobs.WaitUpdate) error {
			if u.CollectionJob != nil {
				fmt.Fprintf(c.log, "%d of %d documents\n", u.CollectionJob.RestoredDocuments, u.CollectionJob.TotalDocuments)
			}
			return nil
		},
	})
}

// requireCollection reads what the snapshot has.
func (c *collectionBack) requireCollection(ctx context.Context, snapshotID, database, collection string) error {
	for name, err := range c.source.Snapshots.Databases(ctx, snapshotID) {
		if err != nil {
			return err
		}
		if name != database {
			continue
		}
		for name, err := range c.source.Snapshots.Collections(ctx, snapshotID, database) {
			if err != nil {
				return err
			}
			if name == collection {
				return nil
			}
		}
	}
	return fmt.Errorf("snapshot %s has no collection %s.%s", snapshotID, database, collection)
}

// createOnce finds the job of a create whose response was lost.
func (c *collectionBack) createOnce(ctx context.Context, restore restorejobs.CollectionRestore) (*restorejobs.CollectionJob, error) {
	start := time.Now()
	job, err := c.source.CollectionJobs.Create(ctx, restore)
	if !errors.Is(err, restorejobs.ErrOutcomeUnknown) {
		return job, err
	}
	found, findErr := c.source.CollectionJobs.FindCreated(ctx, start, restore)
	if findErr != nil || len(found) == 0 {
		return nil, errors.Join(err, findErr)
	}
	return found[0], nil
}

// inShop runs a test with a cluster and a target.
func inShop(t *testing.T, test func(t *testing.T, server *restorejobstest.Server, back *collectionBack, log *strings.Builder)) {
	t.Helper()
	inProduction(t, func(t *testing.T, server *restorejobstest.Server, client *restorejobs.Client) {
		scope := restorejobstest.AtlasV2Cluster
		source, err := client.AtlasV2.FindCluster(t.Context(), scope.ProjectName(), scope.Cluster())
		require.NoError(t, err)
		log := &strings.Builder{}
		test(t, server, &collectionBack{
			source: source,
			target: restorejobs.ToCluster(scope.Project(), scope.Target()),
			log:    log,
		}, log)
	})
}

func TestCollectionBack_withProgress(t *testing.T) {
	t.Parallel()
	inShop(t, func(t *testing.T, server *restorejobstest.Server, back *collectionBack, log *strings.Builder) {
		job, err := back.run(t.Context(), "sales", "orders")
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateFinished, job.State())
		assert.Positive(t, job.TotalDocuments)
		assert.Equal(t, job.TotalDocuments, job.RestoredDocuments)
		assert.Contains(t, log.String(), fmt.Sprintf("%d of %d documents\n", job.TotalDocuments, job.TotalDocuments))
		assert.Greater(t, strings.Count(log.String(), "\n"), 2)
		_, err = back.run(t.Context(), "sales", "invoices")
		require.ErrorContains(t, err, "has no collection sales.invoices")
		assert.Equal(t, 1, server.CreateCount())
	})
}

func TestCollectionBack_lostResponse(t *testing.T) {
	t.Parallel()
	inShop(t, func(t *testing.T, server *restorejobstest.Server, back *collectionBack, _ *strings.Builder) {
		server.InjectFault(restorejobstest.DropResponse().On("POST /"), 1)
		job, err := back.run(t.Context(), "stock", "items")
		require.NoError(t, err)
		assert.Equal(t, restorejobs.StateFinished, job.State())
		assert.Equal(t, 1, server.CreateCount())
	})
}

// A job that finished without a collection is an error that names it.
func TestCollectionBack_failedCollection(t *testing.T) {
	t.Parallel()
	inShop(t, func(t *testing.T, server *restorejobstest.Server, back *collectionBack, _ *strings.Builder) {
		go func() {
			time.Sleep(10 * time.Second)
			for job, err := range back.source.CollectionJobs.All(t.Context(), restorejobs.ListOptions{}) {
				if err == nil {
					server.SetCollectionOutcome(job.ID, "sales.orders", "NOT_FOUND")
				}
			}
		}()
		_, err := back.run(t.Context(), "sales", "orders")
		var jobErr *restorejobs.CollectionJobError
		require.ErrorAs(t, err, &jobErr)
		require.Len(t, jobErr.Collections, 1)
		assert.Equal(t, "sales.orders", jobErr.Collections[0].SourceNamespace)
	})
}
