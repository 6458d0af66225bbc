package main

import (
	"context"
	"net/http"

	"github.com/mongodb-forks/digest"
	"go.mongodb.org/atlas/mongodbatlas"
)

// atlasClassic and atlasCloud are go.mongodb.org/atlas with the digest library of its README. It
// supports Atlas v1 only; its jobs are the same as ours.
type (
	atlasClassic struct{ *mongodbatlas.Client }
	atlasCloud   struct{ *mongodbatlas.Client }
)

func openAtlas(g generation, base string, transport http.RoundTripper) (client, error) {
	signed, err := digest.NewTransportWithHTTPRoundTripper(user, password, transportOf(transport)).Client()
	if err != nil {
		return nil, err
	}
	c, err := mongodbatlas.New(signed, mongodbatlas.SetBaseURL(base+"/"))
	if err != nil {
		return nil, err
	}
	if g == atlasV2 {
		return atlasCloud{c}, nil
	}
	return atlasClassic{c}, nil
}

func (c atlasClassic) get(ctx context.Context, id string) (deliveredJob, error) {
	job, _, err := c.ContinuousRestoreJobs.Get(ctx, projectID, clusterID, id)
	if err != nil {
		return deliveredJob{}, err
	}
	return deliveredJob{id: job.ID, job: job}, nil
}

func (c atlasClassic) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, _, err := c.ContinuousRestoreJobs.List(ctx, projectID, clusterID,
		&mongodbatlas.ListOptions{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return false, err
	}
	for _, job := range page.Results {
		each(deliveredJob{id: job.ID, job: job})
	}
	return atlasNext(page.Links), nil
}

func (c atlasCloud) get(ctx context.Context, id string) (deliveredJob, error) {
	job, _, err := c.CloudProviderSnapshotRestoreJobs.Get(ctx,
		&mongodbatlas.SnapshotReqPathParameters{
			GroupID:     projectID,
			ClusterName: clusterName,
			JobID:       id,
		})
	if err != nil {
		return deliveredJob{}, err
	}
	return deliveredJob{id: job.ID, job: job}, nil
}

func (c atlasCloud) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, _, err := c.CloudProviderSnapshotRestoreJobs.List(ctx,
		&mongodbatlas.SnapshotReqPathParameters{GroupID: projectID, ClusterName: clusterName},
		&mongodbatlas.ListOptions{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return false, err
	}
	for _, job := range page.Results {
		each(deliveredJob{id: job.ID, job: job})
	}
	return atlasNext(page.Links), nil
}

func atlasNext(links []*mongodbatlas.Link) bool {
	for _, link := range links {
		if link.Rel == "next" {
			return true
		}
	}
	return false
}
