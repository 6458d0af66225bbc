package list

import (
	"fmt"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// whole is a whole number: the decoder would truncate 1.5.
type whole int

// UnmarshalYAML reads the number of a node.
func (w *whole) UnmarshalYAML(node ast.Node) error {
	text := textOf(node)
	n, err := strconv.Atoi(text)
	if err != nil {
		return newLineError(node, "a whole number is required, not %q", text)
	}
	*w = whole(n)
	return nil
}

// duration is text such as 1h30m.
type duration time.Duration

// UnmarshalYAML reads the duration of a node.
func (d *duration) UnmarshalYAML(node ast.Node) error {
	text := textOf(node)
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return newLineError(node, "a duration such as 1h30m is required, not %q", text)
	}
	*d = duration(parsed)
	return nil
}

// moment is a time with its zone: a date alone would depend on the machine.
type moment struct {
	at   time.Time
	text string
}

// UnmarshalYAML reads the time of a node.
func (m *moment) UnmarshalYAML(node ast.Node) error {
	text := textOf(node)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return newLineError(node, "a time such as 2026-11-01T02:00:00Z is required, not %q", text)
	}
	*m = moment{at: at, text: text}
	return nil
}

// textOf is the text of a scalar.
func textOf(node ast.Node) string {
	if token := node.GetToken(); token != nil {
		return token.Value
	}
	return node.String()
}

// lineError is a problem of one line.
type lineError struct {
	line int
	text string
}

func newLineError(node ast.Node, format string, args ...any) error {
	return &lineError{line: lineOf(node), text: fmt.Sprintf(format, args...)}
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// numberProblem refuses numbers that the decoder would change, such as 0123 into 83.
func numberProblem(node ast.Node) error {
	fields, isMap := node.(ast.MapNode)
	if !isMap {
		return nil
	}
	for iterator := fields.MapRange(); iterator.Next(); {
		number, isNumber := iterator.Value().(*ast.IntegerNode)
		if isNumber && fmt.Sprint(number.Value) != textOf(number) {
			return newLineError(number, "%s must be in quotes, or a decimal number", textOf(number))
		}
	}
	return nil
}
