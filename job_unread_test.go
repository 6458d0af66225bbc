package restorejobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Flags, times and links as other writers spell them.
func TestState_ofOtherWriters(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]State{
		`{"deliveryType":"automated","failed":1,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateFailed,
		`{"deliveryType":"automated","failed":0,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateFinished,
		`{"deliveryType":"automated","failed":"1"}`:                                                        StateFailed,
		`{"deliveryType":"automated","failed":"0"}`:                                                        StateRunning,
		`{"deliveryType":"automated","failed":1.0}`:                                                        StateFailed,
		`{"deliveryType":"automated","failed":2,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateUnknown,
		`{"deliveryType":"automated","failed":"yes","finishedAt":"2026-08-10T03:44:52Z"}`:                  StateUnknown,
		`{"deliveryType":"automated","failed":{},"cancelled":true}`:                                        StateUnknown,
		`{"deliveryType":"automated","failed":true,"cancelled":{}}`:                                        StateFailed,
		`{"deliveryType":"automated","cancelled":1}`:                                                       StateCancelled,
		`{"deliveryType":"automated","cancelled":[],"finishedAt":"2026-08-10T03:44:52Z"}`:                  StateUnknown,
		`{"deliveryType":"automated","finishedAt":1786331410000}`:                                          StateFinished,
		`{"deliveryType":"automated","finishedAt":1.78633141e12}`:                                          StateFinished,
		`{"deliveryType":"automated","finishedAt":0}`:                                                      StateUnknown,
		`{"deliveryType":"automated","finishedAt":1786331410}`:                                             StateUnknown, // seconds or milliseconds?
		`{"deliveryType":"automated","finishedAt":"1786331410000"}`:                                        StateUnknown,
		`{"deliveryType":"automated","finishedAt":true}`:                                                   StateUnknown,
		`{"deliveryType":"automated","finishedAt":{"$date":"2026-08-10T03:44:52Z"}}`:                       StateUnknown,
		`{"deliveryType":"automated","finishedAt":"10.08.2026"}`:                                           StateUnknown,
		`{"deliveryType":"automated","finishedAt":""}`:                                                     StateRunning,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:60Z"}`:                                 StateFinished,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:60.5+02:00"}`:                          StateFinished,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:61Z"}`:                                 StateUnknown,
		`{"deliveryType":"download","expired":1,"deliveryUrl":["u"]}`:                                      StateExpired,
		`{"deliveryType":"download","expired":"no","deliveryUrl":["u"]}`:                                   StateUnknown,
		`{"deliveryType":"download","expired":"no","finishedAt":"2026-08-10T03:44:52Z"}`:                   StateFinished,
		`{"deliveryType":"download","expiresAt":{},"deliveryUrl":[]}`:                                      StateUnknown,
		`{"deliveryType":"download","expiresAt":{},"deliveryUrl":["u"]}`:                                   StateFinished,
		`{"deliveryType":"download","expiresAt":1786331410000,"deliveryUrl":[]}`:                           StateFinished,
		`{"deliveryType":"automated","expiresAt":{}}`:                                                      StateRunning,
		`{"deliveryType":{},"failed":false,"cancelled":false}`:                                             StateUnknown,
		`{"deliveryType":"download","deliveryType":{},"deliveryUrl":["u"]}`:                                StateUnknown,
		`{"deliveryType":"download","deliveryUrl":"https://h/x.tar.gz"}`:                                   StateFinished,
		`{"deliveryType":"download","deliveryUrl":""}`:                                                     StateRunning,
		`{"deliveryType":"download","deliveryUrl":{"url":"u"}}`:                                            StateUnknown,
		`{"deliveryType":"download","deliveryUrl":7}`:                                                      StateUnknown,
		`{"deliveryType":"download","deliveryUrl":[7]}`:                                                    StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u",{}]}`:                                               StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"components":{}}`:                                  StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"components":[1]}`:                                 StateUnknown,
		`{"deliveryType":"download","components":[{"downloadUrl":["u"]}]}`:                                 StateUnknown,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":"u"}]}`:                   StateUnknown,
		`{"deliveryType":"download","components":[{"downloadUrl":"u","privateDownloadDeliveryUrls":"u"}]}`: StateFinished,
		`{"deliveryType":"download","deliveryUrl":[],"privateDownloadDeliveryUrls":"u"}`:                   StateUnknown,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"deliveryUrl":["u"]}]}`:                StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"privateDownloadDeliveryUrls":{}}`:                 StateFinished,

		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":7}`:                                       StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":["u",["u"]]}`:                             StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","components":{}}`:                                       StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","components":[{"downloadUrl":7}]}`:                      StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","components":[{"privateDownloadDeliveryUrls":"u"}]}`:    StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":[],"privateDownloadDeliveryUrls":"u"}`:    StateUnknown,
		`{"deliveryType":"download","expiresAt":"2026-08-10T03:44:52Z","deliveryUrl":[],"privateDownloadDeliveryUrls":"u"}`:     StateUnknown,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":["u"],"privateDownloadDeliveryUrls":"u"}`: StateFinished,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":7,"privateDownloadDeliveryUrls":"u"}`:    StateFinished,
		`{"deliveryType":"download","finishedAt":"2026-08-10T03:44:52Z","deliveryUrl":7,"failed":true}`:                         StateFailed,

		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":["u"]}}`:                    StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","urlV2":{}}}`:                     StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":7}}`:                        StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":"u","urlV2":{}}}`:           StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":[],"urlV2":"u"}}`:           StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"READY","url":{},"targetClusterId":"c"}}`: StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"EXPIRED","url":{}}}`:                     StateExpired,
		`{"statusName":"IN_PROGRESS","delivery":{"methodName":"HTTP","statusName":"NOT_STARTED","url":{}}}`:              StateRunning,

		`{"status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":["u"]}`: StateUnknown,
		`{"status":"COMPLETED","deliveryType":"DOWNLOAD","snapshotUrl":7}`:     StateUnknown,
		`{"status":"FAILED","deliveryType":"DOWNLOAD","snapshotUrl":{}}`:       StateFailed,
		`{"status":"RUNNING","deliveryType":"DOWNLOAD","snapshotUrl":{}}`:      StateRunning,

		`{"statusName":["FINISHED"],"delivery":{"methodName":"HTTP","statusName":"READY"}}`:                      StateUnknown,
		`{"statusName":"FINISHED","statusName":{}}`:                                                              StateUnknown,
		`{"statusName":{},"finishedAt":"2026-08-10T03:44:52Z"}`:                                                  StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":["FAILED"]}}`:                     StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":{}}}`:                StateUnknown,
		`{"statusName":"FINISHED","delivery":"READY"}`:                                                           StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"EXPIRED"}}`:                          StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","targetClusterId":{},"statusName":"PENDING"}}`: StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"READY"}}`:                            StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"FAILED"}}`:                           StateFailed,
		`{"statusName":"IN_PROGRESS","delivery":7}`:                                                              StateRunning,

		`{"status":["COMPLETED"],"instanceName":"i"}`:           StateUnknown,
		`{"status":"COMPLETED","status":{},"instanceName":"i"}`: StateUnknown,
		`{"status":{},"deliveryType":"RESTORE"}`:                StateUnknown,
	} {
		job, err := parseJob([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, want, job.State(), body)
		if want == StateUnknown {
			assert.Empty(t, job.DownloadLinks(), body)
		}
		assert.Equal(t, body, string(job.RawJSON()))
		stored, err := json.Marshal(job)
		require.NoError(t, err)
		var back Job
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, want, back.State(), body)
	}
}

// A member of an unexpected type gives the state that every readable value of it gives, or
// StateUnknown.
func TestState_isNeverWrong(t *testing.T) {
	t.Parallel()
	const at = `"2026-08-10T03:44:52Z"`
	readable := map[string][]string{
		"failed": {`true`, `false`}, "cancelled": {`true`, `false`}, "expired": {`true`, `false`},
		"finishedAt": {at, `null`}, "expiresAt": {at, `null`},
		"deliveryType":                {`"automated"`, `"download"`, `"pointInTime"`, `"clone"`},
		"deliveryUrl":                 {`["u"]`, `[]`, `["u",null]`},
		"components":                  {`[]`, `[{"downloadUrl":"u"}]`, `[{"downloadUrl":null}]`},
		"privateDownloadDeliveryUrls": {`[]`, `[{"deliveryUrl":"u"}]`},
		"statusName":                  {`"IN_PROGRESS"`, `"FINISHED"`, `"BROKEN"`, `"KILLED"`},
		"delivery": {
			`null`, `{"methodName":"HTTP","statusName":"READY"}`, `{"statusName":"FAILED"}`, `{"statusName":"EXPIRED"}`,
			`{"statusName":"EXPIRED","targetClusterId":"c"}`, `{"statusName":"PENDING"}`,
		},
		"status":      {`"PENDING"`, `"COMPLETED"`, `"FAILED"`},
		"snapshotUrl": {`"u"`, `null`, `""`},
	}
	odd := []string{`{}`, `[{}]`, `[true]`, `true`, `-1`, `17`, `1e300`, `"soon"`, `{"$date":"2026-08-10T03:44:52Z"}`, `[["u"]]`}
	names := slices.Sorted(maps.Keys(readable))
	unknown := 0
	for _, format := range [][]string{
		{"failed", "cancelled", "expired", "finishedAt", "expiresAt", "deliveryType", "deliveryUrl", "components", "privateDownloadDeliveryUrls"},
		{"statusName", "delivery"},
		{"status", "snapshotUrl"},
	} {
		others := combinations(format, readable)
		for _, name := range format {
			require.Contains(t, names, name)
			for _, members := range others {
				states := map[State]bool{}
				for _, value := range readable[name] {
					states[stateWith(t, format, members, name, value)] = true
				}
				for _, value := range odd {
					state := stateWith(t, format, members, name, value)
					if state == StateUnknown {
						unknown++
						continue
					}
					if name == "delivery" && value == `{}` || !isUnexpected(name, value) {
						continue // a value of the documented type
					}
					assert.True(t, states[state] && len(states) == 1, "%s as %s in %v: %s", name, value, members, state)
				}
			}
		}
	}
	assert.Positive(t, unknown)
}

// isUnexpected reports whether a value has another type than the documents give the member.
func isUnexpected(name, value string) bool {
	switch name {
	case "failed", "cancelled", "expired":
		return value != `true`
	case "deliveryType", "statusName", "status", "deliveryUrl", "snapshotUrl":
		return value[0] != '"'
	case "finishedAt", "expiresAt":
		return true
	case "components", "privateDownloadDeliveryUrls":
		return value != `[{}]`
	case "delivery":
		return value[0] != '{'
	default:
		return true
	}
}

// combinations gives some hundred choices of a value for each member, all of them where they are few.
func combinations(names []string, values map[string][]string) []map[string]string {
	list := []map[string]string{{}}
	for _, name := range names {
		var longer []map[string]string
		for _, members := range list {
			for _, value := range values[name] {
				with := maps.Clone(members)
				with[name] = value
				longer = append(longer, with)
			}
		}
		list = longer
	}
	const most = 300
	if step := len(list) / most; step > 1 {
		var some []map[string]string
		for i := 0; i < len(list); i += step {
			some = append(some, list[i])
		}
		list = some
	}
	return list
}

// stateWith is the state of a job of these members, one of them replaced.
func stateWith(t *testing.T, names []string, members map[string]string, replaced, value string) State {
	t.Helper()
	var body strings.Builder
	body.WriteString(`{"id":"j"`)
	for _, name := range names {
		text := members[name]
		if name == replaced {
			text = value
		}
		fmt.Fprintf(&body, `,%q:%s`, name, text)
	}
	job, err := parseJob([]byte(body.String() + `,"instanceName":""}`))
	require.NoError(t, err)
	return job.State()
}
