package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// grow measures how cost grows with the number of jobs and of callers.
func grow(ctx context.Context, quick bool, out, progress io.Writer) (chart string, err error) {
	sizes := []int{100, 1_000, 10_000, 100_000, 1_000_000}
	callers := []int{1, 2, 4, 8, 16, 32, 64, 128, 256}
	waits := []int{1, 2, 5, 10, 100, 500, 1_000, 2_000, 5_000, 10_000}
	if quick {
		sizes = sizes[:4]
		callers = []int{1, 16, 256}
		waits = []int{1, 10, 1_000}
	}
	before := load()
	lists, err := growLists(ctx, sizes, progress)
	if err != nil {
		return "", err
	}
	rounds, err := growWaits(ctx, waits, progress)
	if err != nil {
		return "", err
	}
	calls, err := growCallers(ctx, callers, progress)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(out, "# How cost grows\n\n%s, on %s.\n%s\n\n## Lists\n\n", today(), machine(), loadText(before))
	table(out, []string{"jobs", "time", "time per job", "heap needed"}, listRows(lists))
	fmt.Fprintf(out, "\n%s\n## Waits\n\n", listNote)
	table(out, []string{"jobs", "requests a round", "processor time a round", "per job"}, waitRows(rounds))
	fmt.Fprintf(out, "\n%s\n## Callers of one client\n\n", waitNote)
	table(out, []string{"callers", "calls per second", "median", "99th percentile", "requests per call", "connections"}, callRows(calls))
	fmt.Fprintf(out, "\n%s", callNote)
	return growthChart(lists, rounds, calls), nil
}

const listNote = `Jobs.All from a server on loopback, in the same process, classic jobs, 500 a page, our
defaults; the fastest of three. Heap needed is measured separately, without network, with the
method of RESULTS.md. The first page is read alone, so that short lists cost a whole request.
They also end after few cycles of the collector, so that their heap is only an estimate.
Memory depends on the pages in flight, not on the list. Only the hashes of the ids that All
remembers still grow, up to 8,192 of them, and one for each page.
`

const waitNote = `Jobs.Wait without pauses on the newest classic jobs of one cluster, five rounds, from a server on
loopback, in the same process. The processor time of the server is included: it writes the pages.
One job is read with Get. For two or more, a round reads the pages of the list with these jobs,
500 on each, which explains the step and the cost of the first rows. The challenge for a nonce
is a fifth of a request here.
`

const callNote = `Jobs.Get from a server on loopback, in the same process, that responds after 5 ms.
Until the processor is busy, calls per second grow with the callers; then the
curve bends, and the time of a call grows instead. Client and server share the cores.
Concurrent callers need a nonce each, which costs a request at the start.
`

type listCost struct {
	jobs int
	took time.Duration
	heap float64
}

func growLists(ctx context.Context, sizes []int, progress io.Writer) ([]listCost, error) {
	var costs []listCost
	for _, total := range sizes {
		fmt.Fprintf(progress, "a list of %s jobs\n", thousands(total))
		took, err := fastestList(ctx, total)
		if err != nil {
			return nil, err
		}
		heap, err := heapTask{oursName, classic, 0, total, false}.measure(ctx)
		if err != nil {
			return nil, err
		}
		costs = append(costs, listCost{total, took, heap})
	}
	return costs, nil
}

func fastestList(ctx context.Context, total int) (time.Duration, error) {
	srv := &server{total: total}
	if err := srv.start(); err != nil {
		return 0, err
	}
	defer srv.stop()
	api, err := openOurs(classic, srv.base, nil)
	if err != nil {
		return 0, err
	}
	var times []time.Duration
	for range 3 {
		start := time.Now()
		if err := stream(ctx, api, total, pageSize); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	return slices.Min(times), nil
}

func listRows(costs []listCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.jobs), seconds.text(c.took.Seconds()),
			seconds.text(c.took.Seconds() / float64(c.jobs)), byteCount.text(c.heap),
		})
	}
	return rows
}

type callCost struct {
	callers       int
	rate          float64 // calls per second
	median, worst time.Duration
	requests      float64 // per call
	connections   int64
}

func growCallers(ctx context.Context, numbers []int, progress io.Writer) ([]callCost, error) {
	var costs []callCost
	for _, callers := range numbers {
		fmt.Fprintf(progress, "%d callers\n", callers)
		cost, err := callTogether(ctx, callers)
		if err != nil {
			return nil, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

// callTogether measures callers that share one client for two seconds.
func callTogether(ctx context.Context, callers int) (callCost, error) {
	srv := &server{latency: 5 * time.Millisecond}
	if err := srv.start(); err != nil {
		return callCost{}, err
	}
	defer srv.stop()
	api, err := openOurs(classic, srv.base, nil)
	if err != nil {
		return callCost{}, err
	}
	times := make([][]time.Duration, callers)
	problems := make([]error, callers)
	var group sync.WaitGroup
	start := time.Now()
	end := start.Add(2 * time.Second)
	for i := range callers {
		group.Go(func() {
			for problems[i] == nil && time.Now().Before(end) {
				begin := time.Now()
				_, problems[i] = api.get(ctx, jobID(0))
				times[i] = append(times[i], time.Since(begin))
			}
		})
	}
	group.Wait()
	took := time.Since(start)
	all := slices.Sorted(slices.Values(slices.Concat(times...)))
	return callCost{
		callers:     callers,
		rate:        float64(len(all)) / took.Seconds(),
		median:      all[len(all)/2],
		worst:       all[len(all)*99/100],
		requests:    float64(srv.requests.Load()) / float64(len(all)),
		connections: srv.connections.Load(),
	}, errors.Join(problems...)
}

func callRows(costs []callCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.callers), thousands(int(c.rate)), seconds.text(c.median.Seconds()), seconds.text(c.worst.Seconds()),
			count.text(c.requests), thousands(int(c.connections)),
		})
	}
	return rows
}
