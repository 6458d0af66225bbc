// Package jsonenc encodes structs as JSON and ignores the MarshalJSON and MarshalText methods of
// their fields, so that a redacting type is encoded with its real text.
package jsonenc

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Marshal encodes the fields of a struct that are not zero, under the names in their json tags.
// The value in overrides replaces that of the field with the same name. Fields can be structs,
// slices, strings, numbers, bools and times.
func Marshal(v reflect.Value, overrides map[string]reflect.Value) ([]byte, error) {
	return appendStruct(nil, v, overrides)
}

func appendStruct(dst []byte, v reflect.Value, overrides map[string]reflect.Value) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value := v.Field(i)
		if override, ok := overrides[name]; ok {
			value = override
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
	case v.Kind() == reflect.String: // also a type with its own methods, such as a secret
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
