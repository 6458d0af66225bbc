// Package restorejobs is a client for MongoDB backup restore jobs in Atlas, Cloud Manager and Ops
// Manager. It creates, lists, waits for, downloads and cancels restores, with one model for all
// products.
//
// # A first program
//
// Make one [Client]. Its fields return a [Source] for a cluster, host or instance. The field
// Jobs of a source has its restore jobs:
//
//	client, err := restorejobs.NewClient(restorejobs.APIKey(publicKey, privateKey))
//	if err != nil {
//		return err
//	}
//	jobs := client.AtlasV2.Cluster(projectID, "Cluster0").Jobs
//	created, err := jobs.Create(ctx, restorejobs.FromSnapshot(snapshotID), restorejobs.ToDownload())
//	if err != nil {
//		return err
//	}
//	if _, err := jobs.Wait(ctx, restorejobs.JobIDs(created), restorejobs.WaitOptions{}); err != nil {
//		return err
//	}
//	files, err := jobs.Download(ctx, restorejobs.JobIDs(created), directory, restorejobs.DownloadOptions{})
//	if err != nil {
//		return err
//	}
//	fmt.Println(files)
//
// # Credentials
//
// [APIKey] is a programmatic API key, sent by HTTP digest. [ServiceAccount] uses OAuth.
// [BearerToken] uses tokens of your own. [NewClientFromEnv] reads credentials and base URL from
// the environment.
//
// Credentials are sent to the origin of the base URL only. They are not sent along redirects to
// another origin, to download hosts, or over plain http except to loopback; see
// [WithInsecureHTTP].
//
// # Variants
//
// A variant is a product. The fields of the client return its sources:
//
//	client.CloudManager.Cluster(projectID, clusterID)       // also .Host
//	client.OpsManager.Cluster(projectID, clusterID)         // also .Host
//	client.MMS.Cluster(groupID, clusterID)
//	client.AtlasV1.Cluster(projectID, clusterName)          // also .Serverless, .LegacyCluster
//	client.AtlasV2.Cluster(projectID, clusterName)          // also .Serverless, .LegacyCluster, .Flex
//
// Ops Manager requires a base URL: see [WithBaseURL] and [ErrBaseURLRequired]. These methods send
// no request and cannot fail. The first call reports an invalid ID.
//
// An operation that the variant does not have returns an error matching [errors.ErrUnsupported],
// and sends no request; see [Source.Supports]. [Source.Ref] is a source as text, for flags and for
// other processes. [Client.Source] parses it.
//
// [Job] is shared by all variants; each field's comment lists the variants that set it. [Job.State]
// and [Job.DownloadLinks] work for every variant.
//
// # Finding a cluster
//
// FindCluster of AtlasV2, CloudManager and OpsManager takes names or IDs, and returns a [Source]:
//
//	source, err := client.OpsManager.FindCluster(ctx, "Production", "orders")
//	if err != nil {
//		return err
//	}
//	target, err := client.OpsManager.FindCluster(ctx, "Production", "orders-staging")
//	if err != nil {
//		return err
//	}
//	if err := source.CheckTarget(ctx, target); err != nil {
//		return err
//	}
//	to := restorejobs.ToCluster(target.ProjectID(), target.ClusterID())
//
// On Atlas it distinguishes dedicated and flex clusters. In Cloud Manager and Ops Manager it returns
// the whole of a sharded cluster, never a shard. A name without a match, or with several, is a
// [*LookupError]. [Source.Cluster] reads the state of a cluster. [Source.CheckTarget] compares a source
// with the target of a restore: a [*TargetError] lists what is known against it.
//
// # Paging
//
// [Jobs.List] reads one page. [Jobs.All] iterates over all jobs, and reads pages ahead:
//
//	for job, err := range jobs.All(ctx, restorejobs.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(job.ID, job.State())
//	}
//
// # Choosing a snapshot
//
// [Snapshots.Newest] returns the newest snapshot of a [Source] that can be restored, or the newest
// before a time. It omits snapshots that are pending, failed, expired, of last resort or without a
// shard. An error matching [ErrNoSnapshot] has the reason:
//
//	snapshot, err := source.Snapshots.Newest(ctx, restorejobs.SnapshotOptions{Before: migration})
//	if err != nil {
//		return err
//	}
//	created, err := source.Jobs.Create(ctx, restorejobs.FromSnapshot(snapshot.ID), restorejobs.ToDownload())
//
// [Snapshots.All] iterates over all snapshots, newest first. [Snapshots.Create] takes one, and
// [Snapshots.Wait] waits until it can be restored. [Snapshot] is shared by all variants.
//
// # Starting a restore
//
// [Jobs.Create] has two arguments. The restore point is [FromSnapshot], [FromPointInTime],
// [FromOplog] or [FromCheckpoint]. The destination is [ToDownload] or [ToCluster]. All invalid
// arguments are reported together, before any request is sent. A restore into a cluster deletes
// the data of that cluster first.
//
// A create that may have been executed is not retried. If its response is lost, the error matches
// [ErrOutcomeUnknown], and [Jobs.FindCreated] returns the jobs of each create that matches. Check
// their [Job.State]: failed jobs are included.
//
// An error matching [ErrBusy] is a temporary refusal, such as for a target that is being restored.
// Nothing was started, and the same call can succeed later. [Error.Hint] names the cause.
//
// # Waiting
//
// [Jobs.Wait] polls jobs until all of them have ended. The error is nil only if all of them
// finished. For a restore into a cluster by Cloud Manager or Ops Manager, [StateFinished] does not
// prove that the servers have the data. The wait then continues until the automation of the
// target's project reports that they have carried out the restore: see [UntilFinished] and
// [TargetStatus]. The key needs a role that may read that project. Read [Source.GoalVersion] before
// the create, for [WaitOptions].GoalVersion: with it a later wait has the proof sooner.
//
// The wait survives broken connections and unavailable services. It polls many jobs with few
// requests. The deadline of the context is its only limit.
//
// To continue in another process, save [Source.Ref] and the job IDs. If that process may already
// have downloaded the files, call [Jobs.Download] with [ExistingKeep] first: a job whose link is used up
// counts as [StateExpired]. Without these files the error gives the state of the job.
//
// # Collection restores
//
// The field CollectionJobs of a [Source] restores single collections or databases, and keeps the
// other data of the target. Clusters of Atlas v2:
//
//	job, err := source.CollectionJobs.Create(ctx, restorejobs.CollectionRestore{
//		Point:            restorejobs.FromSnapshot(atlasBackup),
//		Target:           restorejobs.ToCluster(source.ProjectID(), source.ClusterID()),
//		Collections:      []restorejobs.RestoreNamespace{{Source: "sales.orders"}},
//		CollectionSuffix: "_restored",
//	})
//	if err != nil {
//		return err
//	}
//	_, err = source.CollectionJobs.Wait(ctx, job.ID, restorejobs.WaitOptions{})
//
// The service reports a job as finished although collections were not found, are of a kind that it
// cannot restore, or lack their indexes. The wait reads the state of each collection, and returns an
// error matching [ErrCollectionsNotRestored] then. [CollectionJobError] lists the collections.
// [Snapshots.Databases] and [Snapshots.Collections] list what a snapshot contains.
//
// # Downloading
//
// [Jobs.Download] saves the files of one or more jobs, such as all shards of a create in Cloud
// Manager or Ops Manager. It verifies the length, and the checksum if the service has one, before
// a file gets its name. To resume a broken download, create it with a MaxDownloads of 2 or more in
// [DownloadLinkOptions]: by default a link is requested only once.
//
// With [ExistingKeep] a download can be repeated: it returns the files that exist, hashed and
// verified, and fetches the others.
//
// A file is named by [DownloadOptions].Name, or else after its link, in at most 200 bytes that every
// system accepts. If several files share a name, the replica set or a number precedes it. Only its
// owner may read a file. The files name.part and name.part.json exist until all files of the call are
// in place. They hold no secret. Of two processes that download one file, the second gets an error, on Windows and
// on systems with flock.
//
// Links are followed through up to five redirects. The secret header of a link is sent to its
// origin only. Plain http needs [WithInsecureHTTP], except on loopback. A download is resumed only
// after a strong ETag, or a Last-Modified at least a second older than its Date, has proved that
// the file is the same.
//
// A large file is fetched over up to four connections if the first is slow and the server has proved
// that ranges are of the same file; see [DownloadOptions].Connections.
//
// [Jobs.DownloadTo] and [Jobs.Open] stream one file, such as into a bucket. [DownloadOptions].State
// continues a stream that broke, in another process too.
//
// A part file belongs to its job. If that job can never resume it, because its link has expired or
// was used up, the next job with a file of that name resumes it. The ETag and the length must be
// the same, or else the part is replaced.
//
// The checksum of a classic job appears after the download: the job is read for it up to three
// times in two seconds. If that fails, the file is in place and returned with an error and
// Verified false, and the next call only verifies it.
//
// # Retries
//
// Reads are retried after a broken connection and after 408, 429, 500, 502, 503 and 504. The
// delays are random, grow, and are at least the service's Retry-After. A create is retried only if
// it certainly was not executed: without a connection, or after 429. See [RetryPolicy].
//
// # Errors
//
// A response that is not a success is an [*Error] with its status, whatever its body is. Test
// errors with [errors.Is], by sentinel or by [ErrorCode]. An error matches at most one sentinel, so
// test them in any order:
//
//	switch {
//	case errors.Is(err, restorejobs.ErrNotFound):
//		fmt.Println("no such job")
//	case errors.Is(err, restorejobs.ErrorCodeClusterRestoreInProgressCannotUpdate):
//		fmt.Println("busy, retry later")
//	}
//
// Errors, log lines and printed values show no key, token or download link; see [Secret].
//
// # What is not promised
//
// The order of a list is the server's. The documents of Atlas v1 promise newest first for cloud
// backup only. Flex clusters list their oldest snapshot first. The total of a list is an estimate.
// Unknown states and codes are kept as received. [StateUnknown] is neither a success nor a
// failure.
package restorejobs
