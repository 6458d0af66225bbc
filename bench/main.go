// Command bench compares this library with other ways to read restore jobs from Go: MongoDB's
// clients, net/http with encoding/json, and programs written by hand for exactly this work. It
// needs no account, and no network except loopback.
//
//	go run ./bench -quick                # under a minute, prints a table
//	go run ./bench                       # everything except growth, prints tables
//	go run ./bench -growth               # only how cost grows
//	go run ./bench -results              # everything, and writes all pages, pictures and JSON
//	go run ./bench -quick -json new.json # also writes JSON
//	go run ./bench -quick -compare old.json
//	go run ./bench -profile folder       # only processor profiles of ours
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	if err := start(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func start(args []string, stdout, stderr io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s, err := parseSettings(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if s.heap != "" {
		return runHeap(ctx, s.heap, stdout)
	}
	if s.profile != "" {
		p := newProfiler(s.profile, s.quick)
		return p.run(ctx, stdout)
	}
	var before *run
	if s.compare != "" {
		if before, err = readRun(s.compare); err != nil {
			return err
		}
	}
	r, err := s.measure(ctx, stderr)
	if err != nil {
		return err
	}
	if !s.growth {
		writeRun(stdout, r)
	}
	if r.Growth != nil {
		writeGrowth(stdout, r)
	}
	if before != nil {
		writeComparison(stdout, before, r)
	}
	if s.json != "" {
		err = writeJSON(s.json, r)
	}
	if s.results {
		err = errors.Join(err, s.writePages(r))
	}
	return err
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

// measure measures what the settings select.
func (s *settings) measure(ctx context.Context, progress io.Writer) (*run, error) {
	began := time.Now()
	amount := full
	if s.quick {
		amount = quick
	}
	r := &run{
		Machine: readMachine(os.TempDir()),
		Date:    today(),
		Quick:   s.quick,
		Peers:   builtPeers(parsePeers(peersText), buildVersions()),
	}
	var err error
	if !s.growth {
		works, worksErr := amount.measureWorks(ctx, s.only, progress)
		if worksErr != nil {
			return nil, worksErr
		}
		downloads, downloadErr := amount.downloadSections(ctx, s.only, progress)
		if downloadErr != nil {
			return nil, downloadErr
		}
		r.Sections = slices.Concat(works, downloads)
		if len(r.Sections) == 0 {
			return nil, fmt.Errorf("-only: no work and no download has %q in its title", s.only)
		}
	}
	if s.growth || s.results {
		r.Growth, err = grow(ctx, s.quick, progress)
	}
	r.Took = time.Since(began).Seconds()
	r.Machine.After = load()
	return r, err
}

// writePages writes the pages and pictures of a complete run, and the page of all machines.
func (s *settings) writePages(r *run) error {
	name := s.name
	if name == "" {
		name = r.Machine.name()
	}
	folder := filepath.Join(s.folder, "results")
	const usual = 0o755
	if err := os.MkdirAll(folder, usual); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(folder, name+".json"), r); err != nil {
		return err
	}
	names, runs, err := readRuns(folder)
	if err != nil {
		return err
	}
	for page, write := range map[string]func(io.Writer){
		"results/" + name + ".md": func(w io.Writer) { writeRun(w, r) },
		"RESULTS.md":              func(w io.Writer) { writeOverview(w, names, runs) },
		"GROWTH.md":               func(w io.Writer) { writeGrowth(w, r) },
		"ratios.svg":              func(w io.Writer) { fmt.Fprint(w, ratioChart(r)) },
		"growth.svg":              func(w io.Writer) { fmt.Fprint(w, growthChart(r)) },
	} {
		var text bytes.Buffer
		write(&text)
		const readable = 0o644
		if err := os.WriteFile(filepath.Join(s.folder, page), text.Bytes(), readable); err != nil {
			return err
		}
	}
	return nil
}

// readRuns reads the runs of all machines, by name.
func readRuns(folder string) (names []string, runs []*run, err error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		r, err := readRun(file)
		if err != nil {
			return nil, nil, err
		}
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
		runs = append(runs, r)
	}
	return names, runs, nil
}
