package restorejobs

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// refusal is an error answer, and the operation that it refuses.
type refusal struct {
	product string // managers, atlas
	create  bool
	status  int
	code    string
	detail  string
}

// errorOf lets a variant's operation be refused.
func (r refusal) errorOf(t *testing.T, scope *endpoint) error {
	t.Helper()
	body := fmt.Appendf(nil, `{"error":%d,"errorCode":%q,"detail":%q}`, r.status, r.code, r.detail)
	jobs := newSource(clientWithoutRetries(t, testutil.Always(r.status, string(body))), scope, "p", "c").Jobs
	if !r.create {
		_, err := jobs.Get(t.Context(), "j")
		return err
	}
	point := FromPointInTime(time.Unix(1588523147, 0))
	if scope.format == flex {
		point = FromSnapshot("s")
	}
	to := ToCluster("p", "target")
	if scope == mmsCluster {
		to = ToDownload()
	}
	_, err := jobs.Create(t.Context(), point, to)
	return err
}

// scopesOf lists the scopes of a product.
func scopesOf(product string) []*endpoint {
	var list []*endpoint
	for _, s := range endpoints {
		if s.isAtlas() == (product == "atlas") {
			list = append(list, s)
		}
	}
	return list
}

func TestErrBusy_codes(t *testing.T) {
	t.Parallel()
	const gap = "Invalid restore point: the oplog has a gap."
	for name, c := range map[string]struct {
		refusal
		want error // nil for no sentinel
		hint string
	}{
		"target is restored":             {refusal{"atlas", true, 400, "CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE", ""}, ErrBusy, "until that restore job has ended"},
		"target is restored, 409":        {refusal{"atlas", true, 409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", ""}, ErrBusy, "until that restore job has ended"},
		"snapshot is downloaded":         {refusal{"atlas", true, 400, "CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY", ""}, ErrBusy, "FindCreated"},
		"too many downloads":             {refusal{"atlas", true, 400, "TOO_MANY_SNAPSHOT_DOWNLOADS", ""}, ErrBusy, "until one has ended"},
		"another snapshot is made":       {refusal{"atlas", true, 400, "UNFINISHED_ON_DEMAND_SNAPSHOT", ""}, ErrBusy, "until it is complete"},
		"snapshot is made, delete":       {refusal{"atlas", false, 400, "CANNOT_DELETE_IN_PROGRESS_SNAPSHOT", ""}, ErrBusy, "until it is complete"},
		"snapshot is made, retention":    {refusal{"atlas", false, 400, "CANNOT_MODIFY_IN_PROGRESS_SNAPSHOT_RETENTION", ""}, ErrBusy, "until it is complete"},
		"snapshot is made, restore":      {refusal{"managers", true, 409, "CANNOT_START_RESTORE_JOB_FOR_INCOMPLETE_CLUSTER_SNAPSHOT", ""}, ErrBusy, "until the snapshot is complete"},
		"snapshot is made, download":     {refusal{"atlas", true, 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT", ""}, ErrBusy, "until the snapshot is complete"},
		"target is made":                 {refusal{"atlas", true, 400, "CLUSTER_HOSTNAMES_UNAVAILABLE", ""}, ErrBusy, "IDLE"},
		"shared target is made":          {refusal{"atlas", true, 400, "TENANT_RESTORE_DESTINATION_UNAVAILABLE", ""}, ErrBusy, "IDLE"},
		"live import":                    {refusal{"atlas", true, 400, "CANNOT_PERFORM_RESTORE_ON_CLUSTER_WITH_RUNNING_LIVE_IMPORT", ""}, ErrBusy, "until it has ended"},
		"upgrade":                        {refusal{"atlas", true, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES", ""}, ErrBusy, "upgraded"},
		"configuration changed":          {refusal{"managers", false, 409, "AUTOMATION_CONFIG_CONCURRENT_MODIFICATION", ""}, ErrBusy, "again"},
		"not monitored yet":              {refusal{"managers", false, 409, "CANNOT_GET_BACKUP_CONFIG_INVALID_STATE", ""}, ErrBusy, "monitor"},
		"other restores, 400":            {refusal{"managers", true, 400, "CONCURRENT_RESTORES_JOB_IDS", ""}, ErrBusy, "have ended"},
		"other restores, 409":            {refusal{"managers", true, 409, "CONCURRENT_RESTORES_JOB_IDS", ""}, ErrBusy, "have ended"},
		"blocks not checked":             {refusal{"managers", true, 503, "SNAPSHOT_BLOCK_VALIDATION_UNAVAILABLE", ""}, ErrBusy, "not started"},
		"any 409 of a create":            {refusal{"managers", true, 409, "SOMETHING_NEW", ""}, ErrBusy, "backup runs"},
		"a 409 of a create without code": {refusal{"managers", true, 409, "", ""}, ErrBusy, "backup runs"},
		"restore not closed":             {refusal{"managers", true, 409, "RESTORE_INITIATION_FAILED", ""}, ErrBusy, "backup runs"},
		"restore not closed, Atlas":      {refusal{"atlas", true, 409, "RESTORE_INITIATION_FAILED", ""}, ErrConflict, ""},
		"restore process, Atlas":         {refusal{"atlas", true, 409, "INVALID_RESTORE_PROCESS", ""}, ErrConflict, ""},
		"restore process":                {refusal{"managers", true, 409, "INVALID_RESTORE_PROCESS", ""}, ErrBusy, "backup runs"},
		"no checkpoint yet":              {refusal{"managers", true, 409, "NO_CHECKPOINT_FOR_PIT_RESTORE", ""}, ErrBusy, "checkpoint"},
		"restore point, 400":             {refusal{"managers", true, 400, "INVALID_ATTRIBUTE", gap}, ErrBusy, "oplog"},
		"restore point, 400, no code":    {refusal{"managers", true, 400, "", gap}, ErrBusy, "oplog"},
		"restore point, 409":             {refusal{"managers", true, 409, "X", gap}, ErrBusy, "oplog"},

		"any 409 of a read":         {refusal{"managers", false, 409, "SOMETHING_NEW", ""}, ErrConflict, ""},
		"any 409 of Atlas":          {refusal{"atlas", true, 409, "SOMETHING_NEW", ""}, ErrConflict, ""},
		"restore point on Atlas":    {refusal{"atlas", true, 400, "VALIDATION_ERROR", gap}, nil, ""},
		"restore point of a read":   {refusal{"managers", false, 400, "VALIDATION_ERROR", gap}, nil, ""},
		"blocks are lost":           {refusal{"managers", true, 409, "SNAPSHOT_BLOCKS_MISSING", ""}, ErrConflict, "another snapshot"},
		"snapshot deleted":          {refusal{"managers", true, 409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT", ""}, ErrConflict, ""},
		"cluster snapshot deleted":  {refusal{"managers", true, 409, "CANNOT_START_RESTORE_JOB_FOR_DELETED_CLUSTER_SNAPSHOT", ""}, ErrConflict, ""},
		"link outlives snapshot":    {refusal{"managers", true, 409, "LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION", ""}, ErrConflict, ""},
		"filter list":               {refusal{"managers", true, 409, "INVALID_RESTORE_SNAPSHOT_FILTER_LIST", ""}, ErrConflict, ""},
		"paused, 409":               {refusal{"atlas", true, 409, "CANNOT_UPDATE_PAUSED_CLUSTER", ""}, ErrConflict, "resume"},
		"paused":                    {refusal{"atlas", true, 400, "CLUSTER_PAUSED_CANNOT_RESTORE", ""}, nil, "resume"},
		"being deleted":             {refusal{"atlas", true, 400, "CLUSTER_ALREADY_REQUESTED_DELETION", ""}, nil, "deleted"},
		"being deleted, in general": {refusal{"atlas", true, 400, "ATLAS_GENERAL_ERROR", "The cluster is currently being deleted."}, nil, ""},
		"kept snapshot":             {refusal{"managers", false, 403, "CANNOT_MODIFY_SNAPSHOT", ""}, ErrForbidden, ""},
		"no snapshot before":        {refusal{"atlas", true, 404, "UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME", ""}, ErrNotFound, "snapshot"},
		"rate limited":              {refusal{"managers", false, 429, "RATE_LIMITED", ""}, ErrRateLimited, ""},
		"rate limited, busy code":   {refusal{"atlas", false, 429, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", ""}, ErrRateLimited, ""},
		"busy code of a 500":        {refusal{"atlas", false, 500, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", ""}, ErrUnavailable, ""},
		"by code alone":             {refusal{"atlas", false, 418, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS", ""}, ErrBusy, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, scope := range scopesOf(c.product) {
				err := c.errorOf(t, scope)
				var apiErr *Error
				require.ErrorAs(t, err, &apiErr, scope)
				want := []error{}
				if c.want != nil {
					want = append(want, c.want)
				}
				assert.Equal(t, want, append([]error{}, matching(err)...), scope)
				assert.Contains(t, apiErr.Hint, c.hint, scope)
				if errors.Is(c.want, ErrConflict) {
					assert.NotContains(t, apiErr.Hint, "backup runs", scope)
				}
				if errors.Is(c.want, ErrBusy) {
					assert.NotEmpty(t, apiErr.Hint, scope)
					assert.NotErrorIs(t, err, ErrOutcomeUnknown, scope)
				}
			}
		})
	}
}

// The same create through Client.Do is the same refusal.
func TestErrBusy_createThatStartsNothing(t *testing.T) {
	t.Parallel()
	client := clientWithoutRetries(t, testutil.Always(409, `{"error":409,"errorCode":"X"}`))
	err := client.Do(t.Context(), http.MethodPost, "/api/public/v1.0/groups/p/clusters/c/restoreJobs", map[string]any{}, nil)
	require.ErrorIs(t, err, ErrBusy)
	err = client.Do(t.Context(), http.MethodPost, "/api/public/v1.0/groups/p/clusters/c/restoreJobs/operation/restorableTimeRanges", nil, nil)
	require.ErrorIs(t, err, ErrConflict)
	require.NotErrorIs(t, err, ErrBusy)
	err = client.Do(t.Context(), http.MethodPost, "/api/atlas/v2/groups/p/clusters/c/restoreJobs", map[string]any{}, nil)
	require.ErrorIs(t, err, ErrConflict)
}

// Every row of variant, operation, status, code and text matches at most one status sentinel.
func TestSentinels_matchAtMostOne(t *testing.T) {
	t.Parallel()
	codes := []ErrorCode{"", "X", "UNEXPECTED_ERROR"}
	for _, rule := range sentinelRules {
		codes = append(codes, rule.codes...)
	}
	codes = append(codes, neverClearing...)
	statuses := []int{0, 303, 307, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 415, 418, 422, 429, 500, 501, 502, 503, 504, 599}
	busy := 0
	for _, scope := range endpoints {
		root := scope.pathPrefix + "p" + scope.pathInfix + "c" + scope.pathSuffix
		for _, call := range []struct{ operation, method, path string }{
			{"get restore job", http.MethodGet, root + "/j"},
			{"list restore jobs", http.MethodGet, root},
			{"find project", http.MethodGet, scope.pathPrefix + "byName/p"},
			{"get cluster", http.MethodGet, scope.clusterPath("p", "c")},
			{"create restore job", http.MethodPost, root},
			{"cancel restore job", http.MethodDelete, root + "/j"},
			{"get restorable time ranges", http.MethodPost, root + "/operation/restorableTimeRanges"},
			{"create collection restore job", http.MethodPost, scope.clusterPath("p", "c") + "/collectionRestoreJobs"},
		} {
			for _, status := range statuses {
				for _, code := range codes {
					for _, detail := range []string{"", "Invalid restore point: X."} {
						e := &Error{
							StatusCode: status, Code: code, Detail: detail,
							Variant: scope.variant, Operation: call.operation, Method: call.method, Path: call.path,
						}
						var kinds []string
						for _, sentinel := range sentinels {
							if e.Is(sentinel) {
								kinds = append(kinds, sentinel.Error())
							}
						}
						if len(kinds) > 1 {
							t.Fatalf("%s %s %d %s %q: %s", scope, call.operation, status, code, detail, strings.Join(kinds, ", "))
						}
						if e.Is(ErrBusy) {
							busy++
						}
					}
				}
			}
		}
	}
	assert.Positive(t, busy)
}

// The recorded answers name the cause that a caller most likely has.
func TestHints_ofRecordedResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"a flex cluster": {400, `{"detail":"Flex cluster snapshotCluster0 cannot be used in the Cluster API.","error":400,` +
			`"errorCode":"CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API","parameters":["snapshotCluster0"],"reason":"Bad Request"}`, "AtlasV2.Flex"},
		"not a flex cluster": {400, `{"detail":"Cannot use non-flex cluster backupRestores-305 in the flex API.","error":400,` +
			`"errorCode":"CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API","parameters":["backupRestores-305"],"reason":"Bad Request"}`, "AtlasV2.Cluster"},
		"cluster": {404, `{"detail":"No cluster named cluster-712 exists in group 6a799efbc0eb9e7a177d7e0e.","error":404,` +
			`"errorCode":"CLUSTER_NOT_FOUND","parameters":["cluster-712","6a799efbc0eb9e7a177d7e0e"],"reason":"Not Found"}`, "under the source cluster"},
		"job":           {404, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND"}`, "under the source cluster"},
		"job, project":  {404, `{"error":404,"errorCode":"RESTORE_JOB_NOT_FOUND_IN_GROUP"}`, "under the source cluster"},
		"snapshot":      {404, `{"error":404,"errorCode":"SNAPSHOT_NOT_FOUND"}`, "under the source cluster"},
		"resource":      {404, `{"error":404,"errorCode":"RESOURCE_NOT_FOUND"}`, "under the source cluster"},
		"host job":      {404, `{"error":404,"errorCode":"CONFIG_RESTORE_JOB_NOT_FOUND"}`, "under the source"},
		"host snapshot": {404, `{"error":404,"errorCode":"CONFIG_SNAPSHOT_NOT_FOUND"}`, "under the source"},
		"backup family": {400, `{"error":400,"errorCode":"INCORRECT_BACKUP_API_ENDPOINT"}`, "LegacyCluster"},
	} {
		e := getError(t, testutil.Always(c.status, c.body))
		assert.Contains(t, e.Hint, c.says, name)
		assert.Contains(t, e.Error(), "("+e.Hint+")", name)
	}
}
