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

// shy is a text that marshals as something else by itself.
type shy string

func (shy) MarshalText() ([]byte, error) { return []byte("hidden"), nil }

type part struct {
	Link  shy   `json:"link,omitzero"`
	Links []shy `json:"links,omitzero"`
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

func TestMarshal(t *testing.T) {
	t.Parallel()
	at := time.Date(2014, 7, 9, 9, 20, 56, 0, time.UTC)
	for _, c := range []struct {
		name    string
		value   any
		instead map[string]reflect.Value
		want    string
	}{
		{"nothing", whole{}, nil, `{}`},
		{"what is not zero", whole{
			Name:  `a "b"`,
			Count: 3,
			Done:  true,
			At:    at,
		}, nil, `{"name":"a \"b\"","count":3,"done":true,"at":"2014-07-09T09:20:56Z"}`},
		{"the real text", part{Link: "seen", Links: []shy{"one", "two"}}, nil, `{"link":"seen","links":["one","two"]}`},
		{"structs within", whole{Part: part{Link: "in"}, Parts: []part{{}, {Link: "list"}}}, nil, `{"part":{"link":"in"},"parts":[{},{"link":"list"}]}`},
		{"no private field", whole{private: "kept"}, nil, `{}`},
		{"another value instead", whole{Name: "ours", Count: 1}, map[string]reflect.Value{"name": reflect.ValueOf(7)}, `{"name":7,"count":1}`},
		{"nothing instead", whole{Name: "ours"}, map[string]reflect.Value{"name": reflect.ValueOf("")}, `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := jsonenc.Marshal(reflect.ValueOf(c.value), c.instead)
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
			assert.True(t, json.Valid(got))
		})
	}
}
