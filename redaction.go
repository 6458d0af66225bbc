package restorejobs

import "example.com/restorejobs/internal/redact"

// Redaction of what a server repeats of a request. Every text of a server passes it before it
// is cut, printed or kept in an error. Nothing is done for a success.

// redact removes secrets from all that the server sent.
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
