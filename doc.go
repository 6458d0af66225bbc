// Package restorejobs is a client for the restore jobs of MongoDB backups: one client and
// one model for Cloud Manager, Ops Manager, the MMS of 2014, and Atlas v1 and v2. It reads,
// lists, starts and cancels restores, waits until their jobs have ended, and fetches and
// verifies their archives.
//
// # A first program
//
// A [Client] is made once. Its fields return a [Source] for a cluster, host or instance, whose
// [Jobs] are its restore jobs:
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
// [APIKey] is the public and private half of a programmatic API key, sent by HTTP digest;
// the user name and API key of older services are such a pair too. [ServiceAccount] uses
// OAuth, [BearerToken] a token that you have already, and [CredentialsFromEnv] what the
// environment holds. Credentials go to the base URL's origin and nowhere else: not along
// redirects out of it, not to download hosts, and, but for loopback, not over plain http
// unless [WithInsecureHTTP] says so.
//
// # Variants
//
// A variant is a product, a scope what its jobs belong to. The fields of the client hand
// them out:
//
//	client.CloudManager.Cluster(projectID, clusterID)       // also .Host
//	client.OpsManager.Cluster(projectID, clusterID)         // also .Host
//	client.MMS.Cluster(groupID, clusterID)
//	client.AtlasV1.Cluster(projectID, clusterName)          // also .Serverless, .LegacyCluster
//	client.AtlasV2.Cluster(projectID, clusterName)          // also .Serverless, .LegacyCluster, .Flex
//
// Ops Manager runs on a host of its own: name it with [WithBaseURL] or
// [WithBaseURLFromEnv]. Making a handle does no I/O; a bad id is reported by the first call.
// What a variant lacks is an error matching [errors.ErrUnsupported] that names variant and
// operation, with nothing sent. [Source.Ref] is a handle as text, for flags and for another
// process, and [Client.Source] reads it back.
//
// A [Job] is one struct for all variants; the comment of each field names those that send
// it. [Job.State] and [Job.DownloadLinks] are the same question to all of them.
//
// # Paging
//
// [Jobs.List] reads a page. [Jobs.All] reads everything, ahead of the loop over it:
//
//	for job, err := range jobs.All(ctx, restorejobs.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(job.ID, job.State())
//	}
//
// # Starting a restore
//
// [Jobs.Create] takes what to restore ([FromSnapshot], [FromPointInTime], [FromOplog],
// [FromCheckpoint]) and where to ([ToDownload], [ToCluster]), and spells it as the variant
// wants it. Everything that is wrong with them is told at once, before anything is sent. A
// restore into a cluster deletes that cluster's data first.
//
// A create that may have run is never sent again. When its reply was lost the error matches
// [ErrOutcomeUnknown], and [Jobs.FindCreated] returns the jobs of each create that matches. Check
// their [Job.State]: failed jobs are among them. Check for ErrOutcomeUnknown before other errors:
// 500, 502, 503 and 504 after a create match [ErrUnavailable] too.
//
// [ErrBusy] is a refusal for now, such as a target that is being restored. Nothing was started,
// and the same call can succeed later. [Error.Hint] says what to wait for.
//
// # Waiting
//
// [Jobs.Wait] returns when jobs have ended, and its error is nil only if all of them ended
// well by the service's word. For a restore into a cluster by Cloud Manager or Ops Manager
// that is not proof that the servers have the data: see [StateFinished]. The wait survives
// broken connections and unavailable services, asks for many jobs with few requests, and has
// no deadline but its context's. Another process can take up a wait with [Source.Ref] and the
// ids; where it is to download, it looks for its files first, because a link that was used up
// is an end of its own.
//
// # Downloading
//
// [Jobs.Download] fetches every file of a job, goes on where a broken download stopped if
// the server can, and compares length and, where the service names one, checksum before a
// file gets its name. A link for one download, the default of [DownloadLinkOptions], is asked for
// once only: where a broken download is to go on, create it with a MaxDownloads of 2 or more.
//
// # Retries
//
// Reads are asked again after a broken connection and after 408, 429, 500, 502, 503 and
// 504, three times by default, with random growing delays, and not before the server's
// Retry-After. A create is sent again only when it certainly did not run: no connection,
// or 429. See [RetryPolicy]. The list of what is asked again may grow.
//
// # Errors
//
// An answer that is no success is an [*Error] with the true status, whatever its body is.
// [errors.Is] tells kinds apart, by status and by code:
//
//	switch {
//	case errors.Is(err, restorejobs.ErrNotFound):
//		fmt.Println("no such job")
//	case errors.Is(err, restorejobs.ErrorCode("CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE")):
//		fmt.Println("busy, later again")
//	}
//
// No error, log line or printed value shows a key, a token or a download link; see
// [Secret].
//
// # What is not promised
//
// The order of lists is the server's. The documents of Atlas v1 promise newest first for the
// jobs and snapshots of cloud backup, the other documents promise nothing. Flex clusters list
// their oldest snapshot first. A list's total is an estimate. States and codes that this version does not know are
// kept as they came, and [StateUnknown] is neither a success nor a failure.
package restorejobs
