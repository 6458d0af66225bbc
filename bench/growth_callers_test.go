package main

import (
	"testing"
	"time"
)

// The requests of a call count for the second in which the call began, even if they come later.
func TestCallLoad_firstSecondHasRequestsOfItsCalls(t *testing.T) {
	t.Parallel()
	load := callLoad{
		callers: 20,
		latency: 30 * time.Millisecond,
		first:   time.Millisecond,
		whole:   100 * time.Millisecond,
	}
	for _, protocol := range []string{http1, http2} {
		load.protocol = protocol
		cost, err := load.measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if cost.FirstSecond < 1 {
			t.Errorf("%s: %.3f requests per call", protocol, cost.FirstSecond)
		}
	}
}

// The requests that the calls have written are those that the server has received.
func TestCallLoad_writtenAndReceivedRequests(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{http1, http2} {
		cost, err := callLoad{
			callers:  20,
			protocol: protocol,
			latency:  time.Millisecond,
			first:    time.Hour,
			whole:    50 * time.Millisecond,
		}.measure(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if cost.Requests != cost.FirstSecond || cost.Requests < 1 {
			t.Errorf("%s: the calls wrote %.3f requests each, the server received %.3f", protocol, cost.FirstSecond, cost.Requests)
		}
	}
}
