package restorejobs

import (
	"context"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
)

// send makes a call and decodes its response. The decoded value must not share the body.
func send[T any](ctx context.Context, c *Client, req *api.Request, decode func(*api.Response) (T, error)) (T, error) {
	value, attempts, err := api.Send(ctx, &c.pipeline, req, decode)
	if err != nil {
		var none T
		return none, c.errors.callError(ctx, req, attempts, err)
	}
	return value, nil
}

// noResult is the value of a call without a result.
type noResult struct{}

// discardBody decodes a response without a result: an empty body, or JSON without an error. A web
// page proves that the call did not reach the API.
func discardBody(resp *api.Response) error {
	if len(trimJSON(resp.Body)) == 0 {
		return nil
	}
	if _, _, err := unwrapEnvelope(resp.Body); err != nil {
		return err
	}
	return jsondec.Valid(resp.Body)
}
