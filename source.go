package restorejobs

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"example.com/restorejobs/internal/api"
)

// Source is a cluster, host or instance whose backups are restored. Get one from a [Client], as
// in client.OpsManager.Cluster(projectID, clusterID), or from a reference with [Client.Source].
// It is immutable and safe for concurrent use. Making one does no I/O.
type Source struct {
	// Jobs are the restore jobs of the source.
	Jobs *Jobs

	client    *Client
	endpoint  *endpoint
	projectID string
	clusterID string
}

func newSource(c *Client, e *endpoint, projectID, clusterID string) *Source {
	return &Source{
		Jobs:      newJobs(c, e, projectID, clusterID),
		client:    c,
		endpoint:  e,
		projectID: projectID,
		clusterID: clusterID,
	}
}

// Variant returns the product that the source belongs to.
func (s *Source) Variant() Variant { return s.endpoint.variant }

// ProjectID returns the project ID that the source was made with.
func (s *Source) ProjectID() string { return s.projectID }

// ClusterID returns the ID or name that the source was made with: the ID of a cluster or host
// of Cloud Manager, Ops Manager and MMS, the name of a cluster or instance of Atlas.
func (s *Source) ClusterID() string { return s.clusterID }

// Ref returns the source as text for flags, files and other processes, such as
// "opsmanager/groups/{project}/clusters/{cluster}". It holds no secret. [Client.Source]
// parses it.
func (s *Source) Ref() string { return s.Jobs.ref() }

// String returns the reference of the source.
func (s *Source) String() string { return s.Ref() }

// Format prints [Source.Ref] for every verb.
func (s *Source) Format(f fmt.State, _ rune) { writeString(f, s.Ref()) }

// LogValue returns [Source.Ref] for log/slog.
func (s *Source) LogValue() slog.Value { return slog.StringValue(s.Ref()) }

// Source returns the source that a text from [Source.Ref] names. The error matches
// [ErrInvalidArgument]: the text is not a reference, an ID in it is invalid, or Ops Manager
// needs [WithBaseURL].
func (c *Client) Source(ref string) (*Source, error) {
	const operation = "parse reference"
	if strings.TrimSpace(ref) != ref {
		return nil, invalidArgument(operation, fmt.Sprintf("ref %q must not begin or end with white space", sanitize(ref, 200)))
	}
	parts := strings.Split(ref, "/")
	for _, e := range endpoints {
		if !e.matchesRef(parts) {
			continue
		}
		source, err := newSourceFromRef(c, e, parts[2], parts[4])
		if err == nil || errors.Is(err, ErrInvalidArgument) {
			return source, err
		}
		return nil, invalidArgument(operation, err.Error())
	}
	return nil, invalidArgument(operation,
		fmt.Sprintf("ref %q must be one of %s", sanitize(ref, 200), strings.Join(refExamples(parts[0]), ", ")))
}

// matchesRef reports whether the parts of a reference are those of this endpoint.
func (e *endpoint) matchesRef(parts []string) bool {
	return len(parts) == 5 && parts[0]+"/"+parts[1] == e.refPrefix && parts[3] == e.refCollection
}

// refExamples are the forms of the references of a product, or of all products if it is unknown.
func refExamples(product string) []string {
	var matching []string
	var all []string
	for _, e := range endpoints {
		form := e.refPrefix + "/…/" + e.refCollection + "/…"
		all = append(all, form)
		if strings.HasPrefix(form, strings.ToLower(product)+"/") {
			matching = append(matching, form)
		}
	}
	if matching != nil {
		return matching
	}
	return all
}

// unescapeRefSegment reads one id of a reference.
func unescapeRefSegment(segment string) (string, error) {
	plain, err := api.UnescapeSegment(segment)
	if err != nil {
		return "", fmt.Errorf("ref: %q is not escaped as a path segment is", sanitize(segment, 100))
	}
	return plain, nil
}

func newSourceFromRef(c *Client, e *endpoint, project, cluster string) (*Source, error) {
	projectID, err := unescapeRefSegment(project)
	if err != nil {
		return nil, err
	}
	clusterID, err := unescapeRefSegment(cluster)
	if err != nil {
		return nil, err
	}
	source := newSource(c, e, projectID, clusterID)
	if err := source.Jobs.validateIDs("parse reference"); err != nil {
		return nil, err
	}
	return source, nil
}
