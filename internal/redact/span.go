package redact

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// span is a part of a text.
type span struct{ from, to int }

// find returns what must be redacted, in order and without overlaps. If words is false, secrets
// that count only as a word are not included.
func (s *Secrets) find(text string, words bool) []span {
	if s == nil || len(s.parts) == 0 || len(text) < minSecret {
		return nil
	}
	if s.matcher == nil {
		s.matcher = newMatcher(s.parts)
	}
	var found []span
	eachView(text, func(v *view) {
		s.matcher.each(v.text, words, func(from, to int) {
			found = appendSpan(found, span{v.from(from), v.to(to)})
		})
	})
	if len(found) == 0 {
		return nil
	}
	escapes := (&view{text: text}).unescape(jsonEscaping)
	for i := range found {
		if escapes != nil {
			found[i] = escapes.whole(found[i])
		}
		found[i] = wholeRunes(text, found[i])
	}
	return merge(found)
}

// appendSpan appends a span, or extends the last one if they overlap or touch.
func appendSpan(found []span, next span) []span {
	if len(found) == 0 {
		return append(found, next)
	}
	last := &found[len(found)-1]
	if next.from < last.from || next.from > last.to {
		return append(found, next)
	}
	last.to = max(last.to, next.to)
	return found
}

// whole widens a part of the source to whole escapes: the rest of one would not be valid JSON.
func (v *view) whole(f span) span {
	at, exact := slices.BinarySearch(v.start, int32(f.from)) //nolint:gosec // as in unescape
	if !exact {
		at--
	}
	end, _ := slices.BinarySearch(v.start, int32(f.to)) //nolint:gosec // as above
	return span{int(v.start[at]), int(v.start[end])}
}

// wholeRunes widens a part of a text to whole characters.
func wholeRunes(text string, f span) span {
	for n := 0; n < utf8.UTFMax && f.from > 0 && !utf8.RuneStart(text[f.from]); n++ {
		f.from--
	}
	for n := 0; n < utf8.UTFMax && f.to < len(text) && !utf8.RuneStart(text[f.to]); n++ {
		f.to++
	}
	return f
}

// merge sorts spans and joins those that touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	merged := spans[:1]
	for _, next := range spans[1:] {
		merged = appendSpan(merged, next)
	}
	return merged
}
