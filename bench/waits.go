package main

import (
	"context"
	"fmt"
	"io"
)

// waitRounds is the number of polls until the jobs are finished.
const waitRounds = 5

func (s scale) waiting(jobs int, aim float64) work {
	id := fmt.Sprintf("wait%d", jobs)
	title := fmt.Sprintf("requests a round, waiting on %s jobs", thousands(jobs))
	if jobs == 1 {
		title = "requests a round, waiting on 1 job"
	}
	return work{
		figures: []figure{{
			id:     id,
			title:  title,
			unit:   count,
			atMost: aim,
		}},
		repeat: 1,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			cost, err := waitFor(ctx, c, jobs)
			return map[string]float64{id: cost.requests}, err
		},
	}
}

// waitCost is the cost of one round of a wait.
type waitCost struct {
	jobs     int
	requests float64
	used     float64 // processor time in seconds, including the server
}

// waitFor waits on the newest jobs of a list, which are finished after waitRounds polls.
func waitFor(ctx context.Context, c contestant, jobs int) (cost waitCost, err error) {
	srv := &server{total: max(jobs, 1000)}
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
	ids := make([]string, jobs)
	for i := range ids {
		ids[i] = jobID(i)
	}
	var rounds int
	used, err := processorOf(1, func() (err error) {
		rounds, err = api.wait(ctx, ids)
		return err
	})
	if err != nil {
		return cost, err
	}
	cost = waitCost{
		jobs:     jobs,
		requests: float64(srv.requests.Load()) / float64(rounds),
		used:     used.Seconds() / float64(rounds),
	}
	return cost, nil
}

func growWaits(ctx context.Context, numbers []int, progress io.Writer) ([]waitCost, error) {
	var costs []waitCost
	for _, jobs := range numbers {
		fmt.Fprintf(progress, "a wait on %s jobs\n", thousands(jobs))
		cost, err := waitFor(ctx, contestants[0], jobs)
		if err != nil {
			return nil, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

func waitRows(costs []waitCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.jobs), count.text(c.requests), seconds.text(c.used), seconds.text(c.used / float64(c.jobs)),
		})
	}
	return rows
}
