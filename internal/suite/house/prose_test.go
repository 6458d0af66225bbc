package house

import (
	"go/ast"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// maxWords is the most words in the comment of an exported name.
const maxWords = 150

func TestComments_areShort(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	longest := ""
	most := 0
	over := 0
	count := func(name string, doc *ast.CommentGroup) {
		words := len(strings.Fields(doc.Text()))
		if words > most {
			longest = name
			most = words
		}
		if words > maxWords {
			over++
			t.Logf("a comment of more than %d words: %s, %d words", maxWords, name, words)
		}
	}
	for _, file := range sources(t) {
		for _, decl := range parse(t, fset, file).Decls {
			forEachExported(file, decl, count)
		}
	}
	t.Logf("longest comment: %s, %d words; over %d words: %d", longest, most, maxWords, over)
	assert.Zero(t, over)
}

// forEachExported calls count for each exported name of a declaration, and for its fields.
func forEachExported(file string, decl ast.Decl, count func(name string, doc *ast.CommentGroup)) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Name.IsExported() {
			count(file+": "+decl.Name.Name, decl.Doc)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Name.IsExported() {
					count(file+": "+spec.Name.Name, firstDoc(spec.Doc, decl.Doc))
					forEachField(file, spec, count)
				}
			case *ast.ValueSpec:
				if spec.Names[0].IsExported() {
					count(file+": "+spec.Names[0].Name, firstDoc(spec.Doc, decl.Doc))
				}
			}
		}
	}
}

func forEachField(file string, spec *ast.TypeSpec, count func(name string, doc *ast.CommentGroup)) {
	fields := &ast.FieldList{}
	switch typed := spec.Type.(type) {
	case *ast.StructType:
		fields = typed.Fields
	case *ast.InterfaceType:
		fields = typed.Methods
	}
	for _, field := range fields.List {
		if len(field.Names) > 0 && field.Names[0].IsExported() {
			count(file+": "+spec.Name.Name+"."+field.Names[0].Name, field.Doc)
		}
	}
}

func firstDoc(docs ...*ast.CommentGroup) *ast.CommentGroup {
	for _, doc := range docs {
		if doc != nil {
			return doc
		}
	}
	return nil
}

// privateWords are words and turns that are not technical English. CONTRIBUTING has what to
// write instead.
var privateWords = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	`(is|are) no [a-z]+`, `but for`, `anew`, `at once`, `whoever`, `whatever is`, `brings? about`,
	`asks? (for|again)`, `asked (for|again|once)`, `asking again`,
	`tells? (that|whether|what|how|where|of|apart)`, `(is|are|be) told`, `unless told`,
	`(go|goes|going|gone) on`, `looks? (at|for)`, `looked (at|for)`, `says? (that|so|whether|what|how)`,
	`by itself`, `by themselves`, `is there already`, `(is|are) not there`, `in reach`,
	`nobody`, `somebody`, `wish(es)?`, `doubt`, `news`, `as last seen`, `hand(s|ed)? (out|on)`, `for good`,
}, "|") + `)\b`)

// plainUses are matches of privateWords that are plain English.
var plainUses = regexp.MustCompile(`(?i)\b(is|are) no longer\b`)

func TestProse_isPlain(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	found := 0
	check := func(where string, text string) {
		line := strings.Join(strings.Fields(text), " ") // a phrase can be on two lines
		for _, match := range privateWords.FindAllString(plainUses.ReplaceAllString(line, ""), -1) {
			found++
			t.Logf("a private word: %s: %q", where, match)
		}
	}
	for _, file := range sources(t) {
		tree := parse(t, fset, file)
		for _, group := range tree.Comments {
			check(fset.Position(group.Pos()).String(), group.Text())
		}
		ast.Inspect(tree, func(node ast.Node) bool {
			if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				check(fset.Position(literal.Pos()).String(), literal.Value)
			}
			return true
		})
	}
	for _, file := range files(t, ".md") {
		for paragraph := range strings.SplitSeq(read(t, file), "\n\n") {
			check(file+": "+firstWords(paragraph), paragraph)
		}
	}
	t.Logf("private words: %d", found)
	assert.Zero(t, found)
}

// firstWords is the beginning of a paragraph, to find it.
func firstWords(paragraph string) string {
	words := strings.Fields(paragraph)
	return strings.Join(words[:min(len(words), 6)], " ")
}
