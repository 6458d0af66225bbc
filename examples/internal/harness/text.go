package harness

import (
	"errors"
	"fmt"

	"example.com/restorejobs"
)

// Plural is a number of things, as in "1 job" and "2 jobs".
func Plural[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// UpdatePrinter puts the updates of a wait into words, a failure once until it changes. The zero
// value is ready.
type UpdatePrinter struct{ last map[string]string }

// Format is the state or the failure that an update tells, "" for the same failure of a job
// again.
func (u *UpdatePrinter) Format(update restorejobs.WaitUpdate) string {
	kind, news := "", string(update.State)
	if update.Err != nil {
		kind, news = update.Err.Error(), "asking again after "+update.Err.Error()
	}
	var apiErr *restorejobs.Error
	if errors.As(update.Err, &apiErr) { // whose text names the request
		kind = fmt.Sprint(apiErr.StatusCode, apiErr.Code)
	}
	if u.last == nil {
		u.last = map[string]string{}
	}
	again := kind != "" && kind == u.last[update.ID]
	u.last[update.ID] = kind
	if again {
		return ""
	}
	return news
}
