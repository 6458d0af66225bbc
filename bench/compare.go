package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// readRun reads the JSON of a run.
func readRun(path string) (*run, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := new(run)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// writeJSON writes a run so that -compare can read it.
func writeJSON(path string, r *run) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	const readable = 0o644
	return os.WriteFile(path, append(text, '\n'), readable)
}

// writeComparison shows what has changed since another run.
func writeComparison(w io.Writer, before, after *run) {
	fmt.Fprintf(w, "\n## Beside the run of %s\n\n", before.Date)
	if before.Machine.Processor != after.Machine.Processor || before.Machine.Cores != after.Machine.Cores {
		fmt.Fprintf(w, "That run was on another machine: %s, %d cores. Compare its ratios, not its times.\n\n",
			before.Machine.Processor, before.Machine.Cores)
	}
	if before.Quick != after.Quick {
		fmt.Fprint(w, "One of the runs is a quick one.\n\n")
	}
	table(w, []string{"work", "ours then", "ours now", "now ÷ then", "", "best official ÷ ours, then", "now", "aim then", "now"},
		comparisonRows(before, after))
	fmt.Fprint(w, "\n\"Same\" means that the ranges of both runs overlap.\n")
	for _, title := range onlyIn(before, after) {
		fmt.Fprintf(w, "* Only in the run of %s: %s\n", before.Date, title)
	}
	for _, title := range onlyIn(after, before) {
		fmt.Fprintf(w, "* Only in this run: %s\n", title)
	}
}

// onlyIn are the results of one run that another one lacks.
func onlyIn(one, other *run) []string {
	var titles []string
	for _, r := range one.results() {
		if other.find(r.ID) == nil {
			titles = append(titles, r.Title)
		}
	}
	return titles
}

func comparisonRows(before, after *run) [][]string {
	var rows [][]string
	for _, now := range after.results() {
		then := before.find(now.ID)
		if then == nil || len(then.By[oursName]) == 0 || len(now.By[oursName]) == 0 {
			continue
		}
		rows = append(rows, []string{
			now.Title, spreadText(then.Unit, then.By[oursName]), spreadText(now.Unit, now.By[oursName]),
			changeText(then.By[oursName], now.By[oursName]), changeWord(then.By[oursName], now.By[oursName]),
			ratioText(then.best()), ratioText(now.best()), verdicts(then), verdicts(now),
		})
	}
	return rows
}

func changeText(then, now samples) string {
	if then.median() == 0 {
		return "–"
	}
	return three(now.median()/then.median()) + "×"
}

// changeWord describes a change that is larger than the spread of both runs.
func changeWord(then, now samples) string {
	switch {
	case then.overlaps(now):
		return "same"
	case now.median() < then.median():
		return "less"
	default:
		return "more"
	}
}

// verdicts are the verdicts of all aims.
func verdicts(r *result) string {
	text := ""
	for _, a := range r.Aims {
		verdict := r.verdict(a)
		if text != "" && verdict != "" {
			text += ", "
		}
		text += verdict
	}
	return text
}
