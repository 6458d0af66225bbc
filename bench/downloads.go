package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

const downloadNote = `From a server on loopback, in the same process, which generates the file. Times end with a complete
file and its SHA-1. Ours waits until the file is on the disk, as the rows with fsync do; the other ways
only write to the cache of the system. Rows with "alone" do one part of the work only: they are
limits for every way.
`

const linkNote = `Each response comes after 50 ms, and each connection gets 1 MiB in 50 ms (21 MB/s), as with a window
of 1 MiB. The file is written to the disk.
`

// linkDelay is the time of a long link, in which it transfers a window.
const (
	linkDelay  = 50 * time.Millisecond
	linkWindow = 1 << 20
)

// diskWays, memoryWays and linkWays are the ways of the tables of downloads.
var (
	diskWays = []way{
		{name: oursName, fetch: (*archive).byOurs},
		{name: handPiped + ", with fsync", fetch: func(a *archive, ctx context.Context) error { return a.byPipeline(ctx, true) }},
		{name: networkAlone, fetch: (*archive).networkAlone},
		{name: sha1Alone, fetch: (*archive).hashAlone},
		{name: writeAlone, fetch: (*archive).writeAlone},
		{name: onePass, fetch: (*archive).byOnePass},
		wayCurl(curlSum, bySHA1Sum),
		wayCurl(curlOpenSSL, byOpenSSL),
	}
	memoryWays = []way{
		{name: oursName, fetch: (*archive).byOurs},
		wayOurs(ours1, 1),
		{name: handPiped + ", without fsync", fetch: func(a *archive, ctx context.Context) error { return a.byPipeline(ctx, false) }},
		{name: sha1Alone, fetch: (*archive).hashAlone},
	}
	linkWays = []way{
		{name: oursName, fetch: (*archive).byOurs},
		wayOurs(ours1, 1),
		wayOurs(ours4, 4),
		wayOurs(ours8, 8),
		{name: handRanges, fetch: (*archive).byRanges},
		wayCurl(curlSum, bySHA1Sum),
		wayAria(aria4, "4"),
		wayAria(aria8, "8"),
	}
)

func wayOurs(name string, connections int) way {
	return way{
		name:  name,
		fetch: func(a *archive, ctx context.Context) error { return a.byConnections(ctx, connections) },
	}
}

func wayCurl(name string, sum []string) way {
	return way{
		name:     name,
		programs: []string{"curl", sum[0]},
		fetch:    func(a *archive, ctx context.Context) error { return a.byCurl(ctx, sum) },
	}
}

func wayAria(name, connections string) way {
	return way{
		name:     name,
		programs: []string{"aria2c", "sha1sum"},
		fetch:    func(a *archive, ctx context.Context) error { return a.byAria(ctx, connections) },
	}
}

// downloadSections measure the downloads with this in a title.
func (s scale) downloadSections(ctx context.Context, only string, progress io.Writer) ([]section, error) {
	local := section{Title: "Downloads", Note: downloadNote}
	long := section{Title: "Downloads over a long link", Note: linkNote}
	for _, part := range []struct {
		to      *section
		title   string
		measure func(ctx context.Context, title string) ([]result, error)
		quick   bool
	}{
		{
			to:      &local,
			title:   mebibytes(s.archive) + " to a disk",
			measure: s.toDisk,
			quick:   true,
		},
		{
			to:      &local,
			title:   mebibytes(s.archive) + " to memory (tmpfs)",
			measure: s.toMemory,
			quick:   true,
		},
		{
			to:      &local,
			title:   "Resuming after three quarters of " + mebibytes(s.archive),
			measure: s.resume,
			quick:   true,
		},
		{
			to:      &long,
			title:   mebibytes(s.linked) + " over 50 ms with a window of 1 MiB",
			measure: s.longLink,
		},
	} {
		if !strings.Contains(part.title, only) || s.quick && !part.quick {
			continue
		}
		fmt.Fprintln(progress, part.title)
		results, err := part.measure(ctx, part.title)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.title, err)
		}
		part.to.Results = append(part.to.Results, results...)
	}
	var sections []section
	for _, one := range []section{local, long} {
		if len(one.Results) > 0 {
			sections = append(sections, one)
		}
	}
	return sections, nil
}

func mebibytes(size int64) string { return thousands(int(size>>20)) + " MiB" }

func (s scale) toDisk(ctx context.Context, title string) ([]result, error) {
	r := result{
		ID:      "disk",
		Title:   title,
		Depends: isTimed,
		Aims: []aim{{
			Kind:  share,
			Value: 0.9,
			Of:    []string{networkAlone, sha1Alone, writeAlone},
			Hand:  handPiped + ", with fsync",
		}},
	}
	err := s.measureWays(ctx, &r, "", nil, diskWays, s.archive, s.rounds)
	return []result{r}, err
}

func (s scale) toMemory(ctx context.Context, title string) ([]result, error) {
	r := result{
		ID:      "memory",
		Title:   title,
		Depends: isTimed,
		Aims: []aim{
			{
				Kind:  share,
				Value: 0.95,
				Of:    []string{handPiped + ", without fsync"},
			},
			{
				Kind:  times,
				Value: 0.9,
				Of:    []string{ours1},
			},
		},
	}
	const reserve = 2
	folder := memoryFolder(reserve * s.archive)
	if folder == "" {
		r.Note = "Not measured: /dev/shm is not a tmpfs with enough room.\n"
		return []result{r}, nil
	}
	err := s.measureWays(ctx, &r, folder, nil, memoryWays, s.archive, s.rounds)
	return []result{r}, err
}

func (s scale) longLink(ctx context.Context, title string) ([]result, error) {
	r := result{
		ID:      "link",
		Title:   title,
		Depends: isRatio,
		Aims: []aim{
			{
				Kind:  share,
				Value: 0.9,
				Of:    []string{handRanges},
				By:    ours4,
			},
			{
				Kind:  times,
				Value: 3.5,
				Of:    []string{ours1},
				By:    ours4,
			},
		},
	}
	err := s.measureWays(ctx, &r, "", paceLink, linkWays, s.linked, s.linkedRounds)
	return []result{r}, err
}

// measureWays measures ways in turn, with the same archive.
func (s scale) measureWays(ctx context.Context, r *result, parent string, wrap wrapper, ways []way, size int64, rounds int) error {
	a, err := newArchive(size, parent, wrap)
	if err != nil {
		return err
	}
	r.Unit = seconds
	r.Bytes = size
	r.By = map[string]samples{}
	r.Missing = map[string]string{}
	for i := range ways {
		r.Ways = append(r.Ways, ways[i].name)
		if program := ways[i].missing(); program != "" {
			r.Missing[ways[i].name] = program + " is not installed"
		}
	}
	for round := range rounds {
		for i := range ways {
			w := &ways[(i+round)%len(ways)]
			if err == nil && r.Missing[w.name] == "" {
				err = a.time(ctx, w, r)
			}
		}
	}
	return cmp.Or(err, a.remove())
}

// time measures one way once.
func (a *archive) time(ctx context.Context, w *way, r *result) error {
	start := time.Now()
	if err := w.fetch(a, ctx); err != nil {
		return fmt.Errorf("%s: %w", w.name, err)
	}
	r.By[w.name] = append(r.By[w.name], time.Since(start).Seconds())
	return a.empty()
}

const (
	untilRequest = "ours, until it requests the link"
	restAlone    = "network alone, of the rest"
	partAlone    = "SHA-1 alone, of the part"
)

// resume measures downloads that resume an interrupted one.
func (s scale) resume(ctx context.Context, title string) ([]result, error) {
	a, err := newArchive(s.archive, "", nil)
	if err != nil {
		return nil, err
	}
	r := result{
		ID:      "resume",
		Title:   title,
		Unit:    seconds,
		Depends: isTimed,
		Bytes:   s.archive,
		Ways:    []string{oursName, untilRequest, partAlone, sha1Alone, restAlone},
		By:      map[string]samples{},
		Aims: []aim{{
			Kind:  times,
			Value: 5,
			Of:    []string{partAlone},
			By:    untilRequest,
		}},
		Note: "Overlap means that the link is requested long before the SHA-1 of the existing part is known.\n",
	}
	for range s.rounds {
		if err = cmp.Or(err, a.resumeOnce(ctx, &r)); err != nil {
			break
		}
	}
	return []result{r}, cmp.Or(err, a.remove())
}

func (a *archive) resumeOnce(ctx context.Context, r *result) error {
	part := a.size / 4 * 3
	if err := a.interruptAt(ctx, part); err != nil {
		return err
	}
	put := func(name string, took time.Duration) { r.By[name] = append(r.By[name], took.Seconds()) }
	a.requested.Store(0)
	start := time.Now()
	if err := a.byOurs(ctx); err != nil {
		return err
	}
	put(oursName, time.Since(start))
	put(untilRequest, time.Unix(0, a.requested.Load()).Sub(start))

	start = time.Now()
	_ = a.hash(part)
	put(partAlone, time.Since(start))
	start = time.Now()
	_ = a.hash(a.size)
	put(sha1Alone, time.Since(start))
	start = time.Now()
	if err := a.discardRange(ctx, part, a.size); err != nil {
		return err
	}
	put(restAlone, time.Since(start))
	return a.empty()
}

// interruptAt downloads up to a number of bytes.
func (a *archive) interruptAt(ctx context.Context, part int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a.stallAt.Store(part)
	go func() {
		select {
		case <-a.stalled:
			a.awaitPart(part)
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := a.byConnections(ctx, 1); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("interrupted download: %w", err)
	}
	_, err := os.Stat(a.partFile())
	return err
}

func (a *archive) partFile() string { return a.fetched() + ".part" }

// awaitPart waits until the client has written what the server has sent.
func (a *archive) awaitPart(size int64) {
	const (
		step  = 10 * time.Millisecond
		steps = 500
	)
	for range steps {
		time.Sleep(step)
		if info, err := os.Stat(a.partFile()); err == nil && info.Size() >= size {
			break
		}
	}
	time.Sleep(step)
}
