package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// A long link gives each connection a part of the bandwidth, and responds late.
const (
	linkRate  = 25e6 // bytes a second of one connection
	linkDelay = 50 * time.Millisecond

	ours4     = "restorejobs, by default"
	ours1     = "restorejobs, one connection"
	explicit4 = "restorejobs, four connections"
	ariaSum   = "aria2c -x4, then sha1sum"
	unhashed4 = "four ranges by hand, without a hash"
)

// longLink makes the server of an archive respond as over a long link.
func longLink(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(linkDelay)
		next.ServeHTTP(&paced{ResponseWriter: w, start: time.Now()}, r)
	})
}

// paced sends a body at linkRate.
type paced struct {
	http.ResponseWriter

	start time.Time
	sent  int64
}

func (p *paced) Write(b []byte) (int, error) {
	n, err := p.ResponseWriter.Write(b)
	p.sent += int64(n)
	due := p.start.Add(time.Duration(float64(p.sent) / linkRate * float64(time.Second)))
	time.Sleep(time.Until(due))
	return n, err
}

// links are the ways over a long link, and those on loopback.
var links = []way{
	{name: explicit4, fetch: func(a *archive, ctx context.Context) error { return a.byConnections(ctx, 4) }},
	{name: ours4, fetch: (*archive).byOurs},
	{
		name:    unhashed4,
		atLeast: 0.9, // else the hash of parts out of order costs more than a tenth
		fetch:   (*archive).byPlainRanges,
	},
	{
		name:    ours1,
		atLeast: 3.5,
		fetch:   func(a *archive, ctx context.Context) error { return a.byConnections(ctx, 1) },
	},
	{name: curlFirst, fetch: (*archive).byCurl},
	{name: ariaSum, fetch: (*archive).byAria},
}

var loopbacks = []way{
	{
		name:    ours1,
		atLeast: 0.9,
		fetch:   func(a *archive, ctx context.Context) error { return a.byConnections(ctx, 1) },
	},
	{name: explicit4, fetch: func(a *archive, ctx context.Context) error { return a.byConnections(ctx, 4) }},
	{name: ours4, fetch: (*archive).byOurs},
}

func (a *archive) byAria(ctx context.Context) error {
	aria := exec.CommandContext(ctx, "aria2c", "--quiet", "--no-conf", "-x4", "-s4", "-k1M", "--file-allocation=falloc",
		"--dir="+a.folder, "--out=archive.tar.gz", a.url())
	if err := aria.Run(); err != nil {
		return fmt.Errorf("aria2c: %w", err)
	}
	out, err := exec.CommandContext(ctx, "sha1sum", a.fetched()).Output()
	if err != nil {
		return fmt.Errorf("sha1sum: %w", err)
	}
	sum, _, _ := bytes.Cut(out, []byte(" "))
	return a.checked(string(sum))
}

// fetchInTurn measures ways in turn, with the same archive.
func fetchInTurn(ctx context.Context, a *archive, compared []way, rounds int) (map[string]samples, error) {
	by := map[string]samples{}
	for round := range rounds {
		for i := range compared {
			w := compared[(i+round)%len(compared)]
			if w.missing() != "" {
				continue
			}
			start := time.Now()
			if err := w.fetch(a, ctx); err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			by[w.name] = append(by[w.name], time.Since(start).Seconds())
			if err := os.Remove(a.fetched()); err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		}
	}
	return by, nil
}

// compareLinks measures downloads over a long link and on loopback.
func compareLinks(ctx context.Context, size int64, rounds int, out, progress io.Writer) (err error) {
	before := load()
	fmt.Fprintf(out, "# Downloads over long links\n\n%s, on %s.\n%s\n", today(), machine(), loadText(before))
	for _, part := range []struct {
		title    string
		note     string
		wrap     func(http.Handler) http.Handler
		compared []way
		against  string
	}{
		{
			title:    "long link",
			note:     "Each connection gets 25 MB/s, and each response comes after 50 ms.",
			wrap:     longLink,
			compared: links,
			against:  explicit4,
		},
		{
			title:    "loopback",
			note:     "No limit. By default a second connection is not used here, because the hash limits the speed.",
			compared: loopbacks,
			against:  ours4,
		},
	} {
		fmt.Fprintln(progress, part.title)
		a, err := newWrappedArchive(size, part.wrap)
		if err != nil {
			return err
		}
		by, err := fetchInTurn(ctx, a, part.compared, rounds)
		if err := cmp.Or(err, a.remove()); err != nil {
			return err
		}
		fmt.Fprintf(out, "\n## %d MiB, %s\n\n%s Times end with a complete file and its SHA-1.\n\n", size>>20, part.title, part.note)
		table(out, []string{"way", "time", "speed", "its time / " + part.against, "aim", ""}, linkRows(size, by, part.compared, part.against))
	}
	return nil
}

func linkRows(size int64, by map[string]samples, compared []way, against string) [][]string {
	var rows [][]string
	for i := range compared {
		w := &compared[i]
		if missing := w.missing(); missing != "" {
			rows = append(rows, []string{w.name, missing + " is not installed", "", "", "", ""})
			continue
		}
		took := by[w.name]
		ratio := took.over(by[against])
		speed := strconv.Itoa(int(float64(size)/took.median()/1e6)) + " MB/s"
		row := []string{w.name, seconds.text(took.median()), speed, ratioText(ratio), "", ""}
		if w.atLeast > 0 {
			row[4] = fmt.Sprintf("≥ %g×", w.atLeast)
			row[5] = met(ratio.median() >= w.atLeast)
		}
		rows = append(rows, row)
	}
	return rows
}
