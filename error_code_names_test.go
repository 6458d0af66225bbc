package restorejobs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/apierror"
)

// permissionCodes are the codes of internal/apierror, by their constants.
var permissionCodes = map[string]string{
	"UserUnauthorized":           apierror.UserUnauthorized,
	"NotInGroup":                 apierror.NotInGroup,
	"UserCannotAccessGroup":      apierror.UserCannotAccessGroup,
	"TenantSnapshotAccessDenied": apierror.TenantSnapshotAccessDenied,
}

// errorCodeConstants reads the constants of error_code_names.go: code by name.
func errorCodeConstants(t *testing.T) map[string]ErrorCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "error_code_names.go", nil, parser.ParseComments)
	require.NoError(t, err)
	constants := map[string]ErrorCode{}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		assert.Contains(t, group.Doc.Text(), "API: ", "the comment of a group names the status")
		for _, spec := range group.Specs {
			constant := spec.(*ast.ValueSpec)
			require.Len(t, constant.Values, 1)
			constants[constant.Names[0].Name] = ErrorCode(constantText(t, constant.Values[0]))
		}
	}
	return constants
}

func constantText(t *testing.T, value ast.Expr) string {
	t.Helper()
	if selector, ok := value.(*ast.SelectorExpr); ok {
		return permissionCodes[selector.Sel.Name]
	}
	text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
	require.NoError(t, err)
	return text
}

// constantName returns the name of the constant for a code.
func constantName(code ErrorCode) string {
	initialisms := map[string]string{"API": "API", "ID": "ID", "IDS": "IDs", "IP": "IP", "PIT": "PIT"}
	var name strings.Builder
	name.WriteString("ErrorCode")
	for word := range strings.SplitSeq(string(code), "_") {
		initialism, ok := initialisms[word]
		if !ok {
			initialism = word[:1] + strings.ToLower(word[1:])
		}
		name.WriteString(initialism)
	}
	return name.String()
}

// tableCodes are the codes that the tables of sentinels and hints, and internal/apierror, know.
func tableCodes() map[ErrorCode]bool {
	codes := map[ErrorCode]bool{}
	for _, rule := range sentinelRules {
		for _, code := range rule.codes {
			codes[code] = true
		}
	}
	for _, code := range neverClearing {
		codes[code] = true
	}
	for code := range hintsByCode {
		codes[code] = true
	}
	for _, code := range permissionCodes {
		codes[ErrorCode(code)] = true
	}
	return codes
}

func TestErrorCode_constantForEveryCodeOfTheTables(t *testing.T) {
	t.Parallel()
	constants := errorCodeConstants(t)
	known := map[ErrorCode]bool{}
	for name, code := range constants {
		assert.Equal(t, constantName(code), name)
		assert.False(t, known[code], "%s has two constants", code)
		known[code] = true
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(tableCodes())), slices.Collect(maps.Keys(known)))
	assert.Equal(t, ErrorCodeClusterNotFound, constants["ErrorCodeClusterNotFound"])
	assert.Greater(t, len(constants), 70)
}

// A code is in one rule, so that the order of the rules does not matter.
func TestErrorCode_inOneRule(t *testing.T) {
	t.Parallel()
	sentinelsOf := map[ErrorCode]error{}
	for _, rule := range sentinelRules {
		for _, code := range rule.codes {
			assert.NoError(t, sentinelsOf[code], code)
			sentinelsOf[code] = rule.sentinel
		}
	}
	for _, code := range permissionCodes {
		assert.True(t, apierror.IsPermission(code), code)
		assert.Equal(t, ErrUnauthorized, sentinelsOf[ErrorCode(code)], code)
	}
}
