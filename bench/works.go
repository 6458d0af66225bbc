package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// figure is one line of the table.
type figure struct {
	id     string
	title  string
	unit   unit
	atMost float64 // aim: ours is at most this; negative for none
	times  float64 // aim: the Atlas client takes this many times more; 0 for none
}

// work is repeated by each contestant in turn, and results in figures.
type work struct {
	figures []figure
	repeat  int
	// do runs the work once. A contestant that does not support it has no figure.
	do func(ctx context.Context, c contestant) (map[string]float64, error)
}

const noAim = -1

// scale is the amount of work, full or quick.
type scale struct {
	repeat, heavyRepeat int
	gets, pages         int   // calls of one measurement of processor time
	streamed, heapJobs  int   // jobs; the heap does not depend on their number
	small, large        int   // jobs of the lists with 100 and 500 a page
	archive             int64 // bytes of a download
}

var (
	full = scale{
		repeat:      9,
		heavyRepeat: 5,
		gets:        5000,
		pages:       20,
		streamed:    100_000,
		heapJobs:    100_000,
		small:       20_000,
		large:       20_000,
		archive:     1 << 30,
	}
	quick = scale{
		repeat:      3,
		heavyRepeat: 1,
		gets:        3000,
		pages:       10,
		streamed:    100_000,
		heapJobs:    20_000,
		small:       4_000,
		large:       20_000,
		archive:     256 << 20,
	}
)

func (s scale) works() []work {
	return []work{
		s.requests(), s.concurrentRequests(), s.connections(),
		s.waiting(1, noAim), s.waiting(10, noAim), s.waiting(1000, 3),
		s.processorGet(classic, false), s.processorGet(atlasV2, false),
		s.processorGet(classic, true), s.processorGet(atlasV2, true),
		s.processorPage(classic), s.processorPage(atlasV2),
		s.allocation(classic), s.allocation(atlasV2), s.heap(classic), s.heap(atlasV2),
		s.listing("list500", s.large, 500, 6, 9), s.listing("list100", s.small, 100, 7, 13),
	}
}

func (s scale) requests() work {
	const calls = 1000
	return work{
		figures: []figure{{
			id:     "requests1",
			title:  "requests per call, 1 goroutine",
			unit:   count,
			atMost: 1.03,
		}},
		repeat: 1,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			failed, srv, err := callServer(ctx, c, new(server), 1, calls)
			if err != nil {
				return nil, err
			}
			if failed > 0 {
				return nil, fmt.Errorf("%d calls failed", failed)
			}
			return map[string]float64{"requests1": float64(srv.requests.Load()) / calls}, nil
		},
	}
}

func (s scale) concurrentRequests() work {
	const callers, calls = 8, 250
	return work{
		figures: []figure{
			{
				id:     "requests8",
				title:  "requests per call, 8 goroutines",
				unit:   count,
				atMost: 1.05,
			},
			{
				id:     "failed8",
				title:  "failed calls of 2,000, 8 goroutines",
				unit:   count,
				atMost: 0,
			},
		},
		repeat: s.repeat,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			failed, srv, err := callServer(ctx, c, &server{latency: time.Millisecond}, callers, calls)
			if err != nil {
				return nil, err
			}
			return map[string]float64{
				"requests8": float64(srv.requests.Load()) / (callers * calls),
				"failed8":   float64(failed),
			}, nil
		},
	}
}

func (s scale) connections() work {
	const calls = 50
	return work{
		figures: []figure{{
			id:     "connections",
			title:  "connections for 50 calls, chunked answers",
			unit:   count,
			atMost: 1,
		}},
		repeat: s.repeat,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			failed, srv, err := callServer(ctx, c, &server{chunked: true}, 1, calls)
			if err != nil {
				return nil, err
			}
			if failed > 0 {
				return nil, fmt.Errorf("%d calls failed", failed)
			}
			return map[string]float64{"connections": float64(srv.connections.Load())}, nil
		},
	}
}

// callServer makes calls from several goroutines with one client, and counts the failed ones.
func callServer(ctx context.Context, c contestant, srv *server, callers, calls int) (failed int64, _ *server, err error) {
	if err := srv.start(); err != nil {
		return 0, nil, err
	}
	defer srv.stop()
	api, err := c.open(classic, srv.base, nil)
	if err != nil {
		return 0, nil, err
	}
	var bad atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range calls {
				if id, err := api.get(ctx, jobID(0)); err != nil || id != jobID(0) {
					bad.Add(1)
				}
			}
		})
	}
	group.Wait()
	return bad.Load(), srv, ctx.Err()
}

// processorGet measures a Get without credentials, or with digest as the services require it.
func (s scale) processorGet(g generation, signed bool) work {
	id := "get" + g.String()
	title := "processor time of a Get, " + g.String()
	if signed {
		id += "signed"
		title += ", with digest"
	}
	return work{
		figures: []figure{{
			id:     id,
			title:  title,
			unit:   seconds,
			atMost: noAim,
			times:  4,
		}},
		repeat: s.repeat,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			transport := newOffline(pageSize)
			transport.open = !signed
			api, err := c.open(g, offlineBase, transport)
			if err != nil {
				return nil, err
			}
			job := jobID(0)
			took, err := processorOf(s.gets, func() error {
				id, err := api.get(ctx, job)
				if err == nil && id != job {
					err = errors.New("another job: " + id)
				}
				return err
			})
			return map[string]float64{id: took.Seconds()}, err
		},
	}
}

func (s scale) processorPage(g generation) work {
	id := "page" + g.String()
	return work{
		figures: []figure{{
			id:     id,
			title:  "processor time of a page of 500, " + g.String(),
			unit:   seconds,
			atMost: noAim,
			times:  5,
		}},
		repeat: s.repeat,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			api, err := c.open(g, offlineBase, newOffline(pageSize))
			if err != nil {
				return nil, err
			}
			took, err := processorOf(s.pages, func() error {
				n, err := api.list(ctx, 1, pageSize)
				if err == nil && n != pageSize {
					err = fmt.Errorf("%d jobs", n)
				}
				return err
			})
			return map[string]float64{id: took.Seconds()}, err
		},
	}
}

// stream reads total jobs and checks that none is missing.
func stream(ctx context.Context, api client, total, size int) error {
	next := 0
	var wrong error
	want := make([]byte, idLength)
	err := api.all(ctx, size, func(id string) {
		if putID(want, next); id != string(want) && wrong == nil {
			wrong = fmt.Errorf("job %d is %s", next, id)
		}
		next++
	})
	if err == nil && next != total {
		err = fmt.Errorf("%d jobs of %d", next, total)
	}
	return errors.Join(err, wrong)
}

func (s scale) allocation(g generation) work {
	id := "alloc" + g.String()
	return work{
		figures: []figure{{
			id:     id,
			title:  "allocation per job, streaming 100,000, " + g.String(),
			unit:   byteCount,
			atMost: 2.5 * 1024,
		}},
		repeat: min(s.repeat, 3),
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			api, err := c.open(g, offlineBase, newOffline(s.streamed))
			if err != nil {
				return nil, err
			}
			bytes, err := allocated(func() error { return stream(ctx, api, s.streamed, pageSize) })
			return map[string]float64{id: bytes / float64(s.streamed)}, err
		},
	}
}

func (s scale) heap(g generation) work {
	alone := "heap" + g.String()
	ahead := "heapAhead" + g.String()
	return work{
		figures: []figure{
			{
				id:     alone,
				title:  "heap needed, streaming 100,000, " + g.String() + ", no read-ahead",
				unit:   byteCount,
				atMost: 2 << 20,
			},
			{
				id:     ahead,
				title:  "heap needed, streaming 100,000, " + g.String() + ", our default",
				unit:   byteCount,
				atMost: noAim,
			},
		},
		repeat: min(s.heavyRepeat, 2), // it hardly varies
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			return both(c, alone, -1, ahead, 0, func(readAhead int) (float64, error) {
				return heapTask{c.name, g, readAhead, s.heapJobs, false}.measure(ctx)
			})
		},
	}
}

func (s scale) listing(id string, total, size int, times, timesAhead float64) work {
	if total < full.small { // the slow start has too much weight
		times = 0
		timesAhead = 0
	}
	title := fmt.Sprintf("listing %s jobs, 20 ms a request, %d a page", thousands(total), size)
	return work{
		figures: []figure{
			{
				id:     id,
				title:  title,
				unit:   seconds,
				atMost: noAim,
				times:  times,
			},
			{
				id:     id + "ahead",
				title:  title + ", ReadAhead 8",
				unit:   seconds,
				atMost: noAim,
				times:  timesAhead,
			},
		},
		repeat: s.heavyRepeat,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			srv := &server{total: total, latency: 20 * time.Millisecond}
			if err := srv.start(); err != nil {
				return nil, err
			}
			defer srv.stop()
			return both(c, id, 0, id+"ahead", 8, func(readAhead int) (float64, error) {
				api, err := c.open(classic, srv.base, nil)
				if err != nil {
					return 0, err
				}
				if o, ok := api.(*ours); ok {
					o.readAhead = readAhead
				}
				start := time.Now()
				err = stream(ctx, api, total, size)
				return time.Since(start).Seconds(), err
			})
		},
	}
}

// both measures ours with two settings of ReadAhead, and the others once for both.
func both(c contestant, first string, firstAhead int, second string, secondAhead int,
	measure func(readAhead int) (float64, error),
) (map[string]float64, error) {
	one, err := measure(firstAhead)
	if err != nil {
		return nil, err
	}
	two := one
	if c.name == oursName {
		if two, err = measure(secondAhead); err != nil {
			return nil, err
		}
	}
	return map[string]float64{first: one, second: two}, nil
}
