package house

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the folder of the module, seen from this package.
const root = "../../.."

// skippedDirs hold no text of the project's own.
var skippedDirs = map[string]bool{".git": true, ".bin": true, "testdata": true}

// files returns the project's files with one of the suffixes, relative to the root.
func files(t *testing.T, suffixes ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && skippedDirs[entry.Name()] {
			return filepath.SkipDir
		}
		for _, suffix := range suffixes {
			if !entry.IsDir() && strings.HasSuffix(path, suffix) {
				relative, err := filepath.Rel(root, path)
				if err != nil {
					return err
				}
				found = append(found, filepath.ToSlash(relative))
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// sources returns the Go files that are not tests.
func sources(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, file := range files(t, ".go") {
		if !strings.HasSuffix(file, "_test.go") {
			found = append(found, file)
		}
	}
	return found
}

// read returns the text of a file of the project.
func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	require.NoError(t, err)
	return string(text)
}

// parse returns the syntax tree of a file of the project.
func parse(t *testing.T, fset *token.FileSet, file string) *ast.File {
	t.Helper()
	tree, err := parser.ParseFile(fset, filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	return tree
}

// typedPackage is a package of the module with its types.
type typedPackage struct {
	fset  *token.FileSet
	trees []*ast.File
	info  *types.Info
	types *types.Package
}

// load type-checks the package in a folder of the module, without its tests.
func load(t *testing.T, dir string) *typedPackage {
	t.Helper()
	listed := listPackage(t, dir)
	p := &typedPackage{
		fset: token.NewFileSet(),
		info: &types.Info{
			Defs: map[*ast.Ident]types.Object{},
			Uses: map[*ast.Ident]types.Object{},
		},
	}
	for _, name := range listed.own.GoFiles {
		tree, err := parser.ParseFile(p.fset, filepath.Join(listed.own.Dir, name), nil, parser.ParseComments)
		require.NoError(t, err)
		p.trees = append(p.trees, tree)
	}
	config := types.Config{
		Importer: importer.ForCompiler(p.fset, "gc", func(path string) (io.ReadCloser, error) {
			if file := listed.exports[path]; file != "" {
				return os.Open(file)
			}
			return nil, fmt.Errorf("no export data for %s", path)
		}),
	}
	checked, err := config.Check(listed.own.ImportPath, p.fset, p.trees, p.info)
	require.NoError(t, err)
	p.types = checked
	return p
}

// listedPackage is what go list reports of a package.
type listedPackage struct {
	Dir        string
	ImportPath string
	Export     string
	GoFiles    []string
}

// listing is a package and the export data of all that it imports.
type listing struct {
	own     listedPackage
	exports map[string]string
}

func listPackage(t *testing.T, dir string) listing {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles", ".")
	command.Dir = filepath.Join(root, dir)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, stderr.String())
	result := listing{exports: map[string]string{}}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for decoder.More() {
		var listed listedPackage
		require.NoError(t, decoder.Decode(&listed))
		result.exports[listed.ImportPath] = listed.Export
		result.own = listed // go list -deps prints the package itself last
	}
	return result
}
