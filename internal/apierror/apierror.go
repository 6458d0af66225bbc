// Package apierror reads the errors that the API writes, in the shape of Cloud Manager, Ops
// Manager and Atlas, and knows the codes that authentication depends on.
//
// API: error codes of Cloud Manager, Ops Manager and Atlas; Atlas v2 "ApiError".
package apierror

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
)

// Codes of a 401 response for a key or token that is valid, but not permitted.
const (
	UserUnauthorized           = "USER_UNAUTHORIZED"
	NotInGroup                 = "NOT_IN_GROUP"
	UserCannotAccessGroup      = "USER_CANNOT_ACCESS_GROUP"
	TenantSnapshotAccessDenied = "TENANT_SNAPSHOT_ACCESS_DENIED"
)

// maxPeekedBody exceeds every documented error, in bytes.
const maxPeekedBody = 64<<10 + 1

// unexpectedError is the code of failed authentication, where there is one.
const unexpectedError = "UNEXPECTED_ERROR"

var permissionCodes = []string{UserUnauthorized, NotInGroup, UserCannotAccessGroup, TenantSnapshotAccessDenied}

// IsPermission reports whether the code of a 401 response certainly means a valid credential
// without permission.
func IsPermission(code string) bool { return slices.Contains(permissionCodes, code) }

// MayBePermission reports whether the code of a 401 response can mean a valid credential without
// permission. Failed authentication has one known code, or none.
func MayBePermission(code string) bool { return code != "" && code != unexpectedError }

// Field is a violation in the body of a request.
type Field struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// Body is the body of an error. Every part can be missing.
type Body struct {
	Code       string
	Reason     string
	Detail     string
	Parameters []string // as text
	Fields     []Field
}

// wireBody is the JSON of a Body. Parameters are strings, numbers or objects.
type wireBody struct {
	ErrorCode  string            `json:"errorCode"`
	Reason     string            `json:"reason"`
	Detail     string            `json:"detail"`
	Parameters []json.RawMessage `json:"parameters"`
	BadRequest struct {
		Fields []Field `json:"fields"`
	} `json:"badRequestDetail"`

	Content  json.RawMessage `json:"content"`
	Envelope json.RawMessage `json:"envelope"`
}

// Parse reads an error, with or without an envelope. A body in another format is a zero Body.
func Parse(body []byte) Body {
	read := unmarshal(body)
	if read.ErrorCode == "" {
		for _, content := range [...]json.RawMessage{read.Content, read.Envelope} {
			inner := unmarshal(content)
			if inner.ErrorCode != "" || inner.Detail != "" {
				read = inner
				break
			}
		}
	}
	result := Body{
		Code:   read.ErrorCode,
		Reason: read.Reason,
		Detail: read.Detail,
		Fields: read.BadRequest.Fields,
	}
	for _, parameter := range read.Parameters {
		result.Parameters = append(result.Parameters, parameterText(parameter))
	}
	return result
}

// unmarshal reads the members of the documented types: one of another type does not prevent the
// others.
func unmarshal(body []byte) wireBody {
	var read wireBody
	var typeErr *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &read); err != nil && !errors.As(err, &typeErr) {
		return wireBody{}
	}
	return read
}

// parameterText returns a string without its quotes, other values as JSON.
func parameterText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// PeekCode returns the code in the header or the body of a response, empty if there is none. It
// puts back what it reads of the body.
func PeekCode(resp *http.Response) string {
	if code := resp.Header.Get("X-Error-Code"); code != "" || resp.Body == nil {
		return code
	}
	body := resp.Body
	peeked, err := io.ReadAll(io.LimitReader(body, maxPeekedBody))
	rest := io.Reader(body)
	if err != nil {
		rest = errReader{err}
	}
	resp.Body = &replayedBody{
		Reader: io.MultiReader(bytes.NewReader(peeked), rest),
		Closer: body,
	}
	return Parse(peeked).Code
}

// replayedBody is a body whose beginning was read and put back.
type replayedBody struct {
	io.Reader
	io.Closer
}

// errReader repeats the error that ended a body early.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }
