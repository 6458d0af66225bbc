package restorejobs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDecodeProject_membersOfAnotherType(t *testing.T) {
	t.Parallel()
	project, err := decodeProject([]byte(`{"id":"p","name":5,"orgId":"o","tags":[]}`))
	require.NoError(t, err)
	assert.Equal(t, &Project{ID: "p", OrgID: "o"}, project)
}

func TestProject_printsOneLine(t *testing.T) {
	t.Parallel()
	text := fmt.Sprintf("%+v", Project{ID: "p", Name: "a\nb\x1b[0m"})
	assert.NotContains(t, text, "\n")
	assert.NotContains(t, text, "\x1b")
	assert.Contains(t, text, "ID:p")
}
