package main

import (
	"context"
	"fmt"
	"net/http"

	"example.com/restorejobs"
)

// deliveredJob is a job that a contestant hands to its caller. Its value is a pointer to the
// contestant's own struct, so that no job can stay on the stack.
type deliveredJob struct {
	id  string
	job any
}

// client has the operations of every contestant.
type client interface {
	// get reads a job.
	get(ctx context.Context, id string) (deliveredJob, error)
	// list reads one page, and reports whether another page follows.
	list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error)
}

// streamer is a client that reads all pages in one call, with several requests in flight.
type streamer interface {
	all(ctx context.Context, size, readAhead int, each func(deliveredJob)) error
}

// waiter is a client that waits for jobs in one call, and returns the number of polls.
type waiter interface {
	wait(ctx context.Context, ids []string) (rounds int, err error)
}

// contestant is a client library, used as its documents describe.
type contestant struct {
	name     string
	official bool
	reads    []generation
	open     func(g generation, base string, transport http.RoundTripper) (client, error) // nil: the default transport
}

const (
	oursName       = "ours"
	opsManagerName = "ops-manager"
	atlasName      = "atlas"
	sdkName        = "atlas-sdk"
	plainName      = "net/http"
	handName       = "by hand"
)

var (
	both    = []generation{classic, atlasV2}
	contest = []contestant{
		{
			name:  oursName,
			reads: both,
			open:  openOurs,
		},
		{
			name:     opsManagerName,
			official: true,
			reads:    []generation{classic},
			open:     openOpsManager,
		},
		{
			name:     atlasName,
			official: true,
			reads:    both,
			open:     openAtlas,
		},
		{
			name:     sdkName,
			official: true,
			reads:    []generation{atlasV2},
			open:     openSDK,
		},
		{
			name:  plainName,
			reads: both,
			open:  openPlain,
		},
		{
			name:  handName,
			reads: both,
			open:  openHand,
		},
	}
)

// contestNames are the names of all contestants, ours first.
func contestNames() []string {
	var names []string
	for _, c := range contest {
		names = append(names, c.name)
	}
	return names
}

// officialNames are the names of MongoDB's clients.
func officialNames() []string {
	var names []string
	for _, c := range contest {
		if c.official {
			names = append(names, c.name)
		}
	}
	return names
}

// transportOf returns a transport for the libraries that require one.
func transportOf(transport http.RoundTripper) http.RoundTripper {
	if transport == nil {
		return http.DefaultTransport.(*http.Transport).Clone()
	}
	return transport
}

// readAll reads every job, with the client's own iterator or page by page.
func readAll(ctx context.Context, api client, size, readAhead int, each func(deliveredJob)) error {
	if s, ok := api.(streamer); ok {
		return s.all(ctx, size, readAhead, each)
	}
	for number := 1; ; number++ {
		more, err := api.list(ctx, number, size, each)
		if err != nil || !more {
			return err
		}
	}
}

// ours is this library.
type ours struct{ jobs *restorejobs.Jobs }

func openOurs(g generation, base string, transport http.RoundTripper) (client, error) {
	options := []restorejobs.Option{restorejobs.WithBaseURL(base)}
	if transport != nil {
		options = append(options, restorejobs.WithTransport(transport))
	}
	c, err := restorejobs.NewClient(restorejobs.APIKey(user, password), options...)
	if err != nil {
		return nil, err
	}
	if g == atlasV2 {
		return &ours{jobs: c.AtlasV2.Cluster(projectID, clusterName).Jobs}, nil
	}
	return &ours{jobs: c.OpsManager.Cluster(projectID, clusterID).Jobs}, nil
}

func (o *ours) get(ctx context.Context, id string) (deliveredJob, error) {
	job, err := o.jobs.Get(ctx, id)
	if err != nil {
		return deliveredJob{}, err
	}
	return deliveredJob{id: job.ID, job: job}, nil
}

func (o *ours) list(ctx context.Context, number, size int, each func(deliveredJob)) (more bool, err error) {
	page, err := o.jobs.List(ctx, restorejobs.ListOptions{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return false, err
	}
	for _, job := range page.Jobs {
		each(deliveredJob{id: job.ID, job: job})
	}
	return page.HasNext, nil
}

func (o *ours) all(ctx context.Context, size, readAhead int, each func(deliveredJob)) error {
	for job, err := range o.jobs.All(ctx, restorejobs.ListOptions{ItemsPerPage: size, ReadAhead: readAhead}) {
		if err != nil {
			return err
		}
		each(deliveredJob{id: job.ID, job: job})
	}
	return nil
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
