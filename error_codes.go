package restorejobs

import (
	"net/http"
	"slices"
	"strings"
)

// The kinds of an [*Error] by status and by code, and the hints.

// sentinelRule ties a sentinel to statuses and codes.
type sentinelRule struct {
	sentinel error
	statuses []int
	codes    []ErrorCode
}

// sentinelRules is the partition: an error is of one kind, which [Error.kind] chooses. Codes are
// there where a service uses them under more than one status.
var sentinelRules = []sentinelRule{
	{ErrUnauthorized, []int{http.StatusUnauthorized}, []ErrorCode{
		"USER_UNAUTHORIZED", "NOT_IN_GROUP", "USER_CANNOT_ACCESS_GROUP", "NO_CURRENT_USER", "TENANT_SNAPSHOT_ACCESS_DENIED",
	}},
	{ErrForbidden, []int{http.StatusForbidden}, []ErrorCode{"ACCESS_FORBIDDEN", "CANNOT_RESTORE_TO_TARGET"}},
	{ErrIPNotAllowed, nil, []ErrorCode{
		"IP_ADDRESS_NOT_ON_ACCESS_LIST", "IP_ADDRESS_NOT_ON_WHITELIST", "RESOURCE_REQUIRES_ACCESS_LIST",
		"RESOURCE_REQUIRES_WHITELIST", "ORG_REQUIRES_ACCESS_LIST", "ORG_REQUIRES_WHITELIST",
	}},
	{ErrNotFound, []int{http.StatusNotFound}, []ErrorCode{
		"RESTORE_JOB_NOT_FOUND", "RESTORE_JOB_NOT_FOUND_IN_GROUP", "CONFIG_RESTORE_JOB_NOT_FOUND", "TENANT_RESTORE_NOT_FOUND",
		"INVALID_JOB_ID", "INVALID_CLUSTER_ID", "INVALID_GROUP_ID", "INVALID_SNAPSHOT_ID", "INVALID_CHECKPOINT_ID",
		"SNAPSHOT_NOT_FOUND", "CONFIG_SNAPSHOT_NOT_FOUND", "CHECKPOINT_NOT_FOUND", "CLUSTER_NOT_FOUND",
		"CLUSTER_NAME_NOT_FOUND", "GROUP_NOT_FOUND", "HOST_NOT_FOUND", "BACKUP_CONFIG_NOT_FOUND", "RESOURCE_NOT_FOUND",
		"BACKUP_JOB_NOT_FOUND",
	}},
	{ErrBusy, nil, []ErrorCode{
		"CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", "CONCURRENT_RESTORES_JOB_IDS",
		"CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", "TOO_MANY_SNAPSHOT_DOWNLOADS", "UNFINISHED_ON_DEMAND_SNAPSHOT",
		"CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION",
		"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT", "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT",
		"CLUSTER_HOSTNAMES_UNAVAILABLE", "TENANT_RESTORE_DESTINATION_UNAVAILABLE",
		"CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT", "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES",
		"AUTOMATION_CONFIG_CONCURRENT_MODIFICATION", "CANNOT_GET_BACKUP_CONFIG_INVALID_STATE", blocksNotChecked,
	}},
	{ErrConflict, []int{http.StatusConflict}, nil},
	{ErrGone, []int{http.StatusGone}, []ErrorCode{"VERSION_GONE", "PERSONAL_API_KEYS_DEPRECATED"}},
	{ErrRateLimited, []int{http.StatusTooManyRequests}, []ErrorCode{"RATE_LIMITED", "RATE_LIMITED_TOKEN_BUCKET"}},
	{ErrUnavailable, []int{
		http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout,
	}, []ErrorCode{"SERVICE_UNAVAILABLE"}},
}

// blocksNotChecked comes with 503 and says that the create was not started.
const blocksNotChecked = "SNAPSHOT_BLOCK_VALIDATION_UNAVAILABLE"

// neverClearing are the codes of a refused create that waiting does not help, whatever the status.
var neverClearing = []ErrorCode{
	"SNAPSHOT_BLOCKS_MISSING", "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT",
	"CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT", "LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION",
	"INVALID_RESTORE_SNAPSHOT_FILTER_LIST", "CANNOT_UPDATE_PAUSED_CLUSTER", "CLUSTER_PAUSED_CANNOT_RESTORE",
	"CLUSTER_ALREADY_REQUESTED_DELETION", "CANNOT_MODIFY_SHARD_BACKUP_CONFIG",
}

// kind returns the only sentinel of sentinelRules that the error matches, nil if none. Statuses
// that leave the outcome unknown decide before the code.
func (e *Error) kind() error {
	byStatus := sentinelOf(func(k sentinelRule) bool { return slices.Contains(k.statuses, e.StatusCode) })
	switch {
	case e.isNotStarted():
		return ErrBusy
	case e.StatusCode == http.StatusTooManyRequests, leavesOutcomeUnknown(e.StatusCode):
		return byStatus
	case e.isPointTooEarly(), e.isCreateRefusedForNow():
		return ErrBusy
	}
	byCode := sentinelOf(func(k sentinelRule) bool { return slices.Contains(k.codes, e.Code) })
	if byCode != nil {
		return byCode
	}
	return byStatus
}

func sentinelOf(matches func(sentinelRule) bool) error {
	i := slices.IndexFunc(sentinelRules, matches)
	if i < 0 {
		return nil
	}
	return sentinelRules[i].sentinel
}

// leavesOutcomeUnknown reports a status after which a write may have been executed. See Other can
// follow an execution.
func leavesOutcomeUnknown(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusSeeOther
}

// isNotStarted reports a 5xx that does not leave the outcome unknown.
func (e *Error) isNotStarted() bool {
	return e.StatusCode == http.StatusServiceUnavailable && e.Code == blocksNotChecked
}

// isManagerCreate reports a restore create of Cloud Manager, Ops Manager or MMS.
func (e *Error) isManagerCreate() bool {
	return e.Method == http.MethodPost && strings.HasPrefix(e.Path, publicAPIPath) && strings.HasSuffix(strings.TrimSuffix(e.Path, "/"), "/restoreJobs")
}

// isCreateRefusedForNow reports the 409 of a create, which these products answer with any code.
func (e *Error) isCreateRefusedForNow() bool {
	return e.StatusCode == http.StatusConflict && e.isManagerCreate() && !slices.Contains(neverClearing, e.Code)
}

// isPointTooEarly reports a point in time that the backup may not have reached. Only the text
// names this cause, and no document names its status.
func (e *Error) isPointTooEarly() bool {
	refused := e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusConflict
	return refused && e.isManagerCreate() && strings.Contains(e.Detail, "Invalid restore point") &&
		!slices.Contains(neverClearing, e.Code)
}

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

// hints tell causes apart that look the same. The first match holds.
var hints = []struct {
	code   ErrorCode
	status int
	text   string
}{
	{"IP_ADDRESS_NOT_ON_ACCESS_LIST", 0, "add this machine's address to the API access list of the key"},
	{"IP_ADDRESS_NOT_ON_WHITELIST", 0, "add this machine's address to the API access list of the key"},
	{"RESOURCE_REQUIRES_ACCESS_LIST", 0, "the key needs an API access list with this machine's address"},
	{"RESOURCE_REQUIRES_WHITELIST", 0, "the key needs an API access list with this machine's address"},
	{"ORG_REQUIRES_ACCESS_LIST", 0, "the organization demands an API access list with this machine's address"},
	{"ORG_REQUIRES_WHITELIST", 0, "the organization demands an API access list with this machine's address"},
	{"NOT_ATLAS_GROUP", 0, "the project is not an Atlas project: use CloudManager"},
	{"ATLAS_GROUP", 0, "the project is an Atlas project: use AtlasV2"},
	{"INVALID_CLUSTER_ID", 0, "Cloud Manager, Ops Manager and MMS take a cluster's id, not its name"},
	{"CLUSTER_NOT_FOUND", 0, "Atlas takes a cluster's name, the others its id; " + sourceCluster},
	{"CLUSTER_NAME_NOT_FOUND", 0, "Atlas takes a cluster's name, not its id"},
	{"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", 0, "not a flex cluster: use AtlasV2.Cluster"},
	{"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", 0, "a flex cluster: use AtlasV2.Flex"},
	{"INCORRECT_BACKUP_API_ENDPOINT", 0, "the cluster has the other kind of backup: use Cluster for cloud backup, LegacyCluster for legacy backup"},
	{"RESTORE_JOB_NOT_FOUND", 0, sourceCluster + ", not under the target"},
	{"RESTORE_JOB_NOT_FOUND_IN_GROUP", 0, sourceCluster + ", not under the target"},
	{"TENANT_RESTORE_NOT_FOUND", 0, sourceCluster + ", not under the target"},
	{"CONFIG_RESTORE_JOB_NOT_FOUND", 0, "the jobs live under the source host"},
	{"SNAPSHOT_NOT_FOUND", 0, "a snapshot belongs to its own cluster: " + sourceCluster + ", ToCluster names the target"},
	{"CONFIG_SNAPSHOT_NOT_FOUND", 0, "a snapshot belongs to its own host: the jobs live under the source host"},
	{"RESOURCE_NOT_FOUND", 0, "check the project, the cluster and the ids; " + sourceCluster},
	{"CLUSTER_PAUSED_CANNOT_RESTORE", 0, "the target cluster is paused: resume it first"},
	{"CANNOT_UPDATE_PAUSED_CLUSTER", 0, "the cluster is paused: resume it first"},
	{"CLUSTER_ALREADY_REQUESTED_DELETION", 0, "the cluster is being deleted"},
	{"SNAPSHOT_BLOCKS_MISSING", 0, "the restore was not started: blocks of the snapshot are lost, choose another snapshot"},
	{
		"UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME", 0,
		"the backup has no snapshot before this time: choose a later time, or wait if the first snapshot is still being made",
	},
	{"CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", 0, "the target cluster is being restored: wait until that restore job has ended"},
	{"ATLAS_CLUSTER_RESTORE_IN_PROGRESS", 0, "the cluster is being restored: wait until that restore job has ended"},
	{"CONCURRENT_RESTORES_JOB_IDS", 0, "the target is being restored: wait until the restore jobs that the message names have ended"},
	{
		"CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", 0,
		"a download of this snapshot exists: wait until that job has ended, or use it, see FindCreated",
	},
	{"TOO_MANY_SNAPSHOT_DOWNLOADS", 0, "the project has reached its limit of downloads: wait until one has ended"},
	{"UNFINISHED_ON_DEMAND_SNAPSHOT", 0, "another on-demand snapshot is being made: wait until it is complete"},
	{"CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", 0, "the snapshot is still being made: wait until it is complete"},
	{"CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION", 0, "the snapshot is still being made: wait until it is complete"},
	{"CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT", 0, snapshotMade},
	{"CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT", 0, snapshotMade},
	{"CLUSTER_HOSTNAMES_UNAVAILABLE", 0, "the target cluster is still being created: wait until its state is IDLE"},
	{"TENANT_RESTORE_DESTINATION_UNAVAILABLE", 0, "the target cluster is not ready: wait until its state is IDLE"},
	{
		"CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT", 0,
		"a live import into the target cluster is running: wait until it has ended",
	},
	{"WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", 0, "the service is being upgraded: wait some minutes, reads work meanwhile"},
	{"AUTOMATION_CONFIG_CONCURRENT_MODIFICATION", 0, "the configuration changed meanwhile: read it and apply the change again"},
	{
		"CANNOT_GET_BACKUP_CONFIG_INVALID_STATE", 0,
		"the cluster is not monitored yet: wait until an agent has reported it; without monitoring this does not clear",
	},
	{blocksNotChecked, 0, "the restore was not started: the snapshot could not be checked, try again in some minutes"},
	{
		"NO_CHECKPOINT_FOR_PIT_RESTORE", 0,
		"no checkpoint exists near this time: wait for the next checkpoint, or choose another time; this does not always clear",
	},
	{"RESTORE_INITIATION_FAILED", 0, backupRuns + "; this does not always clear"},
	{"INVALID_RESTORE_PROCESS", 0, backupRuns + "; this does not always clear"},
	{"CANNOT_CANCEL_AUTOMATED_RESTORE", 0, "only downloads can be cancelled"},
	{"VERSION_GONE", 0, "see WithAtlasAPIVersion; serverless restore jobs ended on 2026-01-22, use AtlasV2.Flex"},
	{"INVALID_VERSION_DATE", 0, "see WithAtlasAPIVersion"},
	{"PERSONAL_API_KEYS_DEPRECATED", 0, "use a programmatic API key of the organization or project"},
	{"NOT_IN_GROUP", 0, "the key has no role in this project"},
	{"USER_CANNOT_ACCESS_GROUP", 0, "the key has no role in this project"},
	{"USER_UNAUTHORIZED", 0, "the key is right but lacks the role for this call"},
	{"", http.StatusUnauthorized, wrongKey},
	{"", http.StatusForbidden, "the key lacks the role for this call"},
}

// hint returns what usually causes the error and what to do, "" if nothing is known.
func (e *Error) hint() string {
	if e.isPointTooEarly() {
		return "the backup may not have reached this time: try again for up to 10 minutes; " +
			"a gap in the oplog, or a time before the backup began, does not clear"
	}
	for _, hint := range hints {
		if (hint.code != "" && hint.code == e.Code) || (hint.code == "" && hint.status == e.StatusCode) {
			return hint.text
		}
	}
	if e.isCreateRefusedForNow() {
		return "the cluster does not accept a restore now: " + backupRuns
	}
	return ""
}
