package main

import (
	"context"
	"fmt"
	"runtime"

	"example.com/restorejobs"
)

// pollMany measures polls of many jobs at several numbers, so that it shows whether the cost is linear.
func (s scale) pollMany() work {
	var results []result
	for _, jobs := range s.polled {
		results = append(results, result{
			ID:      fmt.Sprintf("poll%d", jobs),
			Title:   fmt.Sprintf("processor time a job, poll of %s jobs", thousands(jobs)),
			Unit:    seconds,
			Depends: isTimed,
			quick:   true,
		})
	}
	largest := s.polled[len(s.polled)-1]
	before := s.polled[len(s.polled)-2]
	const linear, heldAim = 1.5, 1024
	results = append(results, result{
		ID:      "pollGrowth",
		Title:   fmt.Sprintf("time a job at %s jobs ÷ at %s", thousands(largest), thousands(before)),
		Unit:    count,
		Depends: isRatio,
		Aims:    most(linear),
		quick:   true,
	}, result{
		ID:      "pollHeld",
		Title:   fmt.Sprintf("memory held a job, poll of %s jobs", thousands(largest)),
		Unit:    byteCount,
		Depends: isCount,
		Aims:    most(heldAim),
		quick:   true,
	})
	return work{
		results: results,
		repeat:  s.rounds,
		do: func(ctx context.Context, c contestant) (map[string]float64, error) {
			if c.name != oursName {
				return nil, nil // the others have no wait
			}
			figures := map[string]float64{}
			for _, jobs := range s.polled {
				took, held, err := pollOf(ctx, jobs, jobs == largest)
				if err != nil {
					return nil, err
				}
				figures[fmt.Sprintf("poll%d", jobs)] = took
				figures["pollHeld"] = held
			}
			figures["pollGrowth"] = figures[fmt.Sprintf("poll%d", largest)] / figures[fmt.Sprintf("poll%d", before)]
			return figures, nil
		},
	}
}

// manyJobs are the newest jobs of a list, without a network. They have all ended at the second poll.
type manyJobs struct {
	transport *offline
	jobs      *restorejobs.Jobs
	ids       []string
}

func newManyJobs(number int) (*manyJobs, error) {
	transport := &offline{
		total:  number,
		body:   mixed,
		polled: true,
	}
	api, err := openOurs(classic, offlineBase, transport)
	if err != nil {
		return nil, err
	}
	return &manyJobs{
		transport: transport,
		jobs:      api.(*ours).jobs,
		ids:       newestIDs(number),
	}, nil
}

// wait polls the jobs until all have ended, which takes pollsOfMany.
func (m *manyJobs) wait(ctx context.Context, onUpdate func(restorejobs.WaitUpdate) error) ([]*restorejobs.Job, error) {
	m.transport.runs.Store(int64((len(m.ids) + pageSize - 1) / pageSize))
	done, err := m.jobs.Wait(ctx, m.ids, restorejobs.WaitOptions{MinInterval: -1, OnUpdate: onUpdate})
	if err == nil && len(done) != len(m.ids) {
		err = fmt.Errorf("%d jobs of %d", len(done), len(m.ids))
	}
	return done, err
}

// pollsOfMany is the number of polls of manyJobs. The second one uses what the first has found.
const pollsOfMany = 2

// pollOf waits for many jobs, and returns the processor time and the memory held of each.
func pollOf(ctx context.Context, number int, withMemory bool) (took, held float64, err error) {
	many, err := newManyJobs(number)
	if err != nil {
		return 0, 0, err
	}
	used, err := processorOf(1, func() error {
		_, err := many.wait(ctx, nil)
		return err
	})
	took = used.Seconds() / float64(pollsOfMany*number)
	if err != nil || !withMemory {
		return took, 0, err
	}
	reported := 0
	var atEnd float64
	done, err := many.wait(ctx, func(restorejobs.WaitUpdate) error {
		if reported++; reported == pollsOfMany*number {
			runtime.GC()
			atEnd = liveHeap()
		}
		return nil
	})
	runtime.GC()
	runtime.GC() // empties pools too
	after := liveHeap()
	runtime.KeepAlive(done)
	return took, max(atEnd-after, 0) / float64(number), err
}
