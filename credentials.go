package restorejobs

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"unicode"

	"example.com/restorejobs/internal/bearer"
	"example.com/restorejobs/internal/redact"
)

// Credentials authenticate a client. Make them with [APIKey], [ServiceAccount], [BearerToken] or
// [CredentialsFromEnv]. [NewClient] refuses the zero value. They print without any secret.
type Credentials struct {
	// fmt calls no method of a private field, and follows one pointer only. So the secrets are
	// behind a second one.
	secret *credentialData
}

type credentialData struct {
	kind     credentialKind
	*keyPair                                       // empty for a bearer token
	token    func(context.Context) (string, error) // of a bearer token
}

type keyPair struct {
	username string
	secret   string
}

type credentialKind int

const (
	apiKey credentialKind = iota
	serviceAccount
	bearerToken
)

// APIKey returns the credentials of a programmatic API key, for HTTP digest authentication. All
// variants. The user name and personal API key of older services work too. [NewClient] refuses
// an argument that is empty, has a control character, or has white space around it.
//
// API: "Configure API Access" of Cloud Manager, Ops Manager and Atlas.
func APIKey(publicKey, privateKey string) Credentials {
	return Credentials{&credentialData{
		kind:    apiKey,
		keyPair: &keyPair{username: publicKey, secret: privateKey},
	}}
}

// ServiceAccount returns the credentials of a service account, for OAuth. Atlas v2 and Cloud
// Manager; not documented for Ops Manager. [NewClient] refuses the same arguments as with [APIKey].
//
// The client requests a token from /api/oauth/token on its base URL when it first needs one, and
// shares it among goroutines. It requests the next token one minute before the token expires, or
// half-way if the token lives less than two minutes. It also requests one when the service
// refuses the token, once per call. [Client.RevokeToken] revokes the token. A refusal by the token
// endpoint is an [*Error].
//
// API: Atlas and Cloud Manager "Service Accounts", OAuth 2.0 client credentials.
func ServiceAccount(clientID, clientSecret string) Credentials {
	return Credentials{&credentialData{
		kind:    serviceAccount,
		keyPair: &keyPair{username: clientID, secret: clientSecret},
	}}
}

// BearerToken returns credentials that call get for a token before every request. The function
// should cache, must be safe for concurrent use, and must not be nil. Variants as with
// [ServiceAccount].
//
// If the service refuses a token, the client calls get once more, and retries the request with a
// token that differs. A token must be printable ASCII without spaces, and not empty. An invalid
// token or an error of get ends the call before its request is sent.
func BearerToken(get func(context.Context) (string, error)) Credentials {
	return Credentials{&credentialData{
		kind:    bearerToken,
		keyPair: &keyPair{},
		token:   get,
	}}
}

// String returns the kind of the credentials, without any secret.
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
func (c Credentials) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue returns [Credentials.String] for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// validate returns the problem with the credentials, "" if they are valid.
func (c Credentials) validate() string {
	switch {
	case c.secret == nil:
		return "credentials: use APIKey, ServiceAccount, BearerToken or CredentialsFromEnv"
	case c.secret.kind == bearerToken:
		if c.secret.token == nil {
			return "credentials: the function for BearerToken must not be nil"
		}
	case c.secret.username == "" || c.secret.secret == "":
		return "credentials: the key must have both of its parts, such as public and private key"
	case hasStrayWhitespace(c.secret.username) || hasStrayWhitespace(c.secret.secret):
		return "credentials: a part of the key begins or ends with white space, or has a line end"
	}
	return ""
}

// hasStrayWhitespace reports what a file or a terminal can add to a key.
func hasStrayWhitespace(value string) bool {
	return strings.TrimSpace(value) != value || strings.ContainsFunc(value, unicode.IsControl)
}

// secretAdder returns a function that adds the credentials to secrets. fmt cannot print the
// variables of a function.
func (c *credentialData) secretAdder() func(*redact.Secrets) {
	return func(secrets *redact.Secrets) {
		switch c.kind {
		case apiKey:
			secrets.AddName(c.username)
			secrets.Add(c.secret)
		case serviceAccount:
			secrets.AddBasic(c.username, c.secret)
		case bearerToken: // the request has it
		}
	}
}

// newTokenSource returns the source of OAuth tokens, and the function that revokes the current
// token, nil for a bearer token. From here on only functions hold the credentials, which fmt
// prints as addresses.
func newTokenSource(secret *credentialData, endpoint *bearer.Endpoint) (bearer.TokenFunc, func(context.Context) error) {
	if secret.kind == bearerToken {
		return bearer.FromFunc(secret.token), nil
	}
	endpoint.Credentials = func() (string, string) { return secret.username, secret.secret }
	cache := bearer.NewTokenCache(endpoint.Fetch)
	revoke := func(ctx context.Context) error {
		token, restore := cache.Remove()
		if token == "" {
			return nil
		}
		err := endpoint.Revoke(ctx, token)
		if err != nil {
			restore() // for another RevokeToken
		}
		return err
	}
	return cache.Get, revoke
}
