package restorejobs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// treeFiles lists the repository's files with an ending, without tools and part files.
func treeFiles(t *testing.T, ending string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && len(path) > 1 && strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".ci":
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(path, ending):
			files = append(files, path)
		}
		return nil
	}))
	return files
}

// TestSnippets: every Go snippet in the documents stands in a file that is compiled, line
// for line; the indentation may differ.
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
			stands := false
			for _, text := range compiled {
				stands = stands || strings.Contains(text, lines)
			}
			assert.True(t, stands, "%s: a snippet that no Go file holds:\n%s", file, snippet[1])
		}
	}
	for _, lines := range docBlocks(t) {
		found++
		stands := false
		for _, text := range compiled {
			stands = stands || strings.Contains(text, collapseSpace(lines))
		}
		assert.True(t, stands, "doc.go: a snippet that no Go file holds:\n%s", lines)
	}
	assert.Positive(t, found)
}

// docBlocks are the code blocks of the package's documentation.
func docBlocks(t *testing.T) []string {
	t.Helper()
	var blocks []string
	inside := false
	for line := range strings.SplitSeq(read(t, "doc.go"), "\n") {
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

// TestLinks: every relative link in the documents leads to a file of the repository.
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

// anchors are the names of a document's headings as links spell them.
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

// TestReadme_namesEveryEndpoint: the table of variants names every scope there is.
func TestReadme_namesEveryEndpoint(t *testing.T) {
	t.Parallel()
	for _, r := range rows() {
		assert.Contains(t, read(t, "README.md"), "`"+r.name+"`")
	}
}
