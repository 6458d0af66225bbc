package apierror_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/apierror"
)

func TestParse_forms(t *testing.T) {
	t.Parallel()
	plain := apierror.Body{Code: "X", Reason: "Bad Request", Detail: "why"}
	for name, test := range map[string]struct {
		body string
		want apierror.Body
	}{
		"plain":                   {`{"errorCode":"X","reason":"Bad Request","detail":"why"}`, plain},
		"envelope":                {`{"status":400,"content":{"errorCode":"X","reason":"Bad Request","detail":"why"}}`, plain},
		"the other envelope":      {`{"status":400,"envelope":{"errorCode":"X","reason":"Bad Request","detail":"why"}}`, plain},
		"envelope without a code": {`{"status":400,"content":{"detail":"why"}}`, apierror.Body{Detail: "why"}},
		"own code first":          {`{"errorCode":"X","content":{"errorCode":"Y"}}`, apierror.Body{Code: "X"}},
		"empty":                   {``, apierror.Body{}},
		"not JSON":                {`<html>`, apierror.Body{}},
		"an array":                {`[{"errorCode":"X"}]`, apierror.Body{}},
		"a number for the code":   {`{"errorCode":17,"detail":"why"}`, apierror.Body{Detail: "why"}},
		"an object for detail":    {`{"detail":{},"errorCode":"X"}`, apierror.Body{Code: "X"}},
		"parameters": {
			`{"errorCode":"X","parameters":["a",1,2.50,true,{"b":[1]}]}`,
			apierror.Body{Code: "X", Parameters: []string{"a", "1", "2.50", "true", `{"b":[1]}`}},
		},
		"fields": {
			`{"errorCode":"X","badRequestDetail":{"fields":[{"field":"f","description":"d"}]}}`,
			apierror.Body{Code: "X", Fields: []apierror.Field{{Field: "f", Description: "d"}}},
		},
	} {
		assert.Equal(t, test.want, apierror.Parse([]byte(test.body)), name)
	}
}

func TestIsPermission_codes(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		apierror.UserUnauthorized, apierror.NotInGroup, apierror.UserCannotAccessGroup, apierror.TenantSnapshotAccessDenied,
	} {
		assert.True(t, apierror.IsPermission(code), code)
		assert.True(t, apierror.MayBePermission(code), code)
	}
	for _, code := range []string{"", "UNEXPECTED_ERROR"} {
		assert.False(t, apierror.IsPermission(code), code)
		assert.False(t, apierror.MayBePermission(code), code)
	}
	assert.False(t, apierror.IsPermission("SOMETHING_NEW"))
	assert.True(t, apierror.MayBePermission("SOMETHING_NEW"))
}

// body counts how often it is closed.
type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error {
	b.closed++
	return nil
}

func TestPeekCode_putsTheBodyBack(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		header  string
		content string
		err     error
		want    string
	}{
		"header":      {"FROM_HEADER", `{"errorCode":"FROM_BODY"}`, nil, "FROM_HEADER"},
		"body":        {"", `{"errorCode":"FROM_BODY"}`, nil, "FROM_BODY"},
		"none":        {"", `<html>`, nil, ""},
		"empty":       {"", ``, nil, ""},
		"cut":         {"", `{"errorCode":"FROM_`, broken, ""},
		"cut at end":  {"", `{"errorCode":"FROM_BODY"}`, broken, "FROM_BODY"},
		"a long body": {"", `{"errorCode":"X"}` + strings.Repeat(" ", 1<<20), nil, "X"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reader io.Reader = strings.NewReader(test.content)
			if test.err != nil {
				reader = io.MultiReader(reader, iotest.ErrReader(test.err))
			}
			original := &body{Reader: reader}
			resp := &http.Response{Header: http.Header{}, Body: original}
			if test.header != "" {
				resp.Header.Set("X-Error-Code", test.header)
			}
			assert.Equal(t, test.want, apierror.PeekCode(resp))
			content, err := io.ReadAll(resp.Body)
			require.ErrorIs(t, err, test.err)
			assert.Equal(t, test.content, string(content))
			assert.Zero(t, original.closed)
			require.NoError(t, resp.Body.Close())
			assert.Equal(t, 1, original.closed)
		})
	}
}

func TestPeekCode_withoutBody(t *testing.T) {
	t.Parallel()
	assert.Empty(t, apierror.PeekCode(&http.Response{Header: http.Header{}}))
	assert.Equal(t, "X", apierror.PeekCode(&http.Response{Header: http.Header{"X-Error-Code": {"X"}}}))
}
