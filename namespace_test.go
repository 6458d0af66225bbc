package restorejobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestValidateDatabase_rules(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"sales":                 "",
		"Größe":                 "",
		"100%":                  "",
		"a#b?c":                 "",
		strings.Repeat("a", 63): "",
		"":                      "name must not be empty",
		strings.Repeat("a", 64): "name must be at most 63 bytes",
		"a b":                   `name must not contain / \ . " $, a space or a NUL`,
		"a/b":                   `name must not contain / \ . " $, a space or a NUL`,
		"a.b":                   `name must not contain / \ . " $, a space or a NUL`,
		"a\x00b":                `name must not contain / \ . " $, a space or a NUL`,
		"a\xff":                 "name must be UTF-8",
	} {
		assert.Equal(t, want, validateDatabase("name", name), "%q", name)
	}
}

func TestValidateNamespace_rules(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"sales.orders":                  "",
		"sales.orders.2026":             "",
		"sales.a b/c$d":                 "",
		"s." + strings.Repeat("a", 253): "",
		"":                              "name must not be empty",
		"sales":                         `name must be "database.collection"`,
		"sales.":                        `name must be "database.collection"`,
		"sales..a":                      `name must be "database.collection"`,
		".orders":                       "the database of name must not be empty",
		"sa/les.orders":                 `the database of name must not contain / \ . " $, a space or a NUL`,
		"s." + strings.Repeat("a", 254): "name must be at most 255 bytes",
		"sales.a\x00":                   "name must not contain a NUL",
		"sales.a\xff":                   "name must be UTF-8",
	} {
		assert.Equal(t, want, validateNamespace("name", name), "%q", name)
	}
}
