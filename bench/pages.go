package main

import (
	"fmt"
	"io"
	"slices"
)

// writeRun writes the page of one run.
func writeRun(w io.Writer, r *run) {
	fmt.Fprintf(w, "# Results: %s\n\n", r.Machine.short())
	writeAbout(w, r)
	for _, s := range r.Sections {
		fmt.Fprintf(w, "\n## %s\n", s.Title)
		if s.Note != "" {
			fmt.Fprintf(w, "\n%s", s.Note)
		}
		writeResults(w, s.Results)
	}
	fmt.Fprint(w, "\n## What is compared\n\n")
	table(w, []string{"module", "version", ""}, peerRows(r.Peers))
	fmt.Fprintf(w, "\nFigures are medians of at least %s; ± is half of the distance from the lowest to the highest.\n", r.roundsText())
	fmt.Fprint(w, notes)
}

// writeAbout describes the machine and the run.
func writeAbout(w io.Writer, r *run) {
	table(w, []string{"", ""}, r.Machine.rows())
	missed, aims := r.missedAims()
	fmt.Fprintf(w, "\nMeasured on %s in %s. ", r.Date, minutesText(r.Took))
	if r.Quick {
		fmt.Fprint(w, "This is a quick run, with fewer rounds and shorter lists. ")
	}
	fmt.Fprintf(w, "%d of %d aims are met", aims-len(missed), aims)
	if len(missed) == 0 {
		fmt.Fprint(w, ".\n")
		return
	}
	fmt.Fprint(w, ". The others:\n\n")
	for _, title := range missed {
		fmt.Fprintf(w, "* %s\n", title)
	}
}

func minutesText(took float64) string {
	const minute = 60
	if took < minute {
		return fmt.Sprintf("%.0f seconds", took)
	}
	return fmt.Sprintf("%.1f minutes", took/minute)
}

// writeResults writes a table of work, and a table for each download.
func writeResults(w io.Writer, results []result) {
	var rows [][]string
	for i := range results {
		if results[i].Ways == nil && results[i].Note == "" {
			rows = append(rows, workRow(&results[i]))
		}
	}
	if len(rows) > 0 {
		fmt.Fprintln(w)
		table(w, workHeads(), rows)
	}
	for i := range results {
		if r := &results[i]; r.Ways != nil || r.Note != "" {
			writeDownload(w, r)
		}
	}
}

func workHeads() []string {
	heads := append([]string{"work"}, contestNames()...)
	return append(heads, "best official ÷ ours", handName+" ÷ ours", "aim", "", "depends on the machine")
}

func workRow(r *result) []string {
	cells := []string{r.Title}
	for _, name := range contestNames() {
		cells = append(cells, spreadText(r.Unit, r.By[name]))
	}
	cells = append(cells, ratioText(r.best()), ratioText(r.ratio(handName)))
	var first aim
	if len(r.Aims) > 0 {
		first = r.Aims[0]
	}
	return append(cells, first.text(r.Unit), r.verdictText(first), string(r.Depends))
}

// writeDownload writes the table of a download and its aims.
func writeDownload(w io.Writer, r *result) {
	fmt.Fprintf(w, "\n### %s\n\n", r.Title)
	if len(r.Ways) > 0 {
		table(w, []string{"way", "time", "speed", "its time ÷ ours"}, wayRows(r))
		fmt.Fprintln(w)
	}
	for _, a := range r.Aims {
		if verdict := r.verdictText(a); verdict != "" {
			fmt.Fprintf(w, "Aim: %s. Reached: %s, **%s**.\n", a.sentence(r.Unit), r.reachedText(a), verdict)
		}
	}
	fmt.Fprint(w, r.Note)
	if r.Depends != isCount {
		fmt.Fprintf(w, "Times depend on the machine: %s.\n", r.Depends)
	}
}

func wayRows(r *result) [][]string {
	var rows [][]string
	for _, name := range r.Ways {
		if why := r.Missing[name]; why != "" {
			rows = append(rows, []string{name, why, "", ""})
			continue
		}
		speed := speedText(r.Bytes, r.By[name].median())
		if slices.Contains([]string{untilRequest, partAlone, restAlone}, name) {
			speed = ""
		}
		rows = append(rows, []string{name, spreadText(r.Unit, r.By[name]), speed, ratioText(r.ratio(name))})
	}
	return rows
}

// payloadNote states which payload the aims were set for.
const payloadNote = `The aims of 4× for a Get and 6× for a page come from measurements with bodies of about 1.5 KiB. Rows of other
sizes have the same aim. It is harder to reach with small bodies, because each call and each job has a part that
does not shrink with the body. "Mixed" bodies, of 0.3 to 4 KiB, have 1.2 KiB on average. Jobs of Atlas v2 have the
fields and links of recorded responses; classic jobs and the parts of sharded clusters have those of the
documentation.
`

const notes = `Ratios are calculated for each round, with contestants in turn; the lowest and the highest are in brackets. A
ratio above 1 means that ours needs less. Aims in × compare with the best of the official clients, except for downloads.

* "ops-manager", "atlas" and "atlas-sdk" are MongoDB's clients, go.mongodb.org/…, with mongodb-forks/digest,
  as their documents recommend. "–" means that a client does not support the generation of jobs: ops-manager has
  the classic one, atlas-sdk has Atlas v2. atlas reads the same jobs by the paths of v1.
* "net/http" is a careful program with encoding/json and icholy/digest, which reuses nonces.
* "By hand" is the yardstick: what a program for exactly these requests can reach, with its own decoder and
  digest. It has no retries, redirects, redaction or checks, and ignores unknown fields. In a row with "by hand
  misses it too", it does not reach the aim of ours either.
* Every contestant hands each job over to its caller: a struct with all values of the response that it has fields
  for. A test verifies it.
* A row that depends "a little" on the machine is a ratio of times that other machines shorten alike, or the peak
  of a heap, which is sampled. The times in it depend on the machine.
`

// writeOverview writes the page that shows the runs of all machines beside each other.
func writeOverview(w io.Writer, names []string, runs []*run) {
	fmt.Fprint(w, overviewHead)
	heads := []string{""}
	for i, r := range runs {
		heads = append(heads, fmt.Sprintf("[%s](results/%s.md)", r.Machine.Processor, names[i]))
	}
	var facts [][]string
	for i, row := range runs[0].Machine.rows() {
		facts = append(facts, []string{row[0]})
		for _, r := range runs {
			facts[i] = append(facts[i], r.Machine.rows()[i][1])
		}
	}
	dates := []string{"measured on"}
	reached := []string{"aims met"}
	for _, r := range runs {
		missed, aims := r.missedAims()
		dates = append(dates, r.Date)
		reached = append(reached, fmt.Sprintf("%d of %d", aims-len(missed), aims))
	}
	table(w, heads, append(facts, dates, reached))
	if len(runs) == 1 {
		fmt.Fprint(w, onlyMachine)
	}
	fmt.Fprint(w, "\n## Aims\n\n")
	table(w, overviewHeads(runs), overviewRows(runs))
	fmt.Fprint(w, overviewNotes)
}

const overviewHead = `# Results

The aims of this library, on each machine that was measured. The pages behind the names of the processors
have all figures: the other clients, the yardsticks and the limits. README.md describes how to add a machine.

`

const onlyMachine = `
Only this machine is here. Ratios of times differ between machines. A second page needs a run on a second machine.
`

const overviewNotes = `
Figures are medians; ratios have the lowest and the highest of a round in brackets. The pages state the number of
rounds. In rows with "×", the figure is the best of the official clients ÷ ours; in rows with "%", the speed of
ours ÷ that of the limit; in the others it is ours. "By hand" is the ratio of the yardstick to ours: below 1, a
program written by hand for exactly this work needs less. "By hand misses it too" means that this program does not
reach the aim of the row either. "Depends" is how much the row depends on the machine.

` + payloadNote

func overviewHeads(runs []*run) []string {
	heads := []string{"work", "aim", "depends"}
	for range runs {
		heads = append(heads, "reached", "", "by hand")
	}
	return heads
}

// overviewRows has a row for each aim of the first run, with the figures of all runs.
func overviewRows(runs []*run) [][]string {
	var rows [][]string
	for _, one := range runs[0].results() {
		for i, a := range one.Aims {
			text := a.text(one.Unit)
			if one.Ways != nil {
				text = a.sentence(one.Unit)
			}
			row := []string{one.Title, text, string(one.Depends)}
			for _, r := range runs {
				row = append(row, overviewCells(r.find(one.ID), i)...)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func overviewCells(r *result, aimNumber int) []string {
	if r == nil || aimNumber >= len(r.Aims) {
		return []string{"–", "", "–"}
	}
	a := r.Aims[aimNumber]
	return []string{r.reachedText(a), r.verdictText(a), ratioText(r.ratio(handName))}
}

// writeGrowth writes the page about growth.
func writeGrowth(w io.Writer, r *run) {
	g := r.Growth
	fmt.Fprintf(w, "# How cost grows\n\n![How cost grows](growth.svg)\n\n")
	table(w, []string{"", ""}, r.Machine.rows())
	fmt.Fprintf(w, "\nMeasured on %s. Times depend on the machine, requests do not, and memory hardly does.\n\n## Lists\n\n", r.Date)
	table(w, []string{"jobs", "time", "time per job", "heap needed"}, listRows(g.Lists))
	fmt.Fprintf(w, "\n%s\n## Waits\n\n", listNote)
	table(w, []string{"jobs", "requests a round", "processor time a round", "per job"}, waitRows(g.Waits))
	fmt.Fprintf(w, "\n%s\n## Downloads\n\n", waitNote)
	table(w, []string{
		"file", "to", "rounds", "time", "speed", networkAlone, sha1Alone, "share of the slower limit",
	}, growDownloadRows(g.Downloads))
	fmt.Fprintf(w, "\n%s\n## Callers of one client\n\n", growDownloadNote)
	table(w, []string{
		"callers", "protocol", "calls per second", "median", "99th percentile", "requests per call", "in the first second", "connections",
	}, callRows(g.Calls))
	fmt.Fprintf(w, "\n%s", callNote)
}
