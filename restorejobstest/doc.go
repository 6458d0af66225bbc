// Package restorejobstest provides a server of MongoDB restore jobs for tests.
//
// One server behaves like every variant of the API: Cloud Manager, Ops Manager, MMS, Atlas v1
// and Atlas v2. Each variant has its own paths, shapes, media types, status codes and error
// codes. The server requires digest authentication or a token, paginates lists, and supports
// envelopes. Jobs and snapshots proceed on a clock that the test can advance. Archives can be
// downloaded, faults can be injected, and [Server.Handle] serves whatever else a program calls.
//
//	server := restorejobstest.NewServer()
//	defer server.Close()
//	client, err := server.Client()
//
// A [Scope] names one variant and kind of source, and the project, cluster, jobs and snapshots
// that a new server has there. [Server.AddProject] and [Server.AddCluster] add others. In Cloud
// Manager and Ops Manager, a restore into a cluster raises the goal of its project, which the
// processes of the cluster reach about a minute later.
//
// A server listens on a free port of loopback from the first call of
// [Server.URL], or on the one of [Server.Listen]. With [InProcess] it never listens; [Server.Transport] reaches it without any
// goroutine. It then works inside a bubble of testing/synctest, where a wait of an hour takes
// no time.
//
// The server is strict: it refuses everything that the documents do not allow. It shares no
// code with the library that it tests.
package restorejobstest
