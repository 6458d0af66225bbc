package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// work is repeated by each contestant in turn, and fills results.
type work struct {
	results []result
	repeat  int
	reads   generation // contestants that do not read it are left out
	// do runs the work once. A contestant that does not support it has no figure.
	do func(ctx context.Context, c contestant) (map[string]float64, error)
}

// scale is the amount of work, full or quick.
type scale struct {
	quick        bool
	rounds       int
	counts       int   // rounds of requests and bytes, which vary little
	calls        int   // of the counts of requests
	gets, pages  int   // calls of one measurement of processor time
	streamed     int   // jobs, of those that keep nothing; others get ten times as many
	heapJobs     int   // jobs; the heap does not depend on their number
	listed       int   // jobs of the lists with 20 ms a request
	polled       []int // numbers of jobs of a wait
	archive      int64 // bytes of a download
	linked       int64 // bytes of a download over a long link
	linkedRounds int
}

var (
	full = scale{
		rounds:       5,
		counts:       5,
		calls:        1_000,
		gets:         6_000,
		pages:        16,
		streamed:     4_000,
		heapJobs:     10_000,
		listed:       20_000,
		polled:       []int{1_000, 10_000, 100_000},
		archive:      1 << 30,
		linked:       128 << 20,
		linkedRounds: 5,
	}
	quick = scale{
		quick:    true,
		rounds:   2,
		counts:   1,
		calls:    1_000,
		gets:     2_000,
		pages:    6,
		streamed: 1_000,
		heapJobs: 3_000,
		listed:   20_000,
		polled:   []int{1_000, 10_000},
		archive:  64 << 20,
	}
)

// works are the tables of work, each with a title and a note.
func (s scale) works() []workSection {
	var processor []work
	for _, size := range sizes {
		for _, g := range both {
			processor = append(processor, s.processorGet(g, size, false))
		}
	}
	processor = append(processor, s.processorGet(classic, mixed, true), s.processorGet(atlasV2, mixed, true))
	for _, size := range sizes {
		for _, g := range both {
			processor = append(processor, s.processorPage(g, size))
		}
	}
	var memory []work
	for _, measure := range []func(generation, bodySize) work{s.allocationOfGet, s.allocation, s.heap} {
		for _, size := range sizes {
			for _, g := range both {
				memory = append(memory, measure(g, size))
			}
		}
	}
	return []workSection{
		{
			title: "Requests",
			note:  requestNote,
			works: []work{
				s.requests(), s.concurrentRequests(), s.connections(), s.firstWave(true), s.firstWave(false),
				s.waiting(1, false, 0), s.waiting(10, false, 0), s.waiting(1000, false, 3),
				s.waiting(10, true, 0), s.waiting(1000, true, 3), s.farDown(1), s.farDown(waitRounds),
			},
		},
		{title: "Processor time", note: processorNote, works: processor},
		{title: "Memory", note: memoryNote, works: memory},
		{
			title: "Time of a list",
			note:  listTimeNote,
			works: []work{s.listing(pageSize, 6.3, 9)},
		},
		{title: "A wait for many jobs", note: pollNote, works: []work{s.pollMany()}},
	}
}

type workSection struct {
	title, note string
	works       []work
}

const requestNote = `Counted by a server on loopback that requires digest authentication. It accepts a nonce 64 times
and requires rising counts, except where a row states otherwise. Such a server refuses calls of net/http that
overtake each other, because its digest library has one nonce for all. If counts must rise, 1,000 calls at the
same time need 1,000 nonces, so this row has no aim. In a wait, a round is one poll
of all jobs; five polls are measured. The other clients have no wait. They get each job or, in rows
with "lists are polled", read the pages of the list with these jobs.
`

const processorNote = `Of the whole process (getrusage), without network: a round tripper in the process responds. "With
digest" it requires signatures, and a new nonce every 64 calls.

` + payloadNote

const memoryNote = `Without network, as above. All rows but those of the heap exclude what the round tripper allocates.
Allocations of a Get are rounded to hundredths. Bytes of a Get also exclude the job: its body, and the struct that
ours or the yardstick has for it, with its lists, such as hashes and links. Allocation per job streamed is that of
a long list: ours and the yardstick reuse buffers, so they stream ten times as many jobs as the others, which do
not. Where the body, the struct and the lists of a job of ours have more bytes than the aim, the row states how many.

The heap is the peak of the live heap above the live heap before, as the collector counts it, in a separate
process whose collector runs all the time and stops the world (GODEBUG=gcstoptheworld=1). Four pages in flight
are our default; the official clients and net/http read one page after the other.
`

const listTimeNote = `From a server on loopback that responds after 20 ms. It runs in the same process.
`

const pollNote = `Jobs.Wait without network, on the newest jobs of one list, which have all ended at the second poll: two
polls. Memory held is the live heap when the last job is reported, without what the caller gets.
`

// measureWorks measures the works with this in a title.
func (s scale) measureWorks(ctx context.Context, only string, progress io.Writer) ([]section, error) {
	var sections []section
	for _, ws := range s.works() {
		done := section{Title: ws.title, Note: ws.note}
		for _, w := range ws.works {
			isWanted := func(r result) bool { return strings.Contains(r.Title, only) && (!s.quick || r.quick || only != "") }
			if !slices.ContainsFunc(w.results, isWanted) {
				continue
			}
			fmt.Fprintln(progress, w.results[0].Title)
			results, err := w.measure(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.results[0].Title, err)
			}
			done.Results = append(done.Results, results...)
		}
		if len(done.Results) > 0 {
			sections = append(sections, done)
		}
	}
	return sections, nil
}

// contestants are those that read the jobs of a work.
func (w *work) contestants() []contestant {
	var able []contestant
	for _, c := range contest {
		if slices.Contains(c.reads, w.reads) {
			able = append(able, c)
		}
	}
	return able
}

// measure alternates the contestants, so that a busy machine slows down all of them.
func (w *work) measure(ctx context.Context) ([]result, error) {
	able := w.contestants()
	results := slices.Clone(w.results)
	for i := range results {
		results[i].By = map[string]samples{}
	}
	for round := range w.repeat {
		for i := range able {
			c := able[(i+round)%len(able)]
			figures, err := w.do(ctx, c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			for i := range results {
				if v, ok := figures[results[i].ID]; ok {
					results[i].By[c.name] = append(results[i].By[c.name], v)
				}
			}
		}
	}
	return results, nil
}

// stream reads total jobs and checks that none is missing.
func stream(ctx context.Context, api client, total, size, readAhead int) error {
	next := 0
	var wrong error
	want := make([]byte, idLength)
	err := readAll(ctx, api, size, readAhead, func(d deliveredJob) {
		if putID(want, next); d.id != string(want) && wrong == nil {
			wrong = fmt.Errorf("job %d is %s", next, d.id)
		}
		next++
	})
	if err == nil && next != total {
		err = fmt.Errorf("%d jobs of %d", next, total)
	}
	return errors.Join(err, wrong)
}

// withReadAhead measures two settings of those that read ahead, and the others once for both.
func withReadAhead(c contestant, first string, firstAhead int, second string, secondAhead int,
	measure func(readAhead int) (float64, error),
) (map[string]float64, error) {
	one, err := measure(firstAhead)
	if err != nil {
		return nil, err
	}
	two := one
	if c.name == oursName || c.name == handName {
		if two, err = measure(secondAhead); err != nil {
			return nil, err
		}
	}
	return map[string]float64{first: one, second: two}, nil
}
