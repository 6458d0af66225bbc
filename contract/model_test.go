package contract

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	rjt "example.com/restorejobs/restorejobstest"
)

// Every property of a job in a response has a field of the right type.
func TestJob_hasEveryProperty(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	for _, op := range d.operations() {
		schema := op.jobSchema()
		if schema == nil {
			continue
		}
		for _, p := range properties("", schema, response) {
			field, ok := fieldAt(reflect.TypeFor[restorejobs.Job](), p.at)
			if assert.True(t, ok, "%s: no field for %s", op.OperationID, p.at) {
				assert.True(t, fits(field, p.schema), "%s: %s is a %s in %s", op.OperationID, p.at, kind(p.schema), field)
			}
		}
	}
}

var (
	timeType  = reflect.TypeFor[time.Time]()
	stampType = reflect.TypeFor[restorejobs.Timestamp]()
)

// fieldAt follows a pointer such as /hashes/*/links into a type, by the json tags.
func fieldAt(typ reflect.Type, at string) (reflect.Type, bool) {
	for _, name := range strings.Split(at, "/")[1:] {
		if name == "*" {
			typ = typ.Elem()
			continue
		}
		index := fieldNamed(typ, name)
		if index < 0 {
			return nil, false
		}
		typ = typ.Field(index).Type
	}
	return typ, true
}

func fieldNamed(typ reflect.Type, name string) int {
	if typ.Kind() != reflect.Struct {
		return -1
	}
	for i := range typ.NumField() {
		tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if tag == name {
			return i
		}
	}
	return -1
}

// fits reports whether a field can hold the values of a schema.
func fits(field reflect.Type, schema *openapi3.Schema) bool {
	switch kind(schema) {
	case "string":
		if schema.Format == "date-time" {
			return field == timeType || field == stampType
		}
		return field.Kind() == reflect.String
	case "integer":
		return field.Kind() == reflect.Int64
	case "boolean":
		return field.Kind() == reflect.Bool
	case "array":
		return field.Kind() == reflect.Slice
	case "object":
		return field.Kind() == reflect.Struct
	default:
		return false
	}
}

// A job with every property of its schema is read into its fields, and marshals unchanged.
func TestJob_keepsEveryProperty(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	schemas := map[clusterKind]*openapi3.Schema{}
	for _, op := range d.operations() {
		if op.verb == "get" {
			schemas[op.clusterKind] = op.jobSchema()
		}
	}
	for _, s := range scenarios() {
		t.Run(string(s.clusterKind), func(t *testing.T) {
			t.Parallel()
			full := example(schemas[s.clusterKind])
			require.NoError(t, schemas[s.clusterKind].VisitJSON(full, openapi3.VisitAsResponse(), openapi3.MultiErrors()))
			body, err := json.Marshal(full)
			require.NoError(t, err)
			server := newServer(t)
			id := server.AddJob(s.scope, string(body))
			client, _ := newClient(t, server)
			jobs := s.jobs(client, s.scope.Project(), s.scope.Cluster())

			one, err := jobs.Get(t.Context(), id)
			require.NoError(t, err)
			page, err := jobs.List(t.Context(), restorejobs.ListOptions{})
			require.NoError(t, err)
			for _, job := range []*restorejobs.Job{one, page.Jobs[0]} {
				n := 0
				walk("", full, func(at string) {
					n++
					assert.False(t, valueAt(reflect.ValueOf(*job), at).IsZero(), "%s is not in its field", at)
				})
				assert.Equal(t, len(properties("", schemas[s.clusterKind], response)), n)
				out, err := json.Marshal(job)
				require.NoError(t, err)
				assert.JSONEq(t, string(body), string(out))
			}
		})
	}
}

func valueAt(value reflect.Value, at string) reflect.Value {
	for _, name := range strings.Split(at, "/")[1:] {
		switch {
		case name == "*" && value.Len() == 0:
			return reflect.ValueOf(0)
		case name == "*":
			value = value.Index(0)
		default:
			value = value.Field(fieldNamed(value.Type(), name))
		}
	}
	return value
}

// Every property of a list has a field of JobPage.
func TestJobPage_hasEveryProperty(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	known := map[string]string{
		"results":    "Jobs",
		"totalCount": "TotalCount",
		"links":      "HasNext",
	}
	for _, op := range d.operations() {
		if op.verb != "list" {
			continue
		}
		for _, content := range op.success().Content {
			for name := range content.Schema.Value.Properties {
				_, ok := reflect.TypeFor[restorejobs.JobPage]().FieldByName(known[name])
				assert.True(t, ok, "%s: %s", op.OperationID, name)
			}
		}
	}
}

// An error with every property of its schema is read into the fields of Error.
func TestError_keepsEveryProperty(t *testing.T) {
	t.Parallel()
	d := openDocument(t)
	schema := d.Components.Schemas["ApiError"].Value
	full := map[string]any{
		"error":            400.0,
		"errorCode":        "VALIDATION_ERROR",
		"reason":           "Bad Request",
		"detail":           "A detail.",
		"parameters":       []any{"a", 7.0},
		"badRequestDetail": map[string]any{"fields": []any{map[string]any{"field": "delivery", "description": "A rule."}}},
	}
	var names []string
	walk("", full, func(at string) { names = append(names, at) })
	var want []string
	for _, p := range properties("", schema, response) {
		want = append(want, p.at)
	}
	require.ElementsMatch(t, want, names)
	body, err := json.Marshal(full)
	require.NoError(t, err)

	server := newServer(t)
	client, _ := newClient(t, server)
	server.InjectFault(rjt.RespondBody(400, "application/json", string(body)), 1)
	_, err = client.AtlasV2.Cluster(rjt.AtlasV2Cluster.Project(), "Cluster0").Jobs.List(t.Context(), restorejobs.ListOptions{})
	var got *restorejobs.Error
	require.ErrorAs(t, err, &got)
	assert.Equal(t, 400, got.StatusCode)
	assert.Equal(t, restorejobs.ErrorCode("VALIDATION_ERROR"), got.Code)
	assert.Equal(t, "Bad Request", got.Reason)
	assert.Equal(t, "A detail.", got.Detail)
	assert.Equal(t, []string{"a", "7"}, got.Parameters)
	assert.Equal(t, []restorejobs.FieldViolation{{Field: "delivery", Description: "A rule."}}, got.FieldViolations)
}
