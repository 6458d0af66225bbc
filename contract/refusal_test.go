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

// Requests are made invalid in every way that the schemas describe. The test server must refuse
// each with an error in the form of the API.
func TestServer_refusesWhatTheDocumentRefuses(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	for _, s := range scenarios() {
		t.Run(string(s.clusterKind), func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			client, record := newClient(t, server)
			b := newRawClient(t, d, server)
			for _, c := range s.creates {
				created, err := s.jobs(client, s.scope.Project(), s.scope.Cluster()).Create(t.Context(), c.point, c.to)
				require.NoError(t, err)
				finishJobs(server, created)
				seen := record.drain()
				b.refusesBodies(seen[len(seen)-1])
			}
			for _, op := range d.operations() {
				if op.clusterKind == s.clusterKind {
					b.refusesParameters(op, s.scope)
					b.refusesVersions(op, s.scope)
				}
			}
			t.Logf("%d invalid requests refused", b.n)
		})
	}
}

// rawClient sends requests unchanged, with a token.
type rawClient struct {
	t      *testing.T
	d      *document
	server *rjt.Server
	http   *http.Transport
	token  string
	n      int
}

func newRawClient(t *testing.T, d *document, server *rjt.Server) *rawClient {
	t.Helper()
	b := &rawClient{
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
	var body struct {
		Token string `json:"access_token"`
	}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&body))
	b.token = body.Token
	return b
}

// send makes one exchange.
func (b *rawClient) send(method, target string, header http.Header, body []byte) *exchange {
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

// expectRefusal requires that the document and the server refuse the request.
func (b *rawClient) expectRefusal(x *exchange, at, what string) {
	b.t.Helper()
	b.n++
	op, found, err := b.d.check(x)
	require.NoError(b.t, err)
	assert.True(b.t, slices.ContainsFunc(found, func(f finding) bool { return f.side == request && f.at == at }),
		"%s: the document accepts %s at %s: %v", op.OperationID, what, at, found)
	assert.True(b.t, x.status >= 400 && x.status < 500, "%s: %s at %s gets status %d", op.OperationID, what, at, x.status)
	assert.Empty(b.t, b.d.checkError(op, x), "%s: %s at %s", op.OperationID, what, at)
}

// refusesBodies makes a valid body invalid.
func (b *rawClient) refusesBodies(valid *exchange) {
	route, _, err := b.d.route(valid.request)
	require.NoError(b.t, err)
	header := http.Header{"Accept": valid.request.Header["Accept"], "Content-Type": valid.request.Header["Content-Type"]}
	before := b.server.CreateCount()
	for _, s := range invalidBodies("", newOperation(route.Operation).bodySchema(), decode(b.t, valid.sent)) {
		body, err := json.Marshal(s.body)
		require.NoError(b.t, err)
		b.expectRefusal(b.send(http.MethodPost, valid.request.URL.Path, header, body), s.at, s.what)
	}
	assert.Equal(b.t, before, b.server.CreateCount(), "an invalid body started a restore")
}

func decode(t *testing.T, body []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(body, &doc))
	return doc
}

// invalidBody is a body with one fault.
type invalidBody struct {
	at, what string
	body     map[string]any
}

// invalidBodies returns a body for each fault that a schema describes.
func invalidBodies(at string, schema *openapi3.Schema, body map[string]any) []invalidBody {
	var all []invalidBody
	with := func(name, what string, value any) {
		changed := maps.Clone(body)
		changed[name] = value
		all = append(all, invalidBody{at + "/" + name, what, changed})
	}
	with("unheardOf", "an unknown property", "x")
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		inner := schema.Properties[name].Value
		value, exists := body[name]
		switch {
		case inner.ReadOnly:
			with(name, "a read-only property", example(inner))
		case exists:
			for what, wrong := range wrongValues(inner) {
				with(name, what, wrong)
			}
		}
		if exists && slices.Contains(schema.Required, name) {
			changed := maps.Clone(body)
			delete(changed, name)
			all = append(all, invalidBody{at + "/" + name, "nothing", changed})
		}
		if object, ok := value.(map[string]any); ok {
			for _, s := range invalidBodies(at+"/"+name, inner, object) {
				changed := maps.Clone(body)
				changed[name] = s.body
				all = append(all, invalidBody{s.at, s.what, changed})
			}
		}
	}
	return all
}

// wrongValues returns values that a schema does not allow.
func wrongValues(schema *openapi3.Schema) map[string]any {
	wrong := map[string]any{}
	if !schema.Nullable {
		wrong["null"] = nil
	}
	if kind(schema) != "array" {
		wrong["a list"] = []any{}
	}
	switch kind(schema) {
	case "array":
		wrong["a word"] = "x"
		if schema.MaxItems != nil {
			wrong["too many"] = slices.Repeat([]any{example(schema.Items.Value)}, int(*schema.MaxItems)+1)
		}
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

// target returns the path of an operation with the ids of a scope, of which one can be changed.
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

// refusesParameters makes the path and the query of an operation invalid.
func (b *rawClient) refusesParameters(op operation, sc rjt.Scope) {
	header := http.Header{"Accept": media(op.success().Content)[:1]}
	send := func(changed, value, query string) *exchange {
		return b.send(method(op), target(b.d, op, sc, changed, value)+query, header, nil)
	}
	for _, p := range op.Parameters {
		name := p.Value.Name
		schema := p.Value.Schema.Value
		if p.Value.In == openapi3.ParameterInPath {
			b.expectRefusal(send(name, "no such form!", ""), name, "a path of another form")
			continue
		}
		for what, wrong := range wrongValues(schema) {
			if what == "a list" || what == "null" || what == "a text" || what == "a number" { // a query has only text
				continue
			}
			b.expectRefusal(send("", "", fmt.Sprintf("?%s=%s", name, url.QueryEscape(fmt.Sprint(wrong)))), name, what)
		}
		if schema.Max != nil {
			b.expectRefusal(send("", "", fmt.Sprintf("?%s=%.0f", name, *schema.Max+1)), name, "too much")
		}
		if kind(schema) != "string" {
			b.expectRefusal(send("", "", "?"+name+"=maybe"), name, "a word")
		}
	}
	b.expectRefusal(send("", "", "?unheardOf=1"), "unheardOf", "an unknown parameter")
}

// refusesVersions requests no version, and a version before the first.
func (b *rawClient) refusesVersions(op operation, sc rjt.Scope) {
	for _, accept := range []string{"", "*/*", "application/json", "application/vnd.atlas.2022-12-31+json", "application/vnd.atlas.2023-13-01+json"} {
		x := b.send(method(op), target(b.d, op, sc, "", ""), http.Header{"Accept": {accept}}, nil)
		b.expectRefusal(x, "Accept", fmt.Sprintf("%q", accept))
		assert.Equal(b.t, http.StatusNotAcceptable, x.status, "%s: %q", op.OperationID, accept)
	}
}
