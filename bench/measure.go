package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// processor is the processor time of this process, including the kernel. It excludes other
// programs, unlike wall-clock time.
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

// allocation is what a function allocates, including garbage.
type allocation struct{ objects, bytes float64 }

func allocated(f func() error) (allocation, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return allocation{
		objects: float64(after.Mallocs - before.Mallocs),
		bytes:   float64(after.TotalAlloc - before.TotalAlloc),
	}, err
}

// samples has one figure for each repetition.
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

// over divides each repetition, so that a temporary load affects both values.
func (s samples) over(other samples) samples {
	var ratios samples
	for i := range min(len(s), len(other)) {
		if other[i] > 0 {
			ratios = append(ratios, s[i]/other[i])
		}
	}
	return ratios
}

// spread is half of the distance from the lowest to the highest, relative to the median.
func (s samples) spread() float64 {
	if len(s) < 2 || s.median() == 0 {
		return 0
	}
	return (slices.Max(s) - slices.Min(s)) / 2 / s.median()
}

// each combines the samples of several for each repetition, such as with their minimum.
func each(all []samples, combine func(samples) float64) samples {
	if len(all) == 0 {
		return nil
	}
	rounds := len(all[0])
	for _, s := range all {
		rounds = min(rounds, len(s))
	}
	combined := make(samples, rounds)
	for i := range combined {
		var row samples
		for _, s := range all {
			row = append(row, s[i])
		}
		combined[i] = combine(row)
	}
	return combined
}

// overlaps reports whether the ranges of two measurements have a common value.
func (s samples) overlaps(other samples) bool {
	if len(s) == 0 || len(other) == 0 {
		return true
	}
	return slices.Min(s) <= slices.Max(other) && slices.Min(other) <= slices.Max(s)
}
