// Package restorejobstest is a server of MongoDB restore jobs for tests.
//
// It behaves like every variant of the API at once: Cloud Manager, Ops
// Manager, the MMS of 2014, Atlas v1 and Atlas v2, each under its own paths,
// with its own shapes, media types, status codes and error codes. It asks for
// digest authentication, pages, wraps in envelopes, runs job life cycles on a
// clock that the test can turn, serves archives, and fails on request.
//
//	server := restorejobstest.NewServer()
//	defer server.Close()
//	client, err := server.Client()
//
// A [Scope] names the project, cluster, jobs and snapshots a new server has,
// one scope for each variant and kind of place. A server listens on loopback from the
// first call of [Server.URL]. With [InProcess] it never listens and is reached through
// [Server.Transport], which starts no goroutine and so works inside a bubble of
// testing/synctest, where a wait of an hour takes no time.
//
// The server is strict: what the documents do not allow is refused. It keeps
// no state outside the [Server], and needs no test library, nor net/http/httptest.
package restorejobstest
