package main

import (
	"strconv"
	"strings"
	"time"
)

// handScan reads JSON without space between its tokens, as the services send it.
type handScan struct {
	text string
	at   int
	err  error
}

func (s *handScan) fail() {
	s.err = errHand
	s.at = len(s.text)
}

// next consumes a byte if it is the next one.
func (s *handScan) next(b byte) bool {
	if s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

func (s *handScan) object(field func(name string)) {
	if !s.next('{') {
		s.fail()
		return
	}
	for !s.next('}') {
		name := s.str()
		if !s.next(':') {
			s.fail()
			return
		}
		field(name)
		if s.err != nil {
			return
		}
		s.next(',')
	}
}

func (s *handScan) array(element func()) {
	if !s.next('[') {
		s.fail()
		return
	}
	for !s.next(']') {
		element()
		if s.err != nil {
			return
		}
		s.next(',')
	}
}

// elements is how many objects or strings the next array has, if it has no array inside.
func (s *handScan) elements() int {
	rest := s.text[s.at:]
	end := strings.IndexByte(rest, ']')
	if end <= 1 {
		return 0
	}
	return max(strings.Count(rest[:end], "},{"), strings.Count(rest[:end], `","http`)) + 1
}

// str returns a string. Null is empty.
func (s *handScan) str() string {
	if !s.next('"') {
		if s.word() != "null" {
			s.fail()
		}
		return ""
	}
	rest := s.text[s.at:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		s.fail()
		return ""
	}
	if strings.IndexByte(rest[:end], '\\') < 0 {
		s.at += end + 1
		return rest[:end]
	}
	quoted, err := strconv.QuotedPrefix(s.text[s.at-1:])
	if err != nil {
		s.fail()
		return ""
	}
	s.at += len(quoted) - 1
	plain, err := strconv.Unquote(quoted)
	if err != nil {
		s.fail()
	}
	return plain
}

// word returns a number, true, false or null.
func (s *handScan) word() string {
	from := s.at
	for s.at < len(s.text) && strings.IndexByte(",]}", s.text[s.at]) < 0 {
		s.at++
	}
	return s.text[from:s.at]
}

func (s *handScan) number() int64 {
	n, err := strconv.ParseInt(s.word(), 10, 64)
	if err != nil {
		s.fail()
	}
	return n
}

func (s *handScan) time() time.Time {
	text := s.str()
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		s.fail()
	}
	return t
}

// skip reads a value that is not used.
func (s *handScan) skip() {
	switch {
	case s.at >= len(s.text):
		s.fail()
	case s.text[s.at] == '"':
		s.str()
	case s.text[s.at] == '{':
		s.object(func(string) { s.skip() })
	case s.text[s.at] == '[':
		s.array(s.skip)
	default:
		s.word()
	}
}
