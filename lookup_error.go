package restorejobs

import (
	"errors"
	"fmt"
	"strings"
)

// The kinds of a [LookupError].
const (
	// LookupProject is a project that was not found.
	LookupProject = "project"
	// LookupCluster is a cluster that was not found.
	LookupCluster = "cluster"
)

// LookupError is a name or an ID that does not belong to exactly one project or cluster. Without
// Candidates it matches [ErrNotFound]. If several match, it matches [ErrAmbiguous].
type LookupError struct {
	// Kind is LookupProject or LookupCluster.
	Kind string
	// Name is the name or ID of the call.
	Name string
	// Project is the name or ID of the project of the call. Empty if the project was not found.
	Project string
	// Candidates are the clusters that match, at least two, or the first 100 projects that match, sorted
	// by ID. Nil if none match, or if the projects could not be listed: the text of the error has the
	// reason.
	Candidates []Candidate

	operation string
	hint      string // why a cluster of that name does not count, or why no project is listed
	omitted   int    // projects that match, beyond Candidates
	err       error  // an *Error, nil if a list has no match
}

// Candidate is a project or a cluster with the name of a lookup.
type Candidate struct {
	// ID identifies the project or cluster.
	ID string
	// Name is the name of the project or cluster. Empty if it has none.
	Name string
	// OrgID is the organization of a project.
	OrgID string
	// Type is the topology of a cluster as received, such as REPLICA_SET.
	Type string
	// ReplicaSet is the name of the replica set.
	ReplicaSet string
	// Shard is the name of the shard.
	Shard string
}

// Format prints the fields as fmt would, without the server's control characters.
func (c Candidate) Format(f fmt.State, verb rune) {
	type candidate Candidate
	writeFields(f, verb, candidate(c))
}

// describe returns the candidate for an error.
func (c *Candidate) describe(kind string) string {
	if kind == LookupProject {
		return c.describeProject()
	}
	text := sanitizeOr(c.ID, "without id") + " (" + sanitizeOr(c.Type, "unknown type")
	if c.ReplicaSet != "" {
		text += ", replica set " + sanitize(c.ReplicaSet, 100)
	}
	if c.Shard != "" {
		text += ", shard " + sanitize(c.Shard, 100)
	}
	return text + ")"
}

func (c *Candidate) describeProject() string {
	text := sanitizeOr(c.ID, "without id") + " (" + sanitizeOr(c.Name, "without name")
	if c.OrgID != "" {
		text += ", organization " + sanitize(c.OrgID, 100)
	}
	return text + ")"
}

// maxShownCandidates limits the candidates in the text of an error.
const maxShownCandidates = 10

// Error returns one line: the operation, what was searched for, and the first ten candidates.
func (e *LookupError) Error() string {
	var b strings.Builder
	b.WriteString("restorejobs: " + e.operation + ": ")
	place := ""
	if e.Project != "" {
		place = fmt.Sprintf(" in project %q", sanitize(e.Project, 200))
	}
	if e.isAmbiguous() {
		fmt.Fprintf(&b, "several %ss have the name %q%s, use the id of one", e.Kind, sanitize(e.Name, 200), place)
	} else {
		fmt.Fprintf(&b, "no %s %q%s", e.Kind, sanitize(e.Name, 200), place)
	}
	shown := min(len(e.Candidates), maxShownCandidates)
	for i := range shown {
		separator := ", "
		if i == 0 {
			separator = ": "
		}
		b.WriteString(separator + e.Candidates[i].describe(e.Kind))
	}
	if omitted := len(e.Candidates) - shown + e.omitted; omitted > 0 {
		fmt.Fprintf(&b, ", and %d more", omitted)
	}
	if e.hint != "" {
		b.WriteString(" (" + e.hint + ")")
	}
	return b.String()
}

// Format prints [LookupError.Error] for every verb.
func (e *LookupError) Format(f fmt.State, _ rune) { writeString(f, e.Error()) }

func (e *LookupError) isAmbiguous() bool {
	return len(e.Candidates) > 0 || errors.Is(e.err, ErrAmbiguous)
}

// Is reports whether target is [ErrAmbiguous] or [ErrNotFound], whichever it is.
func (e *LookupError) Is(target error) bool {
	if e.isAmbiguous() {
		return target == ErrAmbiguous
	}
	return target == ErrNotFound
}

// Unwrap returns the [*Error] of the service, nil if a list has no match.
func (e *LookupError) Unwrap() error { return e.err }

// projectError returns a LookupError for a project that the service does not know.
func (l *lookup) projectError(name string, err error) error {
	if !errors.Is(err, ErrorCodeGroupNameNotFound) && !isUnknownProject(err) {
		return err
	}
	return &LookupError{
		Kind:      LookupProject,
		Name:      name,
		operation: l.operation,
		err:       err,
	}
}

// clusterError returns a LookupError for a cluster that the service does not know.
func (l *lookup) clusterError(project, name string, err error) error {
	switch {
	case isUnknownProject(err):
		return l.projectError(project, err)
	case isUnknownCluster(err):
		return &LookupError{
			Kind:      LookupCluster,
			Name:      name,
			Project:   project,
			operation: l.operation,
			err:       err,
		}
	default:
		return err
	}
}

// isUnknownProject reports a code for an unknown or malformed project ID.
func isUnknownProject(err error) bool {
	return errors.Is(err, ErrorCodeGroupNotFound) || errors.Is(err, ErrorCodeInvalidGroupID)
}

// isUnknownCluster reports a code for an unknown cluster. A 404 without one may be that of a proxy.
func isUnknownCluster(err error) bool {
	return errors.Is(err, ErrorCodeClusterNotFound) || errors.Is(err, ErrorCodeClusterNameNotFound) ||
		errors.Is(err, ErrorCodeInvalidClusterID)
}
