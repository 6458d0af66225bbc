package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// result is one piece of work with its measurements. It is a row of a table or, for a download, a
// table.
type result struct {
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	Note    string             `json:"note,omitempty"`
	Unit    unit               `json:"unit"`
	Depends dependence         `json:"dependsOnTheMachine"`
	Aims    []aim              `json:"aims,omitempty"`
	Least   float64            `json:"least,omitzero"`  // what ours needs if nothing is wasted
	Bytes   int64              `json:"bytes,omitempty"` // of a download
	Ways    []string           `json:"ways,omitempty"`  // of a download, in order
	Missing map[string]string  `json:"missing,omitempty"`
	By      map[string]samples `json:"by"`
	quick   bool               // also part of a quick run
}

// dependence is how much a result depends on the machine.
type dependence string

const (
	isCount dependence = "no"       // requests, bytes and allocations are counted
	isRatio dependence = "a little" // its ratio of times that a machine shortens alike
	isTimed dependence = "yes"

	isSampled = isRatio // heaps depend on when the collector runs
)

type aimKind string

const (
	atMost aimKind = "at most" // ours is at most Value
	times  aimKind = "times"   // the best of Of needs at least Value times as much as ours
	share  aimKind = "share"   // ours reaches at least this share of the speed of the slowest of Of
)

// aim is what ours should reach.
type aim struct {
	Kind  aimKind  `json:"kind"`
	Value float64  `json:"value"`
	Of    []string `json:"of,omitempty"`
	By    string   `json:"by,omitempty"`   // who should reach it, if not ours
	Hand  string   `json:"hand,omitempty"` // the yardstick beside ours, if not "by hand"
}

func (a aim) by() string { return cmp.Or(a.By, oursName) }

func most(value float64) []aim { return []aim{{Kind: atMost, Value: value}} }

// timesBest is an aim beside the best of the official clients.
func timesBest(value float64) []aim {
	return []aim{{
		Kind:  times,
		Value: value,
		Of:    officialNames(),
	}}
}

// reached is what the measurements have of an aim, for each round.
func (r *result) reached(a aim) samples {
	switch a.Kind {
	case times:
		return each(r.measured(a.Of), slices.Min[samples]).over(r.By[a.by()])
	case share:
		return each(r.measured(a.Of), slices.Max[samples]).over(r.By[a.by()])
	default:
		return r.By[a.by()]
	}
}

// measured are the measurements of those names that have any.
func (r *result) measured(names []string) []samples {
	var all []samples
	for _, name := range names {
		if s := r.By[name]; len(s) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// best is the ratio of the best official client to ours, for each round.
func (r *result) best() samples {
	return each(r.measured(officialNames()), slices.Min[samples]).over(r.By[oursName])
}

func (r *result) ratio(name string) samples { return r.By[name].over(r.By[oursName]) }

// isMet reports whether the median reaches the aim. Nothing measured reaches none.
func (r *result) isMet(a aim) bool {
	median := r.reached(a).median()
	if a.Kind == atMost {
		return median <= a.Value
	}
	return median >= a.Value
}

// verdict is "met" or "missed", or empty without a measurement or without an aim.
func (r *result) verdict(a aim) string {
	switch {
	case a.Kind == "", math.IsNaN(r.reached(a).median()):
		return ""
	case r.isMet(a):
		return "met"
	default:
		return "missed"
	}
}

// verdictText is the verdict that also states whether the aim of ours is below what it must need, and
// whether the yardstick misses it.
func (r *result) verdictText(a aim) string {
	verdict := r.verdict(a)
	if verdict == "missed" && a.Kind == atMost && a.Value < r.Least {
		return "missed; a job alone has " + r.Unit.text(r.Least)
	}
	byHand := a
	byHand.By = cmp.Or(a.Hand, handName)
	if a.By == "" && verdict == "missed" && r.verdict(byHand) == "missed" {
		return "missed; by hand misses it too"
	}
	return verdict
}

// text is the aim in words.
func (a aim) text(u unit) string {
	switch a.Kind {
	case atMost:
		return "≤ " + u.text(a.Value)
	case times:
		return "≥ " + strconv.FormatFloat(a.Value, 'f', -1, 64) + "×"
	case share:
		return "≥ " + strconv.FormatFloat(100*a.Value, 'f', -1, 64) + " % of the speed of " + listText(a.Of)
	default:
		return ""
	}
}

// sentence is the aim of a way of a download in words.
func (a aim) sentence(u unit) string {
	if a.Kind == times {
		return strings.Join(a.Of, ", ") + " takes " + a.text(u) + " the time of " + a.by()
	}
	return a.by() + " reaches " + a.text(u)
}

// reachedText is what was reached, in the form of the aim.
func (r *result) reachedText(a aim) string {
	reached := r.reached(a)
	switch a.Kind {
	case times:
		return ratioText(reached)
	case share:
		return percentText(reached)
	default:
		return r.Unit.text(reached.median())
	}
}

// listText joins the names of limits.
func listText(names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return "the slowest of: " + strings.Join(names, ", ")
	}
}

// run is everything that one run of the program has measured.
type run struct {
	Machine  machineFacts `json:"machine"`
	Date     string       `json:"date"`
	Took     float64      `json:"tookSeconds"`
	Quick    bool         `json:"quick"`
	Peers    []peer       `json:"peers"`
	Sections []section    `json:"sections"`
	Growth   *growth      `json:"growth,omitempty"`
}

// section is a part of a page: a table of work, or downloads with a table each.
type section struct {
	Title   string   `json:"title"`
	Note    string   `json:"note,omitempty"`
	Results []result `json:"results"`
}

// results are those of all sections.
func (r *run) results() []*result {
	var all []*result
	for i := range r.Sections {
		for k := range r.Sections[i].Results {
			all = append(all, &r.Sections[i].Results[k])
		}
	}
	return all
}

// find returns the result with an ID, or nil.
func (r *run) find(id string) *result {
	for _, candidate := range r.results() {
		if candidate.ID == id {
			return candidate
		}
	}
	return nil
}

// roundsText is how many rounds every measurement has at least.
func (r *run) roundsText() string {
	fewest := math.MaxInt
	for _, one := range r.results() {
		for _, s := range one.By {
			fewest = min(fewest, len(s))
		}
	}
	switch fewest {
	case math.MaxInt:
		return "no rounds"
	case 1:
		return "1 round"
	default:
		return strconv.Itoa(fewest) + " rounds"
	}
}

// missedAims are the results that miss an aim, and how many aims there are.
func (r *run) missedAims() (missed []string, aims int) {
	for _, one := range r.results() {
		for _, a := range one.Aims {
			switch one.verdict(a) {
			case "missed":
				missed = append(missed, fmt.Sprintf("%s (%s): %s", one.Title, a.text(one.Unit), one.verdictText(a)))
				aims++
			case "met":
				aims++
			}
		}
	}
	return missed, aims
}
