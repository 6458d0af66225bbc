package restorejobs_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/restorejobstest"
)

func TestSnapshotsDatabases_names(t *testing.T) {
	t.Parallel()
	scope := restorejobstest.AtlasV2Cluster
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	id := scope.Snapshots()[0]
	many := []string{"100%", "a#b?c", "ordner/eins", "with space"}
	for i := range 1100 {
		many = append(many, fmt.Sprintf("collection%04d", i))
	}
	server.SetDatabases(id, map[string][]string{"sales": many, "100%": {"x"}, "a#b?c": {"y"}, "Größe": {"z"}, "leer": {}})
	snapshots := sourceOf(t, server, scope).Snapshots

	databases, err := collect(snapshots.Databases(t.Context(), id))
	require.NoError(t, err)
	assert.Equal(t, []string{"100%", "Größe", "a#b?c", "leer", "sales"}, databases)
	collections, err := collect(snapshots.Collections(t.Context(), id, "sales"))
	require.NoError(t, err)
	slices.Sort(many)
	assert.Equal(t, many, collections, "all pages, every name")
	for database, want := range map[string][]string{"100%": {"x"}, "a#b?c": {"y"}, "Größe": {"z"}, "leer": nil} {
		collections, err = collect(snapshots.Collections(t.Context(), id, database))
		require.NoError(t, err, database)
		assert.Equal(t, want, collections, database)
	}
	_, err = collect(snapshots.Collections(t.Context(), id, "nothing"))
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
}

func TestSnapshotsDatabases_requests(t *testing.T) {
	t.Parallel()
	api := &collectionAPI{handler: pages([]string{`{"name":"a","links":[]}`, `{"name":"b"}`})}
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api),
		restorejobs.WithBaseURL("https://api.example.net"))
	require.NoError(t, err)
	snapshots := client.AtlasV2.Cluster("p", "c").Snapshots
	_, err = collect(snapshots.Databases(t.Context(), "s"))
	require.NoError(t, err)
	names, err := collect(snapshots.Collections(t.Context(), "s", "100%"))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, names)
	want := collectionRequest{
		method: http.MethodGet,
		path:   "/api/atlas/v2/groups/p/clusters/c/backup/snapshots/s/databases",
		query:  "itemsPerPage=500&pageNum=1",
		accept: "application/vnd.atlas.2025-03-12+json",
	}
	ofDatabase := want
	ofDatabase.path += "/100%25/collections"
	assert.Equal(t, []collectionRequest{want, ofDatabase}, api.requests())
}

func TestSnapshotsDatabases_refusals(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	for _, scope := range restorejobstest.Scopes() {
		want := errors.ErrUnsupported
		if scope == restorejobstest.AtlasV2Cluster {
			want = restorejobs.ErrInvalidArgument
		}
		snapshots := sourceOf(t, server, scope).Snapshots
		_, err := collect(snapshots.Databases(t.Context(), ""))
		require.ErrorIs(t, err, want, scope)
		_, err = collect(snapshots.Collections(t.Context(), "a/b", "a/b"))
		require.ErrorIs(t, err, want, scope)
		if scope == restorejobstest.AtlasV2Cluster {
			require.ErrorContains(t, err, "snapshotID must not contain", "all problems")
			require.ErrorContains(t, err, "database must not contain")
		}
	}
	assert.Empty(t, server.Requests())
}

// An entry that is not an object has no name, and does not fail the list.
func TestSnapshotsDatabases_oddEntries(t *testing.T) {
	t.Parallel()
	api := &collectionAPI{handler: respondJSON(http.StatusOK, `{"results":[1,{"name":"a"},{"name":{}},null,{"x":[]}],"totalCount":5}`)}
	client, err := restorejobs.NewClient(restorejobs.APIKey("public", "private"), restorejobs.WithTransport(api),
		restorejobs.WithBaseURL("https://api.example.net"))
	require.NoError(t, err)
	names, err := collect(client.AtlasV2.Cluster("p", "c").Snapshots.Databases(t.Context(), "s"))
	require.NoError(t, err)
	assert.Contains(t, names, "a")
}
