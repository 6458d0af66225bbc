package harness

import (
	"errors"
	"fmt"

	"example.com/restorejobs"
)

// Plural returns a number of things, as in "1 job" and "2 jobs".
func Plural[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// UpdatePrinter formats the updates of a wait. The zero value is ready.
type UpdatePrinter struct{ last map[string]string }

// Format returns the state, the target or the failure of an update. It is empty for the same failure
// of a job again, and for a heartbeat.
func (u *UpdatePrinter) Format(update restorejobs.WaitUpdate) string {
	failure := failureKey(update.Err)
	if u.last == nil {
		u.last = map[string]string{}
	}
	isRepeated := failure != "" && failure == u.last[update.ID]
	if !update.Heartbeat {
		u.last[update.ID] = failure
	}
	switch {
	case isRepeated, update.Heartbeat:
		return ""
	case update.Err != nil:
		return RetryNote(update.Err)
	case update.Target != nil && update.State == update.Previous:
		return update.Target.String()
	default:
		return string(update.State)
	}
}

// failureKey is equal for equal failures. The text of an *Error also names the request.
func failureKey(err error) string {
	var apiErr *restorejobs.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &apiErr):
		return fmt.Sprint(apiErr.StatusCode, apiErr.Code)
	default:
		return err.Error()
	}
}

// RetryNote returns the note about a failure that a wait tolerates.
func RetryNote(err error) string { return "retrying after " + err.Error() }
