package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
)

// processorGet measures a Get without credentials, or with digest as the services require it.
func (s scale) processorGet(g generation, size bodySize, signed bool) work {
	id := fmt.Sprintf("get %s %s", g, size)
	title := fmt.Sprintf("processor time of a Get, %s, %s", g, size)
	if signed {
		id += " signed"
		title += ", with digest"
	}
	return work{
		results: []result{{
			ID:      id,
			Title:   title,
			Unit:    seconds,
			Depends: isRatio,
			Aims:    timesBest(4),
			quick:   size == mixed,
		}},
		reads:  g,
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			transport := newOffline(pageSize, size)
			transport.open = !signed
			api, err := c.open(g, offlineBase, transport)
			if err != nil {
				return nil, err
			}
			took, err := processorOf(s.gets, getsInTurn(ctx, api))
			return map[string]float64{id: took.Seconds()}, err
		},
	}
}

// getsInTurn returns a function that gets another job each time.
func getsInTurn(ctx context.Context, api client) func() error {
	var ids [shapes]string
	for i := range ids {
		ids[i] = jobID(i)
	}
	next := 0
	return func() error {
		want := ids[next%shapes]
		next++
		got, err := api.get(ctx, want)
		if err == nil && got.id != want {
			err = errors.New("another job: " + got.id)
		}
		return err
	}
}

func (s scale) processorPage(g generation, size bodySize) work {
	id := fmt.Sprintf("page %s %s", g, size)
	return work{
		results: []result{{
			ID:      id,
			Title:   fmt.Sprintf("processor time of a page of 500, %s, %s", g, size),
			Unit:    seconds,
			Depends: isRatio,
			Aims:    timesBest(6),
			quick:   size == mixed,
		}},
		reads:  g,
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			api, err := c.open(g, offlineBase, newOffline(pageSize, size))
			if err != nil {
				return nil, err
			}
			took, err := processorOf(s.pages, func() error {
				n := 0
				_, err := api.list(ctx, 1, pageSize, func(deliveredJob) { n++ })
				if err == nil && n != pageSize {
					err = fmt.Errorf("%d jobs", n)
				}
				return err
			})
			return map[string]float64{id: took.Seconds()}, err
		},
	}
}

// allocationOfGet counts what a Get allocates.
func (s scale) allocationOfGet(g generation, size bodySize) work {
	objects := fmt.Sprintf("get objects %s %s", g, size)
	bytes := fmt.Sprintf("get bytes %s %s", g, size)
	body := size.average(g)
	return work{
		results: []result{
			{
				ID:      objects,
				Title:   fmt.Sprintf("allocations of a Get, %s, %s", g, size),
				Unit:    count,
				Depends: isCount,
				Aims:    most(14),
				quick:   size == mixed,
			},
			{
				ID:      bytes,
				Title:   fmt.Sprintf("bytes of a Get beside the job, %s, %s", g, size),
				Unit:    byteCount,
				Depends: isCount,
				Aims:    most(3 * 1024),
				quick:   size == mixed,
			},
		},
		reads:  g,
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			transport := newOffline(pageSize, size)
			transport.open = true
			api, err := c.open(g, offlineBase, transport)
			if err != nil {
				return nil, err
			}
			calls := s.gets / shapes * shapes
			get := getsInTurn(ctx, api)
			held, err := heldByJob(ctx, api) // fills pools too
			if err != nil {
				return nil, err
			}
			used, err := allocatedBy(calls, get)
			if err != nil {
				return nil, err
			}
			bare, err := bareAllocation(ctx, g, transport, "/"+jobID(0), calls)
			if err != nil {
				return nil, err
			}
			const hundredths = 100 // the runtime itself allocates now and then
			figures := map[string]float64{objects: math.Round(hundredths*(used.objects-bare.objects)) / hundredths}
			if c.name == oursName || c.name == handName {
				figures[bytes] = used.bytes - bare.bytes - body - held
			}
			return figures, nil
		},
	}
}

// heldByJob is the average of what the jobs need beside their texts.
func heldByJob(ctx context.Context, api client) (float64, error) {
	held := 0.0
	for i := range shapes {
		got, err := api.get(ctx, jobID(i))
		if err != nil {
			return 0, err
		}
		held += heldBytes(got.job)
	}
	return held / shapes, nil
}

// allocatedBy is what one of some calls allocates.
func allocatedBy(calls int, f func() error) (allocation, error) {
	all, err := allocated(func() error {
		for range calls {
			if err := f(); err != nil {
				return err
			}
		}
		return nil
	})
	all.objects /= float64(calls)
	all.bytes /= float64(calls)
	return all, err
}

// bareAllocation is what the round tripper allocates for a call whose path ends with suffix.
func bareAllocation(ctx context.Context, g generation, transport http.RoundTripper, suffix string, calls int) (allocation, error) {
	path := classicPath
	if g == atlasV2 {
		path = cloudPath
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, offlineBase+path+suffix, nil)
	if err != nil {
		return allocation{}, err
	}
	var buffer [1 << 13]byte
	return allocatedBy(calls, func() error {
		resp, err := transport.RoundTrip(req)
		if err == nil && resp.StatusCode != http.StatusOK {
			return fmt.Errorf("the round tripper responds with %d", resp.StatusCode)
		}
		for err == nil {
			_, err = resp.Body.Read(buffer[:])
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		return resp.Body.Close()
	})
}

func (s scale) allocation(g generation, size bodySize) work {
	id := fmt.Sprintf("alloc %s %s", g, size)
	body := size.average(g)
	const beside = 1.2 * 1024
	return work{
		results: []result{{
			ID:      id,
			Title:   fmt.Sprintf("allocation per job streamed, %s, %s (%.0f bytes)", g, size, body),
			Unit:    byteCount,
			Depends: isCount,
			Aims:    most(body + beside),
			Least:   leastOfJob(g, size),
			quick:   size == mixed,
		}},
		reads:  g,
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			jobs := s.streamed
			if c.name == oursName || c.name == handName {
				const buffered = 10 // buffers weigh less in long lists
				jobs *= buffered
			}
			transport := newOffline(jobs, size)
			api, err := c.open(g, offlineBase, transport)
			if err != nil {
				return nil, err
			}
			used, err := allocated(func() error { return stream(ctx, api, jobs, pageSize, 0) })
			if err != nil {
				return nil, err
			}
			transport.open = true // for a page, not a challenge
			pages := (jobs + pageSize - 1) / pageSize
			bare, err := bareAllocation(ctx, g, transport, fmt.Sprintf("?itemsPerPage=%d&pageNum=1", pageSize), pages)
			perJob := (used.bytes - bare.bytes*float64(pages)) / float64(jobs)
			return map[string]float64{id: perJob}, err
		},
	}
}

func (s scale) heap(g generation, size bodySize) work {
	alone := fmt.Sprintf("heap %s %s", g, size)
	ahead := alone + " ahead"
	page := size.average(g) * pageSize
	const pages = 2.5
	return work{
		results: []result{
			{
				ID:      alone,
				Title:   fmt.Sprintf("heap to stream, pages of %s, %s, %s, no read-ahead", byteText(page), g, size),
				Unit:    byteCount,
				Depends: isSampled,
				Aims:    most(pages * page),
				quick:   size == mixed && g == classic,
			},
			{
				ID:      ahead,
				Title:   fmt.Sprintf("heap to stream, pages of %s, %s, %s, 4 pages in flight", byteText(page), g, size),
				Unit:    byteCount,
				Depends: isSampled,
				quick:   size == mixed && g == classic,
			},
		},
		reads:  g,
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			return withReadAhead(c, alone, -1, ahead, 0, func(readAhead int) (float64, error) {
				return heapTask{
					contestant: c.name,
					gen:        g,
					body:       size,
					readAhead:  readAhead,
					total:      s.heapJobs,
				}.measure(ctx)
			})
		},
	}
}

func (s scale) listing(size int, aimUsual, aimAhead float64) work {
	const latency = 20 * time.Millisecond
	id := "list"
	ahead := "list ahead"
	title := fmt.Sprintf("listing %s jobs, 20 ms a request, %d a page", thousands(s.listed), size)
	return work{
		results: []result{
			{
				ID:      id,
				Title:   title + ", 4 in flight",
				Unit:    seconds,
				Depends: isRatio,
				Aims:    timesBest(aimUsual),
				quick:   true,
			},
			{
				ID:      ahead,
				Title:   title + ", 8 in flight",
				Unit:    seconds,
				Depends: isRatio,
				Aims:    timesBest(aimAhead),
				quick:   true,
			},
		},
		repeat: s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			srv := &server{total: s.listed, body: mixed, latency: latency}
			if err := srv.start(); err != nil {
				return nil, err
			}
			defer srv.stop()
			return withReadAhead(c, id, 0, ahead, 8, func(readAhead int) (float64, error) {
				api, err := c.open(classic, srv.base, nil)
				if err != nil {
					return 0, err
				}
				start := time.Now()
				err = stream(ctx, api, s.listed, size, readAhead)
				return time.Since(start).Seconds(), err
			})
		},
	}
}
