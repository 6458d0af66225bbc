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

// News puts the updates of a wait into words, a failure once until it changes. The zero
// value is ready.
type News struct{ last map[string]string }

// Of is the state or the failure that an update tells, "" for the same failure of a job
// again.
func (n *News) Of(u restorejobs.Update) string {
	kind, news := "", string(u.State)
	if u.Err != nil {
		kind, news = u.Err.Error(), "asking again after "+u.Err.Error()
	}
	var apiErr *restorejobs.Error
	if errors.As(u.Err, &apiErr) { // whose text names the request
		kind = fmt.Sprint(apiErr.StatusCode, apiErr.Code)
	}
	if n.last == nil {
		n.last = map[string]string{}
	}
	again := kind != "" && kind == n.last[u.ID]
	n.last[u.ID] = kind
	if again {
		return ""
	}
	return news
}
