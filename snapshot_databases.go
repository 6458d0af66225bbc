package restorejobs

import (
	"context"
	"iter"
	"net/http"

	"github.com/google/go-querystring/query"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// Databases iterates over the names of the databases in a snapshot, in the server's order. Clusters
// of Atlas v2: see [CapabilityCollections]. A read needs the role Project Backup Manager. An unknown
// snapshot matches [ErrNotFound].
//
// API: Atlas v2 "listBackupSnapshotDatabases".
func (s *Snapshots) Databases(ctx context.Context, snapshotID string) iter.Seq2[string, error] {
	list := &nameList{
		snapshots: s,
		operation: "list databases of snapshot",
		noun:      "database",
		snapshot:  pathParam{"snapshotID", snapshotID},
		suffix:    "/databases",
	}
	return list.each(ctx)
}

// Collections iterates over the names of the collections in a database of a snapshot, without the
// name of the database, in the server's order. Clusters of Atlas v2: see [CapabilityCollections].
// A read needs the role Project Backup Manager. An unknown database matches [ErrNotFound].
//
// API: Atlas v2 "listSnapshotDatabaseCollections".
func (s *Snapshots) Collections(ctx context.Context, snapshotID, database string) iter.Seq2[string, error] {
	list := &nameList{
		snapshots: s,
		operation: "list collections of snapshot",
		noun:      "collection",
		snapshot:  pathParam{"snapshotID", snapshotID},
		suffix:    "/databases/" + api.EscapeSegment(database) + "/collections",
	}
	if problem := validateDatabase("database", database); problem != "" {
		list.problems = append(list.problems, problem)
	}
	return list.each(ctx)
}

// nameList is a list of names below a snapshot.
type nameList struct {
	snapshots *Snapshots
	operation string
	noun      string // of one name, in errors
	snapshot  pathParam
	suffix    string // escaped
	problems  []string
}

// each iterates over the names of all pages.
func (n *nameList) each(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if err := n.check(); err != nil {
			yield("", err)
			return
		}
		list := &listSpec[string]{
			operation: n.operation,
			noun:      n.noun,
			appendID:  func(dst []byte, name string) []byte { return append(dst, name...) },
			size:      maxItemsPerPage,
			fetch:     n.fetchPage,
		}
		list.each(ctx, yield)
	}
}

func (n *nameList) check() error {
	if e := n.snapshots.endpoint; !e.hasCollections {
		return e.unsupportedErr(n.operation)
	}
	_, err := n.newRequest()
	return mergeInvalid(err, invalidArgument(n.operation, n.problems...))
}

// newRequest does not check the name of a database as an ID: it can have characters that IDs have not.
func (n *nameList) newRequest() (*api.Request, error) {
	s := n.snapshots
	path := s.path + s.endpoint.snapshotsSuffix + "/" + api.EscapeSegment(n.snapshot.id)
	return s.sourceAPI.newRequest(&sourceCall{
		operation:  n.operation,
		method:     http.MethodGet,
		path:       path + n.suffix,
		apiVersion: atlasVersion20250312,
		isSince:    true,
	}, invalidIDs(n.snapshot)...)
}

func (n *nameList) fetchPage(ctx context.Context, number, size int) (*paging.Page[string], error) {
	req, err := n.newRequest()
	if err != nil {
		return nil, err
	}
	values, err := query.Values(listQuery{PageNum: number, ItemsPerPage: size})
	if err != nil {
		return nil, err
	}
	req.Query = joinQuery(values, req.Query)
	page, _, err := sendPage(ctx, n.snapshots.client, req, number, readName)
	return page, err
}

// readName is the entryReader of names. An entry without a name is empty.
func readName(d *jsondec.Decoder) (name string) {
	if d.Object() {
		for key, ok := d.Key(); ok; key, ok = d.Key() {
			if string(key) != "name" {
				d.Skip()
				continue
			}
			jsondec.String(d, &name)
		}
	}
	return name
}
