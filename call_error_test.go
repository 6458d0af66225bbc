package restorejobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/testutil"
)

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
			e := getError(t, testutil.Always(200, c.body, "Content-Type", c.kind))
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
			e := getError(t, testutil.Always(503, c.body, header...))
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
	e := getError(t, testutil.Always(500, long, "X-Error-Code", "FROM_HEADER"))
	assert.Equal(t, long[:1<<20], string(e.Body()))
	assert.Equal(t, ErrorCode("FROM_HEADER"), e.Code, "the body is cut, so the header tells")
	e.Body()[0] = 'Y'
	assert.Equal(t, long[0], e.Body()[0], "the caller owns what Body gives")

	whole := `{"errorCode":"X","detail":"` + strings.Repeat("x", 1<<20-29) + `"}`
	require.Len(t, whole, 1<<20)
	e = getError(t, testutil.Always(500, whole))
	assert.Equal(t, ErrorCode("X"), e.Code, "exactly as large as may be")
	assert.Less(t, len(e.Error()), 1000, "the text is not endless either")
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

			e := getError(t, testutil.Always(source.Error, string(body)))
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
