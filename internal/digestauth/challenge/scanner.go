package challenge

import "strings"

const space = " \t"

// scanner reads the items of a header value: the name of a scheme, or a parameter with its value. It
// skips everything else.
type scanner struct {
	rest         string
	name         string // of the scheme or the parameter
	value        string // of the parameter, without quotes
	isParam      bool
	unterminated bool // a quoted string was not closed, and the scan has ended

	afterScheme bool // the item before was a scheme, without a comma since
}

// next reads the next item and reports whether there is one.
func (s *scanner) next() bool {
	for {
		s.skipSeparators()
		if s.rest == "" || s.unterminated {
			return false
		}
		s.name = s.scanName()
		switch {
		case s.name == "":
			s.skipStray()
		case strings.HasPrefix(s.rest, "="):
			s.rest = strings.TrimLeft(s.rest[1:], space)
			s.value = s.scanValue()
			s.isParam = true
			s.afterScheme = false
			return !s.unterminated
		case s.afterScheme && s.isAtEnd(): // the token of a scheme, as in "Negotiate YII"
			s.afterScheme = false
		default:
			s.isParam = false
			s.afterScheme = true
			return true
		}
	}
}

// isAtEnd reports the end of the value, or of a list item.
func (s *scanner) isAtEnd() bool { return s.rest == "" || s.rest[0] == ',' }

// skipSeparators skips white space and commas. A list can have empty items.
func (s *scanner) skipSeparators() {
	rest := strings.TrimLeft(s.rest, space)
	if strings.HasPrefix(rest, ",") {
		s.afterScheme = false
		rest = strings.TrimLeft(rest, space+",")
	}
	s.rest = rest
}

// skipStray skips a quoted string or an equals sign without a name.
func (s *scanner) skipStray() {
	if s.rest[0] == '"' {
		s.scanQuoted()
		return
	}
	s.rest = s.rest[1:]
}

// scanName reads a name and the white space after it. The name is empty if there is none.
func (s *scanner) scanName() string {
	name := s.scanUntil(" \t,=\"")
	if name != "" {
		s.rest = strings.TrimLeft(s.rest, space)
	}
	return name
}

// scanValue reads the value of a parameter. A value without quotes can have equals signs, as
// base64 has.
func (s *scanner) scanValue() string {
	if strings.HasPrefix(s.rest, `"`) {
		return s.scanQuoted()
	}
	return s.scanUntil(" \t,")
}

// scanUntil reads up to one of the characters.
func (s *scanner) scanUntil(characters string) string {
	end := strings.IndexAny(s.rest, characters)
	if end < 0 {
		end = len(s.rest)
	}
	text := s.rest[:end]
	s.rest = s.rest[end:]
	return text
}

// scanQuoted reads a quoted string and decodes its escapes.
func (s *scanner) scanQuoted() string {
	var unescaped []byte // nil while there was no escape
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
	s.rest = ""
	s.unterminated = true
	return ""
}
