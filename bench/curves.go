package main

import (
	"fmt"
	"math"
	"strings"
)

// panel is a diagram with logarithmic axes.
type panel struct {
	title  string
	xTitle string
	xText  func(float64) string
	yText  func(float64) string
	curves []curve
}

type curve struct {
	name   string
	points [][2]float64
}

const (
	panelWidth, panelHeight = 400.0, 270.0
	panelLeft, panelTop     = 70.0, 44.0
	plotWidth, plotHeight   = 300.0, 170.0
)

// growthChart draws the panels side by side, two in a row.
func growthChart(lists []listCost, waits []waitCost, calls []callCost) string {
	var took, each, heap, rate, median, worst [][2]float64
	for _, c := range lists {
		jobs := float64(c.jobs)
		took = append(took, [2]float64{jobs, c.took.Seconds()})
		each = append(each, [2]float64{jobs, c.took.Seconds() / jobs})
		heap = append(heap, [2]float64{jobs, c.heap})
	}
	var requests, single, round [][2]float64
	for _, c := range waits {
		jobs := float64(c.jobs)
		requests = append(requests, [2]float64{jobs, c.requests})
		single = append(single, [2]float64{jobs, jobs})
		round = append(round, [2]float64{jobs, c.used})
	}
	for _, c := range calls {
		callers := float64(c.callers)
		rate = append(rate, [2]float64{callers, c.rate})
		median = append(median, [2]float64{callers, c.median.Seconds()})
		worst = append(worst, [2]float64{callers, c.worst.Seconds()})
	}
	number := func(v float64) string { return thousands(int(math.Round(v))) }
	panels := []panel{
		{"Time to list", "jobs", number, seconds.text, []curve{{"whole list", took}, {"one job", each}}},
		{"Heap needed to list", "jobs", number, byteCount.text, []curve{{"", heap}}},
		{"Requests of a round of a wait", "jobs", number, number, []curve{{"ours", requests}, {"job by job", single}}},
		{"Processor time of a round", "jobs", number, seconds.text, []curve{{"with the server's", round}}},
		{"Calls per second of one client", "callers", number, number, []curve{{"", rate}}},
		{"Time of a call", "callers", number, seconds.text, []curve{{"median", median}, {"99th percentile", worst}}},
	}
	rows := (len(panels) + 1) / 2
	d := &drawing{width: 2 * panelWidth, height: float64(rows) * panelHeight}
	for i := range panels {
		panels[i].draw(d, float64(i%2)*panelWidth, float64(i/2)*panelHeight)
	}
	return d.String()
}

// bounds are the powers of ten around the values of one axis.
func (p *panel) bounds(axis int) (low, high float64) {
	low = math.Inf(1)
	high = math.Inf(-1)
	for _, c := range p.curves {
		for _, point := range c.points {
			low = min(low, math.Log10(point[axis]))
			high = max(high, math.Log10(point[axis]))
		}
	}
	low = math.Floor(low + 1e-9)
	high = math.Ceil(high - 1e-9)
	return low, max(high, low+1)
}

func (p *panel) draw(d *drawing, left, top float64) {
	left += panelLeft
	top += panelTop
	xLow, xHigh := p.bounds(0)
	yLow, yHigh := p.bounds(1)
	x := func(v float64) float64 { return left + plotWidth*(math.Log10(v)-xLow)/(xHigh-xLow) }
	y := func(v float64) float64 { return top + plotHeight*(yHigh-math.Log10(v))/(yHigh-yLow) }
	d.text(left, top-20, "start", "h", p.title)
	for power := xLow; power <= xHigh; power++ {
		at := x(math.Pow(10, power))
		d.rule(at, top, at, top+plotHeight, "rule")
		d.text(at, top+plotHeight+16, "middle", "dim", p.xText(math.Pow(10, power)))
	}
	for power := yLow; power <= yHigh; power++ {
		at := y(math.Pow(10, power))
		d.rule(left, at, left+plotWidth, at, "rule")
		d.text(left-6, at+4, "end", "dim", p.yText(math.Pow(10, power)))
	}
	d.text(left+plotWidth/2, top+plotHeight+34, "middle", "dim", p.xTitle)
	for i, c := range p.curves {
		class := string(rune('a' + i))
		d.curve(c, class, x, y, p.yText)
		if c.name != "" {
			d.bar(left+float64(i)*110, top-13, 10, 10, class, c.name)
			d.text(left+float64(i)*110+14, top-4, "start", "dim", c.name)
		}
	}
}

// curve draws a line through points, each with its value as a tooltip.
func (d *drawing) curve(c curve, class string, x, y func(float64) float64, text func(float64) string) {
	var path strings.Builder
	for i, point := range c.points {
		step := "L"
		if i == 0 {
			step = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", step, x(point[0]), y(point[1]))
	}
	d.put(`<path d="%s" class="line l%s"/>`, path.String(), class)
	for _, point := range c.points {
		d.put(`<circle cx="%.1f" cy="%.1f" r="3.5" class="%s"><title>%s</title></circle>`, x(point[0]), y(point[1]), class, text(point[1]))
	}
}
