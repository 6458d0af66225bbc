package restorejobs_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

func TestSource_accessors(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	defer server.Close()
	for _, scope := range restorejobstest.Scopes() {
		source := sourceOf(t, server, scope)
		assert.Equal(t, scope.Ref(), source.Ref())
		assert.Equal(t, scope.Ref(), source.String())
		assert.Equal(t, scope.Project(), source.ProjectID())
		assert.Equal(t, scope.Cluster(), source.ClusterID())
		assert.Equal(t, scope.String()[:len(source.Variant())], string(source.Variant()), scope)
		require.NotNil(t, source.Jobs)
	}
}

func TestClientSource_invalidRefNamesTheRuleOnce(t *testing.T) {
	t.Parallel()
	c := clienttest.New(t, clienttest.Bearer("x"), restorejobs.WithBaseURL("https://h"))
	_, err := c.Source("opsmanager/groups/p/clusters/")
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(err.Error(), "invalid argument"), "%v", err)
}
