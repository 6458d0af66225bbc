package restorejobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/restorejobs/internal/challenge"
	"example.com/restorejobs/internal/wire"
)

// How an [*Error] is made from an answer: the status first, then whatever of the body
// can be read.

// errorBody is the API's error shape. Parameters are strings, numbers or objects.
type errorBody struct {
	ErrorCode  Code              `json:"errorCode"`
	Reason     string            `json:"reason"`
	Detail     string            `json:"detail"`
	Parameters []json.RawMessage `json:"parameters"`
	BadRequest struct {
		Fields []FieldViolation `json:"fields"`
	} `json:"badRequestDetail"`

	Content  json.RawMessage `json:"content"`
	Envelope json.RawMessage `json:"envelope"`
}

// readErrorBody reads an error, which may come in an envelope under its own status too.
func readErrorBody(body []byte) errorBody {
	read := parseErrorBody(body)
	for _, inner := range [...]json.RawMessage{read.Content, read.Envelope} {
		if found := parseErrorBody(inner); read.ErrorCode == "" && (found.ErrorCode != "" || found.Detail != "") {
			return found
		}
	}
	return read
}

// parseErrorBody reads what can be read: a member of an odd type leaves the others
// readable.
func parseErrorBody(body []byte) errorBody {
	var read errorBody
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(body, &read); err != nil && !errors.As(err, &odd) {
		return errorBody{}
	}
	return read
}

// newError makes the error for a status that is no success.
func (c *Client) newError(q *call, got *answer, status int, body []byte) *Error {
	e := &Error{
		StatusCode: status, Operation: q.operation, Variant: q.variant, Method: q.method, Path: q.path,
		RequestID: requestID(got.header), RetryAfter: retryAfter(got.header, time.Now()), Attempts: 1,
		body: capped(body),
	}
	read := readErrorBody(e.body)
	e.Code, e.Reason, e.Detail, e.Fields = read.ErrorCode, read.Reason, read.Detail, read.BadRequest.Fields
	for _, parameter := range read.Parameters {
		e.Parameters = append(e.Parameters, parameterText(parameter))
	}
	if e.Code == "" {
		e.Code = Code(clean(got.header.Get("X-Error-Code"), 100))
	}
	if e.Reason == "" {
		e.Reason = http.StatusText(status)
	}
	if nonce, ok := challenge.Parse(got.header); ok && status == http.StatusUnauthorized {
		e.stale = nonce.Stale
	}
	if e.Hint = hintFor(e.Code, status); e.Hint == "" {
		e.Hint = odditiesHint(got, status)
	}
	return e
}

// parameterText gives a string parameter without its quotes, others as they are.
func parameterText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

// odditiesHint says what an answer that is not the API's own looks like.
func odditiesHint(got *answer, status int) string {
	if status >= 300 && status <= 399 {
		target, err := url.Parse(got.header.Get("Location"))
		if err != nil || target.Host == "" {
			return "a redirect that is not followed"
		}
		return "a redirect to " + target.Scheme + "://" + target.Host + ", which is not followed: check WithBaseURL"
	}
	if status == http.StatusProxyAuthRequired {
		return "this is the proxy: " + wire.ProxyCredentials
	}
	if status == http.StatusBadRequest && bytes.Contains(got.body, []byte("HTTPS")) && bytes.Contains(got.body, []byte("HTTP request")) {
		return "the server speaks TLS on this port: use https in WithBaseURL"
	}
	if kind := contentType(got.header); kind != "" && !isJSON(kind) {
		return fmt.Sprintf("the body is %q, so this came from a proxy or from something else than the API", kind)
	}
	return ""
}

// unusable makes the error for a success whose body cannot be used.
func (c *Client) unusable(q *call, got *answer, cause error) *Error {
	e := c.newError(q, got, got.status, got.body)
	e.Code, e.Reason, e.Detail, e.Parameters, e.Fields, e.Hint = "", "", "", nil, nil, ""
	kind := contentType(got.header)
	switch {
	case kind != "" && !isJSON(kind):
		cause = fmt.Errorf("the body is %q, not JSON, so this came from a proxy or from something else than the API: %w", kind, cause)
	case got.header.Get("Content-Encoding") != "":
		cause = fmt.Errorf("the body has content encoding %q: %w", clean(got.header.Get("Content-Encoding"), 50), cause)
	}
	e.cause = cause
	return e
}

// contentType gives the media type without its parameters.
func contentType(header http.Header) string {
	text := header.Get("Content-Type")
	kind, _, err := mime.ParseMediaType(text)
	if err != nil {
		kind, _, _ = strings.Cut(text, ";")
	}
	return clean(kind, 100)
}

// isJSON accepts application/json and every +json, such as Atlas v2's.
func isJSON(kind string) bool { return kind == "application/json" || strings.HasSuffix(kind, "+json") }

// capped copies what is kept of a body.
func capped(body []byte) []byte { return append([]byte(nil), body[:min(len(body), maxErrorBody)]...) }
