package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// property is one property of a schema with its location in the body.
type property struct {
	at     string
	schema *openapi3.Schema
}

// properties lists the properties of a schema on one side: responses have no write-only property,
// requests no read-only one.
func properties(at string, schema *openapi3.Schema, s side) []property {
	if schema.Items != nil {
		return properties(at+"/*", schema.Items.Value, s)
	}
	var all []property
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		inner := schema.Properties[name].Value
		isOtherSide := (s == request && inner.ReadOnly) || (s == response && inner.WriteOnly)
		if isOtherSide {
			continue
		}
		all = append(all, property{at + "/" + name, inner})
		all = append(all, properties(at+"/"+name, inner, s)...)
	}
	return all
}

// locations lists the properties that the traffic should contain: those of jobs and of requests.
func (d *document) locations() []string {
	var all []string
	for _, op := range d.operations() {
		switch op.verb {
		case "get":
			for _, p := range properties("", op.jobSchema(), response) {
				all = append(all, location(op.clusterKind, response, p.at))
			}
		case "create":
			for _, p := range properties("", op.bodySchema(), request) {
				all = append(all, location(op.clusterKind, request, p.at))
			}
		}
	}
	return all
}

// kind is the type of a schema, such as "string".
func kind(schema *openapi3.Schema) string {
	if schema.Type == nil || len(*schema.Type) != 1 {
		return ""
	}
	return (*schema.Type)[0]
}

// example returns a value of a schema that is not zero.
func example(schema *openapi3.Schema) any {
	switch kind(schema) {
	case "object":
		doc := map[string]any{}
		for name, inner := range schema.Properties {
			if !inner.Value.WriteOnly {
				doc[name] = example(inner.Value)
			}
		}
		return doc
	case "array":
		return []any{example(schema.Items.Value)}
	case "integer":
		if schema.Min != nil {
			return *schema.Min + 7
		}
		return 7.0
	case "boolean":
		return true
	case "string":
		return exampleText(schema)
	default:
		return "anything"
	}
}

func exampleText(schema *openapi3.Schema) string {
	switch {
	case schema.Format == "date-time":
		return "2026-08-10T03:35:05Z"
	case schema.Format == "uuid":
		return "6f1c5a52-9a3b-4c35-8f0e-3f2f1d0a9b11"
	case strings.Contains(schema.Pattern, "{24}"):
		return "32b6e34b3d91647abb20e7b8"
	case strings.Contains(schema.Pattern, "vpce-"):
		return "vpce-3bf78b0ddee411ba1"
	default:
		return "Cluster1"
	}
}
