package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// drawing is an SVG for light and dark pages.
type drawing struct {
	body          strings.Builder
	width, height float64
}

// In style, text and rules depend on the colour scheme; other colours are readable on both.
const style = `<style>
text{font:12px system-ui,sans-serif;fill:#1f2328}
.dim{fill:#59636e}.h{font-weight:600;font-size:14px}
.rule{stroke:#8c959f;stroke-opacity:.5}.one{stroke:#1f2328}
.a{fill:#d97706}.b{fill:#2f81f7}.c{fill:#2da44e}
.la{stroke:#d97706}.lb{stroke:#2f81f7}.lc{stroke:#2da44e}
.line{fill:none;stroke-width:2}.aim{stroke:#cf222e;stroke-width:2}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9198a1}.one{stroke:#e6edf3}.aim{stroke:#ff7b72}}
</style>
`

func (d *drawing) put(format string, args ...any) { fmt.Fprintf(&d.body, format+"\n", args...) }

// text writes a label; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, class, label string) {
	d.put(`<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(label))
}

func (d *drawing) rule(x1, y1, x2, y2 float64, class string) {
	d.put(`<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`, x1, y1, x2, y2, class)
}

func (d *drawing) bar(x, y, width, height float64, class, title string) {
	d.put(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" class="%s"><title>%s</title></rect>`,
		x, y, max(width, 1), height, class, html.EscapeString(title))
}

func (d *drawing) String() string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img">`+"\n",
		d.width, d.height, d.width, d.height) + style + d.body.String() + "</svg>\n"
}

const (
	labelWidth = 400.0
	barsWidth  = 380.0
	barHeight  = 11.0
	rowHeight  = 34.0
	headHeight = 74.0
)

// ratioChart draws how many times more the others need, on a logarithmic scale.
func ratioChart(lines []*line) string {
	var shown []*line
	most := 10.0
	for _, l := range lines {
		if len(l.ratio(atlasName)) == 0 {
			continue
		}
		shown = append(shown, l)
		for _, peer := range []string{atlasName, plainName} {
			if ratio := l.ratio(peer).median(); ratio > most { // false for NaN
				most = ratio
			}
		}
	}
	most *= 1.25
	d := &drawing{width: labelWidth + barsWidth + 80, height: headHeight + rowHeight*float64(len(shown)) + 16}
	x := func(ratio float64) float64 {
		const least = 0.5
		return labelWidth + barsWidth*math.Log(max(ratio, least)/least)/math.Log(most/least)
	}
	d.text(12, 24, "start", "h", "How many times more the others need than this library")
	legend(d, 12, 46)
	for _, tick := range []float64{0.5, 1, 2, 5, 10, 20, 50, 100, 200} {
		if tick > most {
			break
		}
		class := "rule"
		if tick == 1 {
			class = "one"
		}
		d.rule(x(tick), headHeight-6, x(tick), d.height-12, class)
		d.text(x(tick), headHeight-10, "middle", "dim", fmt.Sprintf("%g×", tick))
	}
	for i, l := range shown {
		d.ratios(l, headHeight+rowHeight*float64(i), x)
	}
	return d.String()
}

func legend(d *drawing, x, y float64) {
	d.bar(x, y-9, 10, 10, "a", atlasName)
	d.text(x+15, y, "start", "dim", atlasName)
	d.bar(x+165, y-9, 10, 10, "b", plainName)
	d.text(x+180, y, "start", "dim", plainName+" with encoding/json")
	d.rule(x+350, y-10, x+350, y+2, "aim")
	d.text(x+357, y, "start", "dim", "aim")
}

// ratios draws the bars of one line.
func (d *drawing) ratios(l *line, y float64, x func(float64) float64) {
	d.text(labelWidth-12, y+18, "end", "", l.title)
	for k, peer := range []string{atlasName, plainName} {
		ratio := l.ratio(peer)
		if len(ratio) == 0 {
			continue
		}
		top := y + 3 + float64(k)*(barHeight+2)
		from := min(x(1), x(ratio.median()))
		to := max(x(1), x(ratio.median()))
		d.bar(from, top, to-from, barHeight, string(rune('a'+k)), peer+": "+ratioText(ratio))
		d.text(to+5, top+barHeight-1.5, "start", "dim", three(ratio.median())+"×")
	}
	if l.times > 0 {
		d.rule(x(l.times), y+1, x(l.times), y+barHeight+5, "aim")
	}
}
