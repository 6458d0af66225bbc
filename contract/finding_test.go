package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// exchange is one request and its response, as sent and received.
type exchange struct {
	request  *http.Request
	sent     []byte
	status   int
	header   http.Header
	received []byte
}

// side is the half of an exchange.
type side string

const (
	request  side = "request"
	response side = "response"
)

// finding is one difference between an exchange and the document.
type finding struct {
	clusterKind clusterKind
	side        side
	at          string // JSON pointer in a job or body, name of a parameter, or "GET 404" for a status
	rule        string // the schema's keyword, or status, query, media, later, body
	text        string
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %s: %s: %s", f.clusterKind, f.side, f.at, f.rule, f.text)
}

// check compares an exchange with the document, and returns its operation and the differences.
func (d *document) check(x *exchange) (operation, []finding, error) {
	route, pathParams, err := d.route(x.request)
	if err != nil {
		return operation{}, nil, fmt.Errorf("%s %s: %w", x.request.Method, x.request.URL.Path, err)
	}
	op := d.newOperation(route.Operation)
	clone := x.request.Clone(context.Background())
	clone.Body = io.NopCloser(bytes.NewReader(x.sent))
	clone.ContentLength = int64(len(x.sent))
	clone.GetBody = nil
	in := input(clone, route, pathParams)
	found := flattenErrors(op.clusterKind, request, openapi3filter.ValidateRequest(context.Background(), in))
	found = append(found, op.checkQuery(x.request)...)
	found = append(found, op.checkAccept(x.request)...)
	found = append(found, d.checkResponse(op, x, in)...)
	return op, found, nil
}

// checkQuery finds query parameters that the operation does not have.
func (o operation) checkQuery(r *http.Request) []finding {
	var found []finding
	for name := range r.URL.Query() {
		if o.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			found = append(found, finding{o.clusterKind, request, name, "query", "the operation does not have this parameter"})
		}
	}
	return found
}

// checkAccept requires the exact media type of the response. A later version of it has a rule of
// its own.
func (o operation) checkAccept(r *http.Request) []finding {
	accept := r.Header.Get("Accept")
	types := media(o.success().Content)
	if slices.Contains(types, accept) {
		return nil
	}
	return []finding{{o.clusterKind, request, "Accept", versionRule(types, accept), fmt.Sprintf("%q is not one of %q", accept, types)}}
}

var atlasMediaType = regexp.MustCompile(`^application/vnd\.atlas\.([0-9]{4}-[0-9]{2}-[0-9]{2})\+json$`)

// versionRule is "later" for a version after one of those that the types have, else "media".
func versionRule(types []string, given string) string {
	version := atlasMediaType.FindStringSubmatch(given)
	if version == nil {
		return "media"
	}
	for _, name := range types {
		if known := atlasMediaType.FindStringSubmatch(name); known != nil && version[1] > known[1] {
			return "later"
		}
	}
	return "media"
}

// checkResponse compares a response with the document. An error with an undeclared status must
// still have the schema of errors.
func (d *document) checkResponse(op operation, x *exchange, in *openapi3filter.RequestValidationInput) []finding {
	if op.Responses.Status(x.status) == nil {
		at := x.request.Method + " " + strconv.Itoa(x.status)
		found := []finding{{op.clusterKind, response, at, "status", "the operation does not have this status"}}
		return append(found, d.checkError(op, x)...)
	}
	validated := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in,
		Status:                 x.status,
		Header:                 x.header,
		Options:                in.Options,
	}
	validated.SetBodyBytes(x.received)
	found := flattenErrors(op.clusterKind, response, openapi3filter.ValidateResponse(context.Background(), validated))
	if x.status == http.StatusNoContent && len(x.received) > 0 {
		found = append(found, finding{op.clusterKind, response, "/", "body", "204 has a body"})
	}
	return found
}

func (d *document) checkError(op operation, x *exchange) []finding {
	if kind, _, err := mime.ParseMediaType(x.header.Get("Content-Type")); err != nil || kind != "application/json" {
		return []finding{{op.clusterKind, response, "/", "body", "an error that is not application/json"}}
	}
	var value any
	if err := json.Unmarshal(x.received, &value); err != nil {
		return []finding{{op.clusterKind, response, "/", "body", err.Error()}}
	}
	schema := d.Components.Schemas["ApiError"].Value
	return flattenErrors(op.clusterKind, response, schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()))
}

// flattenErrors converts a tree of the validator's errors.
func flattenErrors(p clusterKind, s side, err error) []finding {
	var many openapi3.MultiError
	var schema *openapi3.SchemaError
	var inRequest *openapi3filter.RequestError
	switch {
	case err == nil:
		return nil
	case isMultiError(err, &many):
		var found []finding
		for _, one := range many {
			found = append(found, flattenErrors(p, s, one)...)
		}
		return found
	case isRequestError(err, &inRequest):
		if inRequest.Err == nil {
			return []finding{{p, s, "Content-Type", typeRule(inRequest), inRequest.Error()}}
		}
		found := flattenErrors(p, s, inRequest.Err)
		if inRequest.Parameter != nil {
			for i := range found {
				found[i].at = inRequest.Parameter.Name
			}
		}
		return found
	case errors.As(err, &many):
		return flattenErrors(p, s, many)
	case errors.As(err, &schema):
		return []finding{{p, s, pointer(schema), schema.SchemaField, schema.Reason}}
	default:
		return []finding{{p, s, "/", "body", err.Error()}}
	}
}

// typeRule is the rule that the Content-Type of a request violates.
func typeRule(err *openapi3filter.RequestError) string {
	return versionRule(media(err.RequestBody.Content), err.Input.Request.Header.Get("Content-Type"))
}

// isMultiError and isRequestError check the error itself, not what it wraps.
func isMultiError(err error, into *openapi3.MultiError) bool {
	many, ok := err.(openapi3.MultiError) //nolint:errorlint // see above
	*into = many
	return ok
}

func isRequestError(err error, into **openapi3filter.RequestError) bool {
	one, ok := err.(*openapi3filter.RequestError) //nolint:errorlint // see above
	*into = one
	return ok
}

var unsupported = regexp.MustCompile(`^property "([^"]+)" is unsupported`)

// pointer is the location of a violation inside the job, without list indexes. For an unknown
// property it is the property itself.
func pointer(err *openapi3.SchemaError) string {
	path := slices.Clone(err.JSONPointer())
	if m := unsupported.FindStringSubmatch(err.Reason); m != nil {
		path = append(path, m[1])
	}
	for i, part := range path {
		if _, notNumber := strconv.Atoi(part); notNumber == nil {
			path[i] = "*"
		}
	}
	return strings.TrimPrefix("/"+strings.Join(path, "/"), "/results/*")
}
