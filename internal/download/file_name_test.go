package download

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestSafeName(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	for segment, want := range map[string]string{
		"rs0-1536610288-5b9a.tar.gz":     "rs0-1536610288-5b9a.tar.gz",
		"rs%200.tar.gz":                  "rs 0.tar.gz",
		"r%C3%A9plica.tar":               "réplica.tar",
		"100%.tar":                       "100%.tar",
		"":                               "",
		".":                              "",
		"..":                             "",
		"...":                            "",
		"%2e%2e":                         "",
		"%2E":                            "",
		"%20":                            "",
		"%00":                            "",
		"///":                            "",
		"..%2f..%2fetc%2fpasswd":         "_._.._etc_passwd",
		`..\..\boot.ini`:                 "_._.._boot.ini",
		"..%5c..%5cboot.ini":             "_._.._boot.ini",
		"a%00b.tar":                      "a_b.tar",
		"a%0Ab%1b[31m.tar":               "a_b_[31m.tar",
		"a%E2%80%AEgz.tar":               "a_gz.tar", // turns the reading direction
		"a%FFb":                          "a_b",
		"C:evil":                         "C_evil",
		"file:stream":                    "file_stream",
		`a"b<c>d|e?f*g`:                  "a_b_c_d_e_f_g",
		".bashrc":                        "_bashrc",
		"name.":                          "name",
		" name . ":                       "name",
		"CON":                            "_CON",
		"con.tar.gz":                     "_con.tar.gz",
		"Nul .txt":                       "_Nul .txt",
		"com1":                           "_com1",
		"LPT9.gz":                        "_LPT9.gz",
		"com¹":                           "_com¹",
		"com10":                          "com10",
		"comet":                          "comet",
		"a.part":                         "a.part_",
		"a.PART.json":                    "a.PART.json_",
		long + ".tar.gz":                 strings.Repeat("x", 191) + ".tar.gz",
		long:                             strings.Repeat("x", 198),
		strings.Repeat("é", 150) + ".gz": strings.Repeat("é", 97) + ".gz",
	} {
		assert.Equal(t, want, SafeName(segment), "%q", segment)
		assert.Equal(t, want, sanitizeName(want), "%q", segment)
	}
}

func FuzzSafeName(f *testing.F) {
	for _, seed := range []string{
		"rs0-1536610288-5b9a.tar.gz", "..%2f..%2fetc%2fpasswd", `..\x`, "CON.tar.gz", "a%00b", "%", ".", "..", "a.part", " . .x", "._____",
		strings.Repeat("é", 200), "a" + strings.Repeat("_", 192) + ".part_", "a" + strings.Repeat("_", 192) + ".part", strings.Repeat(".", 300) + "gz", "nul" + strings.Repeat(" ", 300) + ".x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, segment string) {
		name := SafeName(segment)
		if name == "" {
			return
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || strings.ContainsAny(name, `/\:`+"\x00") {
			t.Errorf("%q leads elsewhere", name)
		}
		if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
			t.Errorf("%q is not for the eye", name)
		}
		if len(name) > MaxName || name[0] == '.' || strings.TrimRight(name, ". ") != name || reservedOnWindows(strings.ToLower(name)) {
			t.Errorf("%q is not for every file system", name)
		}
		if again := SafeName(url.PathEscape(name)); again != name {
			t.Errorf("%q becomes %q when it is cleaned again", name, again)
		}
	})
}

// A name without a problem is one that SafeName would not change, and the other way round.
func TestNameProblem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.tar.gz":               "",
		"":                       "must not be empty",
		"a:b":                    "path separator",
		"com1":                   "device",
		strings.Repeat("x", 201): "200 bytes",
		"a.":                     "end with a dot",
		"___":                    "must not be empty",
	} {
		problem := NameProblem(name)
		assert.Equal(t, want == "", problem == "", name)
		assert.Contains(t, problem, want, name)
	}
}
