package restorejobs

import (
	"cmp"
	"net/http"
	"strings"
)

// The hints of an [*Error], by its code and its status.

const (
	sourceCluster = "the jobs live under the source cluster"
	snapshotMade  = "the snapshot is still being made: wait until the snapshot is complete"
	backupRuns    = "wait until the last restore of the cluster is closed and backup runs again; this can take 10 minutes"
)

const (
	wrongKey = "wrong key, wrong base URL for this key, or a key from outside the project's organization"
	// nonceRefused replaces wrongKey if the server calls the nonce stale. The digest transport has
	// signed with a new nonce several times by then.
	nonceRefused = "the nonce was refused repeatedly, not the key: a load balancer may use servers that do not share nonces"
)

// hintsByCode distinguishes causes that have the same status.
var hintsByCode = map[ErrorCode]string{
	ErrorCodeIPAddressNotOnAccessList:                           "add this machine's address to the API access list of the key",
	ErrorCodeIPAddressNotOnWhitelist:                            "add this machine's address to the API access list of the key",
	ErrorCodeResourceRequiresAccessList:                         "the key needs an API access list with this machine's address",
	ErrorCodeResourceRequiresWhitelist:                          "the key needs an API access list with this machine's address",
	ErrorCodeOrgRequiresAccessList:                              "the organization demands an API access list with this machine's address",
	ErrorCodeOrgRequiresWhitelist:                               "the organization demands an API access list with this machine's address",
	ErrorCodeNotAtlasGroup:                                      "the project is not an Atlas project: use CloudManager",
	ErrorCodeAtlasGroup:                                         "the project is an Atlas project: use AtlasV2",
	ErrorCodeInvalidClusterID:                                   "Cloud Manager, Ops Manager and MMS take a cluster's id, not its name",
	ErrorCodeInvalidGroupID:                                     "the API takes a project's id, not its name",
	ErrorCodeClusterNotFound:                                    "Atlas takes a cluster's name, the others its id; " + sourceCluster,
	ErrorCodeClusterNameNotFound:                                "Atlas takes a cluster's name, not its id",
	ErrorCodeCannotUseNonFlexClusterInFlexAPI:                   "not a flex cluster: use AtlasV2.Cluster",
	ErrorCodeCannotUseFlexClusterInClusterAPI:                   "a flex cluster: use AtlasV2.Flex",
	ErrorCodeIncorrectBackupAPIEndpoint:                         "the cluster has the other kind of backup: use Cluster for cloud backup, LegacyCluster for legacy backup",
	ErrorCodeRestoreJobNotFound:                                 sourceCluster + ", not under the target",
	ErrorCodeRestoreJobNotFoundInGroup:                          sourceCluster + ", not under the target",
	ErrorCodeTenantRestoreNotFound:                              sourceCluster + ", not under the target",
	ErrorCodeConfigRestoreJobNotFound:                           "the jobs live under the source host",
	ErrorCodeSnapshotNotFound:                                   "a snapshot belongs to its own cluster: " + sourceCluster + ", ToCluster names the target",
	ErrorCodeConfigSnapshotNotFound:                             "a snapshot belongs to its own host: the jobs live under the source host",
	ErrorCodeResourceNotFound:                                   "check the project, the cluster and the ids; " + sourceCluster,
	ErrorCodeClusterPausedCannotRestore:                         "the target cluster is paused: resume it first",
	ErrorCodeCannotUpdatePausedCluster:                          "the cluster is paused: resume it first",
	ErrorCodeClusterAlreadyRequestedDeletion:                    "the cluster is being deleted",
	ErrorCodeSnapshotBlocksMissing:                              "the restore was not started: blocks of the snapshot are lost, choose another snapshot",
	ErrorCodeUnableT0FindSnapshotPriorToPITRestoreOptime:        "the backup has no snapshot before this time: choose a later time, or wait if the first snapshot is still being made",
	ErrorCodeClusterRestoreInProgressCannotUpdate:               "the target cluster is being restored: wait until that restore job has ended",
	ErrorCodeAtlasClusterRestoreInProgress:                      "the cluster is being restored: wait until that restore job has ended",
	ErrorCodeConcurrentRestoresJobIDs:                           "the target is being restored: wait until the restore jobs that the message names have ended",
	ErrorCodeCannotDownloadSnapshotConcurrently:                 "a download of this snapshot exists: wait until that job has ended, or use it, see FindCreated",
	ErrorCodeTooManySnapshotDownloads:                           "the project has reached its limit of downloads: wait until one has ended",
	ErrorCodeUnfinishedOnDemandSnapshot:                         "another on-demand snapshot is being made: wait until it is complete",
	ErrorCodeCannotDeleteInProgressSnapshot:                     "the snapshot is still being made: wait until it is complete",
	ErrorCodeCannotModifyInProgressSnapshotRetention:            "the snapshot is still being made: wait until it is complete",
	ErrorCodeCannotStartRestoreJobForIncompleteClusterSnapshot:  snapshotMade,
	ErrorCodeCannotDownloadIncompleteSnapshot:                   snapshotMade,
	ErrorCodeClusterHostnamesUnavailable:                        "the target cluster is still being created: wait until its state is IDLE",
	ErrorCodeTenantRestoreDestinationUnavailable:                "the target cluster is not ready: wait until its state is IDLE",
	ErrorCodeCannotPerformRestoreOnClusterWithRunningLiveImport: "a live import into the target cluster is running: wait until it has ended",
	ErrorCodeWritesNotAllowedDuringAppUpgrades:                  "the service is being upgraded: wait some minutes, reads work meanwhile",
	ErrorCodeAutomationConfigConcurrentModification:             "the configuration changed meanwhile: read it and apply the change again",
	ErrorCodeCannotGetBackupConfigInvalidState:                  "the cluster is not monitored yet: wait until an agent has reported it; without monitoring this does not clear",
	ErrorCodeSnapshotBlockValidationUnavailable:                 "the restore was not started: the snapshot could not be checked, try again in some minutes",
	ErrorCodeNoCheckpointForPITRestore:                          "no checkpoint exists near this time: wait for the next checkpoint, or choose another time; this does not always clear",
	ErrorCodeRestoreInitiationFailed:                            backupRuns + "; this does not always clear",
	ErrorCodeInvalidRestoreProcess:                              backupRuns + "; this does not always clear",
	ErrorCodeCannotCancelAutomatedRestore:                       "only downloads can be cancelled",
	ErrorCodeVersionGone:                                        "see WithAtlasAPIVersion; serverless restore jobs ended on 2026-01-22, use AtlasV2.Flex",
	ErrorCodeInvalidVersionDate:                                 "see WithAtlasAPIVersion",
	ErrorCodePersonalAPIKeysDeprecated:                          "use a programmatic API key of the organization or project",
	ErrorCodeNotInGroup:                                         "the key has no role in this project",
	ErrorCodeUserCannotAccessGroup:                              "the key has no role in this project",
	ErrorCodeUserUnauthorized:                                   "the key is right but lacks the role for this call",
}

// hintsByStatus are for an error whose code has no hint.
var hintsByStatus = map[int]string{
	http.StatusUnauthorized: wrongKey,
	http.StatusForbidden:    "the key lacks the role for this call",
}

// hint returns what usually causes the error and what to do, empty if unknown.
func (e *Error) hint() string {
	if e.isPointTooEarly() {
		return "the backup may not have reached this time: try again for up to 10 minutes; " +
			"a gap in the oplog, or a time before the backup began, does not clear"
	}
	byCode := hintsByCode[e.Code]
	if strings.HasPrefix(byCode, backupRuns) && !e.isCreateRefusedForNow() {
		byCode = "" // no document of another call describes this wait
	}
	if hint := cmp.Or(byCode, hintsByStatus[e.StatusCode]); hint != "" {
		return hint
	}
	if e.isCreateRefusedForNow() {
		return "the cluster does not accept a restore now: " + backupRuns
	}
	return ""
}
