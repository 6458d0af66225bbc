// Package bearer sends requests with OAuth tokens.
//
// A [Transport] asks its [Source] for the token of each request to the client's own
// origins, and once more where the service refuses that token. The source is either the
// caller's function ([Ask]), or one token for all goroutines ([Share]), fetched from an
// [Endpoint] with the id and secret of a service account, and revoked there.
package bearer

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"example.com/restorejobs/internal/digestauth"
	"example.com/restorejobs/internal/redact"
	"example.com/restorejobs/internal/wire"
)

// Transport puts the token on requests to the client's own origins.
type Transport struct {
	Base    http.RoundTripper
	Source  Source
	Origins []string // as digestauth.Origin spells them
}

// RoundTrip sends the request with a token; one that is refused with 401 is replaced
// once.
func (t *Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if !slices.Contains(t.Origins, digestauth.Origin(request.URL)) {
		return t.Base.RoundTrip(request)
	}
	token, err := t.Source(request.Context(), "")
	if err != nil {
		wire.CloseBody(request)
		return nil, notSent(err)
	}
	response, err := t.send(request, request.Body, token)
	if err != nil || response.StatusCode != http.StatusUnauthorized || lacksPermission(response) {
		return response, err
	}
	again, err := t.Source(request.Context(), token)
	if err == nil && again == token {
		return response, nil
	}
	wire.Drain(response.Body) // refused, so it did not run
	if err != nil {
		return nil, notSent(err)
	}
	body := request.Body
	if request.GetBody != nil {
		if body, err = request.GetBody(); err != nil {
			return nil, notSent(err)
		}
	}
	return t.send(request, body, again)
}

// lacksPermission reports a 401 for a token that is good: MongoDB uses 401 for those whom
// it knows and does not permit, too.
func lacksPermission(response *http.Response) bool {
	switch digestauth.ErrorCode(response) {
	case "USER_UNAUTHORIZED", "NOT_IN_GROUP", "USER_CANNOT_ACCESS_GROUP", "TENANT_SNAPSHOT_ACCESS_DENIED":
		return true
	}
	return false
}

// notSent marks an error as one from before the request.
func notSent(err error) error {
	var known *wire.NotSentError
	if errors.As(err, &known) {
		return err
	}
	return &wire.NotSentError{Err: err}
}

// send sends a copy of the request, which stays as it is.
func (t *Transport) send(request *http.Request, body io.ReadCloser, token string) (*http.Response, error) {
	signed := request.Clone(request.Context())
	signed.Body = body
	authorization := "Bearer " + token
	redact.Authorization(request.Context(), authorization)
	signed.Header.Set("Authorization", authorization)
	start, leg := time.Now(), digestauth.Leg{Signed: true}
	response, err := t.Base.RoundTrip(signed)
	if response != nil {
		response.Request = request // which never holds the token
		leg.Status = response.StatusCode
	}
	leg.Duration = time.Since(start)
	digestauth.Report(request.Context(), leg)
	return response, err
}
