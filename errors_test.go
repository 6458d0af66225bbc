package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/download"
	"example.com/restorejobs/internal/testutil"
)

// sentinels are those that a response can match.
var sentinels = []error{
	ErrUnauthorized, ErrForbidden, ErrIPNotAllowed, ErrNotFound, ErrBusy, ErrAmbiguous, ErrConflict, ErrGone, ErrRateLimited, ErrUnavailable,
}

// matching lists the sentinels that an error matches.
func matching(err error) []error {
	return slices.DeleteFunc(slices.Clone(sentinels), func(s error) bool { return !errors.Is(err, s) })
}

// allSentinels are the exported sentinels of errors.go.
var allSentinels = append(slices.Clone(sentinels),
	ErrInvalidArgument, ErrBaseURLRequired, ErrOutcomeUnknown, ErrJobFailed, ErrJobCancelled, ErrCollectionsNotRestored, ErrJobExpired, ErrTargetUnknown,
	ErrDownloadNotReady, ErrLinkExpired, ErrDownloadsExhausted, ErrChecksumMismatch, ErrNotResumable,
	ErrSnapshotFailed, ErrNoSnapshot)

func getOne(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Jobs.Get(context.Background(), "a")
	return err
}

func findOne(c *Client) error {
	_, err := c.AtlasV2.FindCluster(context.Background(), "p", "c")
	return err
}

func createOne(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Jobs.Create(context.Background(), FromSnapshot("s"), ToDownload())
	return err
}

func waitForOne(goal WaitGoal) func(*Client) error {
	return func(c *Client) error {
		_, err := c.AtlasV2.Cluster("p", "c").Jobs.Wait(context.Background(), []string{"a"}, WaitOptions{Goal: goal})
		return err
	}
}

func waitForCollections(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").CollectionJobs.Wait(context.Background(), "a", WaitOptions{})
	return err
}

func downloadOne(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Jobs.DownloadTo(context.Background(), "a", io.Discard, DownloadOptions{})
	return err
}

// continueOne continues a stream that nothing can prove to be of the same file.
func continueOne(c *Client) error {
	state := DownloadState{state: download.State{Version: 1, JobID: "b", Bytes: 1, Validators: download.Validators{Size: 2}}}
	_, err := c.AtlasV2.Cluster("p", "c").Jobs.DownloadTo(context.Background(), "a", io.Discard, DownloadOptions{State: &state})
	return err
}

func getSnapshot(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Snapshots.Get(context.Background(), "a")
	return err
}

func createSnapshot(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Snapshots.Create(context.Background(), SnapshotRequest{})
	return err
}

func waitForSnapshot(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Snapshots.Wait(context.Background(), "a", WaitOptions{})
	return err
}

func newestSnapshot(c *Client) error {
	_, err := c.AtlasV2.Cluster("p", "c").Snapshots.Newest(context.Background(), SnapshotOptions{})
	return err
}

// Every sentinel has an error, and no error of one job matches two sentinels.
func TestSentinels_partition(t *testing.T) {
	t.Parallel()
	const (
		failed       = `{"id":"a","deliveryType":"download","failed":true}`
		cancelled    = `{"id":"a","deliveryType":"download","cancelled":true}`
		expired      = `{"id":"a","deliveryType":"download","expired":true}`
		linksPast    = `{"id":"a","deliveryType":"download","finishedAt":"1999-08-10T03:44:52Z","deliveryUrl":["https://d.example.net/a"],"expiresAt":"1999-08-10T04:44:52Z"}`
		linkUsedUp   = `{"id":"a","deliveryType":"download","finishedAt":"1999-08-10T03:44:52Z","components":[{"replicaSetName":"s0","downloadUrl":null}]}`
		running      = `{"id":"a","deliveryType":"download","deliveryUrl":[]}`
		maxDownloads = `{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"MAX_DOWNLOADS_EXCEEDED"}}`
		pastDelivery = `{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"EXPIRED"}}`
		classicReady = `{"id":"a","statusName":"FINISHED","hashes":[{"typeName":"SHA1","fileName":"a","hash":"00"}],` +
			`"delivery":{"methodName":"HTTP","statusName":"READY","url":"https://api.example.com/a"}}`
	)
	response := func(status int, code string) string { return fmt.Sprintf(`{"error":%d,"errorCode":%q}`, status, code) }
	untilFinished := waitForOne(UntilFinished)
	untilDownloadable := waitForOne(UntilDownloadable)
	isMatched := map[error]bool{ErrBaseURLRequired: true}
	for _, c := range []struct {
		name   string
		status int
		body   string
		call   func(*Client) error
		want   error
	}{
		{"key", 401, response(401, ""), getOne, ErrUnauthorized},
		{"role", 403, response(403, ""), getOne, ErrForbidden},
		{"address", 403, response(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST"), getOne, ErrIPNotAllowed},
		{"job", 404, response(404, "RESTORE_JOB_NOT_FOUND"), getOne, ErrNotFound},
		{"busy", 409, response(409, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"), createOne, ErrBusy},
		{"conflict", 409, response(409, "CANNOT_UPDATE_PAUSED_CLUSTER"), createOne, ErrConflict},
		{"no project", 404, response(404, "GROUP_NAME_NOT_FOUND"), findOne, ErrNotFound},
		{"several projects", 409, response(409, "MULTIPLE_GROUPS"), findOne, ErrAmbiguous},
		{"version", 410, response(410, "VERSION_GONE"), getOne, ErrGone},
		{"limit", 429, response(429, "RATE_LIMITED"), createOne, ErrRateLimited},
		{"read, 503", 503, response(503, ""), getOne, ErrUnavailable},
		{"create, 503", 503, response(503, ""), createOne, ErrOutcomeUnknown},
		{"create, web page", 200, "<html>", createOne, ErrOutcomeUnknown},
		{"empty id", 200, "{}", func(c *Client) error {
			_, err := c.AtlasV2.Cluster("p", "c").Jobs.Get(context.Background(), "")
			return err
		}, ErrInvalidArgument},

		{"wait, failed", 200, failed, untilFinished, ErrJobFailed},
		{"wait, cancelled", 200, cancelled, untilFinished, ErrJobCancelled},
		{"wait, expired", 200, expired, untilFinished, ErrJobExpired},
		{"wait, classic delivery expired", 200, pastDelivery, untilFinished, ErrJobExpired},
		{"wait, used up", 200, maxDownloads, untilFinished, ErrDownloadsExhausted},
		{"wait for links, failed", 200, failed, untilDownloadable, ErrJobFailed},
		{"wait for links, cancelled", 200, cancelled, untilDownloadable, ErrJobCancelled},
		{"wait for links, expired", 200, expired, untilDownloadable, ErrJobExpired},
		{"wait for links, past", 200, linksPast, untilDownloadable, ErrLinkExpired},
		{"wait for links, used", 200, linkUsedUp, untilDownloadable, ErrDownloadsExhausted},
		{"wait for links, used up", 200, maxDownloads, untilDownloadable, ErrDownloadsExhausted},
		{"wait, collections", 200, `{"id":"a","state":"SUCCESSFUL","results":[{"state":"NOT_FOUND"}]}`, waitForCollections, ErrCollectionsNotRestored},
		{"wait, collections failed", 200, `{"id":"a","state":"FAILED","results":[{"state":"NOT_FOUND"}]}`, waitForCollections, ErrJobFailed},
		{"wait, 401", 401, response(401, ""), untilFinished, ErrUnauthorized},

		{"snapshot, unknown", 404, response(404, "SNAPSHOT_NOT_FOUND"), getSnapshot, ErrNotFound},
		{"snapshot, refused for now", 400, response(400, "UNFINISHED_ON_DEMAND_SNAPSHOT"), createSnapshot, ErrBusy},
		{"snapshot, create, 503", 503, response(503, ""), createSnapshot, ErrOutcomeUnknown},
		{"snapshot, failed", 200, `{"id":"a","status":"failed"}`, waitForSnapshot, ErrSnapshotFailed},
		{"snapshot, shard is missing", 200, `{"id":"a","complete":true,"missingShards":[{}]}`, waitForSnapshot, ErrSnapshotFailed},
		{"snapshot, wait, 401", 401, response(401, ""), waitForSnapshot, ErrUnauthorized},
		{"snapshot, none", 200, `{"results":[]}`, newestSnapshot, ErrNoSnapshot},
		{"snapshot, newest, 403", 403, response(403, ""), newestSnapshot, ErrForbidden},

		{"download, failed", 200, failed, downloadOne, ErrJobFailed},
		{"download, cancelled", 200, cancelled, downloadOne, ErrJobCancelled},
		{"download, expired", 200, expired, downloadOne, ErrLinkExpired},
		{"download, classic delivery expired", 200, pastDelivery, downloadOne, ErrLinkExpired},
		{"download, past", 200, linksPast, downloadOne, ErrLinkExpired},
		{"download, used", 200, linkUsedUp, downloadOne, ErrDownloadsExhausted},
		{"download, used up", 200, maxDownloads, downloadOne, ErrDownloadsExhausted},
		{"download, running", 200, running, downloadOne, ErrDownloadNotReady},
		{"download, 404", 404, response(404, ""), downloadOne, ErrNotFound},
		{"download, checksum", 200, classicReady, downloadOne, ErrChecksumMismatch},
		{"download, continued", 200, classicReady, continueOne, ErrNotResumable},
	} {
		contentType := "application/json"
		if c.want == ErrChecksumMismatch { //nolint:errorlint // the sentinel of the row
			contentType = "application/octet-stream" // the file is the job again
		}
		err := c.call(clientWithoutRetries(t, testutil.Always(c.status, c.body, "Content-Type", contentType)))
		require.Error(t, err, c.name)
		matches := slices.DeleteFunc(slices.Clone(allSentinels), func(s error) bool { return !errors.Is(err, s) })
		assert.Equal(t, []error{c.want}, matches, "%s: %v", c.name, err)
		isMatched[c.want] = true
	}
	for _, status := range []int{401, 403, 404} {
		err := waitForUnreadableTarget(t, status)
		matches := slices.DeleteFunc(slices.Clone(allSentinels), func(s error) bool { return !errors.Is(err, s) })
		assert.Equal(t, []error{ErrTargetUnknown}, matches, "%d: %v", status, err)
		isMatched[ErrTargetUnknown] = true
	}
	for _, sentinel := range allSentinels {
		assert.True(t, isMatched[sentinel], "no error for %v", sentinel)
	}

	client, err := NewClient(APIKey("public", "private"), WithTransport(testutil.Always(200, "")))
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("p", "c").Jobs.Get(t.Context(), "a")
	kinds := slices.DeleteFunc(slices.Clone(allSentinels), func(s error) bool { return !errors.Is(err, s) })
	assert.Equal(t, []error{ErrInvalidArgument, ErrBaseURLRequired}, kinds, "the kind of an invalid argument")
}

// waitForUnreadableTarget waits for a finished restore into a cluster whose project's automation
// status is refused with this HTTP status.
func waitForUnreadableTarget(t *testing.T, status int) error {
	t.Helper()
	const job = `{"id":"a","statusName":"FINISHED","delivery":{"methodName":"HTTP","targetGroupId":"g","targetClusterId":"c"}}`
	client := clientWithoutRetries(t, func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/groups/g/automationStatus") {
			return testutil.APIError(status, "CODE"), nil
		}
		return testutil.JSON(200, job), nil
	})
	_, err := client.CloudManager.Cluster("p", "c").Jobs.Wait(t.Context(), []string{"a"}, WaitOptions{})
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, status, apiErr.StatusCode)
	require.ErrorIs(t, err, ErrorCode("CODE"))
	return err
}

// The table of the partition names every exported sentinel, and the tests know it.
func TestSentinels_documented(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("errors.go")
	require.NoError(t, err)
	doc, rest, ok := strings.Cut(string(source), "\nvar (\n")
	require.True(t, ok)
	declared := regexp.MustCompile(`(?m)^\t(Err\w+) += errors\.New`).FindAllStringSubmatch(rest, -1)
	assert.Len(t, declared, len(allSentinels))
	for _, name := range declared {
		assert.Regexp(t, `(?m)^//\t .*\b`+name[1]+`\b`, doc)
	}
}

// errorFiles are the bodies of errors, with the kinds they are of.
var errorFiles = map[string][]error{
	"errors/atlasv2_400_bad_request.json":  nil,
	"errors/atlasv2_400_not_flex.json":     nil,
	"errors/atlasv2_401.json":              {ErrUnauthorized},
	"errors/atlasv2_401_challenge.json":    {ErrUnauthorized},
	"errors/atlasv2_403.json":              {ErrForbidden},
	"errors/atlasv2_404_cluster.json":      {ErrNotFound},
	"errors/atlasv2_404_resource.json":     {ErrNotFound},
	"errors/atlasv2_410_version_gone.json": {ErrGone},
	"errors/atlasv2_429_token_bucket.json": {ErrRateLimited},
	"errors/atlasv2_500.json":              {ErrUnavailable},
	"errors/oauth_429.json":                {ErrRateLimited},
	"errors/opsmanager_403.json":           {ErrIPNotAllowed},
}

// getError asks for a job and returns the API's error.
func getError(t *testing.T, transport testutil.RoundTripFunc) *Error {
	t.Helper()
	_, err := clientWithoutRetries(t, transport).AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	return apiErr
}

func TestError_tokenEndpoint(t *testing.T) {
	t.Parallel()
	client, err := NewClient(ServiceAccount("id", "secret"), WithBaseURL("https://api.example.com"),
		WithTransport(testutil.Always(429, string(bodyFile(t, "errors/oauth_429.json")), "Retry-After", "7")),
		WithRetry(RetryPolicy{MaxRetries: -1}))
	require.NoError(t, err)
	_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	assert.Equal(t, []any{429, ErrorCode("rate_limited"), "Too many requests", 7 * time.Second, "/api/oauth/token"},
		[]any{apiErr.StatusCode, apiErr.Code, apiErr.Detail, apiErr.RetryAfter, apiErr.Path})
	assert.Equal(t, errorFiles["errors/oauth_429.json"], matching(err))
}

func TestError_sentinelsByStatus(t *testing.T) {
	t.Parallel()
	want := map[int]error{
		401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 409: ErrConflict, 410: ErrGone, 429: ErrRateLimited,
		500: ErrUnavailable, 502: ErrUnavailable, 503: ErrUnavailable, 504: ErrUnavailable,
	}
	for status := 300; status < 600; status++ {
		e := getError(t, testutil.Always(status, ""))
		assert.Equal(t, status, e.StatusCode)
		if kind := want[status]; kind != nil {
			assert.Equal(t, []error{kind}, matching(e), status)
		} else {
			assert.Empty(t, matching(e), status)
		}
		assert.NotErrorIs(t, e, ErrorCode(""), "an error without a code matches no code")
		assert.NotErrorIs(t, e, ErrInvalidArgument)
		assert.NotErrorIs(t, e, errors.ErrUnsupported)
	}
}

// TestError_sentinelsByCode takes the codes of the fact sheet under their documented status,
// and those that this library knows under a status that says nothing.
func TestError_sentinelsByCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kinds  []error
		status int
		codes  string
	}{
		{nil, 400, `VALIDATION_ERROR INVALID_JSON MALFORMED_JSON INVALID_JSON_ATTRIBUTE INVALID_ATTRIBUTE ATTRIBUTE_READ_ONLY
			MISSING_ATTRIBUTE MISSING_ATTRIBUTES MISSING_ONE_OF_ATTRIBUTES MISSING_ONE_OF_THREE_ATTRIBUTES
			MISSING_OR_INVALID_ATTRIBUTE INVALID_ENUM_VALUE INVALID_QUERY_PARAMETER INVALID_PATH_PARAMETER INVALID_DATE_FORMAT
			FRACTIONAL_TIMESTAMP ATTRIBUTE_NEGATIVE UNSUPPORTED_DELIVERY_METHOD INVALID_DELIVERY_SCP INVALID_PIT_RESTORE_TIME
			CANNOT_CANCEL_AUTOMATED_RESTORE CLUSTER_PAUSED_CANNOT_RESTORE CLUSTER_ALREADY_REQUESTED_DELETION
			INCORRECT_BACKUP_API_ENDPOINT CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API
			TENANT_RESTORE_VERSION_MISMATCH`},
		{nil, 400, "CHECKPOINTS_ONLY_ON_CONTINOUS_BACKUP"}, //nolint:misspell // as the service spells it
		{[]error{ErrNotFound}, 400, "BACKUP_JOB_NOT_FOUND"},
		{[]error{ErrUnauthorized}, 401, `UNEXPECTED_ERROR USER_UNAUTHORIZED NOT_IN_GROUP USER_CANNOT_ACCESS_GROUP
			NO_CURRENT_USER TENANT_SNAPSHOT_ACCESS_DENIED`},
		{nil, 402, "ACCOUNT_SUSPENDED NO_PAYMENT_INFORMATION_FOUND"},
		{[]error{ErrIPNotAllowed}, 403, `IP_ADDRESS_NOT_ON_ACCESS_LIST IP_ADDRESS_NOT_ON_WHITELIST
			RESOURCE_REQUIRES_WHITELIST ORG_REQUIRES_WHITELIST RESOURCE_REQUIRES_ACCESS_LIST ORG_REQUIRES_ACCESS_LIST`},
		{[]error{ErrForbidden}, 403, `CANNOT_RESTORE_TO_TARGET ACCESS_FORBIDDEN FEATURE_UNSUPPORTED
			UNSUPPORTED_FOR_CURRENT_PLAN NO_FREE_TIER_API`},
		{[]error{ErrNotFound}, 404, `RESTORE_JOB_NOT_FOUND RESTORE_JOB_NOT_FOUND_IN_GROUP CONFIG_RESTORE_JOB_NOT_FOUND
			TENANT_RESTORE_NOT_FOUND INVALID_JOB_ID INVALID_CLUSTER_ID INVALID_GROUP_ID INVALID_SNAPSHOT_ID
			INVALID_CHECKPOINT_ID SNAPSHOT_NOT_FOUND CONFIG_SNAPSHOT_NOT_FOUND CHECKPOINT_NOT_FOUND CLUSTER_NOT_FOUND
			CLUSTER_NAME_NOT_FOUND GROUP_NOT_FOUND HOST_NOT_FOUND NOT_CONFIG_SERVER BACKUP_CONFIG_NOT_FOUND RESOURCE_NOT_FOUND
			UNABLE_T0_FIND_SNAPSHOT_PRIOR_TO_PIT_RESTORE_OPTIME ATLAS_GROUP NOT_ATLAS_GROUP`},
		{nil, 405, "ATLAS_BACKUP_CANCEL_SHARD_RESTORE_JOB_NOT_ALLOWED"},
		{[]error{ErrBusy}, 400, `TOO_MANY_SNAPSHOT_DOWNLOADS CANNOT_DOWNLOAD_SNAPSHOT_CONCURRENTLY`},
		{[]error{ErrBusy}, 405, "WRITES_NOT_ALLOWED_DURING_APP_UPGRADES"},
		{[]error{ErrBusy}, 409, "CANNOT_DOWNLOAD_INCOMPLETE_SNAPSHOT ATLAS_CLUSTER_RESTORE_IN_PROGRESS"},
		{nil, 406, "INVALID_VERSION_DATE"},
		{[]error{ErrConflict}, 409, `CANNOT_START_RESTORE_JOB_FOR_DELETED_SNAPSHOT
			LINK_EXPIRATION_AFTER_SNAPSHOT_DELETION NO_CHECKPOINT_FOR_PIT_RESTORE RESTORE_INITIATION_FAILED`},
		{[]error{ErrGone}, 410, "VERSION_GONE PERSONAL_API_KEYS_DEPRECATED"},
		{[]error{ErrRateLimited}, 429, "RATE_LIMITED RATE_LIMITED_TOKEN_BUCKET"},
		{[]error{ErrUnavailable}, 500, "UNEXPECTED_ERROR"},
		{[]error{ErrUnavailable}, 503, "SERVICE_UNAVAILABLE"},
		// By code alone, as where a proxy changed the status.
		{[]error{ErrUnauthorized}, 418, "USER_UNAUTHORIZED NOT_IN_GROUP USER_CANNOT_ACCESS_GROUP NO_CURRENT_USER"},
		{[]error{ErrForbidden}, 418, "ACCESS_FORBIDDEN CANNOT_RESTORE_TO_TARGET"},
		{[]error{ErrIPNotAllowed}, 418, "IP_ADDRESS_NOT_ON_ACCESS_LIST IP_ADDRESS_NOT_ON_WHITELIST ORG_REQUIRES_WHITELIST"},
		{[]error{ErrNotFound}, 418, "RESTORE_JOB_NOT_FOUND TENANT_RESTORE_NOT_FOUND INVALID_JOB_ID CLUSTER_NOT_FOUND HOST_NOT_FOUND"},
		{[]error{ErrBusy}, 418, "ATLAS_CLUSTER_RESTORE_IN_PROGRESS"},
		{[]error{ErrGone}, 418, "VERSION_GONE"},
		{[]error{ErrRateLimited}, 418, "RATE_LIMITED RATE_LIMITED_TOKEN_BUCKET"},
		{[]error{ErrUnavailable}, 418, "SERVICE_UNAVAILABLE"},
		{nil, 418, "UNEXPECTED_ERROR"}, // which the service says under 401 as well as 500
	} {
		for code := range strings.FieldsSeq(c.codes) {
			t.Run(fmt.Sprintf("%d %s", c.status, code), func(t *testing.T) {
				t.Parallel()
				e := getError(t, testutil.Always(c.status, fmt.Sprintf(`{"error":%d,"errorCode":%q}`, c.status, code)))
				assert.ElementsMatch(t, c.kinds, matching(e))
				wrapped := fmt.Errorf("around: %w", errors.Join(io.EOF, e))
				require.ErrorIs(t, wrapped, ErrorCode(code))
				assert.NotErrorIs(t, wrapped, ErrorCode(code+"X"))
				assert.Equal(t, len(c.kinds), len(matching(wrapped)))

				byHeader := getError(t, testutil.Always(c.status, "<html>", "X-Error-Code", code))
				require.ErrorIs(t, byHeader, ErrorCode(code), "the header alone")
			})
		}
	}
}

func TestError_textIsOneLine(t *testing.T) {
	t.Parallel()
	body := `{"error":400,"errorCode":"BAD","reason":"Bad Request",
		"detail":"first line\nsecond\tline \u0000\u001b[31m see https://host/pull/KEY/file.tar.gz or HTTP://h/KEY",
		"badRequestDetail":{"fields":[{"field":"a\nb","description":"not https://host/KEY"}]},"secret":"IN_BODY"}`
	transport := testutil.Always(400, body, "X-Request-Id", "req\x7f-1 https://KEY")
	client := clientWithoutRetries(t, transport, WithPrettyJSON())
	_, err := client.CloudManager.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{BatchID: "IN_QUERY"})
	require.Error(t, err)
	assert.Equal(t, `restorejobs: list restore jobs: 400 BAD: first line second line [31m see [redacted] or [redacted]`+
		`; a b: not [redacted] [request req -1 [redacted]]`, err.Error())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, err)
		for _, hidden := range []string{"\n", "KEY", "IN_BODY", "IN_QUERY", "api.example.com", "pretty"} {
			assert.NotContains(t, text, hidden, verb)
		}
	}
	assert.Equal(t, `"a \"quote\""`, fmt.Sprintf("%q", errors.New(`a "quote"`)))
	assert.Equal(t, fmt.Sprintf("%q", err.Error()), fmt.Sprintf("%q", err))
}

func TestError_text(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*Error{
		"restorejobs: 404 Not Found":                                    {StatusCode: 404},
		"restorejobs: get: 404 X":                                       {StatusCode: 404, Code: "X", Operation: "get"},
		"restorejobs: 599":                                              {StatusCode: 599},
		"restorejobs: 200: unexpected EOF":                              {StatusCode: 200, cause: io.ErrUnexpectedEOF},
		"restorejobs: 503 X: why (try later) [4 attempts] [request r1]": {StatusCode: 503, Code: "X", Detail: "why", Hint: "try later", Attempts: 4, RequestID: "r1"},
		"restorejobs: 400 X; f: d; g: e":                                {StatusCode: 400, Code: "X", FieldViolations: []FieldViolation{{"f", "d"}, {"g", "e"}}},
	} {
		assert.Equal(t, want, e.Error())
	}
}

// TestRetryable_tooLarge: another answer may be whole, but it will not be smaller.
func TestRetryable_tooLarge(t *testing.T) {
	t.Parallel()
	client, err := NewClient(BearerToken(func(context.Context) (string, error) { return "t", nil }),
		WithTransport(testutil.Always(200, `{"id":"a"}`, "Content-Type", "application/json")), WithMaxResponseBytes(3))
	require.NoError(t, err)
	_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	require.ErrorContains(t, err, "larger than the limit of 3 bytes")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	assert.False(t, apiErr.Retryable())
}
