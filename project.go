package restorejobs

import (
	"errors"
	"fmt"
)

// Project is a project, also called group. It has no other member of the response, which contains
// the agents' API key in Cloud Manager and Ops Manager.
//
// API: Atlas v2 "getGroupByName"; Cloud Manager and Ops Manager "Get One Project by Name".
type Project struct {
	// ID identifies the project in paths.
	ID string
	// Name is the name of the project.
	Name string
	// OrgID is the organization of the project.
	OrgID string
}

// Format prints the fields as fmt would, without the server's control characters.
func (p Project) Format(f fmt.State, verb rune) {
	type project Project
	writeFields(f, verb, project(p))
}

// decodeProject decodes the members of a project, and ignores the rest of the body.
func decodeProject(body []byte) (*Project, error) {
	var doc struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		OrgID string `json:"orgId"`
	}
	if _, err := decodeEntity(body, &doc); err != nil {
		return nil, err
	}
	if doc.ID == "" {
		return nil, errors.New("the body is not a project: it has no id")
	}
	project := Project(doc)
	return &project, nil
}
