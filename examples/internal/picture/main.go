// Picture runs examples and draws their output for the README:
//
//	go run ./examples/internal/picture
package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"unicode/utf8"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := draw(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1) //nolint:gocritic // stop has run
	}
}

// draw writes docs/quickstart.svg, and docs/download.svg with the bars of a terminal.
func draw(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "run", "./examples/quickstart").Output()
	if err != nil {
		return fmt.Errorf("quickstart: %w", err)
	}
	if err := save("quickstart", "", strings.Split(strings.TrimRight(string(out), "\n"), "\n")); err != nil {
		return err
	}
	frame, err := recordDownload(ctx)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	return save("download", downloadArgs, frame)
}

// save draws a command and what it printed.
func save(program, args string, output []string) error {
	lines := append([]string{"$ go run ./examples/" + program + args}, output...)
	return os.WriteFile(filepath.Join("docs", program+".svg"), picture(lines), 0o644)
}

const (
	downloadArgs = " -size 400000000" // long enough to be seen
	downloadBars = 3                  // two shards and a config server
)

// recordDownload runs the example in a terminal, by script of util-linux. It returns the first screen
// that has all bars, the last of them less than full.
func recordDownload(ctx context.Context) ([]string, error) {
	command := "stty cols 92 rows 30; go run ./examples/download" + downloadArgs
	out, err := exec.CommandContext(ctx, "script", "-qec", command, "/dev/null").Output()
	if err != nil {
		return nil, err
	}
	redraw := regexp.MustCompile(`\x1b\[\d+A\x1b\[J`) // up, and delete what is below
	half := regexp.MustCompile(`\b[3-7]\d %`)
	for _, screen := range redraw.Split(strings.ReplaceAll(string(out), "\r", ""), -1) {
		lines := strings.Split(strings.TrimSpace(screen), "\n")
		if len(lines) == downloadBars && half.MatchString(lines[downloadBars-1]) {
			return lines, nil
		}
	}
	return nil, errors.New("no screen has all bars: run it again")
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
	fmt.Fprintf(&b, `<rect x="0.5" y="0.5" width="%d" height="%d" rx="8" fill="#0d1117" stroke="#484f58"/>`+"\n", width-1, height-1)
	for i, color := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="17" r="5" fill="%s"/>`+"\n", margin+4+18*i, color)
	}
	fmt.Fprintf(&b, `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="%d">`+"\n", size)
	for i, line := range lines {
		color := "#e6edf3"
		if i == 0 {
			color = "#7ee787"
		}
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" textLength="%.0f">`, margin, bar+14+step*i, color,
			float64(utf8.RuneCountInString(line))*glyph)
		line = strings.ReplaceAll(line, " ", "\u00a0") // browsers collapse spaces, also with xml:space
		var escaped bytes.Buffer
		_ = xml.EscapeText(&escaped, []byte(line)) // a buffer never fails
		b.WriteString(strings.ReplaceAll(escaped.String(), "✓", `<tspan fill="#3fb950">✓</tspan>`))
		b.WriteString("</text>\n")
	}
	b.WriteString("</g>\n</svg>\n")
	return b.Bytes()
}
