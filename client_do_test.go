package restorejobs_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

// respondingClient makes a client whose every request gets the same response.
func respondingClient(t *testing.T, status int, body string) *restorejobs.Client {
	t.Helper()
	return clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			return testutil.JSON(status, body), nil
		})))
}

// writeMethods are those of calls that change something.
var writeMethods = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// TestDo_successWithoutBody: the call was executed, and out stays as it is.
func TestDo_successWithoutBody(t *testing.T) {
	t.Parallel()
	type object struct{ Name string }
	for _, method := range writeMethods {
		for _, status := range []int{200, 201, 202, 203, 204, 205} {
			for _, body := range []string{"", " \r\n\t"} {
				name := fmt.Sprintf("%s %d %q", method, status, body)
				client := respondingClient(t, status, body)
				do := func(out any) error { return client.Do(t.Context(), method, "/api/x", nil, out) }
				filled := object{"kept"}
				require.NoError(t, do(&filled), name)
				assert.Equal(t, object{"kept"}, filled, name)
				var nothing *object
				require.NoError(t, do(&nothing), name)
				assert.Nil(t, nothing, name)
				raw := json.RawMessage("kept")
				require.NoError(t, do(&raw), name)
				assert.Equal(t, "kept", string(raw), name)
				text := []byte("kept")
				require.NoError(t, do(&text), name)
				assert.Equal(t, "kept", string(text), name)
				require.NoError(t, do(nil), name)
			}
		}
		filled := object{"kept"}
		require.NoError(t, respondingClient(t, 202, "{}").Do(t.Context(), method, "/api/x", nil, &filled), "as Atlas responds")
		assert.Equal(t, object{"kept"}, filled)
		require.NoError(t, respondingClient(t, 202, `{"status":202,"content":{"name":"n"}}`).Do(t.Context(), method, "/api/x", nil, &filled))
		assert.Equal(t, object{"n"}, filled)
	}
	var out object
	err := respondingClient(t, 200, "").Do(t.Context(), http.MethodGet, "/api/x", nil, &out)
	require.ErrorContains(t, err, "the body is empty", "a read whose response is missing")
}

// cutShort is a response whose body ends before its announced length.
func cutShort(contentType, beginning string) *http.Response {
	resp := testutil.Response(http.StatusOK, "", "Content-Type", contentType)
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(beginning), failingReader{io.ErrUnexpectedEOF}))
	resp.ContentLength = -1
	return resp
}

// unreadableBodies are bodies under a 2xx that the API has sent and that cannot be used.
var unreadableBodies = map[string]func() *http.Response{
	"not JSON":     func() *http.Response { return testutil.JSON(200, `nonsense`) },
	"half":         func() *http.Response { return testutil.JSON(202, `{"id":`) },
	"another type": func() *http.Response { return testutil.JSON(201, `{"id":{}}`) },
	"a list":       func() *http.Response { return testutil.JSON(200, `[1]`) },
	"plain text": func() *http.Response {
		return testutil.Response(200, `OK`, "Content-Type", "text/plain")
	},
	"binary": func() *http.Response {
		return testutil.Response(200, "\x00", "Content-Type", "application/octet-stream")
	},
	"cut text": func() *http.Response { return cutShort("text/plain", `OK`) },
	"untyped":  func() *http.Response { return testutil.Response(200, `nonsense`) },
	"too large": func() *http.Response {
		return testutil.JSON(200, `{"id":"`+strings.Repeat("x", 200)+`"}`)
	},
	"half envelope": func() *http.Response { return testutil.JSON(200, `{"status":200,"content":{`) },
	"cut":           func() *http.Response { return cutShort(jsonType, `{"id":"j"`) },
}

// foreignBodies are bodies under a 2xx that something before the API has sent: the request
// may never have reached the API.
var foreignBodies = map[string]func() *http.Response{
	"a web page": func() *http.Response {
		return testutil.Response(200, `<html>log in</html>`, "Content-Type", "text/html")
	},
	"an untyped page":    func() *http.Response { return testutil.Response(200, " \n<!DOCTYPE html>") },
	"a page called JSON": func() *http.Response { return testutil.JSON(200, `<html>`) },
	"XML": func() *http.Response {
		return testutil.Response(200, `<?xml version='1.0'?><ok/>`, "Content-Type", "application/xml")
	},
	"a page that begins with text": func() *http.Response {
		return testutil.Response(200, `log in`, "Content-Type", "text/html; charset=utf-8")
	},
	"a cut page": func() *http.Response { return cutShort("text/html", `<html>`) },
}

func clientOf(t *testing.T, respond func() *http.Response) (client *restorejobs.Client, requests *int) {
	t.Helper()
	requests = new(int)
	return clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"), restorejobs.WithMaxResponseBytes(100),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(*http.Request) (*http.Response, error) {
			*requests++
			return respond(), nil
		}))), requests
}

// TestDo_unreadableSuccess: a 2xx of the API reports that the call was executed, so what it
// cannot tell is an error of its own.
func TestDo_unreadableSuccess(t *testing.T) {
	t.Parallel()
	for name, respond := range unreadableBodies {
		for _, method := range writeMethods {
			client, requests := clientOf(t, respond)
			var out struct {
				ID string `json:"id"`
			}
			err := client.Do(t.Context(), method, "/api/x", nil, &out)
			var apiErr *restorejobs.Error
			require.ErrorAs(t, err, &apiErr, "%s %s", method, name)
			require.NotErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "%s %s", method, name)
			assert.Equal(t, 2, apiErr.StatusCode/100)
			assert.False(t, apiErr.Retryable(), "%s %s: another request would execute it again", method, name)
			require.ErrorContains(t, err, "the request was executed, but its response cannot be used: ")
			assert.NotContains(t, err.Error(), "something other than the API")
			assert.Equal(t, 1, *requests)
			if strings.HasPrefix(name, "cut") {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}
		}
		client, _ := clientOf(t, respond)
		var out struct {
			ID string `json:"id"`
		}
		err := client.Do(t.Context(), http.MethodGet, "/api/x", nil, &out)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "executed", name)
	}
}

// TestDo_foreignSuccess: nothing reports whether the API has seen the request.
func TestDo_foreignSuccess(t *testing.T) {
	t.Parallel()
	for name, respond := range foreignBodies {
		for _, method := range writeMethods {
			for _, out := range []any{nil, new(map[string]any), new(json.RawMessage)} {
				client, requests := clientOf(t, respond)
				err := client.Do(t.Context(), method, "/api/x", nil, out)
				require.ErrorIs(t, err, restorejobs.ErrOutcomeUnknown, "%s %s", method, name)
				require.ErrorContains(t, err, "something other than the API")
				assert.NotContains(t, err.Error(), "was executed")
				assert.Equal(t, 1, *requests)
			}
		}
	}
}

// TestCreate_unreadableSuccess: a restore may run whose ID is unknown.
func TestCreate_unreadableSuccess(t *testing.T) {
	t.Parallel()
	for _, bodies := range []map[string]func() *http.Response{unreadableBodies, foreignBodies} {
		for name, respond := range bodies {
			client, requests := clientOf(t, respond)
			require.ErrorIs(t, clienttest.Create(t.Context(), client), restorejobs.ErrOutcomeUnknown, name)
			assert.Equal(t, 1, *requests, name)
		}
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	scope := restorejobstest.AtlasV2Cluster
	path := "/api/atlas/v2/groups/" + scope.Project() + "/clusters/" + scope.Cluster() + "/backup/snapshots"
	var list struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
	}
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path+"?itemsPerPage=5", nil, &list))
	require.Len(t, list.Results, len(scope.Snapshots()))
	assert.Contains(t, scope.Snapshots(), list.Results[0].ID)
	got := sent(t, server)
	assert.Equal(t, "itemsPerPage=5", got.Query)
	assert.Equal(t, "application/vnd.atlas.2025-03-12+json", got.Header.Get("Accept"))

	var raw json.RawMessage
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, &raw))
	assert.True(t, json.Valid(raw))
	require.NoError(t, client.Do(t.Context(), http.MethodGet, path, nil, nil))

	before := len(server.Requests())
	for _, bad := range []string{"", "api", "//evil.example/x", "https://evil.example/", "/a/../b", "/a/%2e%2e/b", "/a//b", "/a b?x y", "/a#b", "/a%zz"} {
		require.ErrorIs(t, client.Do(t.Context(), http.MethodGet, bad, nil, nil), restorejobs.ErrInvalidArgument, bad)
	}
	require.ErrorIs(t, client.Do(t.Context(), "TRACE", "/api", nil, nil), restorejobs.ErrInvalidArgument)
	require.ErrorIs(t, client.Do(t.Context(), http.MethodPost, "/api", func() {}, nil), restorejobs.ErrInvalidArgument)
	require.ErrorContains(t, client.Do(t.Context(), http.MethodHead, path, nil, &raw), "out must be nil for HEAD")
	assert.Len(t, server.Requests(), before)

	err = client.Do(t.Context(), http.MethodGet, strings.Replace(path, scope.Cluster(), "Other", 1), nil, nil)
	require.ErrorIs(t, err, restorejobs.ErrNotFound)
}
