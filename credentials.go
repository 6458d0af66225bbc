package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"

	"example.com/restorejobs/internal/bearer"
)

// Credentials are how a client proves who it is. Make them with [APIKey],
// [ServiceAccount], [BearerToken] or [CredentialsFromEnv]; the zero value is refused by
// [NewClient]. They print without any secret.
type Credentials struct {
	// A pointer to a pointer: where a struct of the caller's holds them in a private field,
	// fmt asks no methods, and prints what one pointer leads to.
	secret *credentialData
}

type credentialData struct {
	kind credentialKind
	*keyPair
	token func(context.Context) (string, error) // of a bearer token
}

// keyPair are empty for a bearer token.
type keyPair struct{ username, secret string }

type credentialKind int

const (
	apiKey credentialKind = iota
	serviceAccount
	bearerToken
)

// APIKey are the public and the private half of a programmatic API key, for HTTP digest
// authentication. All variants. The user name and personal API key of older services
// are such a pair too. [NewClient] refuses an empty half, and one with a control character
// or white space around it.
//
// API: "Configure API Access" of Cloud Manager, Ops Manager and Atlas.
func APIKey(publicKey, privateKey string) Credentials {
	return Credentials{&credentialData{kind: apiKey, keyPair: &keyPair{publicKey, privateKey}}}
}

// ServiceAccount are the client id and secret of a service account, for OAuth. Atlas v2
// and Cloud Manager; not documented for Ops Manager. The token is fetched from
// /api/oauth/token on the client's base URL when first needed, shared by all goroutines,
// and fetched anew a minute before its end (half-way to it where it lives less than two),
// or once when the service refuses it. [Client.RevokeToken] revokes it. [NewClient] refuses the
// same halves as with [APIKey]; a refusal by the token endpoint is an [*Error].
//
// API: Atlas and Cloud Manager "Service Accounts", OAuth 2.0 client credentials.
func ServiceAccount(clientID, clientSecret string) Credentials {
	return Credentials{&credentialData{kind: serviceAccount, keyPair: &keyPair{clientID, clientSecret}}}
}

// BearerToken asks get for a token before every request: caching is up to get, which must
// be safe for concurrent use and not nil. Variants as with [ServiceAccount]. When the
// service refuses a token, get is asked once more, and the request sent again if the token
// is another. An error of get ends the call, which has not run then; so does a token that is
// empty or not printable ASCII without spaces.
func BearerToken(get func(context.Context) (string, error)) Credentials {
	return Credentials{&credentialData{kind: bearerToken, keyPair: &keyPair{}, token: get}}
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
func (c Credentials) Format(f fmt.State, _ rune) { writeString(f, c.String()) }

// LogValue gives [Credentials.String] for log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// validate returns what is wrong with the credentials, "" for nothing.
func (c Credentials) validate() string {
	switch {
	case c.secret == nil:
		return "credentials: use APIKey, ServiceAccount, BearerToken or CredentialsFromEnv"
	case c.secret.kind == bearerToken:
		if c.secret.token == nil {
			return "credentials: the function for BearerToken must not be nil"
		}
	case c.secret.username == "" || c.secret.secret == "":
		return "credentials: both halves of the key must be set"
	case hasStrayWhitespace(c.secret.username) || hasStrayWhitespace(c.secret.secret):
		return "credentials: a half of the key begins or ends with white space, or holds a line end"
	}
	return ""
}

// hasStrayWhitespace reports what a key never has and a file or a terminal easily adds.
func hasStrayWhitespace(half string) bool {
	return strings.TrimSpace(half) != half || strings.ContainsFunc(half, unicode.IsControl)
}

const (
	tokenPath  = "/api/oauth/token"  //nolint:gosec // a path
	revokePath = "/api/oauth/revoke" //nolint:gosec // a path
)

// newTokenSource is where the client gets its OAuth tokens from. From here on only functions hold
// the credentials: fmt prints no more of one than its address.
func (c *Client) newTokenSource(secret *credentialData) bearer.TokenFunc {
	if secret.kind == bearerToken {
		return bearer.FromFunc(secret.token)
	}
	endpoint := &bearer.Endpoint{
		Base: c.transport, UserAgent: c.userAgent,
		BaseURL: c.baseURL.String(), TokenPath: tokenPath, RevokePath: revokePath,
		Credentials: func() (string, string) { return secret.username, secret.secret },
	}
	shared := bearer.NewTokenCache(endpoint.Fetch)
	c.revokeToken = func(ctx context.Context) error {
		token, giveBack := shared.Remove()
		if token == "" {
			return nil
		}
		err := endpoint.Revoke(ctx, token)
		if err != nil {
			giveBack() // for another Close
		}
		return revokeError(err)
	}
	return func(ctx context.Context, refused string) (string, error) {
		token, err := shared.Get(ctx, refused)
		if err != nil {
			err = tokenError(err)
		}
		return token, err
	}
}

// tokenError turns the endpoint's refusal into an [*Error]. Every waiting call gets one of
// its own, because each notes its attempts.
func tokenError(err error) error {
	var refused *bearer.TokenError
	if !errors.As(err, &refused) {
		return err
	}
	e := newTokenError(refused)
	e.Reason = http.StatusText(e.StatusCode)
	e.Hint = nonAPIHint(&response{header: refused.Header, body: refused.Body}, e.StatusCode)
	if e.StatusCode == http.StatusUnauthorized {
		e.Hint = "wrong client id or secret, or the secret has expired"
	}
	return &tokenCallError{e}
}

// revokeError is what [Client.RevokeToken] returns: nobody above it adds the library's name.
func revokeError(err error) error {
	var refused *bearer.TokenError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return newTokenError(refused)
	default:
		return fmt.Errorf("restorejobs: %w", err)
	}
}

// newTokenError has what the endpoint itself says, in OAuth's shape. The refusal is redacted
// already.
func newTokenError(refused *bearer.TokenError) *Error {
	return &Error{
		Operation: refused.Operation, Method: http.MethodPost, Path: refused.Path,
		StatusCode: refused.Status, Code: ErrorCode(refused.Code), Detail: refused.Description,
		RequestID: requestID(refused.Header, nil), RetryAfter: retryAfter(refused.Header, time.Now()),
		Attempts: 1, body: truncateBody(refused.Body),
	}
}

// envCredentials are variables that belong together: one kind of credentials, by the names of
// one tool. Halves of two families are never put together.
type envCredentials struct {
	prefix         string
	names          []string
	newCredentials func(values []string) Credentials
}

const (
	envAtlas = "MONGODB_ATLAS_"
	envMCLI  = "MCLI_"
)

// envCredentialSets are in the order of their precedence.
var envCredentialSets = []envCredentials{
	{prefix: envAtlas, names: []string{"MONGODB_ATLAS_ACCESS_TOKEN"}, newCredentials: bearerTokenFromEnv},
	{prefix: envAtlas, names: []string{"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"}, newCredentials: serviceAccountFromEnv},
	{prefix: envAtlas, names: []string{"MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"}, newCredentials: apiKeyFromEnv},
	{prefix: envAtlas, names: []string{"MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"}, newCredentials: apiKeyFromEnv},
	{prefix: envMCLI, names: []string{"MCLI_CLIENT_ID", "MCLI_CLIENT_SECRET"}, newCredentials: serviceAccountFromEnv},
	{prefix: envMCLI, names: []string{"MCLI_PUBLIC_API_KEY", "MCLI_PRIVATE_API_KEY"}, newCredentials: apiKeyFromEnv},
}

// envBaseURLs say where the API is, in the order of their precedence.
var envBaseURLs = []string{"MONGODB_ATLAS_BASE_URL", "MONGODB_ATLAS_OPS_MANAGER_URL", "MCLI_OPS_MANAGER_URL"}

func bearerTokenFromEnv(values []string) Credentials {
	return BearerToken(func(context.Context) (string, error) { return values[0], nil })
}

func serviceAccountFromEnv(values []string) Credentials { return ServiceAccount(values[0], values[1]) }
func apiKeyFromEnv(values []string) Credentials         { return APIKey(values[0], values[1]) }

// CredentialsFromEnv makes credentials from the environment, by the names that MongoDB's
// own tools use. The first line of which anything is set decides:
//
//	MONGODB_ATLAS_ACCESS_TOKEN                                   Terraform provider
//	MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET         Atlas CLI, Terraform provider
//	MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY  Atlas CLI, Terraform provider
//	MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY          Terraform provider, examples of the Atlas SDK
//	MCLI_CLIENT_ID, MCLI_CLIENT_SECRET                           Atlas CLI
//	MCLI_PUBLIC_API_KEY, MCLI_PRIVATE_API_KEY                    mongocli, Atlas CLI, Terraform provider
//
// A line of which only one half is set is an error, even if a later one is complete:
// another key than the one that was meant may lead to another cluster. Variables that are
// empty or white space count as not set, and white space around a value is dropped. The
// error names variables and shows no value. Where the API is comes from
// [WithBaseURLFromEnv].
func CredentialsFromEnv() (Credentials, error) {
	family, values, err := lookupEnvCredentials()
	if err != nil {
		return Credentials{}, err
	}
	if family == nil {
		var searched []string
		for _, family := range envCredentialSets {
			searched = append(searched, strings.Join(family.names, " and "))
		}
		return Credentials{}, invalidArgument("credentials from the environment",
			"none of these is set: "+strings.Join(searched, ", or "))
	}
	return family.newCredentials(values), nil
}

// lookupEnvCredentials returns the first family of which anything is set, nil for none.
func lookupEnvCredentials() (*envCredentials, []string, error) {
	for i := range envCredentialSets {
		family := &envCredentialSets[i]
		var values, set, missing []string
		for _, name := range family.names {
			value := trimmedEnv(name)
			values = append(values, value)
			if value != "" {
				set = append(set, name)
			} else {
				missing = append(missing, name)
			}
		}
		switch {
		case len(missing) == 0:
			return family, values, nil
		case len(set) > 0:
			return nil, nil, invalidArgument("credentials from the environment",
				fmt.Sprintf("%s is set and %s is not: set both or none", set[0], missing[0]))
		}
	}
	return nil, nil, nil
}

// WithBaseURLFromEnv does what [WithBaseURL] does with what the environment says: the first
// that is set of MONGODB_ATLAS_BASE_URL (Terraform provider), MONGODB_ATLAS_OPS_MANAGER_URL
// (Atlas CLI) and MCLI_OPS_MANAGER_URL (mongocli, Terraform provider). Nothing changes where
// none is set.
//
// It goes with [CredentialsFromEnv]: where that finds variables of the one prefix,
// MONGODB_ATLAS_ or MCLI_, addresses of the other are not looked at, so that no key is sent
// to a server that it was not made for.
func WithBaseURLFromEnv() Option {
	return func(s *clientConfig) {
		family, _, _ := lookupEnvCredentials() // a half-set family is for CredentialsFromEnv to tell
		for _, name := range envBaseURLs {
			base := trimmedEnv(name)
			switch {
			case base == "":
			case family != nil && !strings.HasPrefix(name, family.prefix):
				s.unusedBase = name + " is set, but not used with a key from " + family.prefix + "… variables"
			default:
				s.setBaseURL(name, base)
				return
			}
		}
	}
}

// trimmedEnv reads a variable without the line end that a file has left in it.
func trimmedEnv(name string) string {
	return strings.TrimSpace(os.Getenv(name)) //nolint:forbidigo // the one place
}
