// Package durable restores backups in programs that are killed, redeployed and started twice. It
// uses the public API of package restorejobs only.
//
// A [Plan] describes a restore. [Restore] performs it, and saves its [State] in a [Journal] after
// every step. Run the same program again after anything: it continues where the last run was, and
// starts no second restore. The source and the target are of FindCluster:
//
//	plan := durable.Plan{
//		Source: source,
//		Point:  durable.NewestSnapshot(),
//		To:     restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
//	}
//	result, err := durable.Restore(ctx, plan, durable.FileJournal("refresh.json"))
//
// # Steps
//
// A restore chooses the data, checks the target, records the goal of the target's project, creates
// the restore once, waits, downloads and verifies. [Advance] performs one step. Engines that store
// states themselves call it instead of Restore.
//
// # Once
//
// The journal has the time of a create before the request is sent, and the jobs that match it
// already. A run that finds this time and no job searches for another job first, for
// [Plan.SearchTimeout]. It sends another create only if none is listed. Several matching restores end
// in a [*SeveralRestoresError].
//
// # Downloads
//
// A link that can be used once cannot resume a download that was killed. Permit more MaxDownloads
// with [restorejobs.ToDownloadWith], or further restores with [Plan.MaxAttempts]. The file of
// another run is never replaced: names must differ, or [Plan.Subdirectory] must.
//
// # Again
//
// A run after the end does nothing and returns the same [Result], unless there is a newer snapshot:
// then it restores that one. A nightly job therefore uses one journal for all nights. [Plan.Once]
// disables this.
package durable
