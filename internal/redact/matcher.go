package redact

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// matcher finds the parts of secrets in a text, in time that grows with the text and the
// secrets but not with their product.
type matcher struct {
	runs   []*runIndex // parts of which a run counts
	wholes []string    // parts that count as a whole
	words  []string    // parts that count only as a word
}

func newMatcher(parts []part) *matcher {
	m := &matcher{}
	byLength := map[int][]string{}
	for _, p := range parts {
		if len(p.text) < MinRun {
			m.words = append(m.words, wordForms(p.text)...)
			continue
		}
		add := func(form string, minRun int) {
			if p.minRun >= len(p.text) || len(form) <= minRun {
				m.wholes = append(m.wholes, form)
				return
			}
			byLength[minRun] = append(byLength[minRun], form)
		}
		for _, form := range forms(p.text) {
			add(form, p.minRun)
		}
		for _, form := range hexForms(p.text) {
			add(form, 2*p.minRun)
		}
	}
	for length, texts := range byLength {
		m.runs = append(m.runs, newRunIndex(length, texts))
	}
	return m
}

// each calls found with the bounds of every match in the text.
func (m *matcher) each(text string, words bool, found func(from, to int)) {
	for _, index := range m.runs {
		index.each(text, found)
	}
	for _, whole := range m.wholes {
		eachIndex(text, whole, found)
	}
	if !words {
		return
	}
	for _, word := range m.words {
		eachIndex(text, word, func(from, to int) {
			startsWord := from == 0 || !inWord(text[from-1])
			endsWord := to == len(text) || !inWord(text[to])
			if startsWord && endsWord {
				found(from, to)
			}
		})
	}
}

func eachIndex(text, part string, found func(from, to int)) {
	for at := 0; ; at++ {
		next := strings.Index(text[at:], part)
		if next < 0 {
			return
		}
		at += next
		found(at, at+len(part))
	}
}

// inWord reports whether a short secret next to b is a part of a longer word or name.
func inWord(b byte) bool {
	isLetter := 'a' <= b|0x20 && b|0x20 <= 'z'
	isDigit := '0' <= b && b <= '9'
	return isLetter || isDigit || b >= utf8.RuneSelf || strings.IndexByte("-_./+~@", b) >= 0
}

// hashBase is the base of the rolling hash: any odd number with mixed bits.
const hashBase = 0x9e3779b97f4a7c15

// runIndex finds the runs of one length that some texts have. It compares hashes only: a
// collision redacts too much, never too little.
type runIndex struct {
	length  int
	leading uint64   // hashBase to the power of length
	slots   []uint64 // hashes, 0 for an empty slot; a power of 2 of them
}

func newRunIndex(length int, texts []string) *runIndex {
	runs := 0
	for _, text := range texts {
		runs += len(text)
	}
	x := &runIndex{length: length, leading: 1}
	size := 1
	for size < 2*runs {
		size *= 2
	}
	slots := make([]uint64, size)
	x.slots = slots
	for range length {
		x.leading *= hashBase
	}
	for _, text := range texts {
		x.roll(text, func(_ int, hash uint64) { slots[slot(slots, hash)] = hash })
	}
	return x
}

// slot returns where a hash is or belongs.
func slot(slots []uint64, hash uint64) uint64 {
	mask := uint64(len(slots)) - 1
	at := hash * hashBase >> bits.LeadingZeros64(mask) & mask
	for slots[at] != 0 && slots[at] != hash {
		at = (at + 1) & mask
	}
	return at
}

// each calls found with the bounds of every known run.
func (x *runIndex) each(text string, found func(from, to int)) {
	length := x.length
	slots := x.slots
	x.roll(text, func(from int, hash uint64) {
		if slots[slot(slots, hash)] != 0 {
			found(from, from+length)
		}
	})
}

// roll calls f with the hash of every run. It and its callers keep fields in variables: this is the innermost loop.
func (x *runIndex) roll(text string, f func(from int, hash uint64)) {
	length := x.length
	leading := x.leading
	var hash uint64
	for i := range len(text) {
		hash = hash*hashBase + uint64(text[i]) + 1
		if i >= length {
			hash -= (uint64(text[i-length]) + 1) * leading
		}
		if i >= length-1 {
			f(i-length+1, max(hash, 1))
		}
	}
}
