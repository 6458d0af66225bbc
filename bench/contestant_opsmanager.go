package main

import (
	"context"
	"net/http"

	"github.com/mongodb-forks/digest"
	"go.mongodb.org/ops-manager/opsmngr"
)

// opsManager is go.mongodb.org/ops-manager with the digest library of its README. It supports
// Cloud Manager and Ops Manager only.
type opsManager struct {
	api opsmngr.ContinuousRestoreJobsService
}

func openOpsManager(_ generation, base string, transport http.RoundTripper) (client, error) {
	signed, err := digest.NewTransportWithHTTPRoundTripper(user, password, transportOf(transport)).Client()
	if err != nil {
		return nil, err
	}
	c, err := opsmngr.New(signed, opsmngr.SetBaseURL(base+"/"))
	if err != nil {
		return nil, err
	}
	return opsManager{c.ContinuousRestoreJobs}, nil
}

func (c opsManager) get(ctx context.Context, id string) (deliveredJob, error) {
	job, _, err := c.api.Get(ctx, projectID, clusterID, id)
	if err != nil {
		return deliveredJob{}, err
	}
	return deliveredJob{id: job.ID, job: job}, nil
}

func (c opsManager) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, _, err := c.api.List(ctx, projectID, clusterID, &opsmngr.ListOptions{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return false, err
	}
	for _, job := range page.Results {
		each(deliveredJob{id: job.ID, job: job})
	}
	for _, link := range page.Links {
		more = more || link.Rel == "next"
	}
	return more, nil
}
