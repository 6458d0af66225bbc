package restorejobs

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// maxProjectCandidates is how many projects a [LookupError] has. Its text shows maxShownCandidates.
const maxProjectCandidates = 100

// ambiguousProject returns the error for a name that several projects have. It lists these projects,
// or has the reason why it cannot.
func (l *lookup) ambiguousProject(ctx context.Context, name string, err error) error {
	ambiguous := &LookupError{
		Kind:      LookupProject,
		Name:      name,
		operation: l.operation,
		err:       err,
	}
	found, listErr := l.listProjects(ctx, name)
	if ctx.Err() != nil {
		return listErr
	}
	switch {
	case listErr != nil:
		reason := strings.TrimPrefix(listErr.Error(), "restorejobs: ")
		ambiguous.hint = "the list of projects could not be read: " + sanitize(reason, 300)
	case len(found) == 0:
		ambiguous.hint = "the list of projects has none of them"
	}
	slices.SortFunc(found, func(a, b *Project) int { return cmp.Compare(a.ID, b.ID) })
	for _, project := range found[:min(len(found), maxProjectCandidates)] {
		ambiguous.Candidates = append(ambiguous.Candidates, Candidate{
			ID:    project.ID,
			Name:  project.Name,
			OrgID: project.OrgID,
		})
	}
	ambiguous.omitted = len(found) - len(ambiguous.Candidates)
	return ambiguous
}

// listProjects returns the projects with a name. It reads the list of all projects of the key.
func (l *lookup) listProjects(ctx context.Context, name string) ([]*Project, error) {
	spec := &listSpec[*Project]{
		operation: l.operation,
		noun:      "project",
		appendID:  func(dst []byte, project *Project) []byte { return append(dst, project.ID...) },
		size:      maxItemsPerPage,
		smallSize: legacyMaxItemsPerPage,
	}
	spec.fetch = func(ctx context.Context, number, size int) (*paging.Page[*Project], error) {
		call := l.newProjectCall(strings.TrimSuffix(l.endpoint.pathPrefix, "/"))
		call.query = pageQuery(number, size)
		req, err := newProductRequest(l.client, l.endpoint.variant, call, nil)
		if err != nil {
			return nil, err
		}
		req.SecretBody = true
		page, _, err := sendPage(ctx, l.client, req, number, readProject)
		return page, err
	}
	projects, err := spec.collect(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(projects, func(project *Project) bool {
		return project.ID == "" || !strings.EqualFold(project.Name, name)
	}), nil
}

// newProjectCall returns a request about projects.
func (l *lookup) newProjectCall(path string) *sourceCall {
	call := &sourceCall{
		operation: l.operation,
		method:    http.MethodGet,
		path:      path,
	}
	if l.endpoint.variant == VariantAtlasV2 {
		call.apiVersion = atlasVersion20230101
	}
	return call
}

// readProject is the entryReader of projects. An entry that is not a project is empty.
func readProject(d *jsondec.Decoder) *Project {
	project, err := decodeProject(d.Raw())
	if err != nil {
		return new(Project)
	}
	return project
}
