package restorejobs

import (
	"context"
	"errors"
	"strings"

	"example.com/restorejobs/internal/api"
)

// FindProject returns the project with a name or an ID. A name of 24 hexadecimal digits is tried
// as an ID first. If no or several projects match, the error is a [*LookupError]. To list several, all
// projects of the key are read. Cloud Manager and Ops Manager. No error, log line or observer shows
// a response, which contains keys of agents.
//
// API: Cloud Manager and Ops Manager "Get One Project", "Get One Project by Name", "Get All Projects".
func (m ManagerService) FindProject(ctx context.Context, nameOrID string) (*Project, error) {
	return newLookup(m.client, m.cluster, findProjectOperation).findProject(ctx, nameOrID)
}

// FindProject returns the project with a name or an ID. A name of 24 hexadecimal digits is tried
// as an ID first. If no or several projects match, the error is a [*LookupError]. To list several, all
// projects of the key are read.
//
// API: Atlas v2 "getGroup", "getGroupByName", "listGroups".
func (a AtlasV2Service) FindProject(ctx context.Context, nameOrID string) (*Project, error) {
	return newLookup(a.client, atlasV2Cluster, findProjectOperation).findProject(ctx, nameOrID)
}

const findProjectOperation = "find project"

// lookup finds projects and clusters of one product.
type lookup struct {
	client    *Client
	endpoint  *endpoint // of the clusters
	operation string
}

func newLookup(c *Client, e *endpoint, operation string) *lookup {
	return &lookup{
		client:    c,
		endpoint:  e,
		operation: operation,
	}
}

// validate returns the problems with names and IDs, and with a missing base URL.
func (l *lookup) validate(params ...pathParam) error {
	_, err := newProductRequest(l.client, l.endpoint.variant, &sourceCall{operation: l.operation}, invalidIDs(params...))
	return err
}

// findProject returns the project with a name or an ID.
func (l *lookup) findProject(ctx context.Context, nameOrID string) (*Project, error) {
	if isObjectID(nameOrID) {
		project, err := l.getProject(ctx, nameOrID, "", func(p *Project) string { return p.ID })
		if err == nil || !isUnknownID(err) {
			return project, err
		}
	}
	return l.findProjectByName(ctx, nameOrID)
}

func (l *lookup) findProjectByName(ctx context.Context, name string) (*Project, error) {
	project, err := l.getProject(ctx, name, "byName/", func(p *Project) string { return p.Name })
	switch {
	case err == nil:
		return project, nil
	case errors.Is(err, ErrAmbiguous):
		return nil, l.ambiguousProject(ctx, name, err)
	default:
		return nil, l.projectError(name, err)
	}
}

// getProject reads the project whose key has a value.
func (l *lookup) getProject(ctx context.Context, value, subpath string, key func(*Project) string) (*Project, error) {
	call := l.newProjectCall(l.endpoint.pathPrefix + subpath + api.EscapeSegment(value))
	req, err := newProductRequest(l.client, l.endpoint.variant, call, invalidIDs(pathParam{"project", value}))
	if err != nil {
		return nil, err
	}
	req.SecretBody = true
	return send(ctx, l.client, req, func(resp *api.Response) (*Project, error) {
		project, err := decodeProject(resp.Body)
		if err == nil && !strings.EqualFold(key(project), value) {
			err = errors.New("the response is about another project")
		}
		return project, err
	})
}

// isUnknownID reports whether an ID may be a name. A web page proves nothing.
func isUnknownID(err error) bool {
	var apiErr *Error
	return errors.Is(err, ErrNotFound) && errors.As(err, &apiErr) && !isHTML(apiErr)
}
