// Command bench compares this library with other ways to read restore jobs from Go:
// go.mongodb.org/atlas with mongodb-forks/digest, and net/http with encoding/json and
// icholy/digest. It needs no account, and no network except loopback.
//
//	go run ./bench           # everything: prints tables, writes RESULTS.md, GROWTH.md and their charts
//	go run ./bench -quick    # under a minute, prints a table
//	go run ./bench -growth   # only how cost grows: GROWTH.md and growth.svg
//	go run ./bench -links    # only downloads over a long link: LINKS.md
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type settings struct {
	quick, growth bool
	links         bool
	only, heap    string
	folder        string
}

func run(args []string, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&s.quick, "quick", false, "measure less, in under a minute, and write no files")
	flags.BoolVar(&s.growth, "growth", false, "measure how cost grows with the number of jobs and callers")
	flags.BoolVar(&s.links, "links", false, "measure only downloads over a long link: writes LINKS.md")
	flags.StringVar(&s.only, "only", "", "measure only the works with this in a title, and write no files")
	flags.StringVar(&s.folder, "to", home(), "the folder to which a complete run writes its pages and charts")
	flags.StringVar(&s.heap, "heap", "", "measure one heap; used internally")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.heap != "" {
		return runHeap(ctx, s.heap, stdout)
	}
	if s.links || s.isComplete() {
		err := s.write(stdout, "LINKS.md", "", func(out io.Writer) (string, error) {
			return "", compareLinks(ctx, quick.archive, 3, out, stderr)
		})
		if err != nil || s.links {
			return err
		}
	}
	if !s.growth {
		err := s.write(stdout, "RESULTS.md", "ratios.svg", func(out io.Writer) (string, error) { return compare(ctx, s, out, stderr) })
		if err != nil || !s.isComplete() {
			return err
		}
	}
	return s.write(stdout, "GROWTH.md", "growth.svg", func(out io.Writer) (string, error) { return grow(ctx, s.quick, out, stderr) })
}

// isComplete reports whether the run measures everything and writes files.
func (s *settings) isComplete() bool { return !s.quick && s.only == "" && !s.growth }

// write prints a page. Unless the run is partial, it also writes the page and its chart to files.
func (s *settings) write(stdout io.Writer, page, drawing string, measure func(io.Writer) (chart string, err error)) error {
	var text bytes.Buffer
	chart, err := measure(&text)
	if err != nil {
		return err
	}
	if _, err := stdout.Write(text.Bytes()); err != nil || s.quick || s.only != "" {
		return err
	}
	const readable = 0o644
	if drawing == "" {
		return os.WriteFile(filepath.Join(s.folder, page), text.Bytes(), readable)
	}
	if err := os.WriteFile(filepath.Join(s.folder, page), text.Bytes(), readable); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, drawing), []byte(chart), readable)
}

// home returns the folder of this program, if that or its parent is the working directory.
func home() string {
	if info, err := os.Stat("bench"); err == nil && info.IsDir() {
		return "bench"
	}
	return "."
}

func runHeap(ctx context.Context, text string, stdout io.Writer) error {
	task, err := parseHeapTask(text)
	if err != nil {
		return err
	}
	peak, err := task.run(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, peak)
	return err
}

// compare measures all works and reports them.
func compare(ctx context.Context, s settings, out io.Writer, progress io.Writer) (chart string, err error) {
	amount := full
	if s.quick {
		amount = quick
	}
	before := load()
	var lines []*line
	for _, w := range amount.works() {
		if !slices.ContainsFunc(w.figures, func(f figure) bool { return strings.Contains(f.title, s.only) }) {
			continue
		}
		fmt.Fprintln(progress, w.figures[0].title)
		done, err := w.measure(ctx)
		if err != nil {
			return "", fmt.Errorf("%s: %w", w.figures[0].title, err)
		}
		lines = append(lines, done...)
	}
	var downloads [][]string
	if title := amount.downloadTitle(); strings.Contains(title, s.only) {
		fmt.Fprintln(progress, title)
		by, err := amount.download(ctx)
		if err != nil {
			return "", fmt.Errorf("%s: %w", title, err)
		}
		downloads = amount.downloadRows(by)
	}
	fmt.Fprintf(out, "# Results\n\n%s, on %s. %s.\n%s\n", today(), machine(), versions(), loadText(before))
	report(out, lines, downloads, s.quick)
	return ratioChart(lines), nil
}

// measure alternates the contestants, so that a busy machine slows down all of them.
func (w *work) measure(ctx context.Context) ([]*line, error) {
	lines := make([]*line, len(w.figures))
	for i, f := range w.figures {
		lines[i] = &line{figure: f, by: map[string]samples{}}
	}
	for round := range w.repeat {
		for i := range contestants {
			c := contestants[(i+round)%len(contestants)]
			figures, err := w.do(ctx, c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			for _, l := range lines {
				if v, ok := figures[l.id]; ok {
					l.by[c.name] = append(l.by[c.name], v)
				}
			}
		}
	}
	return lines, nil
}

func report(w io.Writer, lines []*line, downloads [][]string, quick bool) {
	if quick {
		fmt.Fprint(w, "A quick run: few repetitions, and a shorter list with 100 a page.\n")
	}
	fmt.Fprintln(w)
	if len(lines) > 0 {
		table(w, columns, lineRows(lines))
	}
	if len(downloads) > 0 {
		fmt.Fprint(w, "\n## Downloads\n\n", downloadNote, "\n")
		table(w, []string{"way", "time", "speed", "its time / ours", "aim", ""}, downloads)
	}
	fmt.Fprint(w, "\n", notes)
}

const downloadNote = `An archive from a server on loopback, in the same process, to a file, with its SHA-1. Ours waits
until the file is on the disk; the others only write to the cache of the system.
`

const notes = `Figures are medians; ± is half of the distance from the lowest to the highest. Ratios are
calculated for each repetition, with contestants in turn; the lowest and the highest are in
brackets. A ratio above 1 is in our favour. The aims in × compare with the Atlas client.

* ` + "`go.mongodb.org/atlas`" + ` signs with mongodb-forks/digest, as its README says. It speaks
  Atlas v1 only, with the same jobs in the responses.
* ` + "`net/http`" + ` is a careful program with encoding/json and icholy/digest, which reuses nonces.
* The official Ops Manager client (go.mongodb.org/ops-manager) and the Atlas SDK
  (go.mongodb.org/atlas-sdk) are not compared, because the module proxy did not have them.
* Processor time is that of the whole process (getrusage), without network: a round tripper in
  the process responds. "With digest" it requires signatures, and a new nonce every 64 calls.
* Requests and connections are counted by a server on loopback, which accepts a nonce 64 times
  and requires rising counts.
* Heap needed is the peak of the live heap above the live heap before, as the collector counts
  it, in a separate process whose collector runs all the time and stops the world
  (GODEBUG=gcstoptheworld=1, GOGC=1). "Our default" is four pages in flight.
`
