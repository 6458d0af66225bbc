package restorejobs

import (
	"errors"
	"fmt"

	"example.com/restorejobs/internal/jsondec"
)

var errNotObject = errors.New("not a JSON object")

// unmarshalObject replaces a value by the one that parse reads from data. null keeps the value, and so
// does an error.
func unmarshalObject[T any](noun string, data []byte, value *T, parse func(data []byte) (*T, error)) error {
	if string(data) == "null" {
		return nil
	}
	parsed, err := parseIfObject(data, parse)
	if err != nil {
		return fmt.Errorf("restorejobs: %s: %w", noun, err)
	}
	*value = *parsed
	return nil
}

func parseIfObject[T any](data []byte, parse func(data []byte) (*T, error)) (*T, error) {
	d := jsondec.New(data)
	if d.Kind() == jsondec.KindObject {
		return parse(data)
	}
	if err := jsondec.Valid(data); err != nil {
		return nil, err
	}
	return nil, errNotObject
}

// copyRaw returns a copy of the text that a value was read from, nil for a value built by hand.
func copyRaw(raw string) []byte {
	if raw == "" {
		return nil
	}
	return []byte(raw)
}
