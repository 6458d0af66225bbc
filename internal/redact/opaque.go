package redact

import "errors"

// Opaque returns an error with another text that matches what err matches. It cannot be
// unwrapped, and no verb of fmt prints err.
func Opaque(text string, err error) error {
	return &opaqueError{
		text: text,
		is:   func(target error) bool { return errors.Is(err, target) },
	}
}

// opaqueError keeps the original error in a function, which fmt cannot print.
type opaqueError struct {
	text string
	is   func(error) bool
}

func (e *opaqueError) Error() string        { return e.text }
func (e *opaqueError) Is(target error) bool { return e.is(target) }
