// Package profile reads the profiles of the Atlas CLI and of mongocli, and makes clients of them. No error
// and no format shows a value of a file.
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// ErrNoFile is matched by the error of [Find] without a file of profiles.
var ErrNoFile = errors.New("the Atlas CLI and mongocli have no profile file here")

const (
	defaultName = "default"
	maxFileSize = 1 << 20
)

// Paths returns where the Atlas CLI and mongocli keep their profiles, in order of precedence.
func Paths() []string {
	folder, err := os.UserConfigDir() // as these tools do
	if err != nil {
		return nil
	}
	return []string{
		filepath.Join(folder, "atlascli", "config.toml"),
		filepath.Join(folder, "mongocli", "config.toml"),
	}
}

// Find returns a profile of the file, or of the first of [Paths] that has it if path is empty. The case
// of the name is ignored, as the tools do. An empty name is "default", or else the only profile of a file.
func Find(path, name string) (*Profile, error) {
	if strings.Contains(name, ".") {
		return nil, fmt.Errorf("the name of a profile must not contain a dot: %q", name)
	}
	paths := Paths()
	if path != "" {
		paths = []string{path}
	}
	var searched []string
	for _, candidate := range paths {
		f, err := readFile(candidate)
		switch {
		case err == nil:
		case path == "" && errors.Is(err, fs.ErrNotExist):
			continue
		default:
			return nil, err
		}
		if path == "" && len(f.profiles) == 0 {
			continue // a tool that was not set up
		}
		found, err := f.profile(strings.ToLower(name))
		if found != nil || err != nil {
			return found, err
		}
		searched = append(searched, f.String())
	}
	if len(searched) == 0 {
		return nil, ErrNoFile
	}
	return nil, fmt.Errorf("profile %q does not exist: %s", cmp.Or(name, defaultName), strings.Join(searched, "; "))
}

// file is a file of profiles. All keys are in lower case.
type file struct {
	path     string
	mode     fs.FileMode
	globals  map[string]any
	profiles map[string]map[string]any
}

func readFile(path string) (*file, error) {
	content, mode, err := readSmall(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the profile file %s: %w", path, withoutPath(err))
	}
	var tree map[string]any
	if _, err := toml.Decode(strings.TrimPrefix(string(content), "\ufeff"), &tree); err != nil {
		var parseErr toml.ParseError
		if errors.As(err, &parseErr) { // its text has content of the file
			return nil, fmt.Errorf("the profile file %s is not valid TOML: line %d", path, parseErr.Position.Line)
		}
		return nil, fmt.Errorf("the profile file %s is not valid TOML", path)
	}
	f := &file{
		path:     path,
		mode:     mode,
		globals:  map[string]any{},
		profiles: map[string]map[string]any{},
	}
	for key, value := range tree {
		name := strings.ToLower(key)
		table, isTable := value.(map[string]any)
		_, isRepeated := f.profiles[name]
		switch {
		case isTable && isRepeated:
			return nil, fmt.Errorf("the profile file %s has profile %q twice, in different case", path, name)
		case isTable:
			f.profiles[name] = lowerKeys(table)
		default:
			f.globals[name] = value
		}
	}
	return f, nil
}

func readSmall(path string) ([]byte, fs.FileMode, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = opened.Close() }()
	info, err := opened.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.IsDir() {
		return nil, 0, errors.New("it is a folder")
	}
	content, err := io.ReadAll(io.LimitReader(opened, maxFileSize+1))
	if len(content) > maxFileSize {
		return nil, 0, errors.New("it has more than 1 MiB")
	}
	return content, info.Mode(), err
}

// withoutPath returns the reason of an error of package os.
func withoutPath(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

func lowerKeys(table map[string]any) map[string]any {
	lower := make(map[string]any, len(table))
	for key, value := range table {
		lower[strings.ToLower(key)] = value
	}
	return lower
}

// profile returns the profile with a name in lower case, nil if the file does not have it.
func (f *file) profile(name string) (*Profile, error) {
	chosen := cmp.Or(name, defaultName)
	if _, exists := f.profiles[chosen]; !exists && name == "" && len(f.profiles) == 1 {
		chosen = f.names()[0]
	}
	if _, exists := f.globals[chosen]; exists {
		return nil, fmt.Errorf("profile %q of %s must be a table, which begins with [%[1]s]", chosen, f.path)
	}
	values, exists := f.profiles[chosen]
	if !exists {
		return nil, nil //nolint:nilnil // the next file may have it
	}
	return &Profile{
		Name:   chosen,
		file:   f,
		values: values,
	}, nil
}

func (f *file) names() []string {
	var names []string
	for name := range f.profiles {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// String names the profiles of the file.
func (f *file) String() string {
	if len(f.profiles) == 0 {
		return f.path + " has no profiles"
	}
	var quoted []string
	for _, name := range f.names() {
		quoted = append(quoted, fmt.Sprintf("%q", name))
	}
	return f.path + " has " + strings.Join(quoted, ", ")
}

// warning is about a file that others can use.
func (f *file) warning() string {
	if runtime.GOOS == "windows" || f.mode.Perm()&0o077 == 0 {
		return "" // Windows has other permissions than these
	}
	return fmt.Sprintf("warning: other users have access to %s, which can contain keys; run: chmod 600 %[1]s", f.path)
}
