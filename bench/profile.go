package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"time"
)

// profiler writes processor profiles of ours, for a comparison before and after a change.
type profiler struct {
	folder   string
	duration time.Duration // of each work
	archive  int64         // bytes of a download
	jobs     int           // of a list and of a wait
}

func newProfiler(folder string, isQuick bool) profiler {
	p := profiler{
		folder:   folder,
		duration: 5 * time.Second,
		archive:  256 << 20,
		jobs:     10_000,
	}
	if isQuick {
		p.duration = time.Second
	}
	return p
}

// profiledWork is a work that is repeated while its profile is recorded.
type profiledWork struct {
	name  string
	title string
	do    func() error
}

const profileNote = `Profiles of the processor time of ours, with classic jobs with mixed bodies. A round tripper or a server in the
process responds, which is included. These are the functions with most time of their own; for more, or for the
difference of two, use "go tool pprof".
`

// run writes the profiles and prints the top five functions of each.
func (p *profiler) run(ctx context.Context, w io.Writer) error {
	const usual = 0o755
	if err := os.MkdirAll(p.folder, usual); err != nil {
		return err
	}
	a, err := newArchive(p.archive, "", nil)
	if err != nil {
		return err
	}
	defer a.remove() //nolint:errcheck // a temporary folder
	works, err := p.works(ctx, a)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "# Profiles\n\n%s", profileNote)
	for _, one := range works {
		path := filepath.Join(p.folder, one.name+".pprof")
		calls, err := p.record(path, one.do)
		if err != nil {
			return fmt.Errorf("profile %s: %w", one.name, err)
		}
		out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount=5", path).Output()
		if err != nil {
			return fmt.Errorf("go tool pprof, for %s: %w", path, err)
		}
		fmt.Fprintf(w, "\n## %s: %s, %s times\n\n%s", one.name, one.title, thousands(calls), topOf(string(out)))
	}
	return nil
}

func (p *profiler) works(ctx context.Context, a *archive) ([]profiledWork, error) {
	signed, err := openOurs(classic, offlineBase, newOffline(pageSize, mixed))
	if err != nil {
		return nil, err
	}
	long, err := openOurs(classic, offlineBase, newOffline(p.jobs, mixed))
	if err != nil {
		return nil, err
	}
	many, err := newManyJobs(p.jobs)
	if err != nil {
		return nil, err
	}
	return []profiledWork{
		{
			name:  "get",
			title: "a Get, with digest",
			do:    getsInTurn(ctx, signed),
		},
		{
			name:  "page",
			title: "a page of 500",
			do: func() error {
				_, err := signed.list(ctx, 1, pageSize, func(deliveredJob) {})
				return err
			},
		},
		{
			name:  "stream",
			title: fmt.Sprintf("All of %s jobs, 4 pages in flight", thousands(p.jobs)),
			do:    func() error { return stream(ctx, long, p.jobs, pageSize, 0) },
		},
		{
			name:  "download",
			title: "a download of " + mebibytes(p.archive) + " to a disk",
			do: func() error {
				if err := a.byOurs(ctx); err != nil {
					return err
				}
				return a.empty()
			},
		},
		{
			name:  "wait",
			title: fmt.Sprintf("a wait for %s jobs, two polls", thousands(p.jobs)),
			do: func() error {
				_, err := many.wait(ctx, nil)
				return err
			},
		},
	}, nil
}

// record repeats a work for the duration and writes its profile.
func (p *profiler) record(path string, do func() error) (calls int, err error) {
	if err := do(); err != nil { // fills pools
		return 0, err
	}
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		_ = file.Close()
		return 0, err
	}
	for start := time.Now(); err == nil && time.Since(start) < p.duration; calls++ {
		err = do()
	}
	pprof.StopCPUProfile()
	if closed := file.Close(); err == nil {
		err = closed
	}
	return calls, err
}

// topOf is the table in the output of "go tool pprof -top".
func topOf(out string) string {
	lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
	head := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, " flat ") })
	return strings.Join(lines[max(head, 0):], "\n") + "\n"
}
