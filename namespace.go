package restorejobs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of MongoDB for names.
const (
	maxDatabaseBytes  = 63
	maxNamespaceBytes = 255
)

// validateDatabase returns the rule that the name of a database breaks, empty for a valid name.
func validateDatabase(argument, name string) string {
	switch {
	case name == "":
		return argument + " must not be empty"
	case len(name) > maxDatabaseBytes:
		return fmt.Sprintf("%s must be at most %d bytes", argument, maxDatabaseBytes)
	default:
		return validateDatabaseText(argument, name)
	}
}

// validateDatabaseText returns the rule that a part of the name of a database breaks.
func validateDatabaseText(argument, text string) string {
	switch {
	case !utf8.ValidString(text):
		return argument + " must be UTF-8"
	case strings.ContainsAny(text, "/\\. \"$\x00"):
		return argument + ` must not contain / \ . " $, a space or a NUL`
	default:
		return ""
	}
}

// validateNamespace returns the rule that database.collection breaks, empty for a valid one.
func validateNamespace(argument, namespace string) string {
	database, collection, hasDot := strings.Cut(namespace, ".")
	switch {
	case namespace == "":
		return argument + " must not be empty"
	case !hasDot || collection == "" || strings.HasPrefix(collection, "."):
		return argument + ` must be "database.collection"`
	case len(namespace) > maxNamespaceBytes:
		return fmt.Sprintf("%s must be at most %d bytes", argument, maxNamespaceBytes)
	}
	if problem := validateDatabase("the database of "+argument, database); problem != "" {
		return problem
	}
	return validateCollectionText(argument, collection)
}

// validateCollectionText returns the rule that a part of the name of a collection breaks.
func validateCollectionText(argument, text string) string {
	switch {
	case !utf8.ValidString(text):
		return argument + " must be UTF-8"
	case strings.ContainsRune(text, 0):
		return argument + " must not contain a NUL"
	default:
		return ""
	}
}
