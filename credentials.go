package restorejobs

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

// Credentials are how a client proves who it is. Make them with [APIKey],
// [ServiceAccount], [BearerToken] or [CredentialsFromEnv]; the zero value is refused by
// [NewClient]. They print without any secret.
type Credentials struct {
	// A pointer to a pointer: where a struct of the caller's holds them in a private field,
	// fmt asks no methods, and prints what one pointer leads to.
	secret *credentials
}

type credentials struct {
	kind credentialKind
	*halves
	token tokenFunc
}

// halves are empty for a bearer token.
type halves struct{ username, private string }

type credentialKind int

const (
	apiKey credentialKind = iota
	serviceAccount
	bearerToken
)

// APIKey are the public and the private half of a programmatic API key, for HTTP digest
// authentication. All variants. The user name and personal API key of older services
// are such a pair too.
//
// API: "Configure API Access" of Cloud Manager, Ops Manager and Atlas.
func APIKey(publicKey, privateKey string) Credentials {
	return Credentials{&credentials{kind: apiKey, halves: &halves{publicKey, privateKey}}}
}

// String names the kind of credentials and nothing else.
func (c Credentials) String() string {
	if c.secret == nil {
		return "no credentials"
	}
	switch c.secret.kind {
	case apiKey:
		return "API key " + redacted
	case serviceAccount:
		return "service account " + redacted
	case bearerToken:
		return "bearer token " + redacted
	default:
		return redacted
	}
}

// Format prints [Credentials.String] for every verb.
func (c Credentials) Format(f fmt.State, _ rune) { writeState(f, c.String()) }

// LogValue gives [Credentials.String] for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// problem returns what is wrong with the credentials, "" for nothing.
func (c Credentials) problem() string {
	switch {
	case c.secret == nil:
		return "credentials: use APIKey, ServiceAccount, BearerToken or CredentialsFromEnv"
	case c.secret.kind == bearerToken:
		if c.secret.token == nil {
			return "credentials: the function for BearerToken must not be nil"
		}
	case c.secret.username == "" || c.secret.private == "":
		return "credentials: both halves of the key must be set"
	case mistyped(c.secret.username) || mistyped(c.secret.private):
		return "credentials: a half of the key begins or ends with white space, or holds a line end"
	}
	return ""
}

// mistyped reports what a key never has and a file or a terminal easily adds.
func mistyped(half string) bool {
	return strings.TrimSpace(half) != half || strings.ContainsFunc(half, unicode.IsControl)
}
