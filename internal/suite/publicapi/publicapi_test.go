package publicapi_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the listing of the public API")

// root is the folder of the module, seen from this package.
const root = "../../.."

// TestPublicAPI compares the exported names with the committed listing. `make api` writes the
// listing, so that a change of the API shows in the diff.
func TestPublicAPI(t *testing.T) {
	t.Parallel()
	for name, folder := range map[string]string{"restorejobs": ".", "restorejobstest": "restorejobstest", "durable": "durable"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listing := strings.Join(publicAPI(t, folder), "\n") + "\n"
			file := filepath.Join(root, "testdata", "api", name+".txt")
			if *update {
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				require.NoError(t, os.WriteFile(file, []byte(listing), 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			before, after := strings.Split(string(want), "\n"), strings.Split(listing, "\n")
			for _, line := range before {
				assert.True(t, slices.Contains(after, line), "removed: %s (if intended, run `make api`)", line)
			}
			for _, line := range after {
				assert.True(t, slices.Contains(before, line), "new: %s (if intended, run `make api`)", line)
			}
		})
	}
}

// parsePackage parses the Go files of a folder, except tests.
func parsePackage(t *testing.T, folder string) (*token.FileSet, *doc.Package) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments)
		require.NoError(t, err)
		parsed = append(parsed, file)
	}
	pkg, err := doc.NewFromFiles(files, parsed, "example.com/restorejobs")
	require.NoError(t, err)
	return files, pkg
}

// publicAPI lists every exported declaration without comments and bodies, one entry each.
func publicAPI(t *testing.T, folder string) []string {
	t.Helper()
	files, pkg := parsePackage(t, folder)
	var entries []string
	add := func(node any) {
		var b bytes.Buffer
		require.NoError(t, printer.Fprint(&b, files, node))
		entries = append(entries, b.String())
	}
	function := func(f *doc.Func) {
		f.Decl.Doc, f.Decl.Body = nil, nil
		add(f.Decl)
	}
	values := func(list []*doc.Value) {
		for _, v := range list {
			for _, spec := range v.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				spec.Doc, spec.Comment = nil, nil
				add(&ast.GenDecl{Tok: v.Decl.Tok, Specs: []ast.Spec{spec}})
			}
		}
	}
	values(pkg.Consts)
	values(pkg.Vars)
	for _, f := range pkg.Funcs {
		function(f)
	}
	for _, typ := range pkg.Types {
		for _, spec := range typ.Decl.Specs {
			spec := spec.(*ast.TypeSpec)
			spec.Doc, spec.Comment = nil, nil
			stripFieldComments(spec)
			add(&ast.GenDecl{Tok: token.TYPE, Specs: []ast.Spec{spec}})
		}
		values(typ.Consts)
		values(typ.Vars)
		for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
			function(f)
		}
	}
	slices.Sort(entries)
	return entries
}

func stripFieldComments(spec *ast.TypeSpec) {
	ast.Inspect(spec, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			field.Doc, field.Comment = nil, nil
		}
		return true
	})
}

// TestPublicAPI_everyNameIsDocumented requires a comment that begins with the
// name, and the source of what a method of the API promises.
func TestPublicAPI_everyNameIsDocumented(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{".", "restorejobstest", "durable"} {
		_, pkg := parsePackage(t, folder)
		begins := func(name, text string) {
			text = strings.TrimPrefix(strings.TrimPrefix(text, "A "), "An ")
			assert.True(t, strings.HasPrefix(text, name), "%s: the comment of %s begins with its name", folder, name)
		}
		for _, f := range pkg.Funcs {
			begins(f.Name, f.Doc)
		}
		for _, typ := range pkg.Types {
			begins(typ.Name, typ.Doc)
			for _, f := range slices.Concat(typ.Funcs, typ.Methods) {
				begins(f.Name, f.Doc)
				speaks := folder == "." && typ.Name == "Jobs" && takesContext(f)
				if speaks {
					assert.Contains(t, f.Doc, "\nAPI: ", "the comment of Jobs.%s names its source", f.Name)
				}
			}
			fieldsAreDocumented(t, typ)
		}
	}
}

func takesContext(f *doc.Func) bool {
	params := f.Decl.Type.Params.List
	return len(params) > 0 && len(params[0].Names) > 0 && params[0].Names[0].Name == "ctx"
}

func fieldsAreDocumented(t *testing.T, typ *doc.Type) {
	t.Helper()
	for _, spec := range typ.Decl.Specs {
		structure, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() {
					assert.NotEmpty(t, field.Doc.Text()+field.Comment.Text(), "%s.%s has a comment", typ.Name, name.Name)
				}
			}
		}
	}
}
