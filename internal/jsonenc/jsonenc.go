// Package jsonenc writes structs as JSON by what is in them, whatever methods their
// fields' types have: a type that marshals as redacted is written by its real text.
package jsonenc

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Marshal writes the fields of a struct that are not zero, under the names of their tags;
// instead has other values for some of those names. Structs, lists, strings, numbers, bools
// and times are written.
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
