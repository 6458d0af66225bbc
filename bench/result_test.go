package main

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The best official client counts, in each round, and those without figures do not.
func TestResult_verdicts(t *testing.T) {
	t.Parallel()
	r := result{
		Unit: seconds,
		By: map[string]samples{
			oursName:       {1, 1, 2},
			opsManagerName: {4, 5, 10},
			atlasName:      {5, 3, 9},
			"limit":        {0.5, 0.9, 1},
			"other limit":  {0.8, 0.2, 1.6},
		},
	}
	limits := []string{"limit", "other limit"}
	for _, c := range []struct {
		aim           aim
		reached, want string
	}{
		{timesBest(4)[0], "4.00× (3.00–4.50)", "met"},
		{timesBest(4.1)[0], "4.00× (3.00–4.50)", "missed"},
		{most(1)[0], "1.00 s", "met"},
		{most(0.9)[0], "1.00 s", "missed"},
		{aim{Kind: share, Value: 0.8, Of: limits}, "80 % (80–90)", "met"},
		{aim{Kind: share, Value: 0.85, Of: limits}, "80 % (80–90)", "missed"},
		{aim{Kind: times, Value: 1, Of: []string{oursName}, By: "limit"}, "2.00× (1.11–2.00)", "met"},
		{aim{Kind: times, Value: 1, Of: []string{"unknown"}}, "–", ""},
	} {
		if got := r.reachedText(c.aim); got != c.reached {
			t.Errorf("%v: %s, want %s", c.aim, got, c.reached)
		}
		if got := r.verdict(c.aim); got != c.want {
			t.Errorf("%v: %q, want %q", c.aim, got, c.want)
		}
	}
	if got := r.best(); !slices.Equal(got, samples{4, 3, 4.5}) {
		t.Error(got)
	}
}

// A missed aim that the yardstick does not reach either is marked.
func TestResult_verdictBesideTheYardstick(t *testing.T) {
	t.Parallel()
	const piped = "by hand, piped"
	r := result{
		Unit: seconds,
		By: map[string]samples{
			oursName:       {2, 2},
			handName:       {1, 1},
			opsManagerName: {4, 4},
			"limit":        {1, 1},
			piped:          {2, 2},
		},
	}
	share := func(value float64) aim {
		return aim{
			Kind:  share,
			Value: value,
			Of:    []string{"limit"},
			Hand:  piped,
		}
	}
	for _, c := range []struct {
		aim  aim
		want string
	}{
		{timesBest(2)[0], "met"},
		{timesBest(3)[0], "missed"},
		{timesBest(5)[0], "missed; by hand misses it too"},
		{most(1.5)[0], "missed"},
		{most(0.5)[0], "missed; by hand misses it too"},
		{share(0.5), "met"},
		{share(0.9), "missed; by hand misses it too"},
		{aim{Kind: atMost, Value: 1, Hand: "not measured"}, "missed"},
		{aim{Kind: atMost, Value: 0.5, By: opsManagerName}, "missed"},
	} {
		if got := r.verdictText(c.aim); got != c.want {
			t.Errorf("%v: %q, want %q", c.aim, got, c.want)
		}
	}
	r.Least = 0.9
	if got := r.verdictText(most(0.8)[0]); got != "missed; a job alone has 900 ms" {
		t.Error(got)
	}
	if got := r.verdictText(most(0.95)[0]); got != "missed; by hand misses it too" {
		t.Error(got)
	}
}

func TestRun_missedAims(t *testing.T) {
	t.Parallel()
	r := run{Sections: []section{{Results: []result{
		{Title: "a", Unit: count, Aims: most(2), By: map[string]samples{oursName: {1}}},
		{Title: "b", Unit: count, Aims: most(2), By: map[string]samples{oursName: {3}}},
		{Title: "c", Unit: count, Aims: most(2)},
	}}}}
	missed, aims := r.missedAims()
	if aims != 2 || !slices.Equal(missed, []string{"b (≤ 2): missed"}) {
		t.Error(missed, aims)
	}
}

// The page states how many rounds each median has at least.
func TestWriteRun_rounds(t *testing.T) {
	t.Parallel()
	r := run{Sections: []section{{Results: []result{
		{Title: "a", By: map[string]samples{oursName: {1, 1, 1}, atlasName: {1, 1}}},
		{Title: "b", By: map[string]samples{oursName: {1, 1, 1, 1, 1}}},
		{Title: "not measured"},
	}}}}
	var text bytes.Buffer
	writeRun(&text, &r)
	if want := "Figures are medians of at least 2 rounds; "; !strings.Contains(text.String(), want) {
		t.Errorf("the page lacks %q:\n%s", want, text.String())
	}
}

// A comparison shows what changed more than the rounds vary, after a detour through a file.
func TestComparison_changes(t *testing.T) {
	t.Parallel()
	newRun := func(first, second samples) *run {
		return &run{
			Machine: machineFacts{Processor: "x"},
			Sections: []section{{Results: []result{
				{ID: "a", Title: "first", Unit: seconds, Aims: most(2), By: map[string]samples{oursName: first, atlasName: {8, 8, 8}}},
				{ID: "b", Title: "second", Unit: count, By: map[string]samples{oursName: second}},
			}}},
		}
	}
	path := filepath.Join(t.TempDir(), "old.json")
	if err := writeJSON(path, newRun(samples{4, 4, 4.4}, samples{1, 2, 3})); err != nil {
		t.Fatal(err)
	}
	before, err := readRun(path)
	if err != nil {
		t.Fatal(err)
	}
	after := newRun(samples{2, 2, 2.2}, samples{2, 3, 4})
	after.Sections[0].Results = append(after.Sections[0].Results, result{ID: "c", Title: "third"})
	before.Sections[0].Results = append(before.Sections[0].Results, result{ID: "d", Title: "fourth"})
	before.Date = "2026-11-01"
	var text bytes.Buffer
	writeComparison(&text, before, after)
	for _, want := range []string{
		"| first  | 4.00 s ±5% | 2.00 s ±5% | 0.50×", "| less |", "| missed   | met |",
		"| second | 2 ±50%     | 3 ±33%     | 1.50×", "| same |",
		"* Only in the run of 2026-11-01: fourth\n", "* Only in this run: third\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the comparison lacks %q:\n%s", want, text.String())
		}
	}
	if _, err := readRun(filepath.Join(t.TempDir(), "missing.json")); err == nil {
		t.Error("no error for a missing file")
	}
}
