package transport

import (
	"context"
	"net/http"
)

// SendTracker records whether the last request of a call reached a connection, so that a failed
// create can be classified as sent or not sent.
type SendTracker struct{ trace *requestTrace }

type sendTrackerKey struct{}

// WithSendTracker returns a context whose requests through a [TrackedTransport] are tracked.
func WithSendTracker(ctx context.Context) (context.Context, *SendTracker) {
	tracker := &SendTracker{}
	return context.WithValue(ctx, sendTrackerKey{}, tracker), tracker
}

// TrackedTransport tracks requests for a [SendTracker]. Below a transport that adds credentials
// it tracks each request of a call.
type TrackedTransport struct{ Base http.RoundTripper }

// RoundTrip sends the request.
func (t *TrackedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	tracker, _ := req.Context().Value(sendTrackerKey{}).(*SendTracker)
	if tracker == nil {
		return t.Base.RoundTrip(req)
	}
	tracker.trace = &requestTrace{transport: t.Base}
	resp, err := t.Base.RoundTrip(tracker.trace.traced(req))
	if err == nil {
		tracker.trace.status = resp.StatusCode
	}
	return resp, err
}

// Classify marks the error of a call as sent or not sent. An error of which this is not known is
// returned unchanged, and [IsNotSent] decides by its type. A nil tracker marks nothing.
func (s *SendTracker) Classify(err error) error {
	if s == nil {
		return err
	}
	if s.isRejected() { // so the error is one of the authentication
		return MarkNotSent(err)
	}
	mayHaveReached := s.trace.mayHaveReachedServer()
	hasResponse := s.trace.status != 0
	switch {
	case hasResponse, mayHaveReached && !s.trace.isProvenUnread(err):
		return &sentError{err}
	case !mayHaveReached && s.trace.isConclusive():
		return MarkNotSent(err)
	}
	return err
}

// isRejected reports whether no request was sent, or the response to the last one was a 401.
func (s *SendTracker) isRejected() bool {
	return s.trace == nil || s.trace.status == http.StatusUnauthorized
}
