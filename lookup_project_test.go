package restorejobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
)

// finder is what finds projects.
type finder interface {
	FindProject(ctx context.Context, nameOrID string) (*restorejobs.Project, error)
}

func TestFindProject_byNameAndID(t *testing.T) {
	t.Parallel()
	const hexName = "aaaaaaaaaaaaaaaaaaaaaaaa"
	named := strings.Replace(production, "Production", hexName, 1)
	client, log := documents{
		manager + "byName/Production":   production,
		manager + lookupProject:         production,
		manager + hexName:               "404 GROUP_NOT_FOUND",
		manager + "byName/" + hexName:   named,
		manager + "byName/caf%C3%A9%20": production,
		atlas + "byName/Production":     production,
		atlas + lookupProject:           production,
		atlas + hexName:                 "404 GROUP_NOT_FOUND",
		atlas + "byName/" + hexName:     named,
	}.serve(t)
	want := &restorejobs.Project{ID: lookupProject, Name: "Production", OrgID: "5ba5e00000000000000000aa"}
	for _, service := range []finder{client.CloudManager, client.OpsManager, client.AtlasV2} {
		for _, nameOrID := range []string{"Production", lookupProject} {
			project, err := service.FindProject(t.Context(), nameOrID)
			require.NoError(t, err)
			assert.Equal(t, want, project)
		}
		project, err := service.FindProject(t.Context(), hexName)
		require.NoError(t, err)
		assert.Equal(t, hexName, project.Name)
	}
	assert.Len(t, log.paths(), 12)
	assert.Equal(t, "application/vnd.atlas.2023-01-01+json", log.accept(t, atlas+"byName/Production"))
}

func TestFindProject_errors(t *testing.T) {
	t.Parallel()
	client, _ := documents{
		manager + "byName/none":       "404 GROUP_NAME_NOT_FOUND",
		manager + "byName/several":    "409 MULTIPLE_GROUPS",
		manager + "byName/conflict":   "409 ",
		manager + "byName/wrong-path": "404 RESOURCE_NOT_FOUND",
		manager + "byName/role":       "403 ACCESS_FORBIDDEN",
		manager + "byName/other":      production,
		manager + "byName/empty":      `{}`,
		manager + "byName/list":       `[]`,
		manager + "byName/envelope":   `{"status":200,"content":` + strings.Replace(production, "Production", "Envelope", 1) + `}`,
	}.serve(t)
	for _, c := range []struct {
		name   string
		want   error
		lookup bool
		says   string
	}{
		{"none", restorejobs.ErrNotFound, true, `restorejobs: find project: no project "none"`},
		{"several", restorejobs.ErrAmbiguous, true, `restorejobs: find project: several projects have the name "several", use the id of one`},
		{"conflict", restorejobs.ErrConflict, false, "409"},
		{"wrong-path", restorejobs.ErrNotFound, false, "404 RESOURCE_NOT_FOUND"},
		{"role", restorejobs.ErrForbidden, false, "403"},
		{"other", nil, false, "the response is about another project"},
		{"empty", nil, false, "it has no id"},
		{"list", nil, false, "array"},
		{"", restorejobs.ErrInvalidArgument, false, "project must not be empty"},
	} {
		project, err := client.OpsManager.FindProject(t.Context(), c.name)
		require.ErrorContains(t, err, c.says)
		assert.Nil(t, project)
		if c.want != nil {
			require.ErrorIs(t, err, c.want)
		}
		var lookupErr *restorejobs.LookupError
		assert.Equal(t, c.lookup, errors.As(err, &lookupErr), c.name)
		if c.lookup {
			assert.Equal(t, restorejobs.LookupProject, lookupErr.Kind)
			assert.Equal(t, c.name, lookupErr.Name)
			assert.Empty(t, lookupErr.Project)
		}
	}
	project, err := client.OpsManager.FindProject(t.Context(), "envelope")
	require.NoError(t, err)
	assert.Equal(t, "Envelope", project.Name)
}

// projectEntry returns an entry of the list of projects, with the key that nothing may show.
func projectEntry(id, name, orgID string) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"orgId":%q,"agentApiKey":%q,"links":[]}`, id, name, orgID, agentKey)
}

// The projects of an ambiguous name are in the error, sorted by ID.
func TestFindProject_ambiguousListsTheProjects(t *testing.T) {
	t.Parallel()
	const (
		first  = "5ba5e0000000000000000001"
		second = "5ba5e0000000000000000002"
		orgA   = "5ba5e00000000000000000aa"
	)
	list := listOf(
		projectEntry(second, "several", ""),
		projectEntry("5ba5e0000000000000000009", "several more", orgA),
		projectEntry(first, "Several", orgA),
		`7`,
		projectEntry("", "several", orgA),
	)
	client, log := documents{
		manager + "byName/several":       "409 MULTIPLE_GROUPS",
		strings.TrimSuffix(manager, "/"): list,
		atlas + "byName/several":         "409 MULTIPLE_GROUPS",
		strings.TrimSuffix(atlas, "/"):   list,
	}.serve(t)
	want := []restorejobs.Candidate{
		{ID: first, Name: "Several", OrgID: orgA},
		{ID: second, Name: "several"},
	}
	for _, service := range []finder{client.CloudManager, client.OpsManager, client.AtlasV2} {
		_, err := service.FindProject(t.Context(), "several")
		require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
		require.ErrorIs(t, err, restorejobs.ErrorCodeMultipleGroups)
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		assert.Equal(t, want, lookupErr.Candidates)
		assert.EqualError(t, err, `restorejobs: find project: several projects have the name "several", use the id of one: `+
			first+` (Several, organization `+orgA+`), `+second+` (several)`)
		assert.NotContains(t, fmt.Sprintf("%+v %#v", err, lookupErr.Candidates), agentKey[:8])
	}
	assert.Equal(t, "application/vnd.atlas.2023-01-01+json", log.accept(t, strings.TrimSuffix(atlas, "/")))

	_, err := client.OpsManager.FindCluster(t.Context(), "several", "orders")
	require.ErrorContains(t, err, "find cluster: several projects have the name")
	require.ErrorContains(t, err, second)
}

// The error is bounded and one line, whatever the list contains.
func TestFindProject_ambiguousIsBounded(t *testing.T) {
	t.Parallel()
	var entries []string
	for i := range 120 {
		entries = append(entries, projectEntry(fmt.Sprintf("5ba5e0000000000000000%03d", 119-i), "several", "o\n"+strings.Repeat("o", 5000)))
	}
	client, _ := documents{
		manager + "byName/several":       "409 MULTIPLE_GROUPS",
		strings.TrimSuffix(manager, "/"): listOf(entries...),
	}.serve(t)
	_, err := client.OpsManager.FindProject(t.Context(), "several")
	var lookupErr *restorejobs.LookupError
	require.ErrorAs(t, err, &lookupErr)
	require.Len(t, lookupErr.Candidates, 100)
	assert.Equal(t, "5ba5e0000000000000000000", lookupErr.Candidates[0].ID)
	assert.Equal(t, "5ba5e0000000000000000099", lookupErr.Candidates[99].ID)
	assert.Contains(t, err.Error(), "5ba5e0000000000000000009 (")
	assert.NotContains(t, err.Error(), "5ba5e0000000000000000010")
	assert.True(t, strings.HasSuffix(err.Error(), ", and 110 more"), "%v", err)
	assert.NotContains(t, err.Error(), "\n")
	assert.Less(t, len(err.Error()), 3000)
}

// A key that may not list projects gets the same error, with the reason.
func TestFindProject_ambiguousWithoutAList(t *testing.T) {
	t.Parallel()
	for list, text := range map[string]string{
		"403 USER_UNAUTHORIZED": "(the list of projects could not be read: find project: 403 USER_UNAUTHORIZED",
		"503 ":                  "(the list of projects could not be read: find project: 503",
		`{"id":"x"}`:            "(the list of projects could not be read: find project: ",
		listOf():                "(the list of projects has none of them)",
		listOf(projectEntry("5ba5e0000000000000000009", "another", "")): "(the list of projects has none of them)",
	} {
		client, _ := documents{
			manager + "byName/several":       "409 MULTIPLE_GROUPS",
			strings.TrimSuffix(manager, "/"): list,
		}.serve(t, restorejobs.WithRetry(restorejobs.RetryPolicy{MaxRetries: -1}))
		_, err := client.OpsManager.FindProject(t.Context(), "several")
		require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
		require.ErrorContains(t, err, `several projects have the name "several", use the id of one `+text)
		var lookupErr *restorejobs.LookupError
		require.ErrorAs(t, err, &lookupErr)
		assert.Nil(t, lookupErr.Candidates)
		for _, other := range []error{restorejobs.ErrForbidden, restorejobs.ErrUnavailable, restorejobs.ErrNotFound} {
			require.NotErrorIs(t, err, other)
		}
	}
}

// TestFindProject_ambiguousEndsWithContext: a list that the context ends is not a missing list.
func TestFindProject_ambiguousEndsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := clienttest.New(t, clienttest.Bearer("t"), restorejobs.WithBaseURL("https://om.example.net"),
		restorejobs.WithTransport(testutil.RoundTripFunc(func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/byName/several") {
				return testutil.JSON(http.StatusConflict, `{"error":409,"errorCode":"MULTIPLE_GROUPS"}`), nil
			}
			cancel()
			return nil, ctx.Err()
		})))
	_, err := client.OpsManager.FindProject(ctx, "several")
	require.ErrorIs(t, err, context.Canceled)
}

// keyLeaks are bodies with the key of agents that no call can use.
func keyLeaks() map[string]http.HandlerFunc {
	cut := production[:strings.Index(production, agentKey)+len(agentKey)-3]
	inner := `{"status":500,"content":` + production + `}`
	quoted, _ := json.Marshal(production)
	return map[string]http.HandlerFunc{
		"cut in the key":       testutil.Respond(http.StatusOK, cut, "Content-Type", clienttest.JSONType),
		"cut by the network":   testutil.RawBytes("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + production),
		"invalid after it":     testutil.Respond(http.StatusOK, production+"}", "Content-Type", clienttest.JSONType),
		"invalid before it":    testutil.Respond(http.StatusOK, "{"+production, "Content-Type", clienttest.JSONType),
		"another type":         testutil.Respond(http.StatusOK, "["+production+"]", "Content-Type", clienttest.JSONType),
		"another project":      testutil.Respond(http.StatusOK, strings.Replace(production, "Production", "Test", 1), "Content-Type", clienttest.JSONType),
		"without id":           testutil.Respond(http.StatusOK, strings.Replace(production, `"id"`, `"_id"`, 1), "Content-Type", clienttest.JSONType),
		"error in an envelope": testutil.Respond(http.StatusOK, inner, "Content-Type", clienttest.JSONType),
		"error":                testutil.Respond(http.StatusInternalServerError, production, "Content-Type", clienttest.JSONType),
		"error that quotes it": testutil.Respond(http.StatusBadRequest, `{"error":400,"errorCode":"X","detail":`+string(quoted)+
			`,"parameters":["`+agentKey+`"],"reason":"agentApiKey `+agentKey+`"}`, "Content-Type", clienttest.JSONType),
		"web page":               testutil.Respond(http.StatusBadGateway, "<html>"+production+"</html>", "Content-Type", "text/html"),
		"web page for a success": testutil.Respond(http.StatusOK, "<html>"+production+"</html>", "Content-Type", "text/html"),
		"too large":              testutil.Respond(http.StatusOK, production+strings.Repeat(" ", 5000), "Content-Type", clienttest.JSONType),
	}
}

// The key of the agents is in no error, no log line and no attempt.
func TestFindProject_neverShowsTheAgentKey(t *testing.T) {
	t.Parallel()
	for name, handler := range keyLeaks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var attempts []restorejobs.Attempt
			server := testutil.NewServer(t, handler)
			client := clienttest.ForServer(t, server,
				restorejobs.WithMaxResponseBytes(2000),
				restorejobs.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				restorejobs.WithObserver(func(_ context.Context, a restorejobs.Attempt) { attempts = append(attempts, a) }))
			_, err := client.OpsManager.FindProject(t.Context(), "Production")
			require.Error(t, err)
			require.NotEmpty(t, attempts)
			texts := []string{err.Error(), log.String(), fmt.Sprintf("%+v %#v", err, err)}
			shown := []error{err}
			for _, attempt := range attempts {
				shown = append(shown, attempt.Err)
				texts = append(texts, fmt.Sprintf("%+v", attempt))
			}
			for _, err := range shown {
				var apiErr *restorejobs.Error
				require.ErrorAs(t, err, &apiErr)
				marshalled, jsonErr := json.Marshal(apiErr)
				require.NoError(t, jsonErr)
				texts = append(texts, string(marshalled), string(apiErr.Body()), apiErr.Detail, apiErr.Reason,
					strings.Join(apiErr.Parameters, " "), string(apiErr.Code), fmt.Sprintf("%+v", apiErr.Unwrap()))
			}
			for _, text := range texts {
				assert.NotContains(t, text, agentKey[:8])
			}
		})
	}
}

// No list of projects that cannot be used shows the key either.
func TestFindProject_ambiguousNeverShowsTheAgentKey(t *testing.T) {
	t.Parallel()
	for name, handler := range keyLeaks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			texts := &strings.Builder{}
			server := testutil.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "byName") {
					testutil.Respond(http.StatusConflict, `{"error":409,"errorCode":"MULTIPLE_GROUPS"}`, "Content-Type", clienttest.JSONType)(w, r)
					return
				}
				handler(w, r)
			}))
			client := clienttest.ForServer(t, server,
				restorejobs.WithMaxResponseBytes(2000),
				restorejobs.WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
				restorejobs.WithObserver(func(_ context.Context, a restorejobs.Attempt) { fmt.Fprintf(texts, "%+v %v\n", a, a.Err) }))
			_, err := client.OpsManager.FindProject(t.Context(), "Production")
			require.ErrorIs(t, err, restorejobs.ErrAmbiguous)
			fmt.Fprintf(texts, "%v %+v %#v", err, err, err)
			assert.NotContains(t, texts.String()+log.String(), agentKey[:8])
			assert.Contains(t, err.Error(), "the list of projects could not be read")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestFindProject_keepsNothingElse(t *testing.T) {
	t.Parallel()
	client, _ := documents{manager + "byName/Production": production}.serve(t)
	project, err := client.OpsManager.FindProject(t.Context(), "Production")
	require.NoError(t, err)
	marshalled, err := json.Marshal(project)
	require.NoError(t, err)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v", project, project, project), string(marshalled)} {
		assert.NotContains(t, text, agentKey[:8])
		assert.Contains(t, text, "Production")
	}
}
