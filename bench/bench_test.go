package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// tiny is the smallest scale that runs everything.
var tiny = scale{
	repeat:      1,
	heavyRepeat: 1,
	gets:        20,
	pages:       1,
	streamed:    1200,
	heapJobs:    1000,
	small:       250,
	large:       1200,
	archive:     2 << 20,
}

// Every contestant runs every work that needs no separate process.
func TestWorks_everyContestant(t *testing.T) {
	t.Parallel()
	var lines []*line
	for _, w := range tiny.works() {
		if strings.Contains(w.figures[0].title, "heap") {
			continue // starts this program again, which is a test here
		}
		done, err := w.measure(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", w.figures[0].title, err)
		}
		for _, l := range done {
			for _, c := range contestants {
				if len(l.by[c.name]) != w.repeat {
					t.Errorf("%s: %s has %d figures", l.title, c.name, len(l.by[c.name]))
				}
			}
			if l.id == "failed8" && l.by[oursName].median() != 0 {
				t.Error("calls of ours have failed")
			}
		}
		lines = append(lines, done...)
	}
	by, err := tiny.download(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	report(&text, lines, tiny.downloadRows(by), true)
	for _, want := range append([]string{oursName, sha1Alone, onePass, curlFirst}, lines[0].title) {
		if !strings.Contains(text.String(), "| "+want) {
			t.Errorf("the report has no row for %q:\n%s", want, text.String())
		}
	}
	wellFormed(t, ratioChart(lines))
}

func TestGrowthChart_wellFormed(t *testing.T) {
	t.Parallel()
	cost, err := waitFor(t.Context(), contestants[0], 1200)
	if err != nil {
		t.Fatal(err)
	}
	if cost.requests < 3 || cost.requests > 4 {
		t.Errorf("%.1f requests a round for three pages", cost.requests)
	}
	wellFormed(t, growthChart([]listCost{{100, 1e6, 1e5}, {1000, 5e6, 1e6}}, []waitCost{cost}, []callCost{{
		callers: 1,
		rate:    10,
		median:  1,
		worst:   2,
	}}))
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

// The server accepts a signature once, and 64 signatures for a nonce.
func TestGate_acceptsEachSignatureOnce(t *testing.T) {
	t.Parallel()
	var g gate
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.RequestURI = "/x"
	challenge, ok := g.pass(req)
	if ok {
		t.Fatal("without a signature")
	}
	given, _ := fields(challenge)
	try := func(count int) bool {
		given := map[string]string{
			"nonce":  given["nonce"],
			"nc":     fmt.Sprintf("%08x", count),
			"cnonce": "c",
			"qop":    "auth",
			"uri":    "/x",
		}
		req.Header.Set("Authorization", fmt.Sprintf(`Digest username=%q, nonce=%q, uri="/x", nc=%s, cnonce="c", qop=auth, response=%q`,
			user, given["nonce"], given["nc"], signature(given, http.MethodGet)))
		_, ok := g.pass(req)
		return ok
	}
	if try(2) != true || try(2) != false || try(1) != false || try(3) != true {
		t.Error("counts must rise")
	}
	for count := range nonceUse {
		got := try(10 + count)
		if want := count < nonceUse-2; got != want {
			t.Fatalf("use %d: %t", count+3, got)
		}
	}
}

// A page has its announced length, and every id is unique.
func TestPages_lengthAndIDs(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 70_000 {
		seen[jobID(i)] = true
	}
	if len(seen) != 70_000 {
		t.Errorf("%d ids", len(seen))
	}
	for g := range generation(len(templates)) {
		p := newPage(g, 2, 30, 70)
		if body := p.bytes(); int64(len(body)) != p.length || bytes.Contains(body, []byte(blank)) {
			t.Errorf("%d bytes of %d: %s", len(body), p.length, body)
		}
	}
}
