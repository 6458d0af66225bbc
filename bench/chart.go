package main

import (
	"fmt"
	"html"
	"strings"
)

// drawing is an SVG with a ground of its own, for light and dark pages.
type drawing struct {
	body          strings.Builder
	width, height float64
}

// In style, the ground, text and rules depend on the colour scheme; other colours are readable on both.
const style = `<style>
.ground{fill:#fff}
text{font:12px system-ui,"DejaVu Sans",sans-serif;fill:#1f2328}
.dim{fill:#59636e}.h{font-weight:600;font-size:14px}
.rule{stroke:#8c959f;stroke-opacity:.4}.one{stroke:#1f2328}
.a{fill:#d97706}.b{fill:#2f81f7}.c{fill:#2da44e}
.la{stroke:#d97706}.lb{stroke:#2f81f7}.lc{stroke:#2da44e}
.line{fill:none;stroke-width:2}.aim{stroke:#cf222e;stroke-width:2}
@media (prefers-color-scheme:dark){.ground{fill:#0d1117}text{fill:#e6edf3}.dim{fill:#9198a1}.one{stroke:#e6edf3}.aim{stroke:#ff7b72}}
</style>
`

// glyphWidth is the mean width of a letter in a wide font. Fonts differ, and a label has to fit in each.
const glyphWidth = 6.8

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
		d.width, d.height, d.width, d.height) + style +
		fmt.Sprintf(`<rect width="%.0f" height="%.0f" class="ground"/>`+"\n", d.width, d.height) + d.body.String() + "</svg>\n"
}
