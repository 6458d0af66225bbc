package main

import (
	"context"
	"net/http"

	"github.com/mongodb-forks/digest"
	"go.mongodb.org/atlas-sdk/v20241113004/admin"
)

// atlasSDK is go.mongodb.org/atlas-sdk with the digest library that its UseDigestAuth uses. It
// supports Atlas v2 only.
type atlasSDK struct{ api admin.CloudBackupsApi }

func openSDK(_ generation, base string, transport http.RoundTripper) (client, error) {
	signed, err := digest.NewTransportWithHTTPRoundTripper(user, password, transportOf(transport)).Client()
	if err != nil {
		return nil, err
	}
	c, err := admin.NewClient(admin.UseHTTPClient(signed), admin.UseBaseURL(base))
	if err != nil {
		return nil, err
	}
	return atlasSDK{c.CloudBackupsApi}, nil
}

func (c atlasSDK) get(ctx context.Context, id string) (deliveredJob, error) {
	job, resp, err := c.api.GetBackupRestoreJob(ctx, projectID, clusterName, id).Execute()
	if err != nil {
		return deliveredJob{}, err
	}
	_ = resp.Body.Close() // the SDK has replaced it with a copy in memory
	return deliveredJob{id: job.GetId(), job: job}, nil
}

func (c atlasSDK) page(ctx context.Context, number, size int) (*admin.PaginatedCloudBackupRestoreJob, error) {
	page, resp, err := c.api.ListBackupRestoreJobs(ctx, projectID, clusterName).PageNum(number).ItemsPerPage(size).Execute()
	if err != nil {
		return nil, err
	}
	_ = resp.Body.Close() // the SDK has replaced it with a copy in memory
	return page, nil
}

func (c atlasSDK) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, err := c.page(ctx, number, size)
	if err != nil {
		return false, err
	}
	jobs := page.GetResults()
	for i := range jobs {
		each(deliveredJob{id: jobs[i].GetId(), job: &jobs[i]})
	}
	for _, link := range page.GetLinks() {
		more = more || link.GetRel() == "next"
	}
	return more, nil
}
