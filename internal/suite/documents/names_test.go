package documents_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// quotedName matches a name of the public API in backticks, also with its package or a variable before it.
var quotedName = regexp.MustCompile("`[*&]?(?:[a-z]\\w*\\.)?([A-Z]\\w*(?:\\.[A-Z]\\w*)*)(?:\\([^`]*\\)|\\{[^`]*\\})?`")

// isConstant matches states and variables of the environment, which are not names of Go.
var isConstant = regexp.MustCompile(`^[A-Z0-9_]+$`)

// TestDocuments_nameWhatExists finds names in documents that the public API no longer has. The documents
// about other clients have their names.
func TestDocuments_nameWhatExists(t *testing.T) {
	t.Parallel()
	var public strings.Builder
	for _, pattern := range []string{"testdata/api/*.txt", "temporal/*.go"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			public.WriteString(read(t, file))
		}
	}
	exists := map[string]bool{}
	for _, word := range regexp.MustCompile(`[A-Z]\w*`).FindAllString(public.String(), -1) {
		exists[word] = true
	}
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	documents = append(documents, filepath.Join(root, "README.md"), filepath.Join(root, "SECURITY.md"), filepath.Join(root, "examples", "README.md"))
	found := 0
	for _, document := range documents {
		if name := filepath.Base(document); name == "comparison.md" || name == "migrating.md" {
			continue
		}
		for _, match := range quotedName.FindAllStringSubmatch(read(t, document), -1) {
			if isStandard := regexp.MustCompile("^`[*]?(context|errors|io|json|net|slog|http)\\.").MatchString(match[0]); isStandard || isConstant.MatchString(match[1]) {
				continue
			}
			for name := range strings.SplitSeq(match[1], ".") {
				found++
				assert.True(t, exists[name], "%s has %s, and the public API has no %s", document, match[0], name)
			}
		}
	}
	assert.Greater(t, found, 150)
}
