package main

import (
	"fmt"
	"html"
	"strings"
)

// panel is a diagram whose horizontal axis is logarithmic.
type panel struct {
	title    string
	xTitle   string
	xUnit    unit
	yUnit    unit
	isLinear bool // the vertical axis
	curves   []curve
}

type curve struct {
	name   string
	points [][2]float64
}

const (
	panelWidth, panelHeight = 430.0, 280.0
	panelLeft, panelTop     = 78.0, 50.0
	plotWidth, plotHeight   = 310.0, 170.0
)

// points pairs the numbers of a row.
func points[T any](rows []T, x, y func(*T) float64) [][2]float64 {
	var all [][2]float64
	for i := range rows {
		all = append(all, [2]float64{x(&rows[i]), y(&rows[i])})
	}
	return all
}

// growthPanels are the diagrams of growth.svg.
func growthPanels(g *growth) []panel {
	jobs := func(c *listCost) float64 { return float64(c.Jobs) }
	waited := func(c *waitCost) float64 { return float64(c.Jobs) }
	size := func(c *downloadCost) float64 { return float64(c.Bytes) }
	callers := func(c *callCost) float64 { return float64(c.Callers) }
	speed := func(s samples, bytes int64) float64 { return float64(bytes) / s.median() / 1e6 }
	var first, second []callCost
	for _, c := range g.Calls {
		if c.Protocol == http1 {
			first = append(first, c)
		} else {
			second = append(second, c)
		}
	}
	protocols := func(y func(*callCost) float64) []curve {
		return []curve{{http1, points(first, callers, y)}, {http2, points(second, callers, y)}}
	}
	return []panel{
		{
			title:  "Time to list",
			xTitle: "jobs",
			xUnit:  count,
			yUnit:  seconds,
			curves: []curve{
				{"whole list", points(g.Lists, jobs, func(c *listCost) float64 { return c.Took })},
				{"one job", points(g.Lists, jobs, func(c *listCost) float64 { return c.Took / float64(c.Jobs) })},
			},
		},
		{
			title:  "Heap needed to list",
			xTitle: "jobs",
			xUnit:  count,
			yUnit:  byteCount,
			curves: []curve{{"", points(g.Lists, jobs, func(c *listCost) float64 { return c.Heap })}},
		},
		{
			title:  "Requests of a round of a wait",
			xTitle: "jobs",
			xUnit:  count,
			yUnit:  count,
			curves: []curve{
				{"ours", points(g.Waits, waited, func(c *waitCost) float64 { return c.Requests })},
				{"one for each job", points(g.Waits, waited, waited)},
			},
		},
		{
			title:  "Processor time of a round, both sides",
			xTitle: "jobs",
			xUnit:  count,
			yUnit:  seconds,
			curves: []curve{
				{"whole round", points(g.Waits, waited, func(c *waitCost) float64 { return c.Used })},
				{"one job", points(g.Waits, waited, func(c *waitCost) float64 { return c.Used / float64(c.Jobs) })},
			},
		},
		{
			title:  "Time of a download",
			xTitle: "size",
			xUnit:  byteCount,
			yUnit:  seconds,
			curves: []curve{
				{"ours", points(g.Downloads, size, func(c *downloadCost) float64 { return c.Took.median() })},
				{"slower limit", points(g.Downloads, size, func(c *downloadCost) float64 { return c.limits().median() })},
			},
		},
		{
			title:    "Speed of a download in MB/s",
			xTitle:   "size",
			xUnit:    byteCount,
			yUnit:    count,
			isLinear: true,
			curves: []curve{
				{"ours", points(g.Downloads, size, func(c *downloadCost) float64 { return speed(c.Took, c.Bytes) })},
				{networkAlone, points(g.Downloads, size, func(c *downloadCost) float64 { return speed(c.Network, c.Bytes) })},
				{sha1Alone, points(g.Downloads, size, func(c *downloadCost) float64 { return speed(c.Hash, c.Bytes) })},
			},
		},
		{
			title:  "Calls per second of one client",
			xTitle: "callers",
			xUnit:  count,
			yUnit:  count,
			curves: protocols(func(c *callCost) float64 { return c.Rate }),
		},
		{
			title:  "Median time of a call",
			xTitle: "callers",
			xUnit:  count,
			yUnit:  seconds,
			curves: protocols(func(c *callCost) float64 { return c.Median }),
		},
		{
			title:    "Requests per call in the first second",
			xTitle:   "callers",
			xUnit:    count,
			yUnit:    count,
			isLinear: true,
			curves:   protocols(func(c *callCost) float64 { return c.FirstSecond }),
		},
		{
			title:  "99th percentile of the time of a call",
			xTitle: "callers",
			xUnit:  count,
			yUnit:  seconds,
			curves: protocols(func(c *callCost) float64 { return c.Worst }),
		},
	}
}

// growthChart draws the panels, two in a row.
func growthChart(r *run) string {
	panels := growthPanels(r.Growth)
	const head = 40.0
	rows := (len(panels) + 1) / 2
	d := &drawing{width: 2 * panelWidth, height: head + float64(rows)*panelHeight}
	d.text(12, 24, "start", "dim", r.Machine.short()+", "+r.Date)
	for i := range panels {
		panels[i].draw(d, float64(i%2)*panelWidth, head+float64(i/2)*panelHeight)
	}
	return d.String()
}

// values are those of all curves on one axis.
func (p *panel) values(dimension int) []float64 {
	var all []float64
	for _, c := range p.curves {
		for _, point := range c.points {
			all = append(all, point[dimension])
		}
	}
	return all
}

func (p *panel) draw(d *drawing, x0, y0 float64) {
	left := x0 + panelLeft
	top := y0 + panelTop
	xAxis := newLogAxis(p.xUnit, p.values(0))
	yAxis := newLogAxis(p.yUnit, p.values(1))
	if p.isLinear {
		yAxis = newLinearAxis(p.values(1))
	}
	x := func(v float64) float64 { return left + plotWidth*xAxis.position(v) }
	y := func(v float64) float64 { return top + plotHeight*(1-yAxis.position(v)) }
	d.text(left, top-24, "start", "h", p.title)
	for _, tick := range xAxis.ticks {
		d.rule(x(tick), top, x(tick), top+plotHeight, "rule")
		d.text(x(tick), top+plotHeight+19, "middle", "dim", tickText(p.xUnit, tick))
	}
	for _, tick := range yAxis.ticks {
		d.rule(left, y(tick), left+plotWidth, y(tick), "rule")
		d.text(left-6, y(tick)+4, "end", "dim", tickText(p.yUnit, tick))
	}
	d.text(left+plotWidth/2, top+plotHeight+36, "middle", "dim", p.xTitle)
	for i, c := range p.curves {
		class := string(rune('a' + i))
		d.curve(c, class, x, y, p.yUnit)
		if c.name != "" {
			const apart = 108
			d.bar(left+float64(i)*apart, top-17, 10, 10, class, c.name)
			d.text(left+float64(i)*apart+14, top-8, "start", "dim", c.name)
		}
	}
}

// curve draws a line through points, each with its value as a tooltip.
func (d *drawing) curve(c curve, class string, x, y func(float64) float64, u unit) {
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
		d.put(`<circle cx="%.1f" cy="%.1f" r="3.5" class="%s"><title>%s</title></circle>`,
			x(point[0]), y(point[1]), class, html.EscapeString(u.text(point[1])))
	}
}
