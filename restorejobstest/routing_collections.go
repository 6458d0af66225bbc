package restorejobstest

import "net/http"

// collectionsVersion is the only version of the operations of collection restores.
const collectionsVersion = "2025-03-12"

// collectionEndpoints returns the paths of collection restores, which only Atlas v2 clusters have.
func collectionEndpoints() []endpoint {
	spec := AtlasV2Cluster.spec()
	kind := spec.kind()
	jobs := v2Base + "/groups/{project}/clusters/{cluster}/collectionRestoreJobs"
	databases := kind.path("snapshots/{id}/databases")
	pages := []string{"pageNum", "itemsPerPage"}
	get := func(path string, handle func(*Server, *request) (*response, *apiError), query ...string) endpoint {
		return endpoint{
			path:       path,
			kind:       kind,
			versions:   []string{collectionsVersion},
			operations: map[string]operation{http.MethodGet: {handle: handle, query: query}},
		}
	}
	list := get(jobs, (*Server).listCollectionJobs, pages...)
	list.operations[http.MethodPost] = operation{handle: (*Server).createCollectionJob}
	return []endpoint{
		list,
		get(jobs+"/{id}", (*Server).getCollectionJob),
		get(jobs+"/{id}/collections", (*Server).listRestoredCollections, append(pages, "state", "sourceNamespace", "targetNamespace")...),
		get(jobs+"/{id}/collections/{namespace}", (*Server).getRestoredCollection),
		get(databases, (*Server).listDatabases, listQuery()...),
		get(databases+"/{database}", (*Server).getDatabase),
		get(databases+"/{database}/collections", (*Server).listCollections, listQuery()...),
		get(databases+"/{database}/collections/{collection}", (*Server).getCollection),
	}
}
