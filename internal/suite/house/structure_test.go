package house

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// maxLines is the most lines of a file that is not a test.
const maxLines = 400

func TestFiles_holdOneIdea(t *testing.T) {
	t.Parallel()
	largest := ""
	most := 0
	for _, file := range sources(t) {
		lines := strings.Count(read(t, file), "\n")
		if lines > most {
			largest = file
			most = lines
		}
		assert.LessOrEqual(t, lines, maxLines, file)
	}
	t.Logf("largest file: %s, %d lines", largest, most)
}

func TestStatements_assignOneValueALine(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	found := 0
	for _, file := range sources(t) {
		ast.Inspect(parse(t, fset, file), func(node ast.Node) bool {
			if assign, ok := node.(*ast.AssignStmt); ok && isParallel(assign) {
				found++
				t.Logf("a parallel assignment: %s", fset.Position(assign.Pos()))
			}
			return true
		})
	}
	t.Logf("parallel assignments: %d", found)
	assert.Zero(t, found)
}

// isParallel reports several values in one assignment. A swap needs it.
func isParallel(assign *ast.AssignStmt) bool {
	return len(assign.Rhs) > 1 && !isSwap(assign)
}

func isSwap(assign *ast.AssignStmt) bool {
	if len(assign.Lhs) != 2 || len(assign.Rhs) != 2 {
		return false
	}
	return types.ExprString(assign.Lhs[0]) == types.ExprString(assign.Rhs[1]) &&
		types.ExprString(assign.Lhs[1]) == types.ExprString(assign.Rhs[0])
}

// knot holds the files that may refer to each other in a cycle across topics: a client has services
// of endpoints, and a service has its client. It only shrinks.
var knot = []string{"client", "endpoints"}

func TestFiles_referInOneDirection(t *testing.T) {
	t.Parallel()
	graph := references(load(t, "."))
	edges := 0
	for _, targets := range graph {
		edges += len(targets)
	}
	t.Logf("files: %d; references from file to file: %d", len(graph), edges)
	for _, cycle := range cycles(graph) {
		t.Logf("cycle: %s", strings.Join(cycle, " "))
		if len(topics(cycle)) > 1 {
			assert.Subset(t, knot, cycle, "a cycle across topics")
		}
	}
}

// references maps each file to the files whose package-level names and methods it uses.
func references(p *typedPackage) map[string]map[string]bool {
	graph := map[string]map[string]bool{}
	for _, tree := range p.trees {
		graph[p.file(tree.Pos())] = map[string]bool{}
	}
	for ident, object := range p.info.Uses {
		if object.Pkg() != p.types || !isPackageLevel(object) {
			continue
		}
		from := p.file(ident.Pos())
		to := p.file(object.Pos())
		if from != to {
			graph[from][to] = true
		}
	}
	return graph
}

// isPackageLevel reports a name that other files can use: not a local, nor a field, whose
// type is used as well.
func isPackageLevel(object types.Object) bool {
	if function, ok := object.(*types.Func); ok {
		return function.Signature().Recv() != nil || object.Parent() == object.Pkg().Scope()
	}
	return object.Parent() == object.Pkg().Scope()
}

// file returns the name of the file at a position, without its suffix.
func (p *typedPackage) file(pos token.Pos) string {
	return strings.TrimSuffix(filepath.Base(p.fset.Position(pos).Filename), ".go")
}

// topics returns the first words of file names: job_flex and job_print are one topic.
func topics(names []string) []string {
	var found []string
	for _, name := range names {
		topic, _, _ := strings.Cut(name, "_")
		found = append(found, topic)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// cycles returns the strongly connected components of more than one file, by Tarjan.
func cycles(graph map[string]map[string]bool) [][]string {
	s := &components{
		graph: graph,
		index: map[string]int{},
		low:   map[string]int{},
		open:  map[string]bool{},
	}
	for _, node := range sortedKeys(graph) {
		if s.index[node] == 0 {
			s.visit(node)
		}
	}
	return s.found
}

type components struct {
	graph   map[string]map[string]bool
	counter int
	index   map[string]int
	low     map[string]int
	open    map[string]bool
	stack   []string
	found   [][]string
}

func (s *components) visit(node string) {
	s.counter++
	s.index[node] = s.counter
	s.low[node] = s.counter
	s.stack = append(s.stack, node)
	s.open[node] = true
	for _, next := range sortedKeys(s.graph[node]) {
		switch {
		case s.index[next] == 0:
			s.visit(next)
			s.low[node] = min(s.low[node], s.low[next])
		case s.open[next]:
			s.low[node] = min(s.low[node], s.index[next])
		}
	}
	if s.low[node] != s.index[node] {
		return
	}
	start := slices.Index(s.stack, node)
	component := slices.Clone(s.stack[start:])
	s.stack = s.stack[:start]
	for _, member := range component {
		s.open[member] = false
	}
	if len(component) > 1 {
		slices.Sort(component)
		s.found = append(s.found, component)
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Every file of the root package has a test of its name, except doc.go.
func TestFiles_haveTestsOfTheirName(t *testing.T) {
	t.Parallel()
	var without []string
	all := files(t, ".go")
	for _, file := range all {
		if strings.Contains(file, "/") || strings.HasSuffix(file, "_test.go") || file == "doc.go" {
			continue
		}
		if !slices.Contains(all, strings.TrimSuffix(file, ".go")+"_test.go") {
			without = append(without, file)
		}
	}
	assert.Empty(t, without)
}
