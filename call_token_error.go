package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/bearer"
)

// withTokenErrors makes an [*Error] of each refusal by the token endpoint.
func withTokenErrors(source bearer.TokenFunc) bearer.TokenFunc {
	return func(ctx context.Context, refused string) (string, error) {
		token, err := source(ctx, refused)
		if err != nil {
			err = tokenError(err)
		}
		return token, err
	}
}

// tokenError makes a new [*Error] for each waiting call, because each counts its own attempts.
func tokenError(err error) error {
	var refused *bearer.TokenError
	if !errors.As(err, &refused) {
		return err
	}
	e := newTokenError(refused)
	e.Reason = http.StatusText(e.StatusCode)
	e.Hint = nonAPIHint(refused.Header, refused.Body, e.StatusCode)
	if e.StatusCode == http.StatusUnauthorized {
		e.Hint = "wrong client id or secret, or the secret has expired"
	}
	return &tokenCallError{e}
}

// revokeError adds the prefix of the library, because no call wraps the error.
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

// newTokenError returns the facts of a refusal in the form of OAuth, which is redacted already.
func newTokenError(refused *bearer.TokenError) *Error {
	return &Error{
		Operation:  refused.Operation,
		Method:     http.MethodPost,
		Path:       refused.Path,
		StatusCode: refused.Status,
		Code:       ErrorCode(refused.Code),
		Detail:     refused.Description,
		RequestID:  requestID(refused.Header, nil),
		RetryAfter: api.RetryAfter(refused.Header, time.Now()),
		Attempts:   1,
		body:       refused.Body,
	}
}
