package main

import (
	"context"
	"fmt"

	"example.com/restorejobs"
	"example.com/restorejobs/examples/internal/target"
	"example.com/restorejobs/restorejobstest"
)

// row is one variant, and what became of each step: a cell of the table.
type row struct {
	name     string
	jobs     *restorejobs.Jobs
	snapshot string // "": create nothing
	to       restorejobs.Destination

	listed, read, created string
}

// everyVariant makes a row for each scope of the embedded server.
func everyVariant(client *restorejobs.Client) []*row {
	var rows []*row
	for _, scope := range restorejobstest.Scopes() {
		r := &row{
			name:     scope.String(),
			jobs:     target.Jobs(client, scope),
			snapshot: scope.Snapshots()[0],
			to:       restorejobs.ToDownload(restorejobs.DownloadLink{}),
		}
		if scope == restorejobstest.AtlasV2Flex { // which has no downloads
			r.to = restorejobs.ToCluster(scope.Project(), "Flex1")
		}
		rows = append(rows, r)
	}
	return rows
}

// try does the same for every variant: this is all there is to using the library.
func (r *row) try(ctx context.Context) error {
	page, err := r.jobs.List(ctx, restorejobs.ListOptions{ItemsPerPage: 10})
	if err != nil {
		return err
	}
	r.listed = fmt.Sprintf("%d jobs", page.TotalCount)
	if len(page.Jobs) > 0 {
		job, err := r.jobs.Get(ctx, page.Jobs[0].ID)
		if err != nil {
			return err
		}
		r.read = fmt.Sprintf("%s %s", job.ID, job.State())
	}
	if r.snapshot == "" {
		return nil
	}
	created, err := r.jobs.Create(ctx, restorejobs.FromSnapshot(r.snapshot), r.to)
	if err != nil {
		return err
	}
	r.created = fmt.Sprintf("%s %s", created[0].ID, created[0].State())
	return nil
}
