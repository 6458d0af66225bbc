// Package restoretemporal runs the restores of package durable on Temporal: [Restore] is the workflow of
// one restore, [Fleet] that of many. It is a module of its own, so that other programs do not get the
// dependencies of Temporal.
//
// A worker has the client, and registers everything with [Register]:
//
//	w := worker.New(temporalClient, "restores", worker.Options{})
//	err := restoretemporal.Register(w, &restoretemporal.Activities{Client: client})
//
// A starter needs no client of this library:
//
//	run, err := temporalClient.ExecuteWorkflow(ctx, options, restoretemporal.RestoreWorkflow,
//		restoretemporal.RestoreRequest{Plan: plan})
//
// # Payloads
//
// Payloads are JSON. They name clusters, and have neither a credential nor a link. Clusters, snapshots
// and jobs are identified by their IDs. A wrong payload fails the workflow with [FailureInvalidPlan]
// before a restore is created. An unknown field is wrong too.
//
// # What is repeated
//
// Every step has an activity, which can be repeated: after an error that can disappear, and after the
// loss of its worker. The first attempt of a create sends it; all others search for it first, as package
// durable does. So a restore is created once, also if the workflow is reset. A reset to a step before the
// choice of the data can choose a newer snapshot, which is another restore.
//
// An error that another attempt would get too is not retried: see [FailureInvalidPlan] and the types
// after it. After the create, a missing role or an expired key is retried without a limit, because
// the job continues and a key can be replaced.
//
// # Long waits
//
// A busy target and a pause use timers and signals, and no worker. The wait for a job and a download
// are activities that heartbeat. A worker that stops ends them, and another one continues.
//
// # Versions
//
// A workflow that began under an earlier version continues under a later one: a change of the order
// of activities, timers and child workflows is behind workflow.GetVersion. A test replays histories of
// earlier versions.
package restoretemporal
