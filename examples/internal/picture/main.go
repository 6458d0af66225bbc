// Picture runs examples and draws their output for the README:
//
//	go run ./examples/internal/picture
package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, program := range []string{"quickstart", "download"} {
		if err := draw(ctx, program); err != nil {
			fmt.Fprintln(os.Stderr, err)
			stop()
			os.Exit(1) //nolint:gocritic // stop has run
		}
	}
}

// draw runs an example and writes its output as docs/<program>.svg.
func draw(ctx context.Context, program string) error {
	out, err := exec.CommandContext(ctx, "go", "run", "./examples/"+program).Output()
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	text := strings.TrimRight(string(out), "\n")
	lines := append([]string{"$ go run ./examples/" + program}, strings.Split(text, "\n")...)
	return os.WriteFile(filepath.Join("docs", program+".svg"), picture(lines), 0o644)
}

// picture is an image of a terminal.
func picture(lines []string) []byte {
	const size, glyph, step, margin, bar = 13, 7.83, 19, 18, 34
	longest := 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	width := int(float64(longest)*glyph) + 2*margin
	height := bar + step*len(lines) + margin
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d">`+"\n", width, height, width)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#0d1117"/>`+"\n", width, height)
	for i, color := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="5" fill="%s"/>`+"\n", margin+4+18*i, color)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="%d" xml:space="preserve">`+"\n", size)
	for i, line := range lines {
		color := "#e6edf3"
		if i == 0 {
			color = "#7ee787"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" textLength="%.0f">`, margin, bar+14+step*i, color,
			float64(utf8.RuneCountInString(line))*glyph)
		_ = xml.EscapeText(&b, []byte(line)) // a buffer never fails
		b.WriteString("</text>\n")
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}
