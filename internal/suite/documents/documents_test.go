package documents_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/restorejobstest"
)

// root is the folder of the module, seen from this package.
const root = "../../.."

// treeFiles returns the paths of the project's files with an ending, without tools.
func treeFiles(t *testing.T, ending string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci":
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ending):
			files = append(files, path)
		}
		return nil
	}))
	return files
}

// TestSnippets requires each Go snippet of the documents in a compiled file. Only the indentation
// may differ.
func TestSnippets(t *testing.T) {
	t.Parallel()
	var compiled []string
	for _, file := range treeFiles(t, ".go") {
		compiled = append(compiled, readCollapsed(t, file))
	}
	block := regexp.MustCompile("(?s)```go\n(.*?)```")
	found := 0
	for _, file := range treeFiles(t, ".md") {
		for _, snippet := range block.FindAllStringSubmatch(read(t, file), -1) {
			found++
			lines := collapseSpace(snippet[1])
			compiles := false
			for _, text := range compiled {
				compiles = compiles || strings.Contains(text, lines)
			}
			assert.True(t, compiles, "%s: a snippet that is not in a Go file:\n%s", file, snippet[1])
		}
	}
	for _, lines := range docBlocks(t) {
		found++
		compiles := false
		for _, text := range compiled {
			compiles = compiles || strings.Contains(text, collapseSpace(lines))
		}
		assert.True(t, compiles, "doc.go: a snippet that is not in a Go file:\n%s", lines)
	}
	assert.Positive(t, found)
}

// docBlocks returns the code blocks of the package's documentation.
func docBlocks(t *testing.T) []string {
	t.Helper()
	var blocks []string
	inside := false
	for line := range strings.SplitSeq(read(t, filepath.Join(root, "doc.go")), "\n") {
		code, ok := strings.CutPrefix(line, "//\t")
		switch {
		case ok && !inside:
			blocks = append(blocks, code)
		case ok:
			blocks[len(blocks)-1] += "\n" + code
		}
		inside = ok
	}
	return blocks
}

// TestLinks requires the target of each relative link of the documents.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)|src="([^"]+)"`)
	for _, file := range treeFiles(t, ".md") {
		for _, match := range link.FindAllStringSubmatch(read(t, file), -1) {
			target := match[1] + match[2]
			if strings.Contains(target, "://") {
				continue
			}
			path, anchor, _ := strings.Cut(target, "#")
			inside := file
			if path != "" {
				inside = filepath.Join(filepath.Dir(file), path)
				_, err := os.Stat(inside)
				assert.NoError(t, err, "%s links to %s", file, target)
			}
			if anchor != "" && strings.HasSuffix(inside, ".md") {
				assert.Contains(t, anchors(t, inside), anchor, "%s links to %s", file, target)
			}
		}
	}
}

// anchors returns the anchors of a document's headings.
func anchors(t *testing.T, file string) []string {
	t.Helper()
	var names []string
	for line := range strings.SplitSeq(read(t, file), "\n") {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			name := strings.ToLower(strings.TrimSpace(heading))
			name = regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(name, "")
			names = append(names, strings.ReplaceAll(name, " ", "-"))
		}
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func readCollapsed(t *testing.T, file string) string {
	t.Helper()
	return collapseSpace(read(t, file))
}

// collapseSpace strips indentation, alignment and empty lines.
func collapseSpace(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// maxReadmeLines keeps the README for the first ten minutes. All else has its own document.
const maxReadmeLines = 150

func TestReadme_isShort(t *testing.T) {
	t.Parallel()
	lines := strings.Count(read(t, filepath.Join(root, "README.md")), "\n")
	assert.LessOrEqual(t, lines, maxReadmeLines)
}

// TestReadme_linksEveryDocument keeps a document from being unreachable.
func TestReadme_linksEveryDocument(t *testing.T) {
	t.Parallel()
	readme := read(t, filepath.Join(root, "README.md"))
	documents, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	require.NoError(t, err)
	require.NotEmpty(t, documents)
	for _, document := range documents {
		name := filepath.Base(document)
		assert.True(t, strings.Contains(readme, "(docs/"+name), "the README does not link docs/%s", name)
	}
}

// TestVariants_namesEveryEndpoint compares the table of variants with the endpoints.
func TestVariants_namesEveryEndpoint(t *testing.T) {
	t.Parallel()
	variants := read(t, filepath.Join(root, "docs", "variants.md"))
	method := regexp.MustCompile(`(LegacyCluster|Cluster|Host|Serverless|Flex)$`)
	for _, scope := range restorejobstest.Scopes() {
		name := method.ReplaceAllString(scope.String(), ".$1")
		assert.True(t, strings.Contains(variants, "`"+name+"`"), "docs/variants.md does not name %s", name)
	}
}

// namesIn returns what a pattern finds in the Go files of the root, without tests.
func namesIn(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, match[1])
		}
	}
	require.Greater(t, len(names), 10)
	return names
}

func TestErrors_namesEverySentinel(t *testing.T) {
	t.Parallel()
	document := read(t, filepath.Join(root, "docs", "errors.md"))
	for _, name := range namesIn(t, `(?m)^(?:var |\t)(Err[A-Z]\w+) += `) {
		if !strings.HasPrefix(name, "ErrorCode") {
			assert.True(t, strings.Contains(document, "`"+name+"`"), "docs/errors.md does not name %s", name)
		}
	}
}

func TestCredentials_namesEveryVariable(t *testing.T) {
	t.Parallel()
	document := read(t, filepath.Join(root, "docs", "credentials.md"))
	for _, name := range namesIn(t, `"((?:MONGODB_ATLAS|MCLI)_[A-Z_]+[A-Z])"`) {
		assert.True(t, strings.Contains(document, "`"+name+"`"), "docs/credentials.md does not name %s", name)
	}
}

// TestLayout_namesEveryFile compares the list for maintainers with the files of the root.
func TestLayout_namesEveryFile(t *testing.T) {
	t.Parallel()
	layout := read(t, filepath.Join(root, "docs", "layout.md"))
	files, err := filepath.Glob(filepath.Join(root, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if name := filepath.Base(file); !strings.HasSuffix(name, "_test.go") {
			assert.True(t, strings.Contains(layout, "(../"+name+")"), "docs/layout.md does not name %s", name)
		}
	}
}

// TestPictures_haveAGround keeps a picture legible on a page whose theme is not that of the reader: its
// first shape must fill the whole picture.
func TestPictures_haveAGround(t *testing.T) {
	t.Parallel()
	size := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`)
	shape := regexp.MustCompile(`<(?:rect|text|path|line|circle|g) ?[^>]*>`)
	side := regexp.MustCompile(` (?:width|height)="([0-9.]+)"`)
	pictures, err := filepath.Glob(filepath.Join(root, "docs", "*.svg"))
	require.NoError(t, err)
	require.NotEmpty(t, pictures)
	for _, file := range pictures {
		text := read(t, file)
		before, definitions, _ := strings.Cut(text, "<defs>") // definitions are not drawn
		_, after, _ := strings.Cut(definitions, "</defs>")
		text = before + after
		want := size.FindStringSubmatch(text)
		require.Len(t, want, 3, file)
		sides := side.FindAllStringSubmatch(shape.FindString(text), -1)
		require.Len(t, sides, 2, "%s has no ground", file)
		for i, match := range sides {
			assert.InDelta(t, parseSize(t, want[i+1]), parseSize(t, match[1]), 2, "the ground of %s is not as large as it", file)
		}
	}
}

func parseSize(t *testing.T, text string) float64 {
	t.Helper()
	size, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return size
}
