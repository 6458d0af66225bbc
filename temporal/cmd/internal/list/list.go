// Package list reads lists of restores: files in YAML or JSON, with names instead of ids.
package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	restoretemporal "example.com/restorejobs/temporal"
)

// document is a whole list.
type document struct {
	Limit      whole      `yaml:"limit"`
	PerProject whole      `yaml:"perProject"`
	Failures   whole      `yaml:"failures"`
	Defaults   ast.Node   `yaml:"defaults"`
	Restores   []ast.Node `yaml:"restores"`
}

// Error lists everything that is wrong with a list.
type Error struct {
	// File is the name of the list.
	File string
	// Problems are sentences, most with a line and the name of a restore.
	Problems []string
}

// Error returns the problems, one a line.
func (e *Error) Error() string {
	var lines []string
	for _, problem := range e.Problems {
		lines = append(lines, e.File+": "+problem)
	}
	return strings.Join(lines, "\n")
}

// Read reads a list. The file is its name in errors, which are an [*Error]. A restore without a value
// has that of the defaults. Unknown fields are refused, because a restore replaces data.
func Read(file string, data []byte) (restoretemporal.FleetRequest, error) {
	r := reader{names: map[string]int{}}
	request, err := r.read(data)
	if err != nil {
		r.add(err)
	}
	if len(r.problems) > 0 {
		return restoretemporal.FleetRequest{}, &Error{File: file, Problems: r.problems}
	}
	return request, nil
}

// reader collects the problems of a list.
type reader struct {
	problems []string
	names    map[string]int // the line of each name
}

func (r *reader) read(data []byte) (restoretemporal.FleetRequest, error) {
	var doc document
	var request restoretemporal.FleetRequest
	decoder := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict())
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return request, errors.New("it is empty")
	case err != nil:
		return request, locate(err, "")
	}
	if err := decoder.Decode(new(document)); !errors.Is(err, io.EOF) {
		return request, errors.New("it has more than one document")
	}
	defaults := entry{}
	if doc.Defaults != nil {
		if err := yaml.NodeToValue(doc.Defaults, &defaults.Settings, yaml.Strict()); err != nil {
			return request, locate(err, "defaults: ")
		}
		if err := numberProblem(doc.Defaults); err != nil {
			return request, locate(err, "defaults: ")
		}
	}
	if len(doc.Restores) == 0 {
		return request, errors.New("restores must have at least one restore")
	}
	request.MaxRunning = int(doc.Limit)
	request.MaxRunningPerProject = int(doc.PerProject)
	request.FailureBudget = int(doc.Failures)
	for i, node := range doc.Restores {
		if plan, ok := r.readEntry(i, node, defaults); ok {
			request.Restores = append(request.Restores, plan)
		}
	}
	return request, nil
}

// readEntry reads one restore, and reports whether it has no problem.
func (r *reader) readEntry(i int, node ast.Node, defaults entry) (restoretemporal.NamedPlan, bool) {
	if node == nil {
		r.add(fmt.Errorf("restore %d is empty", i+1))
		return restoretemporal.NamedPlan{}, false
	}
	restore := defaults
	decodeErr := yaml.NodeToValue(node, &restore, yaml.Strict())
	label := fmt.Sprintf("restore %d: ", i+1)
	if name := restore.name(); name != "" {
		label = fmt.Sprintf("restore %q: ", name)
	}
	if decodeErr != nil {
		r.add(locate(decodeErr, label))
		return restoretemporal.NamedPlan{}, false
	}
	if err := numberProblem(node); err != nil {
		r.add(locate(err, label))
		return restoretemporal.NamedPlan{}, false
	}
	line := lineOf(node)
	problems := restore.problems()
	if first, isUsed := r.names[restore.name()]; isUsed {
		problems = append(problems, fmt.Sprintf("line %d has this name too: set another name", first))
	}
	r.names[restore.name()] = line
	for _, problem := range problems {
		r.add(&lineError{line: line, text: label + problem})
	}
	return restore.namedPlan(), len(problems) == 0
}

func (r *reader) add(err error) { r.problems = append(r.problems, err.Error()) }

// locate returns an error of the decoder with its line and a label, without the lines around it.
func locate(err error, label string) error {
	if lineErr, ok := errors.AsType[*lineError](err); ok {
		return &lineError{line: lineErr.line, text: label + lineErr.text}
	}
	var yamlErr yaml.Error
	if !errors.As(err, &yamlErr) {
		return fmt.Errorf("%s%w", label, err)
	}
	if token := yamlErr.GetToken(); token != nil {
		return &lineError{line: token.Position.Line, text: label + yamlErr.GetMessage()}
	}
	return errors.New(label + yamlErr.GetMessage())
}

func lineOf(node ast.Node) int {
	if token := node.GetToken(); token != nil {
		return token.Position.Line
	}
	return 0
}
