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
	if transport == nil {
		transport = http.DefaultTransport.(*http.Transport).Clone()
	}
	signed, err := digest.NewTransportWithHTTPRoundTripper(user, password, transport).Client()
	if err != nil {
		return nil, err
	}
	c, err := mongodbatlas.New(signed, mongodbatlas.SetBaseURL(base+"/"))
	if err != nil {
		return nil, err
	}
	if g == classic {
		return atlasClassic{c}, nil
	}
	return atlasCloud{c}, nil
}

func (c atlasClassic) wait(ctx context.Context, ids []string) (rounds int, err error) {
	return poll(ctx, ids, c.get)
}

func (c atlasClassic) get(ctx context.Context, id string) (string, error) {
	job, _, err := c.ContinuousRestoreJobs.Get(ctx, projectID, clusterID, id)
	if err != nil {
		return "", err
	}
	return job.ID, nil
}

func (c atlasClassic) page(ctx context.Context, number, size int) (*mongodbatlas.ContinuousJobs, error) {
	page, _, err := c.ContinuousRestoreJobs.List(ctx, projectID, clusterID,
		&mongodbatlas.ListOptions{PageNum: number, ItemsPerPage: size})
	return page, err
}

func (c atlasClassic) list(ctx context.Context, number, size int) (int, error) {
	page, err := c.page(ctx, number, size)
	if err != nil {
		return 0, err
	}
	return len(page.Results), nil
}

func (c atlasClassic) all(ctx context.Context, size int, each func(id string)) error {
	for number := 1; ; number++ {
		page, err := c.page(ctx, number, size)
		if err != nil {
			return err
		}
		for _, job := range page.Results {
			each(job.ID)
		}
		if !atlasNext(page.Links) {
			return nil
		}
	}
}

func (c atlasCloud) wait(ctx context.Context, ids []string) (rounds int, err error) {
	return poll(ctx, ids, c.get)
}

func (c atlasCloud) get(ctx context.Context, id string) (string, error) {
	job, _, err := c.CloudProviderSnapshotRestoreJobs.Get(ctx,
		&mongodbatlas.SnapshotReqPathParameters{
			GroupID:     projectID,
			ClusterName: clusterName,
			JobID:       id,
		})
	if err != nil {
		return "", err
	}
	return job.ID, nil
}

func (c atlasCloud) page(ctx context.Context, number, size int) (*mongodbatlas.CloudProviderSnapshotRestoreJobs, error) {
	page, _, err := c.CloudProviderSnapshotRestoreJobs.List(ctx,
		&mongodbatlas.SnapshotReqPathParameters{GroupID: projectID, ClusterName: clusterName},
		&mongodbatlas.ListOptions{PageNum: number, ItemsPerPage: size})
	return page, err
}

func (c atlasCloud) list(ctx context.Context, number, size int) (int, error) {
	page, err := c.page(ctx, number, size)
	if err != nil {
		return 0, err
	}
	return len(page.Results), nil
}

func (c atlasCloud) all(ctx context.Context, size int, each func(id string)) error {
	for number := 1; ; number++ {
		page, err := c.page(ctx, number, size)
		if err != nil {
			return err
		}
		for _, job := range page.Results {
			each(job.ID)
		}
		if !atlasNext(page.Links) {
			return nil
		}
	}
}

func atlasNext(links []*mongodbatlas.Link) bool {
	for _, link := range links {
		if link.Rel == "next" {
			return true
		}
	}
	return false
}
