package challenge

import "strings"

const space = " \t"

// scanner walks through the items of a header value: the name of a scheme, or a
// parameter with its value. What fits neither is passed over.
type scanner struct {
	rest         string
	name         string // the scheme, or the parameter's name
	value        string // of a parameter, without quotes
	isParam      bool
	unterminated bool // a quoted string was not closed; the scan has ended

	afterScheme bool // the item before was a scheme, with no comma since
}

// next moves to the next item and reports whether there is one.
func (s *scanner) next() bool {
	for {
		s.skipSeparators()
		if s.rest == "" || s.unterminated {
			return false
		}
		end := strings.IndexAny(s.rest, " \t,=\"")
		if end == 0 {
			s.skipStray()
			continue
		}
		if end < 0 {
			end = len(s.rest)
		}
		s.name, s.rest = s.rest[:end], strings.TrimLeft(s.rest[end:], space)
		if strings.HasPrefix(s.rest, "=") {
			s.rest = strings.TrimLeft(s.rest[1:], space)
			s.value = s.scanValue()
			s.isParam, s.afterScheme = true, false
			return !s.unterminated
		}
		if s.afterScheme && (s.rest == "" || s.rest[0] == ',') {
			// "Negotiate YII": not a scheme but the token of the one before.
			s.afterScheme = false
			continue
		}
		s.isParam, s.afterScheme = false, true
		return true
	}
}

// skipSeparators passes over white space and commas, of which lists may have
// more than needed.
func (s *scanner) skipSeparators() {
	rest := strings.TrimLeft(s.rest, space)
	if strings.HasPrefix(rest, ",") {
		s.afterScheme = false
		rest = strings.TrimLeft(rest, space+",")
	}
	s.rest = rest
}

// skipStray passes over a quoted string or an equals sign that follows no name.
func (s *scanner) skipStray() {
	if s.rest[0] == '"' {
		s.scanQuoted()
		return
	}
	s.rest = s.rest[1:]
}

// scanValue reads the value of a parameter. Without quotes it ends at white
// space or a comma, so that base64 text is read whole.
func (s *scanner) scanValue() string {
	if strings.HasPrefix(s.rest, `"`) {
		return s.scanQuoted()
	}
	end := strings.IndexAny(s.rest, " \t,")
	if end < 0 {
		end = len(s.rest)
	}
	value := s.rest[:end]
	s.rest = s.rest[end:]
	return value
}

// scanQuoted reads a quoted string and resolves its escapes.
func (s *scanner) scanQuoted() string {
	var unescaped []byte
	text := s.rest[1:]
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			s.rest = text[i+1:]
			if unescaped == nil {
				return text[:i]
			}
			return string(unescaped)
		case text[i] == '\\' && i+1 < len(text):
			if unescaped == nil {
				unescaped = append(make([]byte, 0, len(text)), text[:i]...)
			}
			i++
			unescaped = append(unescaped, text[i])
		case unescaped != nil:
			unescaped = append(unescaped, text[i])
		}
	}
	s.rest, s.unterminated = "", true
	return ""
}
