package restorejobs

import "example.com/restorejobs/internal/apierror"

// Codes for a valid key or token without the permission.
//
// API: 401 and 403.
const (
	ErrorCodeUserUnauthorized           ErrorCode = apierror.UserUnauthorized
	ErrorCodeNotInGroup                 ErrorCode = apierror.NotInGroup
	ErrorCodeUserCannotAccessGroup      ErrorCode = apierror.UserCannotAccessGroup
	ErrorCodeNoCurrentUser              ErrorCode = "NO_CURRENT_USER"
	ErrorCodeTenantSnapshotAccessDenied ErrorCode = apierror.TenantSnapshotAccessDenied
	ErrorCodeAccessForbidden            ErrorCode = "ACCESS_FORBIDDEN"
	ErrorCodeCannotRestoreToTarget      ErrorCode = "CANNOT_RESTORE_TO_TARGET"
)

// Codes for an address that is not on the API access list. They match [ErrIPNotAllowed]. The
// service renamed "whitelist" to "access list" and uses both.
//
// API: 403.
const (
	ErrorCodeIPAddressNotOnAccessList   ErrorCode = "IP_ADDRESS_NOT_ON_ACCESS_LIST"
	ErrorCodeIPAddressNotOnWhitelist    ErrorCode = "IP_ADDRESS_NOT_ON_WHITELIST"
	ErrorCodeResourceRequiresAccessList ErrorCode = "RESOURCE_REQUIRES_ACCESS_LIST"
	ErrorCodeResourceRequiresWhitelist  ErrorCode = "RESOURCE_REQUIRES_WHITELIST"
	ErrorCodeOrgRequiresAccessList      ErrorCode = "ORG_REQUIRES_ACCESS_LIST"
	ErrorCodeOrgRequiresWhitelist       ErrorCode = "ORG_REQUIRES_WHITELIST"
)

// Codes for something that does not exist, or for a malformed id. They match [ErrNotFound].
//
// API: 400 and 404.
const (
	ErrorCodeRestoreJobNotFound        ErrorCode = "RESTORE_JOB_NOT_FOUND"
	ErrorCodeRestoreJobNotFoundInGroup ErrorCode = "RESTORE_JOB_NOT_FOUND_IN_GROUP"
	ErrorCodeConfigRestoreJobNotFound  ErrorCode = "CONFIG_RESTORE_JOB_NOT_FOUND"
	ErrorCodeTenantRestoreNotFound     ErrorCode = "TENANT_RESTORE_NOT_FOUND"
	ErrorCodeInvalidJobID              ErrorCode = "INVALID_JOB_ID"
	ErrorCodeInvalidClusterID          ErrorCode = "INVALID_CLUSTER_ID"
	ErrorCodeInvalidGroupID            ErrorCode = "INVALID_GROUP_ID"
	ErrorCodeInvalidSnapshotID         ErrorCode = "INVALID_SNAPSHOT_ID"
	ErrorCodeInvalidCheckpointID       ErrorCode = "INVALID_CHECKPOINT_ID"
	ErrorCodeSnapshotNotFound          ErrorCode = "SNAPSHOT_NOT_FOUND"
	ErrorCodeConfigSnapshotNotFound    ErrorCode = "CONFIG_SNAPSHOT_NOT_FOUND"
	ErrorCodeCheckpointNotFound        ErrorCode = "CHECKPOINT_NOT_FOUND"
	ErrorCodeClusterNotFound           ErrorCode = "CLUSTER_NOT_FOUND"
	ErrorCodeClusterNameNotFound       ErrorCode = "CLUSTER_NAME_NOT_FOUND"
	ErrorCodeGroupNotFound             ErrorCode = "GROUP_NOT_FOUND"
	ErrorCodeGroupNameNotFound         ErrorCode = "GROUP_NAME_NOT_FOUND"
	ErrorCodeHostNotFound              ErrorCode = "HOST_NOT_FOUND"
	ErrorCodeBackupConfigNotFound      ErrorCode = "BACKUP_CONFIG_NOT_FOUND"
	ErrorCodeResourceNotFound          ErrorCode = "RESOURCE_NOT_FOUND"
	ErrorCodeBackupJobNotFound         ErrorCode = "BACKUP_JOB_NOT_FOUND"
)

// Codes for a name that several projects have. They match [ErrAmbiguous].
//
// API: 409.
const (
	ErrorCodeMultipleGroups ErrorCode = "MULTIPLE_GROUPS"
)

// Codes for a condition that can clear. They match [ErrBusy].
//
// API: 400, 405, 409 and 503.
const (
	ErrorCodeClusterRestoreInProgressCannotUpdate               ErrorCode = "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"
	ErrorCodeAtlasClusterRestoreInProgress                      ErrorCode = "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"
	ErrorCodeConcurrentRestoresJobIDs                           ErrorCode = "CONCURRENT_RESTORES_JOB_IDS"
	ErrorCodeCannotDownloadSnapshotConcurrently                 ErrorCode = "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY"
	ErrorCodeTooManySnapshotDownloads                           ErrorCode = "TOO_MANY_SNAPSHOT_DOWNLOADS"
	ErrorCodeUnfinishedOnDemandSnapshot                         ErrorCode = "UNFINISHED_ON_DEMAND_SNAPSHOT"
	ErrorCodeCannotDeleteInProgressSnapshot                     ErrorCode = "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT"
	ErrorCodeCannotModifyInProgressSnapshotRetention            ErrorCode = "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION"
	ErrorCodeCannotStartRestoreJobForIncompleteClusterSnapshot  ErrorCode = "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT"
	ErrorCodeCannotDownloadIncompleteSnapshot                   ErrorCode = "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT"
	ErrorCodeClusterHostnamesUnavailable                        ErrorCode = "CLUSTER_HOSTNAMES_UNAVAILABLE"
	ErrorCodeTenantRestoreDestinationUnavailable                ErrorCode = "TENANT_RESTORE_DESTINATION_UNAVAILABLE"
	ErrorCodeCannotPerformRestoreOnClusterWithRunningLiveImport ErrorCode = "CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT"
	ErrorCodeWritesNotAllowedDuringAppUpgrades                  ErrorCode = "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES"
	ErrorCodeAutomationConfigConcurrentModification             ErrorCode = "AUTOMATION_CONFIG_CONCURRENT_MODIFICATION"
	ErrorCodeCannotGetBackupConfigInvalidState                  ErrorCode = "CANNOT_GET_BACKUP_CONFIG_INVALID_STATE"
	ErrorCodeSnapshotBlockValidationUnavailable                 ErrorCode = "SNAPSHOT_BLOCK_VALIDATION_UNAVAILABLE"
)

// Codes for a condition that does not clear without a change. They do not match [ErrBusy].
//
// API: 400 and 409.
const (
	ErrorCodeSnapshotBlocksMissing                          ErrorCode = "SNAPSHOT_BLOCKS_MISSING"
	ErrorCodeCannotStartRestoreJobForDeletedSnapshot        ErrorCode = "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT"
	ErrorCodeCannotStartRestoreJobForDeletedClusterSnapshot ErrorCode = "CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT"
	ErrorCodeLinkExpirationAfterSnapshotDeletion            ErrorCode = "LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION"
	ErrorCodeInvalidRestoreSnapshotFilterList               ErrorCode = "INVALID_RESTORE_SNAPSHOT_FILTER_LIST"
	ErrorCodeCannotUpdatePausedCluster                      ErrorCode = "CANNOT_UPDATE_PAUSED_CLUSTER"
	ErrorCodeClusterPausedCannotRestore                     ErrorCode = "CLUSTER_PAUSED_CANNOT_RESTORE"
	ErrorCodeClusterAlreadyRequestedDeletion                ErrorCode = "CLUSTER_ALREADY_REQUESTED_DELETION"
	ErrorCodeCannotModifyShardBackupConfig                  ErrorCode = "CANNOT_MODIFY_SHARD_BACKUP_CONFIG"
)

// Codes for a restore that cannot start, or a cancel that is not possible. The 409 of a create in
// Cloud Manager, Ops Manager or MMS matches [ErrBusy].
//
// API: 400, 404 and 409.
const (
	ErrorCodeNoCheckpointForPITRestore                   ErrorCode = "NO_CHECKPOINT_FOR_PIT_RESTORE"
	ErrorCodeRestoreInitiationFailed                     ErrorCode = "RESTORE_INITIATION_FAILED"
	ErrorCodeInvalidRestoreProcess                       ErrorCode = "INVALID_RESTORE_PROCESS"
	ErrorCodeUnableT0FindSnapshotPriorToPITRestoreOptime ErrorCode = "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME"
	ErrorCodeCannotCancelAutomatedRestore                ErrorCode = "CANNOT_CANCEL_AUTOMATED_RESTORE"
)

// Codes for a call to another product, another kind of cluster or another version of the API.
//
// API: 400, 404, 406 and 410.
const (
	ErrorCodeNotAtlasGroup                    ErrorCode = "NOT_ATLAS_GROUP"
	ErrorCodeAtlasGroup                       ErrorCode = "ATLAS_GROUP"
	ErrorCodeCannotUseNonFlexClusterInFlexAPI ErrorCode = "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API"
	ErrorCodeCannotUseFlexClusterInClusterAPI ErrorCode = "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API"
	ErrorCodeIncorrectBackupAPIEndpoint       ErrorCode = "INCORRECT_BACKUP_API_ENDPOINT"
	ErrorCodeInvalidVersionDate               ErrorCode = "INVALID_VERSION_DATE"
	ErrorCodeVersionGone                      ErrorCode = "VERSION_GONE"
	ErrorCodePersonalAPIKeysDeprecated        ErrorCode = "PERSONAL_API_KEYS_DEPRECATED"
)

// Codes for a service that cannot respond now.
//
// API: 429 and 503.
const (
	ErrorCodeRateLimited            ErrorCode = "RATE_LIMITED"
	ErrorCodeRateLimitedTokenBucket ErrorCode = "RATE_LIMITED_TOKEN_BUCKET"
	ErrorCodeServiceUnavailable     ErrorCode = "SERVICE_UNAVAILABLE"
)
