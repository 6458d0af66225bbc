package restorejobs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// AutomationStatus is how far the servers of a project of Cloud Manager or Ops Manager have applied
// its automation configuration.
//
// API: Cloud Manager and Ops Manager "Automation Status".
type AutomationStatus struct {
	// GoalVersion is the version of the newest automation configuration of the project. Every
	// deployment of the project raises it.
	GoalVersion int64
	// Processes are the automated processes of the project, mongod and mongos, in the server's order.
	Processes []AutomationProcess
}

// AutomationProcess is one automated mongod or mongos.
//
// API: Cloud Manager and Ops Manager "Automation Status", processes.
type AutomationProcess struct {
	// Hostname is the host of the process.
	Hostname string
	// Name is the name of the process in the automation configuration.
	Name string
	// Port is the port of the process, 0 if unknown. No document has it.
	Port int
	// LastGoalVersionAchieved is the newest version that the process has applied. It is lower than the
	// goal while the process is behind.
	LastGoalVersionAchieved int64
	// Plan are the steps that are not complete, such as "Download". A process at the goal can have
	// steps, too. A text of an agent is one line, and has no link, which can contain a key.
	Plan []string
	// ErrorCode is the error of the agent, 0 for none.
	ErrorCode int
	// ErrorCodeName is the readable form of ErrorCode. Empty without an error.
	ErrorCodeName string
	// ErrorMessage is the text of the error. Empty without an error.
	ErrorMessage string
}

// maxAgentText limits the text of an agent's error.
const maxAgentText = 500

// String returns the process in one line: the host, the name, the version that it has applied, its
// first step and its error.
func (p AutomationProcess) String() string {
	var b strings.Builder
	b.WriteString(sanitizeOr(p.Hostname, "unknown host"))
	if p.Port != 0 {
		fmt.Fprintf(&b, ":%d", p.Port)
	}
	if p.Name != "" && p.Name != p.Hostname {
		fmt.Fprintf(&b, " (%s)", sanitize(p.Name, 100))
	}
	fmt.Fprintf(&b, " at %d", p.LastGoalVersionAchieved)
	if len(p.Plan) > 0 {
		b.WriteString(", step " + sanitize(p.Plan[0], 100))
	}
	if p.ErrorCode != 0 {
		fmt.Fprintf(&b, ", error %d", p.ErrorCode)
		for _, text := range []string{p.ErrorCodeName, p.ErrorMessage} {
			if text != "" {
				b.WriteString(" " + sanitize(text, maxAgentText))
			}
		}
	}
	return b.String()
}

// Format prints [AutomationProcess.String] for every verb.
func (p AutomationProcess) Format(f fmt.State, _ rune) { writeString(f, p.String()) }

// LogValue returns [AutomationProcess.String] for log/slog.
func (p AutomationProcess) LogValue() slog.Value { return slog.StringValue(p.String()) }

// String returns the goal, and how many processes have reached it.
func (a AutomationStatus) String() string {
	return fmt.Sprintf("goal %d, reached by %d of %d processes", a.GoalVersion,
		len(a.Processes)-countBehind(a.Processes, a.GoalVersion), len(a.Processes))
}

// Format prints [AutomationStatus.String] for every verb.
func (a AutomationStatus) Format(f fmt.State, _ rune) { writeString(f, a.String()) }

// LogValue returns [AutomationStatus.String] for log/slog.
func (a AutomationStatus) LogValue() slog.Value { return slog.StringValue(a.String()) }

// countBehind returns how many processes have not reached a goal.
func countBehind(processes []AutomationProcess, goal int64) int {
	behind := 0
	for i := range processes {
		if processes[i].LastGoalVersionAchieved < goal {
			behind++
		}
	}
	return behind
}

// projectKey identifies a project of a product.
type projectKey struct {
	variant   Variant
	projectID string
}

// automationReading is a status, and the server's clock at its response.
type automationReading struct {
	status     *AutomationStatus
	serverTime time.Time // zero if unknown
}

// statusDocument is the body of a status.
type statusDocument struct {
	GoalVersion json.RawMessage   `json:"goalVersion"` // read strictly: a goal of 0 is reached by all
	Processes   []json.RawMessage `json:"processes"`
}

// processDocument is one process. A member of another type is missing, so that it proves nothing.
type processDocument struct {
	Hostname                string   `json:"hostname"`
	Name                    string   `json:"name"`
	Port                    int      `json:"port"`
	LastGoalVersionAchieved int64    `json:"lastGoalVersionAchieved"`
	Plan                    []string `json:"plan"`
	ErrorCode               int      `json:"errorCode"`
	ErrorCodeHumanReadable  string   `json:"errorCodeHumanReadable"`
	ErrorCodeDescription    string   `json:"errorCodeDescription"`
	ErrorString             string   `json:"errorString"`
}

// decodeAutomationStatus decodes a response. A status without a goal is an error.
func decodeAutomationStatus(body []byte) (*AutomationStatus, error) {
	var document statusDocument
	if _, err := decodeEntity(body, &document); err != nil {
		return nil, err
	}
	var goal *int64
	if err := json.Unmarshal(document.GoalVersion, &goal); err != nil || goal == nil {
		return nil, errors.New("the body is not an automation status: it has no goalVersion")
	}
	status := &AutomationStatus{GoalVersion: *goal}
	for _, raw := range document.Processes {
		var process processDocument
		if err := decodeLeniently(raw, &process); err != nil {
			process = processDocument{} // it counts as one that has not reached the goal
		}
		status.Processes = append(status.Processes, process.process())
	}
	return status, nil
}

func (p *processDocument) process() AutomationProcess {
	message := cmp.Or(p.ErrorString, p.ErrorCodeDescription)
	for i := range p.Plan {
		p.Plan[i] = sanitize(p.Plan[i], maxAgentText)
	}
	return AutomationProcess{
		Hostname:                p.Hostname,
		Name:                    p.Name,
		Port:                    p.Port,
		LastGoalVersionAchieved: p.LastGoalVersionAchieved,
		Plan:                    p.Plan,
		ErrorCode:               p.ErrorCode,
		ErrorCodeName:           sanitize(p.ErrorCodeHumanReadable, maxAgentText),
		ErrorMessage:            sanitize(message, maxAgentText),
	}
}
