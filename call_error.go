package restorejobs

import (
	"time"

	"example.com/restorejobs/internal/api"
)

// tokenCallError is a failed request for a token inside of another call.
type tokenCallError struct{ err *Error }

func (e *tokenCallError) Error() string { return e.err.Operation + ": " + e.err.message() }
func (e *tokenCallError) Unwrap() error { return e.err }

// Class is that of the response of the token endpoint.
func (e *tokenCallError) Class() api.Class { return e.err.class() }

// RetryAfter is the delay that the token endpoint requests.
func (e *tokenCallError) RetryAfter() time.Duration { return e.err.RetryAfter }
