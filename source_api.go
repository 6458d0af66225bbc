package restorejobs

import (
	"net/url"
	"slices"

	"example.com/restorejobs/internal/api"
)

// sourceAPI makes the requests of one source. What hangs on a source, such as [Jobs], embeds it.
type sourceAPI struct {
	client    *Client
	endpoint  *endpoint
	projectID string
	clusterID string
	path      string        // of the source itself, escaped
	problems  []string      // rules that its IDs break
	retryMode api.RetryMode // of reads: a wait has its own retries
}

func (s *sourceAPI) ref() string { return s.endpoint.ref(s.projectID, s.clusterID) }

// sourceCall is a request below a source or a project.
type sourceCall struct {
	operation  string
	method     string
	path       string // escaped
	apiVersion string // of the media type; empty except in Atlas v2
	isSince    bool   // the operation does not exist before apiVersion
	query      url.Values
}

// pathParam is an ID in a path and its name in errors.
type pathParam struct {
	name string
	id   string
}

func newSourceAPI(c *Client, e *endpoint, projectID, clusterID string) sourceAPI {
	return sourceAPI{
		client:    c,
		endpoint:  e,
		projectID: projectID,
		clusterID: clusterID,
		path:      e.clusterPath(projectID, clusterID),
		problems: invalidIDs(
			pathParam{"projectID", projectID},
			pathParam{e.idLabel, clusterID},
		),
	}
}

// newRequest builds a request after it has checked the base URL and the IDs of the source. The problems are
// those with other arguments.
func (s *sourceAPI) newRequest(call *sourceCall, problems ...string) (*api.Request, error) {
	if len(s.problems) > 0 {
		problems = slices.Concat(s.problems, problems)
	}
	req, err := newProductRequest(s.client, s.endpoint.variant, call, problems)
	if err != nil {
		return nil, err
	}
	req.Retry = s.retryMode
	return req, nil
}

// invalidIDs returns the rules that ids break.
func invalidIDs(ids ...pathParam) []string {
	var problems []string
	for _, param := range ids {
		if problem := api.ValidateSegment(param.name, param.id); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}

// newProductRequest builds a request to a product, unless the base URL is missing or the arguments
// have problems.
func newProductRequest(c *Client, variant Variant, call *sourceCall, problems []string) (*api.Request, error) {
	base, baseErr := c.baseURLFor(call.operation, variant)
	if isInvalid := baseErr != nil || len(problems) > 0; isInvalid {
		return nil, mergeInvalid(invalidArgument(call.operation, problems...), baseErr)
	}
	accept := c.acceptHeader(call.apiVersion)
	if call.isSince {
		accept = c.acceptHeaderSince(call.apiVersion)
	}
	return &api.Request{
		Operation: call.operation,
		Variant:   string(variant),
		Method:    call.method,
		Base:      base,
		Path:      call.path,
		Query:     joinQuery(call.query, c.defaultQuery),
		Accept:    accept,
	}, nil
}

// validateIDs returns the problems with the IDs of the source, and with a missing base URL.
func (s *sourceAPI) validateIDs(operation string) error {
	_, err := s.newRequest(&sourceCall{operation: operation})
	return err
}

func joinQuery(values url.Values, more string) string {
	if len(values) == 0 {
		return more
	}
	text := values.Encode()
	if text != "" && more != "" {
		text += "&"
	}
	return text + more
}
