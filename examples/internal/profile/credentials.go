package profile

import (
	"strings"

	"example.com/restorejobs"
)

// keyPair are the two properties of one kind of credentials.
type keyPair struct {
	authType       string
	public         string
	private        string
	newCredentials func(public, private string) restorejobs.Credentials
}

func keyPairs() []keyPair {
	return []keyPair{
		{
			authType:       "api_keys",
			public:         "public_api_key",
			private:        "private_api_key",
			newCredentials: restorejobs.APIKey,
		},
		{
			authType:       "service_account",
			public:         "client_id",
			private:        "client_secret",
			newCredentials: restorejobs.ServiceAccount,
		},
	}
}

// credentials returns the keys that the file contains, or those of the environment for a keyring.
func (p *Profile) credentials(getenv func(string) string) (restorejobs.Credentials, error) {
	var none restorejobs.Credentials
	authType, err := p.text("auth_type")
	if err != nil {
		return none, err
	}
	token, err := p.firstText("access_token", "refresh_token")
	if err != nil {
		return none, err
	}
	var found []restorejobs.Credentials
	var incomplete error
	for _, pair := range keyPairs() {
		if authType != "" && authType != pair.authType {
			continue
		}
		credentials, isSet, err := p.keys(pair)
		switch {
		case err != nil:
			incomplete = err
		case isSet:
			found = append(found, credentials)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return none, p.problem("it has an API key and a service account; remove one, or set auth_type to api_keys or service_account")
	case token != "" || authType == "user_account":
		return none, p.problem("it has the login of a user, whose token expires and belongs to the tool; " +
			"make a profile with an API key or a service account")
	case incomplete != nil:
		return none, incomplete
	default:
		return p.keyringCredentials(authType, getenv)
	}
}

// keys returns the credentials of a pair, and whether the file contains them.
func (p *Profile) keys(pair keyPair) (credentials restorejobs.Credentials, isSet bool, err error) {
	public, err := p.text(pair.public)
	if err != nil {
		return credentials, false, err
	}
	private, err := p.text(pair.private)
	switch {
	case err != nil:
		return credentials, false, err
	case public == "" && private == "":
		return credentials, false, nil
	case private == "":
		return credentials, false, p.problem(pair.public + " is set and " + pair.private + " is not")
	case public == "":
		return credentials, false, p.problem(pair.private + " is set and " + pair.public + " is not")
	}
	return pair.newCredentials(public, private), true, nil
}

// keyringCredentials returns the credentials of the environment that replace those of the keyring.
func (p *Profile) keyringCredentials(authType string, getenv func(string) string) (restorejobs.Credentials, error) {
	var none restorejobs.Credentials
	version, _ := p.file.globals["version"].(int64)
	hasKeyring := version >= 2 || authType == "api_keys" || authType == "service_account"
	if !hasKeyring {
		return none, p.problem("it has no keys: neither public_api_key and private_api_key, nor client_id and client_secret")
	}
	var wanted []string
	for _, pair := range keyPairs() {
		if authType != "" && authType != pair.authType {
			continue
		}
		publicName := envName(pair.public)
		privateName := envName(pair.private)
		public := strings.TrimSpace(getenv(publicName))
		private := strings.TrimSpace(getenv(privateName))
		if public != "" && private != "" {
			return pair.newCredentials(public, private), p.checkAddress(getenv)
		}
		wanted = append(wanted, publicName+" and "+privateName)
	}
	if len(wanted) == 0 {
		return none, p.problem("auth_type must be api_keys or service_account")
	}
	return none, p.problem("it exists, but its keys are not in the file: they are in the keyring of the system, which this program " +
		"does not read; set " + strings.Join(wanted, ", or "))
}

// checkAddress refuses an address of the environment: its keys may belong to another server than the profile.
func (p *Profile) checkAddress(getenv func(string) string) error {
	for _, property := range []string{"ops_manager_url", "base_url"} {
		if name := envName(property); getenv(name) != "" {
			return p.problem(name + " must not be set: the keys would be sent to the server of the profile")
		}
	}
	return nil
}

// envName returns the variable with which the Atlas CLI overrides a property.
func envName(property string) string { return "MONGODB_ATLAS_" + strings.ToUpper(property) }
