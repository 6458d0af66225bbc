package api

import (
	"errors"
	"net/http"

	"example.com/restorejobs/internal/transport"
)

// Class is the answer to "may it be tried again?". Callers differ in policy only: which classes
// they try again, and how often.
type Class int

const (
	// Permanent errors occur again in every attempt.
	Permanent Class = iota
	// Eventual errors occur again within seconds. A poll may succeed later.
	Eventual
	// Transient errors may not occur again. The failed attempt may have been executed.
	Transient
	// Unsent errors may not occur again, and the failed attempt certainly was not executed.
	Unsent
)

// Classified is an error that knows its class.
type Classified interface {
	error
	Class() Class
}

// Classify returns the class of an error of this package, of internal/transport, or of any
// [Classified] error. Other errors are permanent.
func Classify(err error) Class {
	var classified Classified
	if err == nil || transport.IsPermanent(err) || !errors.As(err, &classified) {
		return Permanent
	}
	return classified.Class()
}

// ClassifyStatus returns the class of a response by its status.
func ClassifyStatus(status int) Class {
	switch status {
	case http.StatusTooManyRequests:
		return Unsent
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Transient
	}
	if status >= http.StatusInternalServerError {
		return Eventual
	}
	return Permanent
}

// ClassifyBody returns the class of a successful response whose body cannot be used because of
// err. Another attempt may get another body, unless err says otherwise.
func ClassifyBody(err error) Class {
	var classified Classified
	if errors.As(err, &classified) {
		return classified.Class()
	}
	return Eventual
}
