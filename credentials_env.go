package restorejobs

import (
	"context"
	"fmt"
	"os"
	"strings"
)

const (
	envAtlas = "MONGODB_ATLAS_"
	envMCLI  = "MCLI_"
)

// envCredentials are the variables of one kind of credentials, by the names of one tool. Values of
// two sets are never combined.
type envCredentials struct {
	prefix         string
	names          []string
	newCredentials func(values []string) Credentials
}

// envCredentialSets are in order of precedence.
var envCredentialSets = []envCredentials{
	{
		prefix:         envAtlas,
		names:          []string{"MONGODB_ATLAS_ACCESS_TOKEN"},
		newCredentials: bearerTokenFromEnv,
	},
	{
		prefix:         envAtlas,
		names:          []string{"MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"},
		newCredentials: serviceAccountFromEnv,
	},
	{
		prefix:         envAtlas,
		names:          []string{"MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"},
		newCredentials: apiKeyFromEnv,
	},
	{
		prefix:         envAtlas,
		names:          []string{"MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY"},
		newCredentials: apiKeyFromEnv,
	},
	{
		prefix:         envMCLI,
		names:          []string{"MCLI_CLIENT_ID", "MCLI_CLIENT_SECRET"},
		newCredentials: serviceAccountFromEnv,
	},
	{
		prefix:         envMCLI,
		names:          []string{"MCLI_PUBLIC_API_KEY", "MCLI_PRIVATE_API_KEY"},
		newCredentials: apiKeyFromEnv,
	},
}

// envBaseURLs are in order of precedence.
var envBaseURLs = []string{
	"MONGODB_ATLAS_BASE_URL",
	"MONGODB_ATLAS_OPS_MANAGER_URL",
	"MCLI_OPS_MANAGER_URL",
}

func bearerTokenFromEnv(values []string) Credentials {
	return BearerToken(func(context.Context) (string, error) { return values[0], nil })
}

func serviceAccountFromEnv(values []string) Credentials { return ServiceAccount(values[0], values[1]) }
func apiKeyFromEnv(values []string) Credentials         { return APIKey(values[0], values[1]) }

// NewClientFromEnv is [NewClient] with the credentials of [CredentialsFromEnv] and the base URL of
// [WithBaseURLFromEnv]. A [WithBaseURL] among opts overrides the base URL of the environment.
func NewClientFromEnv(opts ...Option) (*Client, error) {
	credentials, err := CredentialsFromEnv()
	if err != nil {
		return nil, err
	}
	return NewClient(credentials, append([]Option{WithBaseURLFromEnv()}, opts...)...)
}

// CredentialsFromEnv returns the credentials of the environment, by the names that MongoDB's
// tools use. The first line with a variable set is used:
//
//	MONGODB_ATLAS_ACCESS_TOKEN                                   Terraform provider
//	MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET         Atlas CLI, Terraform provider
//	MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY  Atlas CLI, Terraform provider
//	MONGODB_ATLAS_PUBLIC_KEY, MONGODB_ATLAS_PRIVATE_KEY          Terraform provider, examples of the Atlas SDK
//	MCLI_CLIENT_ID, MCLI_CLIENT_SECRET                           Atlas CLI
//	MCLI_PUBLIC_API_KEY, MCLI_PRIVATE_API_KEY                    mongocli, Atlas CLI, Terraform provider
//
// If that line is incomplete, the error matches [ErrInvalidArgument]. It names variables and
// shows no value. A variable that is empty or white space counts as not set. White space around
// a value is removed.
func CredentialsFromEnv() (Credentials, error) {
	set, values, err := lookupEnvCredentials()
	if err != nil {
		return Credentials{}, err
	}
	if set == nil {
		var searched []string
		for _, candidate := range envCredentialSets {
			searched = append(searched, strings.Join(candidate.names, " and "))
		}
		return Credentials{}, invalidArgument("credentials from the environment",
			"none of these is set: "+strings.Join(searched, ", or "))
	}
	return set.newCredentials(values), nil
}

// lookupEnvCredentials returns the first set with a variable set, nil if none is.
func lookupEnvCredentials() (*envCredentials, []string, error) {
	for i := range envCredentialSets {
		candidate := &envCredentialSets[i]
		var values []string
		var set []string
		var missing []string
		for _, name := range candidate.names {
			value := trimmedEnv(name)
			values = append(values, value)
			if value == "" {
				missing = append(missing, name)
			} else {
				set = append(set, name)
			}
		}
		switch {
		case len(missing) == 0:
			return candidate, values, nil
		case len(set) > 0:
			return nil, nil, invalidArgument("credentials from the environment",
				fmt.Sprintf("%s is set and %s is not: set both or none", set[0], missing[0]))
		}
	}
	return nil, nil, nil
}

// WithBaseURLFromEnv is [WithBaseURL] with the first of these variables that is set:
// MONGODB_ATLAS_BASE_URL (Terraform provider), MONGODB_ATLAS_OPS_MANAGER_URL (Atlas CLI) and
// MCLI_OPS_MANAGER_URL (mongocli, Terraform provider). Without one, it changes nothing.
//
// If [CredentialsFromEnv] uses variables with one of the prefixes MONGODB_ATLAS_ and MCLI_, an
// address with the other prefix is ignored. So no key is sent to a server of another key.
func WithBaseURLFromEnv() Option {
	return func(s *clientConfig) {
		set, _, _ := lookupEnvCredentials() // CredentialsFromEnv reports an incomplete set
		for _, name := range envBaseURLs {
			base := trimmedEnv(name)
			switch {
			case base == "":
			case set != nil && !strings.HasPrefix(name, set.prefix):
				s.ignoredBaseURL = name + " is set, but not used with a key from " + set.prefix + "… variables"
			default:
				s.setBaseURL(name, base)
				return
			}
		}
	}
}

// trimmedEnv returns a variable without the line end that a shell can add.
func trimmedEnv(name string) string {
	return strings.TrimSpace(os.Getenv(name)) //nolint:forbidigo // the one place
}
