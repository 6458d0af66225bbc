package main

import (
	"context"
	"fmt"
	"net/http"

	"example.com/restorejobs"
)

// client has the operations of every contestant. Results are minimal, so that the comparison
// itself costs nothing.
type client interface {
	// get reads a job and returns its id.
	get(ctx context.Context, id string) (string, error)
	// list reads one page and returns how many jobs it has.
	list(ctx context.Context, number, size int) (int, error)
	// all reads every job, size a page.
	all(ctx context.Context, size int, each func(id string)) error
	// wait waits for jobs, and returns the number of polls.
	wait(ctx context.Context, ids []string) (rounds int, err error)
}

// contestant is a client library, used as its documents describe.
type contestant struct {
	name string
	open func(g generation, base string, transport http.RoundTripper) (client, error) // nil: the default transport
}

const (
	oursName  = "ours"
	atlasName = "go.mongodb.org/atlas"
	plainName = "net/http"
)

var contestants = []contestant{
	{name: oursName, open: openOurs},
	{name: atlasName, open: openAtlas},
	{name: plainName, open: openPlain},
}

// ours is this library.
type ours struct {
	jobs      *restorejobs.Jobs
	readAhead int // as in ListOptions
}

func openOurs(g generation, base string, transport http.RoundTripper) (client, error) {
	options := []restorejobs.Option{restorejobs.WithBaseURL(base)}
	if transport != nil {
		options = append(options, restorejobs.WithTransport(transport))
	}
	c, err := restorejobs.NewClient(restorejobs.APIKey(user, password), options...)
	if err != nil {
		return nil, err
	}
	if g == classic {
		return &ours{jobs: c.OpsManager.Cluster(projectID, clusterID).Jobs}, nil
	}
	return &ours{jobs: c.AtlasV2.Cluster(projectID, clusterName).Jobs}, nil
}

func (o *ours) get(ctx context.Context, id string) (string, error) {
	job, err := o.jobs.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return job.ID, nil
}

func (o *ours) list(ctx context.Context, number, size int) (int, error) {
	page, err := o.jobs.List(ctx, restorejobs.ListOptions{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return 0, err
	}
	return len(page.Jobs), nil
}

func (o *ours) wait(ctx context.Context, ids []string) (rounds int, err error) {
	jobs, err := o.jobs.Wait(ctx, ids, restorejobs.WaitOptions{
		MinInterval: -1, // no pause
		OnUpdate:    func(u restorejobs.WaitUpdate) error { rounds = u.Polls; return u.Err },
	})
	if err == nil && len(jobs) != len(ids) {
		err = fmt.Errorf("%d jobs of %d", len(jobs), len(ids))
	}
	return rounds, err
}

// poll is the wait of a client without one: it gets each job.
func poll(ctx context.Context, ids []string, get func(context.Context, string) (string, error)) (rounds int, err error) {
	for rounds < waitRounds {
		for _, id := range ids {
			if _, err := get(ctx, id); err != nil {
				return rounds, err
			}
		}
		rounds++
	}
	return rounds, nil
}

func (o *ours) all(ctx context.Context, size int, each func(id string)) error {
	for job, err := range o.jobs.All(ctx, restorejobs.ListOptions{ItemsPerPage: size, ReadAhead: o.readAhead}) {
		if err != nil {
			return err
		}
		each(job.ID)
	}
	return nil
}
