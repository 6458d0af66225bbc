package restorejobs

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLookupError_text(t *testing.T) {
	t.Parallel()
	many := make([]Candidate, 12)
	many[0] = Candidate{ID: "a", Type: "REPLICA_SET", ReplicaSet: "rs0", Shard: "s0"}
	for _, c := range []struct {
		err  LookupError
		want string
	}{
		{LookupError{Kind: LookupProject, Name: "x"}, `restorejobs: find: no project "x"`},
		{LookupError{Kind: LookupCluster, Name: "x", Project: "p"}, `restorejobs: find: no cluster "x" in project "p"`},
		{
			LookupError{Kind: LookupCluster, Name: "x", Project: "p", Candidates: many[:2]},
			`restorejobs: find: several clusters have the name "x" in project "p", use the id of one: ` +
				`a (REPLICA_SET, replica set rs0, shard s0), without id (unknown type)`,
		},
		{
			LookupError{Kind: LookupProject, Name: "x", Candidates: []Candidate{{ID: "a", Name: "X", OrgID: "o"}, {}}, omitted: 9},
			`restorejobs: find: several projects have the name "x", use the id of one: ` +
				`a (X, organization o), without id (without name), and 9 more`,
		},
	} {
		c.err.operation = "find"
		assert.Equal(t, c.want, c.err.Error())
		assert.Equal(t, c.want, fmt.Sprintf("%v", &c.err))
	}
	long := &LookupError{Kind: LookupCluster, Name: "a\nb", Candidates: many}
	assert.Contains(t, long.Error(), ", and 2 more")
	assert.NotContains(t, long.Error(), "\n")
}

func TestLookupError_matchesOneSentinel(t *testing.T) {
	t.Parallel()
	several := &Error{StatusCode: 409, Code: ErrorCodeMultipleGroups}
	none := &Error{StatusCode: 404, Code: ErrorCodeGroupNameNotFound}
	for _, c := range []struct {
		err  *LookupError
		want error
	}{
		{&LookupError{}, ErrNotFound},
		{&LookupError{err: none}, ErrNotFound},
		{&LookupError{err: several}, ErrAmbiguous},
		{&LookupError{Candidates: make([]Candidate, 2)}, ErrAmbiguous},
	} {
		assert.Equal(t, []error{c.want}, matching(c.err))
		var apiErr *Error
		assert.Equal(t, c.err.err != nil, errors.As(c.err, &apiErr))
	}
	require.ErrorIs(t, &LookupError{err: several}, ErrorCodeMultipleGroups)
}

func TestCandidate_printsOneLine(t *testing.T) {
	t.Parallel()
	assert.NotContains(t, fmt.Sprintf("%+v", Candidate{Name: "a\nb"}), "\n")
}
