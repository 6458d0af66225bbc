package profile

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"example.com/restorejobs"
)

// Profile is a profile of the Atlas CLI or of mongocli.
type Profile struct {
	// Name is in lower case.
	Name string

	file   *file
	values map[string]any
}

// Format shows the name only, because the values contain keys.
func (p *Profile) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "profile "+p.Name) }

// Warning is about a file that others can use. It is empty otherwise.
func (p *Profile) Warning() string { return p.file.warning() }

// ProjectID returns the default project, empty if the profile has none.
func (p *Profile) ProjectID() (string, error) { return p.text("project_id") }

// govURL is the base URL of Atlas for Government.
const govURL = "https://cloud.mongodbgov.com"

// Product returns atlasv2, cloudmanager or opsmanager.
func (p *Profile) Product() (string, error) {
	service, err := p.text("service")
	if err != nil {
		return "", err
	}
	switch service {
	case "", "cloud", "cloudgov":
		return "atlasv2", nil
	case "cloud-manager":
		return "cloudmanager", nil
	case "ops-manager":
		return "opsmanager", nil
	default:
		return "", p.problem("service must be cloud, cloudgov, cloud-manager or ops-manager")
	}
}

// Client returns a client of the profile. The environment is used only for keys that the Atlas CLI keeps
// in the keyring of the system.
func (p *Profile) Client(getenv func(string) string) (*restorejobs.Client, error) {
	opts, err := p.options()
	if err != nil {
		return nil, err
	}
	credentials, err := p.credentials(getenv)
	if err != nil {
		return nil, err
	}
	client, err := restorejobs.NewClient(credentials, opts...)
	if err != nil {
		return nil, p.problem(p.withoutHost(strings.TrimPrefix(err.Error(), "restorejobs: ")))
	}
	return client, nil
}

// withoutHost removes the host of the profile from an error about credentials over plain http.
func (p *Profile) withoutHost(text string) string {
	base, _ := p.baseURL() // options has checked it
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return text
	}
	return strings.ReplaceAll(text, " to "+u.Hostname(), " to the host of ops_manager_url")
}

// options returns where the servers are, and whom to trust.
func (p *Profile) options() ([]restorejobs.Option, error) {
	product, err := p.Product()
	service, _ := p.text("service") // Product has checked it
	base, baseErr := p.baseURL()
	caPath, caErr := p.text("ops_manager_ca_certificate")
	skipsVerify, skipErr := p.isTrue("ops_manager_skip_verify")
	if err := errors.Join(err, baseErr, caErr, skipErr); err != nil {
		return nil, err
	}
	if base == "" && service == "cloudgov" {
		base = govURL
	}
	switch {
	case skipsVerify:
		return nil, p.problem("ops_manager_skip_verify is refused: without verification, anybody on the network path " +
			"can take the place of the server; set ops_manager_ca_certificate instead")
	case product == "opsmanager" && base == "":
		return nil, p.problem("ops_manager_url is missing: where the Ops Manager is")
	}
	var opts []restorejobs.Option
	if base != "" {
		opts = append(opts, restorejobs.WithBaseURL(base))
	}
	if caPath != "" {
		pem, _, err := readSmall(caPath)
		if err != nil {
			return nil, p.problem("cannot read the file of ops_manager_ca_certificate: " + withoutPath(err).Error())
		}
		opts = append(opts, restorejobs.WithRootCAs(pem))
	}
	return opts, nil
}

func (p *Profile) baseURL() (string, error) { return p.firstText("ops_manager_url", "base_url") }

// text returns a property, empty if it is not set. As in the tools, one above all profiles has precedence.
func (p *Profile) text(property string) (string, error) {
	for _, values := range []map[string]any{p.file.globals, p.values} {
		switch value := values[property].(type) {
		case nil:
		case string:
			if trimmed := strings.TrimSpace(value); trimmed != "" {
				return trimmed, nil
			}
		case map[string]any:
			if len(value) > 0 { // an empty table remains of a key that was moved to the keyring
				return "", p.problem(property + " must be a string in quotes")
			}
		default:
			return "", p.problem(property + " must be a string in quotes")
		}
	}
	return "", nil
}

// firstText returns the first of the properties that is set.
func (p *Profile) firstText(properties ...string) (string, error) {
	for _, property := range properties {
		if text, err := p.text(property); text != "" || err != nil {
			return text, err
		}
	}
	return "", nil
}

// isTrue reads a flag, which older versions of the tools write as a string.
func (p *Profile) isTrue(property string) (bool, error) {
	for _, values := range []map[string]any{p.file.globals, p.values} {
		if value, isBool := values[property].(bool); isBool {
			return value, nil
		}
	}
	text, err := p.text(property)
	switch strings.ToLower(text) {
	case "t", "true", "y", "yes", "1":
		return true, err
	default:
		return false, err
	}
}

// problem returns an error about the profile.
func (p *Profile) problem(text string) error {
	return fmt.Errorf("profile %q of %s: %s", p.Name, p.file.path, text)
}
