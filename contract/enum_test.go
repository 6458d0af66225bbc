package contract

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The transformed document lists no values; the original document does.
func TestEnums_everyValueHasAConstant(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	known := constants(t)
	n := 0
	for _, op := range d.operations() {
		for schema, s := range map[*openapi3.Schema]side{op.jobSchema(): response, op.bodySchema(): request} {
			if schema == nil {
				continue
			}
			listed, missing := enums(schema, s, known)
			n += listed
			assert.Empty(t, missing, op.OperationID)
		}
	}
	t.Logf("%d values listed by the document, %d constants in the library", n, len(known))
}

func TestEnums_missingConstantIsFound(t *testing.T) {
	t.Parallel()
	schema := openapi3.NewObjectSchema().WithProperty("status", openapi3.NewStringSchema().WithEnum("PENDING", "CLOSED"))
	listed, missing := enums(schema, response, constants(t))
	assert.Equal(t, 2, listed)
	assert.Equal(t, []string{"/status CLOSED"}, missing)
}

// enums counts the values that a schema lists, and returns those without a constant.
func enums(schema *openapi3.Schema, s side, known []string) (listed int, missing []string) {
	for _, p := range properties("", schema, s) {
		for _, value := range p.schema.Enum {
			listed++
			if text, ok := value.(string); !ok || !slices.Contains(known, text) {
				missing = append(missing, p.at+" "+text)
			}
		}
	}
	return listed, missing
}

// constants reads the values of all exported string constants from the source of the library.
func constants(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	var values []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || !spec.Names[0].IsExported() {
				return true
			}
			for _, value := range spec.Values {
				if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					require.NoError(t, err)
					values = append(values, text)
				}
			}
			return true
		})
	}
	require.Contains(t, values, "MAX_DOWNLOADS_EXCEEDED")
	return values
}
