package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"syscall"
	"time"
)

// processor is the processor time that this process has used, the kernel's for it
// included. Unlike the clock it does not count what other programs do meanwhile.
func processor() (time.Duration, error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano()), nil
}

// processorOf is the processor time of one of n calls of f.
func processorOf(n int, f func() error) (time.Duration, error) {
	runtime.GC()
	before, err := processor()
	if err != nil {
		return 0, err
	}
	for range n {
		if err := f(); err != nil {
			return 0, err
		}
	}
	after, err := processor()
	return (after - before) / time.Duration(n), err
}

// allocated is how many bytes f allocates, alive or not.
func allocated(f func() error) (float64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc), err
}

// peakHeap is the most heap that was alive at once during f, above what was alive
// before. The collector runs all the time (GOGC=1), and after every cycle it tells how much
// it found alive: the highest of these is the peak. What is allocated during a
// cycle counts as alive, so the figure is a little high for everybody.
func peakHeap(f func() error) (float64, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	runtime.GC()
	runtime.GC() // empties pools too
	before := liveHeap()
	done, peak := make(chan struct{}), make(chan float64)
	go func() {
		highest := before
		for tick := time.NewTicker(50 * time.Microsecond); ; {
			select {
			case <-tick.C:
				highest = max(highest, liveHeap())
			case <-done:
				tick.Stop()
				peak <- highest
				return
			}
		}
	}()
	err := f()
	close(done)
	return <-peak - before, err
}

// liveHeap is what the last cycle of the collector found alive.
func liveHeap() float64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64())
}

// samples are the figures of several repetitions.
type samples []float64

func (s samples) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// over divides repetition by repetition: what disturbs the machine for a while disturbs both.
func (s samples) over(other samples) samples {
	var ratios samples
	for i := range min(len(s), len(other)) {
		if other[i] > 0 {
			ratios = append(ratios, s[i]/other[i])
		}
	}
	return ratios
}

// spread is half of the way from the lowest to the highest, as a part of the median.
func (s samples) spread() float64 {
	if len(s) < 2 || s.median() == 0 {
		return 0
	}
	return (slices.Max(s) - slices.Min(s)) / 2 / s.median()
}
