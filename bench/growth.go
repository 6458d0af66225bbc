package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// growth is how cost grows with jobs, bytes and callers.
type growth struct {
	Lists     []listCost     `json:"lists"`
	Waits     []waitCost     `json:"waits"`
	Downloads []downloadCost `json:"downloads"`
	Calls     []callCost     `json:"calls"`
}

// grow measures how cost grows with the number of jobs, bytes and callers.
func grow(ctx context.Context, isQuick bool, progress io.Writer) (*growth, error) {
	lists := []int{100, 1_000, 10_000, 100_000, 1_000_000}
	waits := []int{1, 2, 10, 100, 500, 1_000, 10_000, 100_000}
	files := []int64{1 << 20, 16 << 20, 128 << 20, 1 << 30, 8 << 30}
	callers := []int{1, 4, 16, 64, 256, 1_000}
	if isQuick {
		lists = lists[:4]
		waits = []int{1, 10, 1_000}
		files = files[:2]
		callers = []int{1, 64}
	}
	var g growth
	var err error
	if g.Lists, err = growLists(ctx, lists, progress); err != nil {
		return nil, err
	}
	if g.Waits, err = growWaits(ctx, waits, progress); err != nil {
		return nil, err
	}
	if g.Downloads, err = growDownloads(ctx, files, progress); err != nil {
		return nil, err
	}
	if g.Calls, err = growCallers(ctx, callers, progress); err != nil {
		return nil, err
	}
	return &g, nil
}

const listNote = `Jobs.All from a server on loopback, in the same process, classic jobs with mixed bodies, 500 a page,
our defaults; the median of five. Heap needed is measured once, separately, without network, with the
method of the pages in results/. The first page is read alone, so that short lists cost a whole request.
They also end after few cycles of the collector, so that their heap is only an estimate.
Memory depends on the pages in flight, not on the list. Only the hashes of the ids that All
remembers still grow, up to 8,192 of them, and one for each page.
`

const waitNote = `Jobs.Wait without pauses on the newest classic jobs of one cluster, five rounds, from a server on
loopback, in the same process; the median of five such waits. The processor time of the server is
included: it writes the pages. One job is read with Get. For two or more, a round reads the pages of the
list with these jobs, 500 on each, or gets them, whichever is cheaper. The challenge for a nonce is a fifth
of a request here.
`

const growDownloadNote = `Jobs.Download from a server on loopback, in the same process, which generates the file; the median of the
rounds stated. A download to the disk ends when the file is flushed; the limits exclude the disk. Files of
more than 1 GiB are not written: Jobs.DownloadTo discards them.
`

const callNote = `Jobs.Get from a server on loopback, with TLS, in the same process, that responds after 5 ms, for two
seconds. Client and server share the cores: when these are busy, the time of a call grows instead of the
calls per second. Concurrent callers need a nonce, which costs requests at the start; the server accepts
a nonce 64 times and requires rising counts. "In the first second" has the calls that began in it, with all of
their requests. TLS handshakes are included, which delay the first calls of many callers. Each row is one run.
`

// growthRounds is the number of repetitions of a list, a wait and a download of growth.
const growthRounds = 5

type listCost struct {
	Jobs int     `json:"jobs"`
	Took float64 `json:"seconds"`
	Heap float64 `json:"heapBytes"`
}

func growLists(ctx context.Context, numbers []int, progress io.Writer) ([]listCost, error) {
	var costs []listCost
	for _, total := range numbers {
		fmt.Fprintf(progress, "a list of %s jobs\n", thousands(total))
		took, err := listTime(ctx, total)
		if err != nil {
			return nil, err
		}
		heap, err := heapTask{
			contestant: oursName,
			gen:        classic,
			body:       mixed,
			total:      min(total, heapGrowth),
		}.measure(ctx)
		if err != nil {
			return nil, err
		}
		costs = append(costs, listCost{
			Jobs: total,
			Took: took,
			Heap: heap,
		})
	}
	return costs, nil
}

// heapGrowth is the longest list whose heap is measured: the collector runs all the time.
const heapGrowth = 1_000_000

func listTime(ctx context.Context, total int) (float64, error) {
	srv := &server{total: total, body: mixed}
	if err := srv.start(); err != nil {
		return 0, err
	}
	defer srv.stop()
	api, err := openOurs(classic, srv.base, nil)
	if err != nil {
		return 0, err
	}
	var taken samples
	for range growthRounds {
		start := time.Now()
		if err := stream(ctx, api, total, pageSize, 0); err != nil {
			return 0, err
		}
		taken = append(taken, time.Since(start).Seconds())
	}
	return taken.median(), nil
}

func listRows(costs []listCost) [][]string {
	var rows [][]string
	for _, c := range costs {
		rows = append(rows, []string{
			thousands(c.Jobs), seconds.text(c.Took), seconds.text(c.Took / float64(c.Jobs)), byteCount.text(c.Heap),
		})
	}
	return rows
}

type downloadCost struct {
	Bytes   int64   `json:"bytes"`
	Rounds  int     `json:"rounds"`
	Written bool    `json:"written"` // or discarded
	Took    samples `json:"seconds"`
	Network samples `json:"networkAloneSeconds"`
	Hash    samples `json:"sha1AloneSeconds"`
}

// limits are the times of the slowest limit.
func (c *downloadCost) limits() samples {
	return each([]samples{c.Network, c.Hash}, slices.Max[samples])
}

// growDownloads measures files of several sizes beside the network and the SHA-1 alone.
func growDownloads(ctx context.Context, files []int64, progress io.Writer) ([]downloadCost, error) {
	const (
		written = 1 << 30 // the largest file that is written to the disk
	)
	var costs []downloadCost
	for _, size := range files {
		fmt.Fprintf(progress, "a download of %s\n", mebibytes(size))
		c := downloadCost{
			Bytes:   size,
			Rounds:  growthRounds,
			Written: size <= written,
		}
		fetch := (*archive).byOurs
		if !c.Written {
			c.Rounds = 1
			fetch = (*archive).toDiscard
		}
		if err := c.measure(ctx, fetch); err != nil {
			return nil, err
		}
		costs = append(costs, c)
	}
	return costs, nil
}

func (c *downloadCost) measure(ctx context.Context, fetch func(*archive, context.Context) error) error {
	start := time.Now()
	a, err := newArchive(c.Bytes, "", nil)
	if err != nil {
		return err
	}
	firstHash := time.Since(start) // a new archive is hashed
	r := result{By: map[string]samples{}}
	ways := []way{{name: oursName, fetch: fetch}, {name: networkAlone, fetch: (*archive).networkAlone}}
	for round := range c.Rounds {
		if round > 0 {
			ways = append(ways[:2], way{name: sha1Alone, fetch: (*archive).hashAlone})
		}
		for i := range ways {
			if err == nil {
				err = a.time(ctx, &ways[i], &r)
			}
		}
	}
	c.Took = r.By[oursName]
	c.Network = r.By[networkAlone]
	c.Hash = append(samples{firstHash.Seconds()}, r.By[sha1Alone]...)
	if removed := a.remove(); err == nil {
		err = removed
	}
	return err
}

func growDownloadRows(costs []downloadCost) [][]string {
	var rows [][]string
	for i := range costs {
		c := &costs[i]
		target := "disk"
		if !c.Written {
			target = "discarded"
		}
		took := c.Took.median()
		rows = append(rows, []string{
			mebibytes(c.Bytes), target, thousands(c.Rounds), seconds.text(took), speedText(c.Bytes, took),
			speedText(c.Bytes, c.Network.median()), speedText(c.Bytes, c.Hash.median()), percentText(c.limits().over(c.Took)),
		})
	}
	return rows
}
