package restorejobstest_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

func TestAuthenticate_serviceAccount(t *testing.T) {
	t.Parallel()
	runBoth(t, func(t *testing.T, c *caller) {
		post := func(path, form, id, secret string) response {
			req := c.request(http.MethodPost, path, form, "Content-Type", "application/x-www-form-urlencoded")
			req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
			return c.send(c.plain, req)
		}
		bearer := func(token string, scope rjt.Scope) response {
			return c.send(c.plain, c.request(http.MethodGet, jobs(scope), "", "Authorization", "Bearer "+token))
		}
		grant := func() string {
			a := post("/api/oauth/token", "grant_type=client_credentials", rjt.ClientID, rjt.ClientSecret)
			require.Equal(t, http.StatusOK, a.status)
			assert.Equal(t, "Bearer", a.doc["token_type"])
			assert.InDelta(t, 3600, a.doc["expires_in"], 0)
			return a.doc["access_token"].(string)
		}
		token := grant()
		for _, scope := range rjt.Scopes() {
			assert.Equal(t, http.StatusOK, bearer(token, scope).status, scope)
		}
		assert.Equal(t, http.StatusUnauthorized, bearer("other", rjt.AtlasV2Cluster).status)

		assert.Equal(t, http.StatusOK, post("/api/oauth/revoke", "token="+token, rjt.ClientID, rjt.ClientSecret).status)
		assert.Equal(t, http.StatusUnauthorized, bearer(token, rjt.AtlasV2Cluster).status)

		token = grant()
		c.server.Advance(time.Hour)
		assert.Equal(t, http.StatusUnauthorized, bearer(token, rjt.AtlasV2Cluster).status)

		token = grant()
		c.server.RevokeTokens()
		assert.Contains(t, bearer(token, rjt.AtlasV2Cluster).header.Get("WWW-Authenticate"), "invalid_token")

		wrong := post("/api/oauth/token", "grant_type=client_credentials", rjt.ClientID, "wrong")
		assert.Equal(t, http.StatusUnauthorized, wrong.status)
		assert.Equal(t, "invalid_client", wrong.doc["error"], "the shape of OAuth, not of the API")
		assert.Equal(t, "unsupported_grant_type", post("/api/oauth/token", "grant_type=password", rjt.ClientID, rjt.ClientSecret).doc["error"])
		assert.Equal(t, http.StatusNotFound, post("/api/oauth/other", "", rjt.ClientID, rjt.ClientSecret).status)
	})
}
