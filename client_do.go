package restorejobs

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/restorejobs/internal/api"
)

// Do sends a request to any API endpoint, with the client's credentials, retries and redirect
// rules. The path is relative to the base URL and can have a query. A segment must not be empty,
// "." or "..", and must not contain an escaped / \ % ? # or a control character. A body is sent as
// JSON.
//
// The response is stored in out without its envelope: unchanged in a *[]byte or
// *[json.RawMessage], by encoding/json otherwise. For HEAD, out must be nil. A 2xx without a body
// does not change out, and is an error for a GET unless the status is 204.
//
// GET and HEAD are retried, others only if the request certainly was not executed. For these, a
// lost response and a 2xx that is HTML or XML match [ErrOutcomeUnknown]. Another undecodable 2xx is
// an [*Error].
//
// Atlas v2 gets the version of [WithAtlasAPIVersion]. Default 2025-03-12.
func (c *Client) Do(ctx context.Context, method, path string, body, out any) error {
	req, err := c.newDoRequest(method, path, body, out)
	if err != nil {
		return err
	}
	_, err = send(ctx, c, req, func(resp *api.Response) (noResult, error) { return noResult{}, decodeDoResponse(req, resp, out) })
	return err
}

var doMethods = []string{
	http.MethodGet,
	http.MethodHead,
	http.MethodPost,
	http.MethodPut,
	http.MethodPatch,
	http.MethodDelete,
}

func (c *Client) newDoRequest(method, path string, body, out any) (*api.Request, error) {
	plain, query, _ := strings.Cut(path, "?")
	operation := sanitize(method, 20) + " " + sanitize(plain, 200)
	var problems []string
	if !slices.Contains(doMethods, method) {
		problems = append(problems, "method must be GET, HEAD, POST, PUT, PATCH or DELETE")
	}
	if problem := api.ValidatePath(plain); problem != "" {
		problems = append(problems, problem)
	}
	if method == http.MethodHead && out != nil {
		problems = append(problems, "out must be nil for HEAD, whose response has no body")
	}
	if _, err := url.ParseQuery(query); err != nil || strings.ContainsAny(query, "# ") {
		problems = append(problems, "path: its query is not well-formed")
	}
	req := &api.Request{
		Operation: operation,
		Method:    method,
		Base:      c.baseURL,
		Path:      plain,
		Query:     query,
		Accept:    c.acceptHeader(pathAPIVersion(plain)),
		Retry:     api.RetryIfUnsent,
	}
	if method == http.MethodGet || method == http.MethodHead {
		req.Retry = api.RetryIdempotent
	}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			problems = append(problems, "body: "+err.Error())
		}
		req.Body = encoded
	}
	return req, invalidArgument(operation, problems...)
}

// pathAPIVersion returns the newest version of Atlas v2 for its paths, "" for others.
func pathAPIVersion(path string) string {
	if strings.HasPrefix(path+"/", "/api/atlas/v2/") {
		return latestAtlasVersion
	}
	return ""
}

// decodeDoResponse decodes a response into out.
func decodeDoResponse(req *api.Request, resp *api.Response, out any) error {
	body := trimJSON(resp.Body)
	isRead := req.Retry == api.RetryIdempotent
	mayBeEmpty := !isRead || resp.Status == http.StatusNoContent
	hasNoBody := mayBeEmpty && len(body) == 0
	if out == nil || hasNoBody {
		return discardBody(resp)
	}
	if len(body) > 0 {
		content, _, err := unwrapEnvelope(body)
		if err != nil {
			return err
		}
		body = content
	}
	switch out := out.(type) {
	case *[]byte:
		*out = append([]byte(nil), body...)
		return nil
	case *json.RawMessage:
		*out = append([]byte(nil), body...)
		return nil
	}
	if len(body) == 0 {
		return errEmptyBody
	}
	return json.Unmarshal(body, out)
}
