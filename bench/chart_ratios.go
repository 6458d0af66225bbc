package main

import (
	"math"
	"slices"
	"unicode/utf8"
)

const (
	chartMargin = 12.0
	valueWidth  = 60.0 // of a value beside a bar
	barsWidth   = 360.0
	barHeight   = 11.0
	barGap      = 2.0
	headHeight  = 92.0
)

// ratioBar is one bar: how many times as much as ours something needs.
type ratioBar struct {
	class string
	name  string
	ratio samples
}

// ratioRow is one piece of work.
type ratioRow struct {
	title string
	bars  []ratioBar
	aim   float64 // of the best official client, 0 for none
}

// labelsWidth is the width of the titles of rows.
func labelsWidth(rows []ratioRow) float64 {
	const legend = 400.0
	longest := 0
	for i := range rows {
		longest = max(longest, utf8.RuneCountInString(rows[i].title))
	}
	return max(legend, float64(longest)*glyphWidth)
}

func (r *ratioRow) height() float64 { return float64(len(r.bars))*(barHeight+barGap) + 10 }

// ratioRows are the works with mixed bodies, and the downloads to a disk.
func ratioRows(r *run) []ratioRow {
	var rows []ratioRow
	for _, one := range r.results() {
		switch {
		case one.quick && one.Ways == nil:
			rows = appendRow(rows, ratioRow{
				title: one.Title,
				bars: []ratioBar{
					{class: "a", name: "best official client", ratio: one.best()},
					{class: "c", name: handName, ratio: one.ratio(handName)},
				},
				aim: timesAim(one),
			})
		case one.ID == "disk":
			for _, name := range one.Ways[1:] {
				rows = appendRow(rows, ratioRow{
					title: one.Title + ": " + name,
					bars:  []ratioBar{{class: "b", name: name, ratio: one.ratio(name)}},
				})
			}
		}
	}
	return rows
}

// appendRow leaves out bars without a ratio, and rows without bars.
func appendRow(rows []ratioRow, row ratioRow) []ratioRow {
	row.bars = slices.DeleteFunc(row.bars, func(b ratioBar) bool { return len(b.ratio) == 0 })
	if len(row.bars) == 0 {
		return rows
	}
	return append(rows, row)
}

func timesAim(r *result) float64 {
	for _, a := range r.Aims {
		if a.Kind == times {
			return a.Value
		}
	}
	return 0
}

// ratioChart draws how many times as much as ours the others need, on a logarithmic scale.
func ratioChart(r *run) string {
	rows := ratioRows(r)
	low := 0.5
	high := 10.0
	height := headHeight + 12
	for i := range rows {
		height += rows[i].height()
		for _, b := range rows[i].bars {
			low = min(low, b.ratio.median())
			high = max(high, b.ratio.median())
		}
	}
	barsLeft := chartMargin + labelsWidth(rows) + valueWidth
	d := &drawing{width: barsLeft + barsWidth + valueWidth, height: height}
	scale := axis{
		low:   low,
		high:  high,
		isLog: true,
	}
	x := func(ratio float64) float64 { return barsLeft + barsWidth*scale.position(ratio) }
	d.text(chartMargin, 24, "start", "h", "How much the others need, relative to this library")
	d.text(chartMargin, 43, "start", "dim", r.Machine.short()+", "+r.Date+". Logarithmic scale. Downloads by time.")
	ratioLegend(d, chartMargin, 64)
	d.text(x(1)-8, 64, "end", "dim", "← less than ours")
	d.text(x(1)+8, 64, "start", "dim", "more than ours →")
	for _, tick := range ratioTicks(low, high) {
		class := "rule"
		if math.Abs(tick-1) < 1e-9 {
			class = "one"
		}
		d.rule(x(tick), headHeight-6, x(tick), d.height-10, class)
		d.text(x(tick), headHeight-11, "middle", "dim", tickText(count, tick)+"×")
	}
	y := headHeight
	for i := range rows {
		d.ratios(&rows[i], barsLeft-valueWidth, y, x)
		y += rows[i].height()
	}
	return d.String()
}

func ratioLegend(d *drawing, x, y float64) {
	d.bar(x, y-9, 10, 10, "a", "")
	d.text(x+15, y, "start", "dim", "best official client")
	d.rule(x+140, y-10, x+140, y+2, "aim")
	d.text(x+147, y, "start", "dim", "our aim for it")
	d.bar(x+240, y-9, 10, 10, "c", "")
	d.text(x+255, y, "start", "dim", "by hand")
	d.bar(x+312, y-9, 10, 10, "b", "")
	d.text(x+327, y, "start", "dim", "other way")
}

// ratios draws the bars of one piece of work, whose title ends at labelEnd.
func (d *drawing) ratios(row *ratioRow, labelEnd, y float64, x func(float64) float64) {
	const (
		textRise = 1.5
		equal    = 0.995 // is written as 1.00
	)
	middle := y + 3 + float64(len(row.bars))*(barHeight+barGap)/2
	d.text(labelEnd, middle+4, "end", "", row.title)
	for k, b := range row.bars {
		top := y + 3 + float64(k)*(barHeight+barGap)
		median := b.ratio.median()
		from := min(x(1), x(median))
		to := max(x(1), x(median))
		d.bar(from, top, to-from, barHeight, b.class, row.title+", "+b.name+": "+ratioText(b.ratio))
		if median < equal {
			d.text(from-4, top+barHeight-textRise, "end", "dim", three(median)+"×")
		} else {
			at := to + 5
			if mark := x(max(row.aim, 1)); b.class == "a" && mark > to-5 && mark < to+valueWidth && mark > x(1) {
				at = max(to, mark) + 5 // not under the mark
			}
			d.text(at, top+barHeight-textRise, "start", "dim", three(median)+"×")
		}
		if row.aim > 0 && b.class == "a" {
			d.rule(x(row.aim), top-2, x(row.aim), top+barHeight+2, "aim")
		}
	}
}
