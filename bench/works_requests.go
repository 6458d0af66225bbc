package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

func (s scale) requests() work {
	return work{
		results: []result{{
			ID:      "requests1",
			Title:   "requests per call, 1 goroutine",
			Unit:    count,
			Depends: isCount,
			Aims:    most(1.03),
			quick:   true,
		}},
		repeat: s.counts,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			failed, srv, err := callServer(ctx, c, new(server), 1, s.calls)
			if err != nil {
				return nil, err
			}
			if failed > 0 {
				return nil, fmt.Errorf("%d calls failed", failed)
			}
			return map[string]float64{"requests1": float64(srv.requests.Load()) / float64(s.calls)}, nil
		},
	}
}

func (s scale) concurrentRequests() work {
	const callers = 8
	calls := s.calls / 4
	return work{
		results: []result{
			{
				ID:      "requests8",
				Title:   "requests per call, 8 goroutines",
				Unit:    count,
				Depends: isCount,
				Aims:    most(1.05),
				quick:   true,
			},
			{
				ID:      "failed8",
				Title:   "failed calls of 2,000, 8 goroutines",
				Unit:    count,
				Depends: isCount,
				Aims:    most(0),
				quick:   true,
			},
		},
		repeat: s.counts,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			failed, srv, err := callServer(ctx, c, &server{latency: time.Millisecond}, callers, calls)
			if err != nil {
				return nil, err
			}
			return map[string]float64{
				"requests8": float64(srv.requests.Load()) / float64(callers*calls),
				"failed8":   float64(failed),
			}, nil
		},
	}
}

func (s scale) connections() work {
	const calls = 50
	return work{
		results: []result{{
			ID:      "connections",
			Title:   "connections for 50 calls, chunked responses",
			Unit:    count,
			Depends: isCount,
			Aims:    most(1),
			quick:   true,
		}},
		repeat: s.counts,
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

// firstWave makes 1,000 calls at the same time with a new client.
func (s scale) firstWave(lenient bool) work {
	const strict = "waveStrict"
	one := result{
		ID:      "wave",
		Title:   "requests per call, first wave of 1,000 calls, counts in any order",
		Unit:    count,
		Depends: isCount,
		Aims:    most(1.1),
		quick:   true,
	}
	if !lenient {
		one.ID = strict
		one.Title = "requests per call, first wave of 1,000 calls, counts must rise"
		one.Aims = nil
		one.quick = false
	}
	return work{
		results: []result{one},
		repeat:  s.counts,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			srv := &server{latency: 20 * time.Millisecond, gate: gate{lenient: lenient}}
			failed, srv, err := callServer(ctx, c, srv, s.calls, 1)
			if err != nil {
				return nil, err
			}
			if failed > 0 && c.name == oursName {
				return nil, fmt.Errorf("%d calls failed", failed)
			}
			return map[string]float64{one.ID: float64(srv.requests.Load()) / float64(max(int64(s.calls)-failed, 1))}, nil
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
	if h, ok := api.(*hand); ok {
		h.signer.shared = srv.gate.lenient
	}
	var bad atomic.Int64
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range calls {
				if got, err := api.get(ctx, jobID(0)); err != nil || got.id != jobID(0) {
					bad.Add(1)
				}
			}
		})
	}
	group.Wait()
	return bad.Load(), srv, ctx.Err()
}
