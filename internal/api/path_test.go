package api

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEscapeSegment_roundTrip(t *testing.T) {
	t.Parallel()
	for id, escaped := range map[string]string{
		"5e4ac3e8b1a2d90012345678": "5e4ac3e8b1a2d90012345678",
		"Cluster-0_a":              "Cluster-0_a",
		"my cluster":               "my%20cluster",
		"ä":                        "%C3%A4",
		"a:b":                      "a:b",
		"a/b":                      "a%2Fb",
		"a?b#c%d":                  "a%3Fb%23c%25d",
		"":                         "",
	} {
		assert.Equal(t, escaped, EscapeSegment(id))
		plain, err := UnescapeSegment(escaped)
		require.NoError(t, err)
		assert.Equal(t, id, plain)
	}
	_, err := UnescapeSegment("%zz")
	require.Error(t, err)
}

func TestIsPlainSegment_everyByte(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		char := string([]byte{byte(c)})
		isPlain := c < 128 && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || c == '-' || c == '_')
		assert.Equal(t, isPlain, IsPlainSegment("a"+char), "%q", char)
		if isPlain {
			assert.Equal(t, char, EscapeSegment(char))
			assert.Empty(t, ValidateSegment("id", char))
		}
	}
}

func TestValidateSegment_rules(t *testing.T) {
	t.Parallel()
	for id, rule := range map[string]string{
		"":                       "must not be empty",
		".":                      `must not be "." or ".."`,
		"..":                     `must not be "." or ".."`,
		"a/b":                    "must not contain / \\ % ? or #",
		`a\b`:                    "must not contain / \\ % ? or #",
		"a%2Fb":                  "must not contain / \\ % ? or #",
		"a?b":                    "must not contain / \\ % ? or #",
		"a#b":                    "must not contain / \\ % ? or #",
		"a\xffb":                 "must be UTF-8",
		"a\nb":                   "control or other invisible characters",
		"a\x00":                  "control or other invisible characters",
		"a\u202eb":               "control or other invisible characters",
		"a\u200bb":               "control or other invisible characters",
		" a":                     "white space",
		"a ":                     "white space",
		strings.Repeat("a", 256): "at most 255 bytes",
		strings.Repeat("ä", 128): "at most 255 bytes",
		strings.Repeat("a", 255): "",
		"my cluster":             "",
		"...":                    "",
		"a.b":                    "",
		"ä:b@c":                  "",
	} {
		problem := ValidateSegment("cluster id", id)
		if rule == "" {
			assert.Empty(t, problem, "%q", id)
			continue
		}
		assert.Contains(t, problem, rule, "%q", id)
		assert.True(t, strings.HasPrefix(problem, "cluster id must"), "the argument is named: %s", problem)
	}
}

func TestValidatePath_rules(t *testing.T) {
	t.Parallel()
	for path, rule := range map[string]string{
		"/":                              "must not be empty",
		"/api/atlas/v2/groups":           "",
		"/api/atlas/v2/groups/":          "",
		"/api/atlas/v2/groups/my%20name": "",
		"":                               "must begin with a slash",
		"api":                            "must begin with a slash",
		"https://example.com/api":        "must begin with a slash",
		"//example.com/api":              "must not be empty",
		"/api//groups":                   "must not be empty",
		"/api/../groups":                 `must not be "." or ".."`,
		"/api/%2e%2e/groups":             `must not be "." or ".."`,
		"/api/./groups":                  `must not be "." or ".."`,
		"/api/a%2Fb":                     "must not contain",
		"/api/a%255Cb":                   "must not contain",
		"/api/a%00":                      "control",
		"/api/%zz":                       "not escaped well",
		"/api/%":                         "not escaped well",
	} {
		problem := ValidatePath(path)
		if rule == "" {
			assert.Empty(t, problem, path)
			continue
		}
		assert.Contains(t, problem, rule, path)
	}
}
