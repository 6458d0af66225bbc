package restorejobs

import (
	"regexp"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/redact"
)

// Redaction removes the secrets of a request from the texts of a failed response, before a text is
// truncated, printed or kept.

// redact removes secrets from all texts of the server.
func (e *Error) redact(secrets *redact.Secrets) {
	e.Code = ErrorCode(secrets.Text(string(e.Code)))
	e.Reason = secrets.Text(e.Reason)
	e.Detail = secrets.Text(e.Detail)
	for i := range e.Parameters {
		e.Parameters[i] = secrets.Text(e.Parameters[i])
	}
	for i := range e.FieldViolations {
		e.FieldViolations[i].Field = secrets.Text(e.FieldViolations[i].Field)
		e.FieldViolations[i].Description = secrets.Text(e.FieldViolations[i].Description)
	}
	e.body = secrets.Body(e.body)
}

// secretMember is the member of a project that holds the API key of the agents, in JSON that can be
// escaped or cut.
var secretMember = regexp.MustCompile(`(?i)agentApiKey[^0-9A-Za-z]*([0-9A-Za-z+/=_-]*)`)

// secretsOf returns the secrets that a response can contain.
func secretsOf(req *api.Request, resp *api.Response) *redact.Secrets {
	secrets := resp.Secrets()
	if req.SecretBody {
		for _, match := range secretMember.FindAllSubmatch(resp.Body, -1) {
			secrets.Add(string(match[1]))
		}
	}
	return secrets
}

// keptBody returns the body that an error keeps. A success with a secret can end within the secret, so
// none of it is kept.
func keptBody(req *api.Request, resp *api.Response) []byte {
	mayShow := resp.IsSuccess() || secretMember.Match(resp.Body)
	if req.SecretBody && mayShow {
		return []byte(`"` + redact.Placeholder + `"`)
	}
	return resp.Body
}
