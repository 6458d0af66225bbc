package restorejobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
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
func getError(t *testing.T, transport modelTransport) *Error {
	t.Helper()
	_, err := modelClient(t, transport).AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	return apiErr
}

func TestError_keepsTheBody(t *testing.T) {
	t.Parallel()
	for name, kinds := range errorFiles {
		if name == "errors/oauth_429.json" {
			continue // another shape: see TestError_tokenEndpoint
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := bodyFile(t, name)
			var source struct {
				Error      int
				ErrorCode  ErrorCode
				Reason     *string
				Detail     *string
				Parameters []any
				BadRequest struct{ Fields []FieldViolation } `json:"badRequestDetail"`
			}
			decoder := json.NewDecoder(bytes.NewReader(body))
			decoder.DisallowUnknownFields()
			decoder.UseNumber()
			require.NoError(t, decoder.Decode(&source), "a member that nothing below compares")

			e := getError(t, modelAnswer(source.Error, body))
			assert.Equal(t, source.Error, e.StatusCode)
			assert.Equal(t, source.ErrorCode, e.Code)
			if source.Reason == nil {
				assert.Equal(t, http.StatusText(source.Error), e.Reason)
			} else {
				assert.Equal(t, *source.Reason, e.Reason)
			}
			if source.Detail == nil {
				assert.Empty(t, e.Detail)
			} else {
				assert.Equal(t, *source.Detail, e.Detail)
			}
			require.Len(t, e.Parameters, len(source.Parameters))
			for i, parameter := range source.Parameters {
				if text, ok := parameter.(string); ok {
					assert.Equal(t, text, e.Parameters[i])
				} else {
					assert.Equal(t, parameter, jsonValue(t, []byte(e.Parameters[i])))
				}
			}
			assert.Equal(t, source.BadRequest.Fields, e.FieldViolations)
			assert.Equal(t, string(body), string(e.Body()))
			assert.ElementsMatch(t, kinds, matching(e))
			require.ErrorIs(t, e, source.ErrorCode)
			assert.Equal(t, api.ClassifyStatus(source.Error) >= api.Transient, e.Retryable())
			assert.Equal(t, []any{"get restore job", VariantAtlasV2, http.MethodGet, 1},
				[]any{e.Operation, e.Variant, e.Method, e.Attempts})
			assert.Equal(t, "/api/atlas/v2/groups/p/clusters/c/backup/restoreJobs/j", e.Path)
		})
	}
}

func TestError_tokenEndpoint(t *testing.T) {
	t.Parallel()
	client, err := NewClient(ServiceAccount("id", "secret"), WithBaseURL("https://api.example.com"),
		WithTransport(modelAnswer(429, bodyFile(t, "errors/oauth_429.json"), "Retry-After", "7")),
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
		e := getError(t, modelAnswer(status, nil))
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
				e := getError(t, modelAnswer(c.status, fmt.Appendf(nil, `{"error":%d,"errorCode":%q}`, c.status, code)))
				assert.ElementsMatch(t, c.kinds, matching(e))
				wrapped := fmt.Errorf("around: %w", errors.Join(io.EOF, e))
				require.ErrorIs(t, wrapped, ErrorCode(code))
				assert.NotErrorIs(t, wrapped, ErrorCode(code+"X"))
				assert.Equal(t, len(c.kinds), len(matching(wrapped)))

				byHeader := getError(t, modelAnswer(c.status, []byte("<html>"), "X-Error-Code", code))
				require.ErrorIs(t, byHeader, ErrorCode(code), "the header alone")
			})
		}
	}
}

// TestError_hintForStaleNonce: only a client that signs with nonces gets the hint about them, and
// the API's own code counts for more.
func TestError_hintForStaleNonce(t *testing.T) {
	t.Parallel()
	const stale = `Digest realm="MMS Public API", nonce="T8TZ", algorithm=MD5, qop="auth", stale=true`
	token := BearerToken(func(context.Context) (string, error) { return "token", nil })
	for _, c := range []struct {
		credentials Credentials
		body        string
		says        string
	}{
		{APIKey("public", "private"), "", "servers that do not share nonces"},
		{APIKey("public", "private"), `{"errorCode":"UNEXPECTED_ERROR"}`, "servers that do not share nonces"},
		{APIKey("public", "private"), `{"errorCode":"NOT_IN_GROUP"}`, "no role in this project"},
		{token, "", "wrong key"},
	} {
		client, err := NewClient(c.credentials, WithTransport(modelAnswer(401, []byte(c.body), "WWW-Authenticate", stale)))
		require.NoError(t, err)
		_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
		var apiErr *Error
		require.ErrorAs(t, err, &apiErr)
		assert.Contains(t, apiErr.Hint, c.says, c.body)
	}
}

func TestError_hints(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, c := range []struct {
		cause, code string
		status      int
		says        string
	}{
		{"wrong key", "UNEXPECTED_ERROR", 401, "wrong key"},
		{"missing role", "USER_UNAUTHORIZED", 401, "lacks the role"},
		{"other project", "NOT_IN_GROUP", 401, "no role in this project"},
		{"missing role for what it asked", "ACCESS_FORBIDDEN", 403, "lacks the role"},
		{"address", "IP_ADDRESS_NOT_ON_ACCESS_LIST", 403, "access list"},
		{"no list", "RESOURCE_REQUIRES_ACCESS_LIST", 403, "needs an API access list"},
		{"organization's list", "ORG_REQUIRES_ACCESS_LIST", 403, "organization demands"},
		{"wrong product", "NOT_ATLAS_GROUP", 404, "CloudManager"},
		{"wrong product the other way", "ATLAS_GROUP", 404, "AtlasV2"},
		{"name for id", "INVALID_CLUSTER_ID", 404, "id, not its name"},
		{"id for name", "CLUSTER_NAME_NOT_FOUND", 404, "name, not its id"},
		{"either", "CLUSTER_NOT_FOUND", 404, "Atlas takes a cluster's name, the others its id"},
		{"flex by mistake", "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", 400, "AtlasV2.Cluster"},
		{"not flex by mistake", "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", 400, "AtlasV2.Flex"},
		{"too old", "VERSION_GONE", 410, "WithAtlasAPIVersion"},
	} {
		e := getError(t, modelAnswer(c.status, fmt.Appendf(nil, `{"error":%d,"errorCode":%q}`, c.status, c.code)))
		assert.Contains(t, e.Hint, c.says, c.cause)
		assert.Contains(t, e.Error(), "("+e.Hint+")", c.cause)
		if c.cause != "missing role for what it asked" {
			assert.Empty(t, seen[e.Hint], "%s has the hint of another cause", c.cause)
		}
		seen[e.Hint] = c.cause
	}
	for _, old := range []string{"IP_ADDRESS_NOT_ON_WHITELIST", "RESOURCE_REQUIRES_WHITELIST", "ORG_REQUIRES_WHITELIST"} {
		renamed := strings.Replace(old, "WHITELIST", "ACCESS_LIST", 1)
		assert.Equal(t, (&Error{Code: ErrorCode(renamed)}).hint(), (&Error{Code: ErrorCode(old)}).hint())
	}
}

func TestError_invalidBodyKeepsStatus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		kind string
		want Error
	}{
		"nothing":                {"", "", Error{}},
		"white space":            {" \n", "application/json", Error{}},
		"html":                   {"<html><body>Bad gateway</body></html>", "text/html; charset=utf-8", Error{Hint: `the body is "text/html"`}},
		"html that says json":    {"<html>", "application/json", Error{}},
		"text":                   {"upstream connect error", "text/plain", Error{Hint: `the body is "text/plain"`}},
		"cut":                    {`{"error":503,"errorCode":"SERVICE_UN`, "application/json", Error{}},
		"an array":               {`[{"errorCode":"X"}]`, "application/json", Error{}},
		"a string":               {`"X"`, "application/json", Error{}},
		"null":                   {`null`, "application/json", Error{}},
		"all null":               {`{"error":null,"errorCode":null,"detail":null,"parameters":null,"badRequestDetail":null}`, "", Error{}},
		"odd code":               {`{"errorCode":17,"detail":"why"}`, "application/json", Error{Detail: "why"}},
		"odd parameters":         {`{"errorCode":"X","parameters":"p","detail":"why"}`, "", Error{Code: "X", Detail: "why"}},
		"odd detail":             {`{"detail":{},"errorCode":"X"}`, "application/json", Error{Code: "X"}},
		"odd fields":             {`{"badRequestDetail":{"fields":7},"errorCode":"X"}`, "application/json", Error{Code: "X"}},
		"odd bad request":        {`{"badRequestDetail":[],"errorCode":"X"}`, "application/json", Error{Code: "X"}},
		"one odd field":          {`{"badRequestDetail":{"fields":[1,{"field":"f","description":"d"}]},"errorCode":"X"}`, "", Error{Code: "X"}},
		"mixed parameters":       {`{"errorCode":"X","parameters":["a",1,2.50,null,true,{"b":[1]}]}`, "", Error{Code: "X", Parameters: []string{"a", "1", "2.50", "", "true", `{"b":[1]}`}}},
		"another status":         {`{"error":404,"errorCode":"X"}`, "application/json", Error{Code: "X"}},
		"invalid UTF-8":          {"{\"errorCode\":\"X\",\"detail\":\"a\xffb\"}", "application/json", Error{Code: "X", Detail: "a\uFFFDb"}},
		"deep":                   {strings.Repeat("[", 20000), "application/json", Error{}},
		"inside an envelope":     {`{"status":503,"content":{"error":503,"errorCode":"X","detail":"why"}}`, "", Error{Code: "X", Detail: "why"}},
		"inside the other":       {`{"envelope":{"errorCode":"X","detail":"why"},"status":503}`, "", Error{Code: "X", Detail: "why"}},
		"inside, no code":        {`{"status":503,"content":{"detail":"why"}}`, "", Error{Detail: "why"}},
		"beside an empty one":    {`{"status":503,"content":null,"errorCode":"X"}`, "", Error{Code: "X"}},
		"a type with parameters": {`{"errorCode":"X"}`, "application/vnd.atlas.2023-01-01+json;charset=utf-8", Error{Code: "X"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := []string{}
			if c.kind != "" {
				header = []string{"Content-Type", c.kind}
			}
			e := getError(t, modelAnswer(503, []byte(c.body), header...))
			assert.Equal(t, 503, e.StatusCode)
			assert.Equal(t, []error{ErrUnavailable}, matching(e))
			assert.Equal(t, c.want.Code, e.Code)
			assert.Equal(t, c.want.Detail, e.Detail)
			assert.Equal(t, c.want.Parameters, e.Parameters)
			assert.Contains(t, e.Hint, c.want.Hint)
			assert.Equal(t, c.want.Hint == "", e.Hint == "", e.Hint)
			assert.Equal(t, c.body, string(e.Body()))
			assert.True(t, e.Retryable())
		})
	}
}

func TestError_bodyIsTruncated(t *testing.T) {
	t.Parallel()
	long := `{"errorCode":"X","detail":"` + strings.Repeat("x", 3<<20) + `"}`
	e := getError(t, modelAnswer(500, []byte(long), "X-Error-Code", "FROM_HEADER"))
	assert.Equal(t, long[:1<<20], string(e.Body()))
	assert.Equal(t, ErrorCode("FROM_HEADER"), e.Code, "the body is cut, so the header tells")
	e.Body()[0] = 'Y'
	assert.Equal(t, long[0], e.Body()[0], "the caller owns what Body gives")

	whole := `{"errorCode":"X","detail":"` + strings.Repeat("x", 1<<20-29) + `"}`
	require.Len(t, whole, 1<<20)
	e = getError(t, modelAnswer(500, []byte(whole)))
	assert.Equal(t, ErrorCode("X"), e.Code, "exactly as large as may be")
	assert.Less(t, len(e.Error()), 1000, "the text is not endless either")
}

func TestError_textIsOneLine(t *testing.T) {
	t.Parallel()
	body := `{"error":400,"errorCode":"BAD","reason":"Bad Request",
		"detail":"first line\nsecond\tline \u0000\u001b[31m see https://host/pull/KEY/file.tar.gz or HTTP://h/KEY",
		"badRequestDetail":{"fields":[{"field":"a\nb","description":"not https://host/KEY"}]},"secret":"IN_BODY"}`
	transport := modelAnswer(400, []byte(body), "X-Request-Id", "req\x7f-1 https://KEY")
	client := modelClient(t, transport, WithPrettyJSON())
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

// TestError_unusableSuccess: a 2xx that cannot be read is an error with its status, and is no
// kind that the service reports.
func TestError_unusableSuccess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body, kind, says string
		cut              bool
	}{
		"a proxy's page":   {"<html>sign in</html>", "text/html", `the body is "text/html", not JSON`, false},
		"nothing":          {"", "application/json", "the body is empty", false},
		"white space":      {" \r\n", "application/json", "the body is empty", false},
		"cut":              {`{"id":"1","status`, "application/json", "unexpected end", true},
		"cut in an escape": {`{"id":"\u00`, "application/json", "unexpected end", true},
		"two documents":    {`{"id":"1"}{"id":"2"}`, "application/json", "invalid JSON at offset 10", false},
		"an array":         {`[]`, "application/json", "not a JSON object", false},
		"null":             {`null`, "application/json", "not a JSON object", false},
		"a string":         {`"x"`, "application/json", "not a JSON object", false},
		"too deep":         {`{"x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`, "", "less nesting", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := getError(t, modelAnswer(200, []byte(c.body), "Content-Type", c.kind))
			assert.Equal(t, 200, e.StatusCode)
			assert.Contains(t, e.Error(), c.says)
			assert.Empty(t, matching(e))
			assert.Equal(t, c.cut, errors.Is(e, io.ErrUnexpectedEOF))
			assert.Equal(t, c.body, string(e.Body()))
			assert.False(t, e.Retryable(), "the retry policy does not repeat it")
			require.Error(t, errors.Unwrap(e))
		})
	}
}

// TestError_hintOfHTML: what is not the API's own says nothing about keys and roles.
func TestError_hintOfHTML(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404, 429, 502} {
		page := getError(t, modelAnswer(status, []byte("<html>"), "Content-Type", "text/html"))
		assert.Contains(t, page.Hint, "came from a proxy", status)
		assert.NotContains(t, page.Hint, "role", status)
	}
	own := getError(t, modelAnswer(403, []byte(`{"error":403}`), "Content-Type", "application/json"))
	assert.Contains(t, own.Hint, "role")
}

// TestRetryable_tooLarge: another answer may be whole, but it will not be smaller.
func TestRetryable_tooLarge(t *testing.T) {
	t.Parallel()
	client, err := NewClient(BearerToken(func(context.Context) (string, error) { return "t", nil }),
		WithTransport(modelAnswer(200, []byte(`{"id":"a"}`), "Content-Type", "application/json")), WithMaxResponseBytes(3))
	require.NoError(t, err)
	_, err = client.AtlasV2.Cluster("p", "c").Jobs.Get(t.Context(), "j")
	require.ErrorContains(t, err, "larger than the limit of 3 bytes")
	var apiErr *Error
	require.ErrorAs(t, err, &apiErr)
	assert.False(t, apiErr.Retryable())
}
