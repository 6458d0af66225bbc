package restorejobs

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsonenc"
)

// TestJobDecode_everyField compares the decoder with encoding/json for every field. It fails for a
// field of a struct that the decoder does not read.
func TestJobDecode_everyField(t *testing.T) {
	t.Parallel()
	for _, part := range modelParts {
		for _, field := range reflect.VisibleFields(part) {
			if field.Tag.Get("json") == "" {
				continue
			}
			t.Run(part.Name()+"."+field.Name, func(t *testing.T) {
				t.Parallel()
				shadow := reflect.New(shadowType(part)).Elem()
				fill(shadow.FieldByName(field.Name), field.Name)
				document, err := json.Marshal(shadow.Interface())
				require.NoError(t, err)

				byReflection := reflect.New(part)
				fill(byReflection.Elem().FieldByIndex(field.Index), field.Name)
				require.False(t, byReflection.Elem().FieldByIndex(field.Index).IsZero())
				ours := reflect.New(part)
				require.NoError(t, decodePart(document, ours.Interface()), "%s", document)
				assert.Equal(t, byReflection.Interface(), ours.Interface(), "the decoder has no line for it: %s", document)

				theirs := reflect.New(shadow.Type())
				require.NoError(t, json.Unmarshal(document, theirs.Interface()))
				assert.Equal(t, shadow.Interface(), theirs.Elem().Interface())

				encoded, err := jsonenc.Marshal(ours.Elem(), nil)
				require.NoError(t, err)
				assert.Contains(t, jsonValue(t, encoded), strings.Split(field.Tag.Get("json"), ",")[0])
				if part != reflect.TypeFor[TimeRange]() { // which always has all its members
					assert.JSONEq(t, string(document), string(encoded), "what was built by hand marshals the same")
				}
			})
		}
	}
}

// decodePart decodes one part of the model within a job.
func decodePart(document []byte, part any) error {
	if job, ok := part.(*Job); ok {
		read, err := parseJob(document)
		if err == nil {
			*job = *read
			job.raw = ""
		}
		return err
	}
	whole := map[reflect.Type]string{
		reflect.TypeFor[*Delivery]():         `{"delivery":%s}`,
		reflect.TypeFor[*FileHash]():         `{"hashes":[%s]}`,
		reflect.TypeFor[*Link]():             `{"links":[%s]}`,
		reflect.TypeFor[*ClusterComponent](): `{"components":[%s]}`,
		reflect.TypeFor[*PrivateDownload]():  `{"privateDownloadDeliveryUrls":[%s]}`,
		reflect.TypeFor[*Timestamp]():        `{"desiredTimestamp":%s}`,
	}
	format, inJob := whole[reflect.TypeOf(part)]
	if !inJob {
		return json.Unmarshal(document, part)
	}
	job, err := parseJob(fmt.Appendf(nil, format, document))
	if err != nil {
		return err
	}
	switch part := part.(type) {
	case *Delivery:
		*part = job.Delivery
	case *FileHash:
		*part = job.Hashes[0]
	case *Link:
		*part = job.Links[0]
	case *ClusterComponent:
		*part = job.Components[0]
	case *PrivateDownload:
		*part = job.PrivateDownloadDeliveryURLs[0]
	case *Timestamp:
		*part = job.DesiredTimestamp
	}
	return nil
}

// shadowType is a type of the same fields and tags with no methods anywhere, which
// encoding/json treats by the book.
func shadowType(model reflect.Type) reflect.Type {
	switch {
	case model == reflect.TypeFor[time.Time]():
		return model
	case model.Kind() == reflect.Struct:
		var fields []reflect.StructField
		for _, field := range reflect.VisibleFields(model) {
			if field.Tag.Get("json") != "" {
				fields = append(fields, reflect.StructField{Name: field.Name, Type: shadowType(field.Type), Tag: field.Tag})
			}
		}
		return reflect.StructOf(fields)
	case model.Kind() == reflect.Slice:
		return reflect.SliceOf(shadowType(model.Elem()))
	case model.Kind() == reflect.String:
		return reflect.TypeFor[string]()
	default:
		return model
	}
}

// fill puts something that is not zero everywhere, the same for a type and its shadow.
func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name + ` "1" & ü`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(name)) + 7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), name+"0")
		fill(v.Index(1), name+"1")
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2018, 9, 10, 20, 11, len(name), 0, time.UTC)))
			return
		}
		for _, field := range reflect.VisibleFields(v.Type()) {
			if field.Tag.Get("json") != "" {
				fill(v.FieldByIndex(field.Index), field.Name)
			}
		}
	default:
		panic("no example of " + v.Kind().String())
	}
}
