package main

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// waitRounds is the number of polls until the jobs are finished.
const waitRounds = 5

// waiting counts the requests of a wait. Others get each job, or poll the list.
func (s scale) waiting(jobs int, byLists bool, aimed float64) work {
	id := fmt.Sprintf("wait%d", jobs)
	title := fmt.Sprintf("requests a round, waiting on %s jobs", thousands(jobs))
	if jobs == 1 {
		title = "requests a round, waiting on 1 job"
	}
	if byLists {
		id += "lists"
		title += ", lists are polled"
	}
	var aims []aim
	if aimed > 0 {
		aims = most(aimed)
	}
	return work{
		results: []result{{
			ID:      id,
			Title:   title,
			Unit:    count,
			Depends: isCount,
			Aims:    aims,
			quick:   true,
		}},
		repeat: s.counts,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			cost, err := waitFor(ctx, c, jobs, byLists)
			return map[string]float64{id: cost.Requests}, err
		},
	}
}

// poll is the wait of a client without one: it gets each job.
func poll(ctx context.Context, ids []string, get func(context.Context, string) (deliveredJob, error)) (rounds int, err error) {
	for ; rounds < waitRounds; rounds++ {
		for _, id := range ids {
			if _, err := get(ctx, id); err != nil {
				return rounds, err
			}
		}
	}
	return rounds, nil
}

// pollLists is the other wait of a client without one: it reads the list up to the last job.
func pollLists(ctx context.Context, ids []string, api client) (rounds int, err error) {
	for ; rounds < waitRounds; rounds++ {
		missing := make(map[string]bool, len(ids))
		for _, id := range ids {
			missing[id] = true
		}
		more := true
		for number := 1; len(missing) > 0; number++ {
			if !more {
				return rounds, errors.New("jobs are missing in the list")
			}
			more, err = api.list(ctx, number, pageSize, func(d deliveredJob) { delete(missing, d.id) })
			if err != nil {
				return rounds, err
			}
		}
	}
	return rounds, nil
}

// waitWith waits with the client's own wait, or as its user would.
func waitWith(ctx context.Context, api client, ids []string, byLists bool) (rounds int, err error) {
	if w, ok := api.(waiter); ok {
		return w.wait(ctx, ids)
	}
	if byLists {
		return pollLists(ctx, ids, api)
	}
	return poll(ctx, ids, api.get)
}

// waitCost is the cost of one round of a wait.
type waitCost struct {
	Jobs     int     `json:"jobs"`
	Requests float64 `json:"requests"`
	Used     float64 `json:"processorSeconds"` // including the server
}

// waitFor waits on the newest jobs of a list, which are finished after waitRounds polls.
func waitFor(ctx context.Context, c contestant, jobs int, byLists bool) (cost waitCost, err error) {
	const shortest = 1000
	srv := &server{total: max(jobs, shortest), body: mixed}
	pages := (jobs + pageSize - 1) / pageSize
	srv.unfinished.Store(int64((waitRounds-1)*pages) + 1)
	if err := srv.start(); err != nil {
		return cost, err
	}
	defer srv.stop()
	api, err := c.open(classic, srv.base, nil)
	if err != nil {
		return cost, err
	}
	ids := newestIDs(jobs)
	var rounds int
	used, err := processorOf(1, func() (err error) {
		rounds, err = waitWith(ctx, api, ids, byLists)
		return err
	})
	if err != nil {
		return cost, err
	}
	return waitCost{
		Jobs:     jobs,
		Requests: float64(srv.requests.Load()) / float64(rounds),
		Used:     used.Seconds() / float64(rounds),
	}, nil
}

func newestIDs(jobs int) []string {
	ids := make([]string, jobs)
	for i := range ids {
		ids[i] = jobID(i)
	}
	return ids
}

// farDown counts the bytes of a wait for two jobs in the middle of a long list.
func (s scale) farDown(rounds int) work {
	const total, first, second = 10_000, 5_000, 5_700
	id := fmt.Sprintf("far%d", rounds)
	title := "bytes fetched to poll 2 jobs, 5,000 down a list, first poll"
	if rounds > 1 {
		title = fmt.Sprintf("bytes fetched to poll 2 jobs, 5,000 down a list, each of %d polls", rounds)
	}
	jobs := len(templateOf(ended, mixed, first).text) + len(templateOf(ended, mixed, second).text)
	page := int(mixed.average(ended) * pageSize)
	const share = 3
	return work{
		results: []result{{
			ID:      id,
			Title:   title,
			Unit:    byteCount,
			Depends: isCount,
			Aims:    most(float64(min(share*jobs, page))),
			quick:   true,
		}},
		repeat: s.counts,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			if c.name == handName {
				return nil, nil // it gets both, as the official clients do
			}
			srv := &server{total: total, body: mixed}
			srv.unfinished.Store(int64(2*(rounds-1)) + 1)
			if err := srv.start(); err != nil {
				return nil, err
			}
			defer srv.stop()
			api, err := c.open(classic, srv.base, nil)
			if err != nil {
				return nil, err
			}
			polls, err := waitWith(ctx, api, []string{jobID(first), jobID(second)}, false)
			if err != nil {
				return nil, err
			}
			return map[string]float64{id: float64(srv.sent.Load()) / float64(polls)}, nil
		},
	}
}

func growWaits(ctx context.Context, numbers []int, progress io.Writer) ([]waitCost, error) {
	var costs []waitCost
	for _, jobs := range numbers {
		fmt.Fprintf(progress, "a wait on %s jobs\n", thousands(jobs))
		var requests, used samples
		for range growthRounds {
			cost, err := waitFor(ctx, contest[0], jobs, false)
			if err != nil {
				return nil, err
			}
			requests = append(requests, cost.Requests)
			used = append(used, cost.Used)
		}
		costs = append(costs, waitCost{
			Jobs:     jobs,
			Requests: requests.median(),
			Used:     used.median(),
		})
	}
	return costs, nil
}

func waitRows(costs []waitCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.Jobs), count.text(c.Requests), seconds.text(c.Used), seconds.text(c.Used / float64(c.Jobs)),
		})
	}
	return rows
}
