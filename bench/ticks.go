package main

import (
	"math"
	"strconv"
)

// axis maps values to a part of a picture, on a logarithmic or linear scale from low to high.
type axis struct {
	low, high float64
	isLog     bool
	ticks     []float64
}

// position is where a value is, from 0 to 1.
func (a *axis) position(v float64) float64 {
	if a.isLog {
		return math.Log(v/a.low) / math.Log(a.high/a.low)
	}
	return (v - a.low) / (a.high - a.low)
}

// maxTicks is how many labels an axis has room for.
const maxTicks = 7

// newLogAxis returns an axis from one round number to another around all values: powers of ten
// or, for bytes, of two.
func newLogAxis(u unit, values []float64) axis {
	low := math.Inf(1)
	high := math.Inf(-1)
	for _, v := range values {
		if v > 0 {
			low = min(low, v)
			high = max(high, v)
		}
	}
	if low > high {
		low = 1
		high = 1
	}
	step := 10.0
	if u == byteCount {
		step = 4
	}
	for ; ; step *= step {
		first := math.Floor(math.Log(low)/math.Log(step) + 1e-9)
		last := math.Ceil(math.Log(high)/math.Log(step) - 1e-9)
		if last == first {
			last++
		}
		if last-first >= maxTicks {
			continue
		}
		a := axis{
			low:   math.Pow(step, first),
			high:  math.Pow(step, last),
			isLog: true,
		}
		for power := first; power <= last; power++ {
			a.ticks = append(a.ticks, math.Pow(step, power))
		}
		return a
	}
}

// newLinearAxis returns an axis from zero to a round number, with round steps.
func newLinearAxis(values []float64) axis {
	high := 0.0
	for _, v := range values {
		high = max(high, v)
	}
	if high <= 0 {
		high = 1
	}
	step := roundStep(high / (maxTicks - 2))
	steps := math.Ceil(high/step - 1e-9)
	a := axis{high: steps * step}
	for i := range int(steps) + 1 {
		a.ticks = append(a.ticks, float64(i)*step)
	}
	return a
}

// roundStep is the smallest of 1, 2 and 5 times a power of ten that is at least v.
func roundStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= v*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// tickText is a round number in its unit.
func tickText(u unit, v float64) string {
	if v == 0 {
		return "0"
	}
	step := 1000.0
	var names []string
	switch u {
	case byteCount:
		step = 1024
		names = byteUnits
	case seconds:
		v *= 1e9
		names = []string{"ns", "µs", "ms", "s"}
	default:
		if v >= 1 && v == math.Trunc(v) {
			return thousands(int(v))
		}
		return shortNumber(v)
	}
	at := 0
	for ; v >= step*(1-1e-9) && at < len(names)-1; at++ {
		v /= step
	}
	return shortNumber(v) + " " + names[at]
}

// shortNumber has no digits that only rounding has caused.
func shortNumber(v float64) string {
	const digits = 6
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if rounded >= 1000 {
		return thousands(int(math.Round(rounded)))
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// ratioTicks are the round ratios between two: 1, 2 and 5 times powers of ten, or the powers only
// if the others have no room.
func ratioTicks(low, high float64) []float64 {
	const roomy = 2.7 // powers of ten whose 2 and 5 have room
	factors := []float64{1}
	if math.Log10(high/low) <= roomy {
		factors = []float64{1, 2, 5}
	}
	var ticks []float64
	for power := math.Floor(math.Log10(low)); power <= math.Ceil(math.Log10(high)); power++ {
		for _, factor := range factors {
			tick := factor * math.Pow(10, power)
			if tick >= low*(1-1e-9) && tick <= high*(1+1e-9) {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}
