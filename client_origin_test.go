package restorejobs_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// TestClient_credentialsStayWithinOrigin lets a server lead elsewhere in every way it has,
// to a server that asks for credentials of every kind.
func TestClient_credentialsStayWithinOrigin(t *testing.T) {
	t.Parallel()
	evil := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Www-Authenticate"] = []string{`Digest realm="MMS Public API", nonce="n", qop="auth"`, `Basic realm="x"`, `Bearer realm="x"`}
		testutil.Respond(http.StatusUnauthorized, `{}`, "Content-Type", jsonType)(w, r)
	})
	everywhere := func(*http.Request, []*http.Request) error { return nil }
	for name, lead := range map[string]http.HandlerFunc{
		"301": redirect(301, evil.URL), "302": redirect(302, evil.URL+"/x"), "303": redirect(303, evil.URL), "307": redirect(307, evil.URL), "308": redirect(308, evil.URL),
		"a path that looks like a host": redirect(307, "//"+evil.Listener.Addr().String()+"/x"),
		"with a user":                   redirect(307, "http://user:password@"+evil.Listener.Addr().String()),
		"a next link":                   testutil.Respond(http.StatusOK, `{"results":[],"links":[{"rel":"next","href":"`+evil.URL+`"}]}`, "Content-Type", jsonType),
		"a token":                       testutil.Respond(http.StatusOK, `{"access_token":"t","token_uri":"`+evil.URL+`","id":"j"}`, "Content-Type", jsonType),
		"other headers": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Refresh", "0; url="+evil.URL)
			w.Header().Set("Content-Location", evil.URL)
			w.Header().Set("Alt-Svc", `h2="`+evil.Listener.Addr().String()+`"`)
			w.Header().Set("Link", "<"+evil.URL+`>; rel="next"`)
			clienttest.Succeed(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := testutil.NewServer(t, lead)
			for _, credentials := range []restorejobs.Credentials{
				restorejobs.APIKey("public", "private"), restorejobs.ServiceAccount("id", "secret"), clienttest.Bearer("t"),
			} {
				for _, opts := range [][]restorejobs.Option{nil, {restorejobs.WithHTTPClient(&http.Client{CheckRedirect: everywhere})}} {
					client := clienttest.New(t, credentials, append(opts, restorejobs.WithBaseURL(server.URL))...)
					for _, call := range clienttest.Calls() {
						err := call.Run(clienttest.ShortContext(t), client)
						if err != nil {
							assert.NotContains(t, err.Error(), "password", call.Name)
						}
					}
				}
			}
		})
	}
	t.Cleanup(func() { assert.Empty(t, evil.Requests()) })
}

// TestClient_equivalentOrigins follows where the host is only spelt
// otherwise.
func TestClient_equivalentOrigins(t *testing.T) {
	t.Parallel()
	for location, followed := range map[string]bool{
		"https://OM.example.net/b": true, "https://om.example.net:443/b": true, "HTTPS://om.example.net/b": true, "/b": true, "b": true, "?b": true,
		"http://om.example.net/b": false, "https://om.example.net:8443/b": false, "https://om.example.net./b": false, "https://om.example.net.evil.example/b": false,
		"https://om.example.net@evil.example/b": false, "https://evil.example/om.example.net": false, "//evil.example/b": false, "https:b": false,
	} {
		for _, opts := range [][]restorejobs.Option{nil, {restorejobs.WithHTTPClient(&http.Client{Timeout: 1 << 40})}} {
			var asked []string
			client := clienttest.New(t, clienttest.Bearer("t"), append(opts, restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
				asked = append(asked, r.URL.Host)
				assert.Equal(t, "Bearer t", r.Header.Get("Authorization"))
				if len(asked) > 1 {
					return respondSuccess(r)
				}
				return testutil.Response(http.StatusFound, "", "Location", location), nil
			})))...)
			err := clienttest.Get(t.Context(), client)
			if followed {
				require.NoError(t, err, location)
				assert.Len(t, asked, 2)
			} else {
				require.ErrorContains(t, err, "302", location)
				assert.Len(t, asked, 1)
			}
		}
	}
}
