package program

import (
	"errors"
	"regexp"
	"strings"

	"go.temporal.io/sdk/temporal"

	"example.com/restorejobs/temporal/cmd/internal/list"
)

var (
	// projectPattern is a cluster that was not found, with the name of its project and then its id.
	projectPattern = regexp.MustCompile(`project ("(?:[^"\\]|\\.)*"): restorejobs: find cluster: ((?:no cluster|several clusters have the name) "(?:[^"\\]|\\.)*" in project )"(?:[^"\\]|\\.)*"`)
	// originPattern is where an error comes from, which a reader of the list does not need.
	originPattern = regexp.MustCompile(`(?:restoretemporal: (?:invalid [a-z]+: )?|restorejobs: [a-z ]+: )(?:invalid argument: )?`)
	// nextPattern begins the next problem. A name cannot match it, because its quotes are escaped.
	nextPattern = regexp.MustCompile(`; (restores? ")`)
)

// refused is a fleet that the workflow refuses, as problems of its list.
func refused(file string, err error) error {
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) {
		return err
	}
	text := projectPattern.ReplaceAllString(failure.Message(), "$2$1")
	text = originPattern.ReplaceAllString(text, "")
	text = nextPattern.ReplaceAllString(text, "\n$1")
	return &list.Error{File: file, Problems: strings.Split(text, "\n")}
}
