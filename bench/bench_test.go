package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tiny is the smallest scale that runs everything.
var tiny = scale{
	rounds:       1,
	counts:       1,
	calls:        100,
	gets:         32,
	pages:        1,
	streamed:     120,
	heapJobs:     1000,
	listed:       1200,
	polled:       []int{600, 1200},
	archive:      4 << 20,
	linked:       1 << 20,
	linkedRounds: 1,
}

// Every contestant runs every work that needs no separate process and no tools.
func TestWorks_everyContestant(t *testing.T) {
	t.Parallel()
	r := &run{Date: "2026-11-28", Peers: parsePeers(peersText)}
	for _, ws := range tiny.works() {
		done := section{Title: ws.title, Note: ws.note}
		for _, w := range ws.works {
			switch id := w.results[0].ID; {
			case strings.HasPrefix(id, "heap"):
				continue // starts this program again, which is a test here
			case id == "wait1000":
				continue // as with 10 jobs, but slow
			}
			results, err := w.measure(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", w.results[0].Title, err)
			}
			for _, one := range results {
				if len(one.By[oursName]) != w.repeat {
					t.Errorf("%s: ours has %d figures", one.Title, len(one.By[oursName]))
				}
				for name, figures := range one.By {
					if median := figures.median(); math.IsNaN(median) || math.IsInf(median, 0) {
						t.Errorf("%s: %s has %v", one.Title, name, median)
					}
				}
				if one.ID == "failed8" && one.By[oursName].median() != 0 {
					t.Error("calls of ours have failed")
				}
			}
			done.Results = append(done.Results, results...)
		}
		r.Sections = append(r.Sections, done)
	}
	var text bytes.Buffer
	writeRun(&text, r)
	for _, one := range r.results() {
		if !strings.Contains(text.String(), "| "+one.Title) {
			t.Errorf("the page has no row for %q", one.Title)
		}
	}
	wellFormed(t, ratioChart(r))
}

// The ways that need no program download the whole file.
func TestDownloads_everyWay(t *testing.T) {
	t.Parallel()
	sections, err := tiny.downloadSections(t.Context(), "", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for i := range sections {
		for k := range sections[i].Results {
			r := &sections[i].Results[k]
			for _, name := range r.Ways {
				if r.Missing[name] == "" && len(r.By[name]) != 1 {
					t.Errorf("%s: %s has %d figures", r.Title, name, len(r.By[name]))
				}
			}
		}
	}
}

func TestGrowth_pageAndChart(t *testing.T) {
	t.Parallel()
	cost, err := waitFor(t.Context(), contest[0], 1200, false)
	if err != nil {
		t.Fatal(err)
	}
	if cost.Requests < 3 || cost.Requests > 4 {
		t.Errorf("%.1f requests a round for three pages", cost.Requests)
	}
	files, err := growDownloads(t.Context(), []int64{1 << 20, 3 << 20}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	r := &run{Growth: &growth{
		Lists:     []listCost{{Jobs: 100, Took: 1e-3, Heap: 1e5}, {Jobs: 1000, Took: 5e-3, Heap: 1e6}},
		Waits:     []waitCost{cost},
		Downloads: files,
		Calls: []callCost{
			{Callers: 1, Protocol: http1, Rate: 10, Median: 1, Worst: 2, FirstSecond: 1},
			{Callers: 1, Protocol: http2, Rate: 10, Median: 1, Worst: 2, FirstSecond: 1},
		},
	}}
	var text bytes.Buffer
	writeGrowth(&text, r)
	for _, want := range []string{"| 1,200 |", "| 3 MiB |", "HTTP/2"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, text.String())
		}
	}
	wellFormed(t, growthChart(r))
}

// A client speaks both protocols with the server of the growth of callers.
func TestServer_bothProtocols(t *testing.T) {
	t.Parallel()
	for _, isHTTP2 := range []bool{false, true} {
		serverTLS, clientTLS := certificate()
		srv := &server{secure: serverTLS, http2: isHTTP2}
		if err := srv.start(); err != nil {
			t.Fatal(err)
		}
		defer srv.stop()
		transport := &http.Transport{TLSClientConfig: clientTLS, ForceAttemptHTTP2: true}
		defer transport.CloseIdleConnections()
		resp, err := (&http.Client{Transport: transport}).Get(srv.base + classicPath)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if (resp.ProtoMajor == 2) != isHTTP2 {
			t.Errorf("HTTP/2 %t: %s", isHTTP2, resp.Proto)
		}
	}
}

// The pages of all machines with JSON stand beside each other.
func TestWritePages_allMachines(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"first", "second"} {
		r := &run{
			Machine: machineFacts{Processor: name + " processor"},
			Date:    "2026-11-28",
			Sections: []section{{Title: "Requests", Results: []result{{
				ID:    "requests1",
				Title: "requests per call",
				Unit:  count,
				Aims:  most(1),
				By:    map[string]samples{oursName: {float64(len(name)) / 5}},
			}}}},
			Growth: new(growth),
		}
		s := settings{folder: folder, name: name}
		if err := s.writePages(r); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "RESULTS.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"[first processor](results/first.md)", "[second processor](results/second.md)", "| 1       | met |", "| 1.200   | missed |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func wellFormed(t *testing.T, drawing string) {
	t.Helper()
	for tokens := xml.NewDecoder(strings.NewReader(drawing)); ; {
		_, err := tokens.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawing)
		}
	}
}

func TestPaced_sendsAWindowInEachDelay(t *testing.T) {
	t.Parallel()
	p := paced{sent: 3 * linkWindow}
	if got := p.due(); got != 3*linkDelay || linkDelay != 50*time.Millisecond {
		t.Error(got)
	}
}
