package restorejobs

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

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
		client, err := NewClient(c.credentials, WithTransport(testutil.Always(401, c.body, "WWW-Authenticate", stale)))
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
		{"name for id of a project", "INVALID_GROUP_ID", 404, "project's id, not its name"},
		{"id for name", "CLUSTER_NAME_NOT_FOUND", 404, "name, not its id"},
		{"either", "CLUSTER_NOT_FOUND", 404, "Atlas takes a cluster's name, the others its id"},
		{"flex by mistake", "CANNOT_USE_NON_FLEX_CLUSTER_IN_FLEX_API", 400, "AtlasV2.Cluster"},
		{"not flex by mistake", "CANNOT_USE_FLEX_CLUSTER_IN_CLUSTER_API", 400, "AtlasV2.Flex"},
		{"too old", "VERSION_GONE", 410, "WithAtlasAPIVersion"},
	} {
		e := getError(t, testutil.Always(c.status, fmt.Sprintf(`{"error":%d,"errorCode":%q}`, c.status, c.code)))
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

// TestError_hintOfHTML: what is not the API's own says nothing about keys and roles.
func TestError_hintOfHTML(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 404, 429, 502} {
		page := getError(t, testutil.Always(status, "<html>", "Content-Type", "text/html"))
		assert.Contains(t, page.Hint, "came from a proxy", status)
		assert.NotContains(t, page.Hint, "role", status)
	}
	own := getError(t, testutil.Always(403, `{"error":403}`, "Content-Type", "application/json"))
	assert.Contains(t, own.Hint, "role")
}
