package restorejobs

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// MarshalJSON gives the JSON value that the job was read from. A job built by hand
// gives its fields that are not zero under the API's own names. Links and other
// secrets are written out: this is how a job is stored.
func (j Job) MarshalJSON() ([]byte, error) {
	if j.raw != "" {
		return []byte(j.raw), nil
	}
	timestamp := reflect.ValueOf(j.Timestamp)
	if j.generation() == cloud { // where timestamp is a plain string
		timestamp = reflect.ValueOf(j.Timestamp.Date)
	}
	return appendStruct(nil, reflect.ValueOf(j), map[string]reflect.Value{"timestamp": timestamp})
}

// appendStruct writes the fields that are not zero under the names of their tags.
// It exists because a [Secret] by itself marshals as redacted: reflection is fine
// for the rare job that was built by hand.
func appendStruct(dst []byte, v reflect.Value, instead map[string]reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value := v.Field(i)
		if other, ok := instead[name]; ok {
			value = other
		}
		if name == "" || value.IsZero() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '"')
		dst = append(dst, name...)
		dst = append(dst, `":`...)
		var err error
		if dst, err = appendValue(dst, value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v reflect.Value) ([]byte, error) {
	isTime := v.Type() == reflect.TypeFor[time.Time]()
	switch {
	case v.Kind() == reflect.String: // a Secret among them, by its real text
		text, err := json.Marshal(v.String())
		return append(dst, text...), err
	case v.Kind() == reflect.Struct && !isTime:
		return appendStruct(dst, v, nil)
	case v.Kind() == reflect.Slice:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			var err error
			if dst, err = appendValue(dst, v.Index(i)); err != nil {
				return nil, err
			}
		}
		return append(dst, ']'), nil
	default:
		text, err := json.Marshal(v.Interface())
		return append(dst, text...), err
	}
}
