package restorejobs

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// timestampForms are the JSON forms of a timestamp that are known.
var timestampForms = map[string]Timestamp{
	`"1702220445:1"`:                                {time.Unix(1702220445, 0).UTC(), 1},
	`"4294967295:4294967295"`:                       {time.Unix(math.MaxUint32, 0).UTC(), math.MaxUint32},
	`"1702220445:0"`:                                {time.Unix(1702220445, 0).UTC(), 0},
	`"0:0"`:                                         {},
	`{"t":1702220445,"i":1}`:                        {time.Unix(1702220445, 0).UTC(), 1},
	`{"i":1,"t":1702220445}`:                        {time.Unix(1702220445, 0).UTC(), 1},
	`{"t":"1702220445","i":"1"}`:                    {time.Unix(1702220445, 0).UTC(), 1},
	`{"t":0,"i":0}`:                                 {},
	`{"t":0,"i":5}`:                                 {time.Unix(0, 0).UTC(), 5},
	`{"$timestamp":{"t":1702220445,"i":1}}`:         {time.Unix(1702220445, 0).UTC(), 1},
	`{"date":"2023-12-10T15:00:45Z","increment":1}`: {time.Unix(1702220445, 0).UTC(), 1},
	`{"date":1702220445000,"increment":1}`:          {time.Unix(1702220445, 0).UTC(), 1},
	`"2023-12-10T15:00:45Z"`:                        {time.Unix(1702220445, 0).UTC(), 0},
	`"2023-12-10T15:00:45.5Z"`:                      {time.Unix(1702220445, 500_000_000).UTC(), 0},
	`1702220445000`:                                 {time.Unix(1702220445, 0).UTC(), 0},
	`{"increment":null,"time":null,"date":null}`:    {},
	`{"date":null,"increment":0}`:                   {},
	`{}`:                                            {},
	`null`:                                          {},
	`""`:                                            {},

	`{"$timestamp":{"t":4294967295,"i":4294967295}}`: {time.Unix(math.MaxUint32, 0).UTC(), math.MaxUint32},
}

// unknownTimestamps are JSON values that are not a timestamp, and the rule that the error names.
var unknownTimestamps = map[string]string{
	`"Timestamp(1702220445, 1)"`:                      "is not a timestamp",
	`"1702220445"`:                                    "is not a timestamp",
	`"1702220445:"`:                                   "is not a timestamp",
	`":1"`:                                            "is not a timestamp",
	`"1702220445:1:1"`:                                "is not a timestamp",
	`"1702220445,1"`:                                  "is not a timestamp",
	`" 1702220445:1"`:                                 "is not a timestamp",
	`"+1702220445:1"`:                                 "is not a timestamp",
	`"-1:1"`:                                          "is not a timestamp",
	`"1702220445:1.5"`:                                "is not a timestamp",
	`"4294967296:1"`:                                  "t must be between 0 and 4294967295",
	`"99999999999999999999:1"`:                        "t must be between 0 and 4294967295",
	`"1702220445:4294967296"`:                         "i must be between 0 and 4294967295",
	`{"t":4294967296,"i":1}`:                          "t must be between 0 and 4294967295",
	`{"t":-1,"i":1}`:                                  "t must be between 0 and 4294967295",
	`{"t":1.5,"i":1}`:                                 "t must be between 0 and 4294967295",
	`{"t":1702220445,"i":-1}`:                         "i must be between 0 and 4294967295",
	`{"t":1702220445}`:                                "i is missing",
	`{"i":1}`:                                         "t is missing",
	`{"$timestamp":{"t":1702220445}}`:                 "i is missing",
	`{"$timestamp":{"i":1}}`:                          "t is missing",
	`{"$timestamp":{}}`:                               "t is missing",
	`{"$timestamp":"1702220445:1"}`:                   "$timestamp must be an object",
	`{"t":null,"i":null}`:                             "t is missing",
	`{"t":1702220445,"i":null}`:                       "i is missing",
	`{"$timestamp":{"t":null,"i":1}}`:                 "t is missing",
	`{"increment":5}`:                                 "date is missing",
	`{"increment":"5","date":null}`:                   "date is missing",
	`{"increment":4,"time":7}`:                        "date is missing",
	`{"time":"2023-12-10T15:00:45Z"}`:                 "date is missing",
	`{"date":"soon","increment":1}`:                   "date is not a time",
	`{"date":1702220445,"increment":1}`:               "date is not a time",
	`{"date":"2023-12-10T15:00:45Z","increment":"x"}`: "increment must be between 0 and 4294967295",
	`{"date":"2023-12-10T15:00:45Z","increment":-1}`:  "increment must be between 0 and 4294967295",
	`{"date":"2023-12-10T15:00:45Z","increment":4294967296}`: "increment must be between 0 and 4294967295",
	`{"$date":"2023-12-10T15:00:45Z"}`:                       "is not a timestamp",
	`{"T":1702220445,"I":1}`:                                 "is not a timestamp",
	`1702220445`:                                             "is not a timestamp",
	`"soon"`:                                                 "is not a timestamp",
	`7`:                                                      "is not a timestamp",
	`true`:                                                   "is not a timestamp",
	`[]`:                                                     "is not a timestamp",
	`[1702220445,1]`:                                         "is not a timestamp",
}

func TestTimestamp_validForms(t *testing.T) {
	t.Parallel()
	for form, want := range timestampForms {
		have := Timestamp{time.Unix(9, 0), 9}
		require.NoError(t, json.Unmarshal([]byte(form), &have), form)
		assert.Equal(t, want, have, form)
		job, err := parseJob([]byte(`{"id":"j","timestamp":` + form + `,"desiredTimestamp":` + form + `}`))
		require.NoError(t, err, form)
		assert.Equal(t, []Timestamp{want, want}, []Timestamp{job.Timestamp, job.DesiredTimestamp}, form)
		encoded, err := json.Marshal(have)
		require.NoError(t, err)
		var back Timestamp
		require.NoError(t, json.Unmarshal(encoded, &back), "%s", encoded)
		assert.Equal(t, want, back, form)
	}
}

func TestTimestamp_invalidForms(t *testing.T) {
	t.Parallel()
	for form, rule := range unknownTimestamps {
		have := Timestamp{time.Unix(9, 0), 9}
		err := json.Unmarshal([]byte(form), &have)
		require.ErrorContains(t, err, rule, form)
		require.ErrorContains(t, err, "timestamp", form)
		assert.Equal(t, Timestamp{time.Unix(9, 0), 9}, have, "an error changes nothing")

		body := `{"id":"j","desiredTimestamp":` + form + `,"snapshotId":"s"}`
		job, err := parseJob([]byte(body))
		require.NoError(t, err, "a job is read all the same")
		assert.Equal(t, body, string(job.RawJSON()))
		assert.Equal(t, []string{"j", "s"}, []string{job.ID, job.SnapshotID})
		if !strings.Contains(form, "increment") && !strings.Contains(form, `"date"`) {
			assert.True(t, job.DesiredTimestamp.IsZero(), form)
		}
	}
	require.ErrorContains(t, json.Unmarshal([]byte(`{"date":`), new(Timestamp)), "unexpected end")
}

func TestParseTimestamp_pastedForms(t *testing.T) {
	t.Parallel()
	want := Timestamp{time.Unix(1702220445, 0).UTC(), 1}
	for _, text := range []string{
		"1702220445:1", "Timestamp(1702220445, 1)", "Timestamp(1702220445,1)", "Timestamp( 1702220445 , 1 )",
		"Timestamp({ t: 1702220445, i: 1 })", "Timestamp({t:1702220445,i:1})", `{"t":1702220445,"i":1}`,
		`{"$timestamp":{"t":1702220445,"i":1}}`, `{ "$timestamp": { "t": 1702220445, "i": 1 } }`,
		`{"date":"2023-12-10T15:00:45Z","increment":1}`,
	} {
		have, err := ParseTimestamp(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, have, text)
	}
	have, err := ParseTimestamp("2023-12-10T15:00:45Z")
	require.NoError(t, err)
	assert.Equal(t, Timestamp{Date: want.Date}, have)
}

func TestParseTimestamp_namesTheRule(t *testing.T) {
	t.Parallel()
	for text, rule := range map[string]string{
		"":                                   "seconds:increment",
		" ":                                  "seconds:increment",
		"soon":                               "seconds:increment",
		"null":                               "seconds:increment",
		"1702220445":                         "seconds:increment",
		"1702220445000":                      "seconds:increment",
		" 1702220445:1":                      "seconds:increment",
		"1702220445:1 ":                      "seconds:increment",
		"1702220445: 1":                      "seconds:increment",
		"-1702220445:1":                      "seconds:increment",
		"1702220445:1\x1b[2J":                "seconds:increment",
		"Timestamp(1702220445)":              "seconds:increment",
		"Timestamp(1702220445, 1":            "seconds:increment",
		"Timestamp(1702220445, 1, 1)":        "seconds:increment",
		"timestamp(1702220445, 1)":           "seconds:increment",
		"Timestamp({t:1702220445})":          "seconds:increment",
		"٣:1":                                "seconds:increment",
		`{"t":1702220445`:                    "unexpected end",
		`{"t":1702220445}`:                   "i is missing",
		`{"x":1}`:                            "is not a timestamp",
		`{}`:                                 "is not a timestamp",
		`{"date":null}`:                      "is not a timestamp",
		"4294967296:1":                       "t must be between 0 and 4294967295",
		"1702220445:4294967296":              "i must be between 0 and 4294967295",
		"Timestamp(4294967296, 1)":           "t must be between 0 and 4294967295",
		"Timestamp({ t: 1, i: 4294967296 })": "i must be between 0 and 4294967295",
		strings.Repeat("9", 1000) + ":1":     "t must be between 0 and 4294967295",
		strings.Repeat("x", 100_000):         "seconds:increment",
	} {
		have, err := ParseTimestamp(text)
		require.ErrorIs(t, err, ErrInvalidArgument, text)
		require.ErrorContains(t, err, rule)
		assert.Less(t, len(err.Error()), 500)
		assert.NotContains(t, err.Error(), "\x1b")
		assert.Equal(t, Timestamp{}, have)
	}
}

// FuzzTimestamp reads anything as a text and as JSON: what is read has its bounds and is the same
// in a job and after a round trip.
func FuzzTimestamp(f *testing.F) {
	for form := range timestampForms {
		f.Add(form)
	}
	for form := range unknownTimestamps {
		f.Add(form)
	}
	for _, text := range []string{"1702220445:1", "Timestamp(1702220445, 1)", "Timestamp({ t: 1702220445, i: 1 })", "2023-12-10", "0:0"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := ParseTimestamp(text)
		if err == nil {
			requireBounds(t, parsed)
			if parsed.Date.Nanosecond() == 0 && parsed.Date.Unix() >= 0 && parsed.Date.Unix() <= math.MaxUint32 {
				again, err := ParseTimestamp(fmt.Sprintf("%d:%d", parsed.Date.Unix(), parsed.Increment))
				require.NoError(t, err)
				assert.True(t, parsed.Date.Equal(again.Date) || again.IsZero())
				assert.Equal(t, parsed.Increment, again.Increment)
			}
		} else {
			require.ErrorIs(t, err, ErrInvalidArgument)
			assert.Equal(t, Timestamp{}, parsed)
		}

		var alone Timestamp
		err = json.Unmarshal([]byte(text), &alone)
		if !json.Valid([]byte(text)) {
			require.Error(t, err)
			return
		}
		job, jobErr := parseJob([]byte(`{"desiredTimestamp":` + text + `}`))
		require.NoError(t, jobErr)
		if err != nil {
			assert.Equal(t, Timestamp{}, alone)
			return
		}
		requireBounds(t, alone)
		assert.Equal(t, alone, job.DesiredTimestamp)
		var theirs struct {
			T, I *uint32
			Ext  *struct{ T, I *uint32 } `json:"$timestamp"`
		}
		known := strings.Count(text, `"t"`) == 1 && strings.Count(text, `"i"`) == 1 && strings.Count(text, ":") == 2
		if known && json.Unmarshal([]byte(text), &theirs) == nil && theirs.T != nil && theirs.I != nil && (*theirs.T != 0 || *theirs.I != 0) {
			assert.Equal(t, Timestamp{time.Unix(int64(*theirs.T), 0).UTC(), int64(*theirs.I)}, alone)
		}
		encoded, err := json.Marshal(alone)
		if err != nil {
			return // a year that RFC 3339 has no form for
		}
		var back Timestamp
		require.NoError(t, json.Unmarshal(encoded, &back))
		assert.True(t, alone.Date.Equal(back.Date))
		assert.Equal(t, alone.Increment, back.Increment)
	})
}

func requireBounds(t *testing.T, timestamp Timestamp) {
	t.Helper()
	require.GreaterOrEqual(t, timestamp.Increment, int64(0))
	require.LessOrEqual(t, timestamp.Increment, int64(math.MaxUint32))
}

func TestTimestamp_forms(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Timestamp{
		`"2014-07-09T09:20:00Z"`:                              {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC)},
		`{"date":"2014-07-09T09:20:00Z","increment":"3"}`:     {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC), Increment: 3},
		`{"date":"2014-07-09T09:20:00+0000","increment":3.0}`: {Date: time.Date(2014, 7, 9, 9, 20, 0, 0, time.UTC), Increment: 3},
		`{"increment":null,"time":null,"date":null}`:          {},
		`""`: {}, `null`: {},
		`"2014-07-09T11:20:00.5+0200"`: {Date: time.Date(2014, 7, 9, 9, 20, 0, 5e8, time.UTC)},
	} {
		var ts Timestamp
		require.NoError(t, ts.UnmarshalJSON([]byte(in)), in)
		assert.True(t, ts.Date.Equal(want.Date) && ts.Increment == want.Increment, "%s: %v", in, ts)
	}
	for _, in := range []string{`7`, `[]`} {
		require.Error(t, new(Timestamp).UnmarshalJSON([]byte(in)), in)
	}
}

func TestTimestamp_unmarshalJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2018, 9, 10, 20, 11, 28, 0, time.UTC)
	for body, want := range map[string]Timestamp{
		`{"date":"2018-09-10T20:11:28Z","increment":4}`: {at, 4}, `"2018-09-10T20:11:28Z"`: {Date: at},
		`{"date":null,"increment":null,"time":null}`: {},
		`null`: {}, `""`: {},
	} {
		have := Timestamp{at, 9}
		require.NoError(t, json.Unmarshal([]byte(body), &have), body)
		assert.Equal(t, want, have, body)
		assert.Equal(t, want == Timestamp{}, have.IsZero())
	}
	var have Timestamp
	require.Error(t, have.UnmarshalJSON([]byte(`{"date":`)))
	encoded, err := json.Marshal(Timestamp{at, 4})
	require.NoError(t, err)
	assert.JSONEq(t, `{"date":"2018-09-10T20:11:28Z","increment":4}`, string(encoded))
}
