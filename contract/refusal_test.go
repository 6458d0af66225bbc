package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	rjt "example.com/restorejobs/restorejobstest"
)

// TestServer_refusesWhatTheDocumentRefuses makes requests wrong in every way that the document's schemas know: the
// test server must refuse what the document refuses, with an error of the API's form.
func TestServer_refusesWhatTheDocumentRefuses(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	for _, s := range scenarios() {
		t.Run(string(s.place), func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client, record := newClient(t, server)
			b := newBare(t, d, server)
			for _, c := range s.creates {
				_, err := s.jobs(client, s.scope.Project(), s.scope.Cluster()).Create(t.Context(), c.point, c.to)
				require.NoError(t, err)
				seen := record.take()
				b.refusesBodies(seen[len(seen)-1])
			}
			for _, op := range d.operations() {
				if op.place == s.place {
					b.refusesParameters(op, s.scope)
					b.refusesVersions(op, s.scope)
				}
			}
			t.Logf("%d wrong requests refused", b.n)
		})
	}
}

// bare sends requests as they are, with a token.
type bare struct {
	t      *testing.T
	d      *document
	server *rjt.Server
	http   *http.Transport
	token  string
	n      int
}

func newBare(t *testing.T, d *document, server *rjt.Server) *bare {
	t.Helper()
	b := &bare{
		t:      t,
		d:      d,
		server: server,
		http:   &http.Transport{},
	}
	t.Cleanup(b.http.CloseIdleConnections)
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/api/oauth/token", form)
	require.NoError(t, err)
	req.SetBasicAuth(rjt.ClientID, rjt.ClientSecret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.http.RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	b.token = answer.Token
	return b
}

// send makes one exchange.
func (b *bare) send(method, target string, header http.Header, body []byte) *exchange {
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL()+target, bytes.NewReader(body))
	require.NoError(b.t, err)
	req.Header = header.Clone()
	req.Header.Set("Authorization", "Bearer "+b.token)
	res, err := b.http.RoundTrip(req)
	require.NoError(b.t, err)
	defer res.Body.Close()
	received, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return &exchange{
		request:  req,
		sent:     body,
		status:   res.StatusCode,
		header:   res.Header,
		received: received,
	}
}

// refused wants the document to see what is wrong at a place, and the server to refuse it.
func (b *bare) refused(x *exchange, at, what string) {
	b.t.Helper()
	b.n++
	op, found, err := b.d.check(x)
	require.NoError(b.t, err)
	assert.True(b.t, slices.ContainsFunc(found, func(f finding) bool { return f.side == request && f.at == at }),
		"%s: the document does not see %s at %s: %v", op.OperationID, what, at, found)
	assert.True(b.t, x.status >= 400 && x.status < 500, "%s: %s at %s is answered with %d", op.OperationID, what, at, x.status)
	assert.Empty(b.t, b.d.checkError(op, x), "%s: %s at %s", op.OperationID, what, at)
}

// refusesBodies spoils a body that was taken.
func (b *bare) refusesBodies(taken *exchange) {
	route, _, err := b.d.route(taken.request)
	require.NoError(b.t, err)
	header := http.Header{"Accept": taken.request.Header["Accept"], "Content-Type": taken.request.Header["Content-Type"]}
	before := b.server.CreateCount()
	for _, s := range spoil("", newOperation(route.Operation).bodySchema(), decode(b.t, taken.sent)) {
		body, err := json.Marshal(s.body)
		require.NoError(b.t, err)
		b.refused(b.send(http.MethodPost, taken.request.URL.Path, header, body), s.at, s.what)
	}
	assert.Equal(b.t, before, b.server.CreateCount(), "a wrong body started a restore")
}

func decode(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(body, &doc))
	return doc
}

// spoiled is a body with one thing wrong.
type spoiled struct {
	at, what string
	body     map[string]any
}

// spoil makes all bodies with one thing wrong that a schema knows of.
func spoil(at string, schema *openapi3.Schema, body map[string]any) []spoiled {
	var all []spoiled
	with := func(name, what string, value any) {
		changed := maps.Clone(body)
		changed[name] = value
		all = append(all, spoiled{at + "/" + name, what, changed})
	}
	with("unheardOf", "an unknown property", "x")
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		inner := schema.Properties[name].Value
		value, there := body[name]
		switch {
		case inner.ReadOnly:
			with(name, "a property that is read only", example(inner))
		case there:
			for what, wrong := range wrongValues(inner) {
				with(name, what, wrong)
			}
		}
		if there && slices.Contains(schema.Required, name) {
			changed := maps.Clone(body)
			delete(changed, name)
			all = append(all, spoiled{at + "/" + name, "nothing", changed})
		}
		if object, ok := value.(map[string]any); ok {
			for _, s := range spoil(at+"/"+name, inner, object) {
				changed := maps.Clone(body)
				changed[name] = s.body
				all = append(all, spoiled{s.at, s.what, changed})
			}
		}
	}
	return all
}

// wrongValues are what a schema does not take.
func wrongValues(schema *openapi3.Schema) map[string]any {
	wrong := map[string]any{"a list": []any{}, "null": nil}
	switch kind(schema) {
	case "integer":
		wrong["a text"] = "7"
		wrong["a fraction"] = 1.5
		if schema.Min != nil {
			wrong["too little"] = *schema.Min - 1
		}
		if schema.Format == "int32" {
			wrong["too much"] = 1 << 31
		}
	case "string":
		wrong["a number"] = 7
		if schema.Pattern != "" {
			wrong["a text of another form"] = "no such / form!"
		}
	}
	return wrong
}

// target is the path of an operation with the ids of a scope, and one that is changed.
func target(d *document, op operation, sc rjt.Scope, changed, value string) string {
	var path string
	for pattern, item := range d.Paths.Map() {
		for _, one := range item.Operations() {
			if one == op.Operation {
				path = pattern
			}
		}
	}
	for _, p := range op.Parameters {
		if p.Value.In != openapi3.ParameterInPath {
			continue
		}
		id := sc.Cluster()
		switch p.Value.Name {
		case "groupId":
			id = sc.Project()
		case "jobId", "restoreJobId":
			id = sc.Jobs()[0]
		}
		if p.Value.Name == changed {
			id = value
		}
		path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", url.PathEscape(id))
	}
	return path
}

func method(op operation) string {
	return map[string]string{"create": http.MethodPost, "cancel": http.MethodDelete}[op.verb]
}

// refusesParameters spoils the path and the query of an operation.
func (b *bare) refusesParameters(op operation, sc rjt.Scope) {
	header := http.Header{"Accept": media(op.success().Content)[:1]}
	send := func(changed, value, query string) *exchange {
		return b.send(method(op), target(b.d, op, sc, changed, value)+query, header, nil)
	}
	for _, p := range op.Parameters {
		name := p.Value.Name
		schema := p.Value.Schema.Value
		if p.Value.In == openapi3.ParameterInPath {
			b.refused(send(name, "no such form!", ""), name, "a path of another form")
			continue
		}
		for what, wrong := range wrongValues(schema) {
			if what == "a list" || what == "null" || what == "a text" || what == "a number" { // in a query all is text
				continue
			}
			b.refused(send("", "", fmt.Sprintf("?%s=%s", name, url.QueryEscape(fmt.Sprint(wrong)))), name, what)
		}
		if schema.Max != nil {
			b.refused(send("", "", fmt.Sprintf("?%s=%.0f", name, *schema.Max+1)), name, "too much")
		}
		if kind(schema) != "string" {
			b.refused(send("", "", "?"+name+"=maybe"), name, "a word")
		}
	}
	b.refused(send("", "", "?unheardOf=1"), "unheardOf", "an unknown parameter")
}

// refusesVersions asks without a version, and for one before the first.
func (b *bare) refusesVersions(op operation, sc rjt.Scope) {
	for _, accept := range []string{"", "*/*", "application/json", "application/vnd.atlas.2022-12-31+json", "application/vnd.atlas.2023-13-01+json"} {
		x := b.send(method(op), target(b.d, op, sc, "", ""), http.Header{"Accept": {accept}}, nil)
		b.refused(x, "Accept", fmt.Sprintf("%q", accept))
		assert.Equal(b.t, http.StatusNotAcceptable, x.status, "%s: %q", op.OperationID, accept)
	}
}
