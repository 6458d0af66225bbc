package restorejobs

import (
	"net/http"
	"slices"
	"strings"
)

// The sentinel of an [*Error], by its status and its code.

// sentinelRule ties a sentinel to statuses and codes.
type sentinelRule struct {
	sentinel error
	statuses []int
	codes    []ErrorCode
}

// sentinelRules lists the sentinels of responses. [Error.kind] chooses one. A code is listed if a
// service uses it under more than one status.
var sentinelRules = []sentinelRule{
	{ErrUnauthorized, []int{http.StatusUnauthorized}, []ErrorCode{
		ErrorCodeUserUnauthorized,
		ErrorCodeNotInGroup,
		ErrorCodeUserCannotAccessGroup,
		ErrorCodeNoCurrentUser,
		ErrorCodeTenantSnapshotAccessDenied,
	}},
	{ErrForbidden, []int{http.StatusForbidden}, []ErrorCode{ErrorCodeAccessForbidden, ErrorCodeCannotRestoreToTarget}},
	{ErrIPNotAllowed, nil, []ErrorCode{
		ErrorCodeIPAddressNotOnAccessList,
		ErrorCodeIPAddressNotOnWhitelist,
		ErrorCodeResourceRequiresAccessList,
		ErrorCodeResourceRequiresWhitelist,
		ErrorCodeOrgRequiresAccessList,
		ErrorCodeOrgRequiresWhitelist,
	}},
	{ErrNotFound, []int{http.StatusNotFound}, []ErrorCode{
		ErrorCodeRestoreJobNotFound,
		ErrorCodeRestoreJobNotFoundInGroup,
		ErrorCodeConfigRestoreJobNotFound,
		ErrorCodeTenantRestoreNotFound,
		ErrorCodeInvalidJobID,
		ErrorCodeInvalidClusterID,
		ErrorCodeInvalidGroupID,
		ErrorCodeInvalidSnapshotID,
		ErrorCodeInvalidCheckpointID,
		ErrorCodeSnapshotNotFound,
		ErrorCodeConfigSnapshotNotFound,
		ErrorCodeCheckpointNotFound,
		ErrorCodeClusterNotFound,
		ErrorCodeClusterNameNotFound,
		ErrorCodeGroupNotFound,
		ErrorCodeGroupNameNotFound,
		ErrorCodeHostNotFound,
		ErrorCodeBackupConfigNotFound,
		ErrorCodeResourceNotFound,
		ErrorCodeBackupJobNotFound,
	}},
	{ErrBusy, nil, []ErrorCode{
		ErrorCodeClusterRestoreInProgressCannotUpdate,
		ErrorCodeAtlasClusterRestoreInProgress,
		ErrorCodeConcurrentRestoresJobIDs,
		ErrorCodeCannotDownloadSnapshotConcurrently,
		ErrorCodeTooManySnapshotDownloads,
		ErrorCodeUnfinishedOnDemandSnapshot,
		ErrorCodeCannotDeleteInProgressSnapshot,
		ErrorCodeCannotModifyInProgressSnapshotRetention,
		ErrorCodeCannotStartRestoreJobForIncompleteClusterSnapshot,
		ErrorCodeCannotDownloadIncompleteSnapshot,
		ErrorCodeClusterHostnamesUnavailable,
		ErrorCodeTenantRestoreDestinationUnavailable,
		ErrorCodeCannotPerformRestoreOnClusterWithRunningLiveImport,
		ErrorCodeWritesNotAllowedDuringAppUpgrades,
		ErrorCodeAutomationConfigConcurrentModification,
		ErrorCodeCannotGetBackupConfigInvalidState,
		ErrorCodeSnapshotBlockValidationUnavailable,
	}},
	{ErrAmbiguous, nil, []ErrorCode{ErrorCodeMultipleGroups}},
	{ErrConflict, []int{http.StatusConflict}, nil},
	{ErrGone, []int{http.StatusGone}, []ErrorCode{ErrorCodeVersionGone, ErrorCodePersonalAPIKeysDeprecated}},
	{ErrRateLimited, []int{http.StatusTooManyRequests}, []ErrorCode{ErrorCodeRateLimited, ErrorCodeRateLimitedTokenBucket}},
	{ErrUnavailable, []int{
		http.StatusInternalServerError,
		http.StatusBadGateway,
		http.StatusServiceUnavailable,
		http.StatusGatewayTimeout,
	}, []ErrorCode{ErrorCodeServiceUnavailable}},
}

// neverClearing are the codes of a refused create that a later retry gets again, under any status.
var neverClearing = []ErrorCode{
	ErrorCodeSnapshotBlocksMissing,
	ErrorCodeCannotStartRestoreJobForDeletedSnapshot,
	ErrorCodeCannotStartRestoreJobForDeletedClusterSnapshot,
	ErrorCodeLinkExpirationAfterSnapshotDeletion,
	ErrorCodeInvalidRestoreSnapshotFilterList,
	ErrorCodeCannotUpdatePausedCluster,
	ErrorCodeClusterPausedCannotRestore,
	ErrorCodeClusterAlreadyRequestedDeletion,
	ErrorCodeCannotModifyShardBackupConfig,
}

// Is reports whether the error is of the sentinel's kind, or has the [ErrorCode].
func (e *Error) Is(target error) bool {
	if code, ok := target.(ErrorCode); ok {
		return code != "" && e.Code == code
	}
	if e.outcomeUnknown {
		return target == ErrOutcomeUnknown
	}
	if e.cause != nil {
		return false
	}
	return target == e.kind()
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
	return e.StatusCode == http.StatusServiceUnavailable && e.Code == ErrorCodeSnapshotBlockValidationUnavailable
}

// isManagerCreate reports a restore create of Cloud Manager, Ops Manager or MMS.
func (e *Error) isManagerCreate() bool {
	path := strings.TrimSuffix(e.Path, "/")
	isRestoreJobs := strings.HasPrefix(path, publicAPIPath) && strings.HasSuffix(path, "/restoreJobs")
	return e.Method == http.MethodPost && isRestoreJobs
}

// isCreateRefusedForNow reports the 409 of a create. These products send it with any code.
func (e *Error) isCreateRefusedForNow() bool {
	return e.StatusCode == http.StatusConflict && e.isManagerCreate() && !slices.Contains(neverClearing, e.Code)
}

// isPointTooEarly reports a point in time that the backup may not have reached. Only the text
// names this cause, and no document names its status.
func (e *Error) isPointTooEarly() bool {
	isRefused := e.StatusCode == http.StatusBadRequest || e.StatusCode == http.StatusConflict
	canClear := !slices.Contains(neverClearing, e.Code)
	return isRefused && canClear && e.isManagerCreate() && strings.Contains(e.Detail, "Invalid restore point")
}
