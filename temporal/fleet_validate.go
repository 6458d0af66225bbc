package restoretemporal

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxRestores      = 1000
	maxNameSize      = 100
	maxRequestSize   = 512 << 10 // with the rows below the 2 MiB of a payload
	maxStartsPerRun  = 5000
	defaultStarts    = 500
	defaultRunning   = 20
	defaultInProject = 5
	minBudget        = 3
	budgetPart       = 10 // a failure budget is a tenth
)

// Validate lists everything that is wrong with the request and can be known without the service. The
// error matches [restorejobs.ErrInvalidArgument]. [Fleet] calls it; a starter can call it earlier.
func (f *FleetRequest) Validate() error {
	return newInvalidError("fleet", f.problems())
}

func (f *FleetRequest) problems() []string {
	var problems []string
	if count := len(f.Restores); count == 0 || count > maxRestores {
		problems = append(problems, fmt.Sprintf("restores must be between 1 and %d, not %d", maxRestores, count))
	}
	if f.MaxStartsPerRun < 0 || f.MaxStartsPerRun > maxStartsPerRun {
		problems = append(problems, fmt.Sprintf("maxStartsPerRun must be between 0 and %d", maxStartsPerRun))
	}
	names := map[string]bool{}
	for i := range f.Restores {
		named := &f.Restores[i]
		place := fmt.Sprintf("restores[%d]", i)
		problem := nameProblem(named.Name)
		if problem != "" {
			problems = append(problems, place+": "+problem)
		} else {
			place = fmt.Sprintf("restore %q", named.Name)
		}
		if names[named.Name] {
			problems = append(problems, fmt.Sprintf("restores[%d]: the name %q is used twice", i, named.Name))
		}
		names[named.Name] = true
		for _, problem := range named.Plan.problems() {
			problems = append(problems, place+": "+problem)
		}
	}
	problems = append(problems, f.continuedProblems()...)
	if len(problems) > 0 || f.Continued != nil {
		return problems
	}
	return sizeProblem(f)
}

// nameProblem is the rule that a name breaks.
func nameProblem(name string) string {
	isInvalid := func(r rune) bool { return r == '/' || !unicode.IsPrint(r) }
	switch {
	case name == "":
		return "name must be set"
	case len(name) > maxNameSize:
		return fmt.Sprintf("name must have at most %d bytes", maxNameSize)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isInvalid):
		return fmt.Sprintf("name %q must be printable and without \"/\"", name)
	default:
		return ""
	}
}

func (f *FleetRequest) continuedProblems() []string {
	if f.Continued == nil {
		return nil
	}
	isComplete := len(f.Continued.Projects) == len(f.Restores) && len(f.Continued.Result.Rows) == len(f.Restores)
	if isComplete {
		return nil
	}
	return []string{"continued is set by the workflow only"}
}

func sizeProblem(f *FleetRequest) []string {
	data, err := json.Marshal(f)
	switch {
	case err != nil:
		return []string{err.Error()}
	case len(data) > maxRequestSize:
		return []string{fmt.Sprintf("the request has %d bytes of JSON, and must have at most %d: divide the fleet", len(data), maxRequestSize)}
	default:
		return nil
	}
}

// limit returns a limit, with 0 for none.
func limit(value, byDefault int) int {
	switch {
	case value == 0:
		return byDefault
	case value < 0:
		return 0
	default:
		return value
	}
}

// failureBudget is how many restores may fail, 0 for any number.
func (f *FleetRequest) failureBudget() int {
	tenth := (len(f.Restores) + budgetPart - 1) / budgetPart
	return limit(f.FailureBudget, max(minBudget, tenth))
}
