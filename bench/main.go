// Command bench measures this library beside other ways to read restore jobs from Go:
// go.mongodb.org/atlas with mongodb-forks/digest, and net/http with encoding/json and
// icholy/digest. It needs no account and no network but loopback.
//
//	go run ./bench           # everything: prints tables, writes RESULTS.md, GROWTH.md and their charts
//	go run ./bench -quick    # under a minute, prints a table
//	go run ./bench -growth   # only how cost grows: GROWTH.md and growth.svg
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
	only, heap    string
	folder        string
}

func run(args []string, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&s.quick, "quick", false, "do less, in under a minute, and write no files")
	flags.BoolVar(&s.growth, "growth", false, "measure how cost grows with the number of jobs and callers")
	flags.StringVar(&s.only, "only", "", "do only the works with this in a title, and write no files")
	flags.StringVar(&s.folder, "to", home(), "where a whole run writes its pages and charts")
	flags.StringVar(&s.heap, "heap", "", "measure one heap; how this program calls itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.heap != "" {
		return runHeap(ctx, s.heap, stdout)
	}
	if !s.growth {
		err := s.write(stdout, "RESULTS.md", "ratios.svg", func(out io.Writer) (string, error) { return compare(ctx, s, out, stderr) })
		if err != nil || !s.whole() {
			return err
		}
	}
	return s.write(stdout, "GROWTH.md", "growth.svg", func(out io.Writer) (string, error) { return grow(ctx, s.quick, out, stderr) })
}

// whole tells a run that does everything and keeps what it finds.
func (s *settings) whole() bool { return !s.quick && s.only == "" && !s.growth }

// write prints what measure has written, and keeps it and the chart unless it is a part.
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
	if err := os.WriteFile(filepath.Join(s.folder, page), text.Bytes(), readable); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.folder, drawing), []byte(chart), readable)
}

// home is the folder of this program where it is run in it or above it.
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

// compare does all works and reports them.
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

// measure lets the contestants take turns, so that a machine that is busy for a while
// is busy for all of them.
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
		fmt.Fprint(w, "A quick run: few repetitions, the list with 100 a page is shorter.\n")
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

const downloadNote = `An archive from a server on loopback, in the same process, to a file; its SHA-1 has to be known
in the end. Ours waits until the disk has the file; the others leave it to the system's cache.
`

const notes = `Figures are medians; ± is half of the way from the lowest to the highest. Ratios are
taken repetition by repetition, contestants in turn, with the lowest and the highest in
brackets. A ratio above 1 is in our favour. The aims in × are against the Atlas client.

* ` + "`go.mongodb.org/atlas`" + ` signs with mongodb-forks/digest, as its README says. It speaks
  Atlas v1 only, with the same jobs in the answers.
* ` + "`net/http`" + ` is a careful program with encoding/json, and icholy/digest, which reuses nonces.
* The official Ops Manager client (go.mongodb.org/ops-manager) and the Atlas SDK
  (go.mongodb.org/atlas-sdk) are not compared: the module proxy did not have them where
  this was measured.
* Processor time is the whole process's (getrusage), without network: a round tripper in
  the process answers. "With digest" it asks for signatures, and for a new nonce every 64.
* Requests and connections are counted by a server on loopback which lets a nonce be used
  64 times and wants its counts to rise.
* Heap needed is the most that was alive at once, above what was alive before, by the
  collector's own count, in a process of its own whose collector runs all the time and
  stops the world (GODEBUG=gcstoptheworld=1, GOGC=1). "Our default" is four pages in flight.
`
