package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
)

// heapTask measures the heap of one contestant in a separate process, whose collector stops the
// world while it marks. A concurrent collector also counts what is allocated meanwhile, which is
// unfair to a fast decoder.
type heapTask struct {
	contestant string
	gen        generation
	body       bodySize
	readAhead  int
	total      int
}

func (t heapTask) String() string {
	return fmt.Sprintf("%s,%d,%d,%d,%d", t.contestant, t.gen, t.body, t.readAhead, t.total)
}

func parseHeapTask(text string) (t heapTask, err error) {
	name, rest, _ := strings.Cut(text, ",")
	t.contestant = name // can have a space
	rest = strings.ReplaceAll(rest, ",", " ")
	_, err = fmt.Sscan(rest, (*int)(&t.gen), (*int)(&t.body), &t.readAhead, &t.total)
	return t, err
}

// measure starts the process.
func (t heapTask) measure(ctx context.Context) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	command := exec.CommandContext(ctx, self, "-heap", t.String())
	command.Env = append(os.Environ(), "GODEBUG=gcstoptheworld=1")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return 0, fmt.Errorf("measure heap: %w", err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// run measures in the separate process.
func (t heapTask) run(ctx context.Context) (float64, error) {
	for _, c := range contest {
		if c.name != t.contestant {
			continue
		}
		api, err := c.open(t.gen, offlineBase, &offline{total: t.total, body: t.body})
		if err != nil {
			return 0, err
		}
		return peakHeap(func() error { return stream(ctx, api, t.total, pageSize, t.readAhead) })
	}
	return 0, fmt.Errorf("unknown contestant %q", t.contestant)
}

// peakHeap is the peak of the live heap during f, above the live heap before. The collector runs
// all the time, and the peak is the maximum of its cycles.
func peakHeap(f func() error) (float64, error) {
	runtime.GC()
	runtime.GC() // empties pools too
	before := liveHeap()
	highest := before
	ended := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		for {
			runtime.GC()
			highest = max(highest, liveHeap())
			select {
			case <-ended:
				return
			default:
			}
		}
	})
	err := f()
	close(ended)
	group.Wait()
	return highest - before, err
}

// liveHeap is the live heap of the last cycle of the collector.
func liveHeap() float64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64())
}
