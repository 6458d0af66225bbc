package transport

import (
	"maps"
	"net/http"
)

// AuthorizationHeader is the canonical name of the header with credentials.
const AuthorizationHeader = "Authorization"

// CopyUnsigned returns a copy of a request without credentials, whose header can be changed. Other parts
// must not be.
func CopyUnsigned(req *http.Request) *http.Request {
	copied := req.WithContext(req.Context())
	copied.Header = make(http.Header, len(req.Header)+1)
	maps.Copy(copied.Header, req.Header) // the values are only read
	delete(copied.Header, AuthorizationHeader)
	return copied
}
