package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// sentinels are those that an answer can match.
var sentinels = []error{
	ErrUnauthorized, ErrForbidden, ErrIPNotAllowed, ErrNotFound, ErrBusy, ErrConflict, ErrGone, ErrRateLimited, ErrUnavailable,
}

// matching lists the sentinels that an error matches.
func matching(err error) []error {
	return slices.DeleteFunc(slices.Clone(sentinels), func(s error) bool { return !errors.Is(err, s) })
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
