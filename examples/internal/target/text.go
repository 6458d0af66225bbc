package target

import (
	"errors"
	"fmt"

	"example.com/restorejobs"
)

// Count is a number of things, as in "1 job" and "2 jobs".
func Count[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Failures remembers the failures that a wait gets over, so that each is told once. The
// zero value is ready.
type Failures struct{ last map[string]string }

// New reports whether an update is a failure that was not the last one of its job.
func (f *Failures) New(u restorejobs.Update) bool {
	kind := ""
	if u.Err != nil {
		kind = u.Err.Error()
	}
	var apiErr *restorejobs.Error
	if errors.As(u.Err, &apiErr) { // whose text names the request
		kind = fmt.Sprint(apiErr.StatusCode, apiErr.Code)
	}
	if f.last == nil {
		f.last = map[string]string{}
	}
	if kind == f.last[u.ID] {
		return false
	}
	f.last[u.ID] = kind
	return kind != ""
}
