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
