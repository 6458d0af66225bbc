package restorejobs

import (
	"context"
	"net/http"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// listManagerClusters reads all clusters of a project of Cloud Manager, Ops Manager or MMS.
func listManagerClusters(ctx context.Context, c *Client, e *endpoint, operation, projectID string) ([]*managerCluster, error) {
	spec := &listSpec[*managerCluster]{
		operation: operation,
		noun:      "cluster",
		appendID:  func(dst []byte, entry *managerCluster) []byte { return append(dst, entry.ID...) },
		size:      maxItemsPerPage,
		smallSize: legacyMaxItemsPerPage,
	}
	spec.fetch = func(ctx context.Context, number, size int) (*paging.Page[*managerCluster], error) {
		req, err := newProductRequest(c, e.variant, &sourceCall{
			operation: operation,
			method:    http.MethodGet,
			path:      e.pathPrefix + api.EscapeSegment(projectID) + "/clusters",
			query:     pageQuery(number, size),
		}, invalidIDs(pathParam{"projectID", projectID}))
		if err != nil {
			return nil, err
		}
		page, _, err := sendPage(ctx, c, req, number, readManagerCluster)
		return page, err
	}
	return spec.collect(ctx)
}

// readManagerCluster is the entryReader of clusters. An entry that is not an object is empty.
func readManagerCluster(d *jsondec.Decoder) *managerCluster {
	entry := new(managerCluster)
	_ = decodeLeniently(d.Raw(), entry) // the decoder has read it, so it is JSON
	return entry
}
