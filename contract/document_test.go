package contract

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"
)

// The environment variables with the paths of the documents.
const (
	variable       = "RESTOREJOBS_OPENAPI"        // restore jobs
	aroundVariable = "RESTOREJOBS_OPENAPI_AROUND" // clusters, projects, snapshots and schedules
)

// document is the vendor's document, made strict: unknown properties are not allowed.
type document struct {
	*openapi3.T

	router       routers.Router
	newOperation func(op *openapi3.Operation) operation
}

// openDocument reads the document of the restore jobs.
func openDocument(t *testing.T) *document {
	t.Helper()
	return openDocumentOf(t, variable)
}

// openAroundDocument reads the document of what a restore needs beside its jobs. Each operation is of
// its own kind. The regions of a cluster are not checked: their schemas refer to each other in circles,
// and several match one value.
func openAroundDocument(t *testing.T) *document {
	t.Helper()
	d := openDocumentOf(t, aroundVariable)
	for _, schema := range d.Components.Schemas {
		if regions := schema.Value.Properties["regionConfigs"]; regions != nil {
			regions.Value.Items = openapi3.NewSchemaRef("", openapi3.NewObjectSchema())
		}
	}
	d.newOperation = func(op *openapi3.Operation) operation {
		return operation{clusterKind: clusterKind(op.OperationID), Operation: op}
	}
	return d
}

// openDocumentOf reads the document that an environment variable names, or skips the test.
func openDocumentOf(t *testing.T, variable string) *document {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("nothing is checked: set %s to the path of the vendor's OpenAPI document, which is not part of this repository", variable)
	}
	spec, err := openapi3.NewLoader().LoadFromFile(path)
	require.NoError(t, err)
	require.NoError(t, spec.Validate(t.Context(), openapi3.DisableExamplesValidation()))
	spec.Servers = nil // requests go to the test server
	closed := false
	for _, schema := range spec.Components.Schemas {
		if len(schema.Value.Properties) > 0 {
			schema.Value.AdditionalProperties = openapi3.AdditionalProperties{Has: &closed}
		}
	}
	router, err := gorillamux.NewRouter(spec)
	require.NoError(t, err)
	return &document{
		T:            spec,
		router:       router,
		newOperation: newOperation,
	}
}

// clusterKind is the noun in the names of the operations, such as "Flex" in "listFlexRestoreJobs".
type clusterKind string

const (
	cluster       clusterKind = "Backup"
	serverless    clusterKind = "Serverless"
	legacyCluster clusterKind = "Cluster"
	flexCluster   clusterKind = "Flex"
)

// operation is one operation of the document that the library supports.
type operation struct {
	clusterKind clusterKind
	verb        string // list, get, create or cancel
	*openapi3.Operation
}

// operations returns the operations on restore jobs. Restores of single collections are another
// resource: see TestAroundCalls_matchTheDocument.
func (d *document) operations() []operation {
	var all []operation
	for path, item := range d.Paths.Map() {
		if strings.Contains(path, "/collectionRestoreJobs") {
			continue
		}
		for _, op := range item.Operations() {
			all = append(all, newOperation(op))
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	return all
}

// newOperation parses a name such as createBackupRestoreJob.
func newOperation(op *openapi3.Operation) operation {
	name := strings.TrimSuffix(strings.TrimSuffix(op.OperationID, "s"), "RestoreJob")
	end := strings.IndexFunc(name, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	return operation{
		clusterKind: clusterKind(name[end:]),
		verb:        name[:end],
		Operation:   op,
	}
}

// route finds the operation of a request.
func (d *document) route(req *http.Request) (*routers.Route, map[string]string, error) {
	bare := req.Clone(context.Background())
	bare.URL = &url.URL{Path: req.URL.Path, RawPath: req.URL.RawPath}
	return d.router.FindRoute(bare)
}

// input prepares a request for the validator.
func input(req *http.Request, route *routers.Route, pathParams map[string]string) *openapi3filter.RequestValidationInput {
	return &openapi3filter.RequestValidationInput{
		Request:     req,
		Route:       route,
		PathParams:  pathParams,
		QueryParams: req.URL.Query(),
		Options: &openapi3filter.Options{
			MultiError:                        true,
			SkipSettingDefaults:               true,
			IncludeResponseStatus:             true,
			RejectWhenRequestBodyNotSpecified: true,
			AuthenticationFunc:                openapi3filter.NoopAuthenticationFunc,
		},
	}
}

// media returns the media types of a content.
func media(content openapi3.Content) []string {
	var types []string
	for name := range content {
		types = append(types, name)
	}
	slices.Sort(types)
	return types
}

// success returns the response of an operation that is not an error.
func (o operation) success() *openapi3.Response {
	for status, response := range o.Responses.Map() {
		if strings.HasPrefix(status, "2") {
			return response.Value
		}
	}
	return nil
}

// jobSchema returns the schema of a job in the responses of an operation, nil for a cancel.
func (o operation) jobSchema() *openapi3.Schema {
	for _, content := range o.success().Content {
		if content.Schema == nil {
			return nil
		}
		if results := content.Schema.Value.Properties["results"]; results != nil {
			return results.Value.Items.Value
		}
		return content.Schema.Value
	}
	return nil
}

// bodySchema returns the schema of the request body of a create, else nil.
func (o operation) bodySchema() *openapi3.Schema {
	if o.RequestBody == nil {
		return nil
	}
	for _, content := range o.RequestBody.Value.Content {
		return content.Schema.Value
	}
	return nil
}
