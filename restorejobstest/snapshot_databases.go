package restorejobstest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
)

// SetDatabases sets the databases of a snapshot, each with the names of its collections. By
// default a snapshot has the database sales with customers and orders, and the database stock
// with items. Only snapshots of Atlas v2 clusters show their databases. SetDatabases panics if
// the snapshot does not exist.
func (s *Server) SetDatabases(snapshotID string, databases map[string][]string) {
	copied := map[string][]string{}
	for name, collections := range databases {
		copied[name] = slices.Clone(collections)
	}
	s.updateSnapshot(snapshotID, func(snap *storedSnapshot) { snap.databases = copied })
}

func defaultDatabases() map[string][]string {
	return map[string][]string{"sales": {"customers", "orders"}, "stock": {"items"}}
}

// content returns the collections of each database.
func (s *storedSnapshot) content() map[string][]string {
	if s.databases == nil {
		return defaultDatabases()
	}
	return s.databases
}

// readContent returns the databases of the snapshot that the path names, of any topology. The databases of
// an unfinished snapshot are unknown, so that it is not found.
func (s *Server) readContent(req *request) (map[string][]string, *apiError) {
	if err := checkID("snapshotId", req.route.id); err != nil {
		return nil, err
	}
	snap, err := s.findSnapshot(req.route.resource, req.route.id)
	if err != nil {
		return nil, err
	}
	if !s.isCompleted(snap) {
		return nil, resourceNotFoundError(req)
	}
	return snap.content(), nil
}

func (s *Server) listDatabases(req *request) (*response, *apiError) {
	content, err := s.readContent(req)
	if err != nil {
		return nil, err
	}
	return s.namesResponse(req, slices.Sorted(maps.Keys(content))), nil
}

func (s *Server) getDatabase(req *request) (*response, *apiError) {
	content, err := s.readContent(req)
	if err != nil {
		return nil, err
	}
	name := req.route.values["database"]
	if _, ok := content[name]; !ok {
		return nil, resourceNotFoundError(req)
	}
	return s.jsonResponse(req, http.StatusOK, nameDocument(name, req.origin+req.path)), nil
}

func (s *Server) listCollections(req *request) (*response, *apiError) {
	content, err := s.readContent(req)
	if err != nil {
		return nil, err
	}
	collections, ok := content[req.route.values["database"]]
	if !ok {
		return nil, resourceNotFoundError(req)
	}
	return s.namesResponse(req, slices.Sorted(slices.Values(collections))), nil
}

func (s *Server) getCollection(req *request) (*response, *apiError) {
	content, err := s.readContent(req)
	if err != nil {
		return nil, err
	}
	name := req.route.values["collection"]
	if !slices.Contains(content[req.route.values["database"]], name) {
		return nil, resourceNotFoundError(req)
	}
	return s.jsonResponse(req, http.StatusOK, nameDocument(name, req.origin+req.path)), nil
}

func (s *Server) namesResponse(req *request, names []string) *response {
	return s.jsonResponse(req, http.StatusOK, s.pageDocument(req, len(names), func(i int) map[string]any {
		return nameDocument(names[i], req.origin+req.path+"/"+url.PathEscape(names[i]))
	}))
}

func nameDocument(name, self string) map[string]any {
	return map[string]any{"name": name, "links": []any{linkDocument("self", self)}}
}
