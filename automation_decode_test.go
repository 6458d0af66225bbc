package restorejobs

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every documented member is read. A member of another type is missing, and proves nothing.
func TestDecodeAutomationStatus_members(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want AutomationStatus
	}{
		"documented": {
			`{"goalVersion":29,"processes":[{"hostname":"db1.example.net","name":"rs_1","lastGoalVersionAchieved":28,"plan":["Download","WaitRsInit"],
				"errorCode":100,"errorCodeHumanReadable":"AutomationError","errorCodeDescription":"D","errorString":"S"}]}`,
			AutomationStatus{29, []AutomationProcess{{"db1.example.net", "rs_1", 0, 28, []string{"Download", "WaitRsInit"}, 100, "AutomationError", "S"}}},
		},
		"in an envelope":   {`{"status":200,"content":{"goalVersion":3,"processes":[]}}`, AutomationStatus{GoalVersion: 3}},
		"null":             {`{"goalVersion":3,"processes":null}`, AutomationStatus{GoalVersion: 3}},
		"a description":    {`{"goalVersion":3,"processes":[{"errorCodeDescription":"D","port":27018}]}`, AutomationStatus{3, []AutomationProcess{{Port: 27018, ErrorMessage: "D"}}}},
		"another type":     {`{"goalVersion":3,"processes":[{"hostname":"h","lastGoalVersionAchieved":"3","plan":"Download"}]}`, AutomationStatus{3, []AutomationProcess{{Hostname: "h"}}}},
		"null achieved":    {`{"goalVersion":3,"processes":[{"hostname":"h","lastGoalVersionAchieved":null}]}`, AutomationStatus{3, []AutomationProcess{{Hostname: "h"}}}},
		"not an object":    {`{"goalVersion":3,"processes":[7]}`, AutomationStatus{3, []AutomationProcess{{}}}},
		"links and breaks": {`{"goalVersion":3,"processes":[{"errorString":"GET https://h/KEY\nfailed"}]}`, AutomationStatus{3, []AutomationProcess{{ErrorMessage: "GET [redacted] failed"}}}},
	} {
		status, err := decodeAutomationStatus([]byte(test.body))
		require.NoError(t, err, name)
		assert.Equal(t, test.want, *status, name)
	}
}

// A body without a goal is not a status.
func TestDecodeAutomationStatus_unusable(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		``, `{}`, `[]`, `null`, `{"processes":[]}`, `{"goalVersion":null,"processes":[]}`, `{"goalVersion":"9","processes":[]}`,
		`{"goalVersion":9,"processes":[`, `<html>`, `{"status":403,"content":{"errorCode":"X"}}`, `{"results":[]}`, `{"goalVersion":1.5}`,
	} {
		_, err := decodeAutomationStatus([]byte(body))
		assert.Error(t, err, body)
	}
}

// A process is one line, with its first step and its error.
func TestAutomationProcess_String(t *testing.T) {
	t.Parallel()
	for want, process := range map[string]AutomationProcess{
		"db1 (rs_1) at 8, step Download, error 100 AutomationError cannot fetch": {
			Hostname: "db1", Name: "rs_1", LastGoalVersionAchieved: 8, Plan: []string{"Download", "WaitRsInit"},
			ErrorCode: 100, ErrorCodeName: "AutomationError", ErrorMessage: "cannot fetch",
		},
		"db1:27018 at 9":    {Hostname: "db1", Name: "db1", Port: 27018, LastGoalVersionAchieved: 9},
		"unknown host at 0": {},
		"a b at 0":          {Hostname: "a\nb"},
	} {
		assert.Equal(t, want, process.String())
	}
	assert.Equal(t, "goal 9, reached by 1 of 2 processes",
		AutomationStatus{9, []AutomationProcess{{LastGoalVersionAchieved: 8}, {LastGoalVersionAchieved: 9}}}.String())
}
