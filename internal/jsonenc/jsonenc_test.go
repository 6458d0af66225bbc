package jsonenc_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsonenc"
)

// redacted marshals as something other than its text.
type redacted string

func (redacted) MarshalText() ([]byte, error) { return []byte("hidden"), nil }

type part struct {
	Link  redacted   `json:"link,omitzero"`
	Links []redacted `json:"links,omitzero"`
}

type whole struct {
	Name    string    `json:"name,omitzero"`
	Count   int64     `json:"count,omitzero"`
	Done    bool      `json:"done,omitzero"`
	At      time.Time `json:"at,omitzero"`
	Part    part      `json:"part,omitzero"`
	Parts   []part    `json:"parts,omitzero"`
	private string
}

func TestMarshal_values(t *testing.T) {
	t.Parallel()
	at := time.Date(2014, 7, 9, 9, 20, 56, 0, time.UTC)
	for _, c := range []struct {
		name      string
		value     any
		overrides map[string]reflect.Value
		want      string
	}{
		{"zero", whole{}, nil, `{}`},
		{"fields that are not zero", whole{
			Name:  `a "b"`,
			Count: 3,
			Done:  true,
			At:    at,
		}, nil, `{"name":"a \"b\"","count":3,"done":true,"at":"2014-07-09T09:20:56Z"}`},
		{"real text", part{Link: "seen", Links: []redacted{"one", "two"}}, nil, `{"link":"seen","links":["one","two"]}`},
		{"nested structs", whole{Part: part{Link: "in"}, Parts: []part{{}, {Link: "list"}}}, nil, `{"part":{"link":"in"},"parts":[{},{"link":"list"}]}`},
		{"unexported field", whole{private: "kept"}, nil, `{}`},
		{"override", whole{Name: "ours", Count: 1}, map[string]reflect.Value{"name": reflect.ValueOf(7)}, `{"name":7,"count":1}`},
		{"zero override", whole{Name: "ours"}, map[string]reflect.Value{"name": reflect.ValueOf("")}, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := jsonenc.Marshal(reflect.ValueOf(c.value), c.overrides)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
			assert.True(t, json.Valid(got))
		})
	}
}
