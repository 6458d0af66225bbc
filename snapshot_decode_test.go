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

	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/testutil"
)

// TestSnapshotDecode_everyField requires a body with each field of the model. TestSnapshot_everyBody
// compares them.
func TestSnapshotDecode_everyField(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	var collect func(value reflect.Value)
	collect = func(value reflect.Value) {
		for name, field := range taggedFields(value.Type()) {
			member := value.FieldByIndex(field.Index)
			if !member.IsZero() {
				set[value.Type().Name()+"."+name] = true
			}
			switch {
			case member.Kind() == reflect.Slice && member.Type().Elem().Kind() == reflect.Struct:
				for i := range member.Len() {
					collect(member.Index(i))
				}
			case member.Type() == reflect.TypeFor[NamespaceFilterList]():
				collect(member)
			}
		}
	}
	for name := range snapshotFiles {
		snapshot, err := decodeSnapshot(bodyFile(t, name))
		require.NoError(t, err)
		collect(reflect.ValueOf(*snapshot))
	}
	for part, fields := range documentedSnapshotFields {
		for name := range strings.FieldsSeq(fields) {
			assert.True(t, set[part+"."+name], "%s.%s is in no body, or has no line in decode", part, name)
		}
	}
}

// inSnapshot are the places of the model's parts in a snapshot.
var inSnapshot = map[string]string{
	"Snapshot":            `%s`,
	"SnapshotPart":        `"parts":[{%s}]`,
	"MissingShard":        `"missingShards":[{%s}]`,
	"NamespaceFilterList": `"namespaceFilterList":{%s}`,
	"SnapshotMember":      `"members":[{%s}]`,
}

func TestSnapshotDecode_invalidFieldKeepsOthers(t *testing.T) {
	t.Parallel()
	survivors := map[string]string{"snapshotType": "scheduled", "description": "d", "replicaSetName": "r", "configServerType": "c"}
	for _, part := range snapshotParts {
		for name := range taggedFields(part) {
			for _, value := range oddValues {
				member := fmt.Sprintf(inSnapshot[part.Name()], fmt.Sprintf("%q:%s", name, value))
				body := `{"snapshotType":"scheduled","description":"d",` + member + `,"replicaSetName":"r","configServerType":"c"}`
				snapshot, _, err := parseSnapshot([]byte(body))
				require.NoError(t, err, body)
				assert.Equal(t, body, string(snapshot.RawJSON()))
				snapshot.raw = ""
				typed, err := json.Marshal(snapshot)
				require.NoError(t, err)
				read, ok := jsonValue(t, typed).(map[string]any)
				require.True(t, ok)
				for survivor, want := range survivors {
					if part.Name() != "Snapshot" || name != survivor {
						assert.Equal(t, want, read[survivor], body)
					}
				}
			}
		}
	}
}

func TestSnapshotDecode_nullEqualsAbsent(t *testing.T) {
	t.Parallel()
	parse := func(body string) Snapshot {
		snapshot, _, err := parseSnapshot([]byte(body))
		require.NoError(t, err)
		snapshot.raw = ""
		return *snapshot
	}
	for _, part := range snapshotParts {
		for name := range taggedFields(part) {
			without := parse(`{` + fmt.Sprintf(inSnapshot[part.Name()], "") + `}`)
			assert.Equal(t, without, parse(`{`+fmt.Sprintf(inSnapshot[part.Name()], fmt.Sprintf("%q:null", name))+`}`), name)
		}
	}
}

func TestSnapshotDecode_strings(t *testing.T) {
	t.Parallel()
	snapshot, _, err := parseSnapshot([]byte(`{"copyRegions":["a",null,7,{}],"policyItems":"p","snapshotIds":null}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "", "7", ""}, snapshot.CopyRegions)
	assert.Nil(t, snapshot.PolicyItems)
	assert.Nil(t, snapshot.SnapshotIDs)
}

func TestReadSnapshot_anyLength(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 10, 100, 5000} {
		entry := `{"id":"a","description":"` + strings.Repeat("x", length) + `"}`
		d := jsondec.New([]byte("[" + entry + ",1]"))
		require.True(t, d.Array())
		require.True(t, d.More())
		snapshot := readSnapshot(&d)
		require.NoError(t, d.Err())
		assert.Equal(t, entry, string(snapshot.RawJSON()))
		assert.Len(t, snapshot.Description, length)
	}
}

func TestSnapshotGet_envelopes(t *testing.T) {
	t.Parallel()
	const flex = `{"id":"S","status":"COMPLETED","finishTime":"2026-08-02T17:06:56Z"}`
	for _, body := range []string{
		flex,
		`{"status":200,"content":` + flex + `}`,
		`{"status":200,"envelope":` + flex + `}`,
		" \n" + flex + "\n",
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		snapshot, err := client.AtlasV2.Flex("p", "c").Snapshots.Get(t.Context(), "S")
		require.NoError(t, err, body)
		assert.Equal(t, flex, string(snapshot.RawJSON()))
		assert.Equal(t, time.Date(2026, 8, 2, 17, 6, 56, 0, time.UTC), snapshot.Time())
	}
	for body, want := range map[string]string{
		``:                                      "empty",
		`[]`:                                    "not a JSON object",
		`{}`:                                    "no id",
		`{"status":200}`:                        "envelope is empty",
		`{"id":"S"`:                             "unexpected end",
		`{"results":[{"id":"S"}]}`:              "no id",
		`{"id":"other","status":"COMPLETED"}`:   "another snapshot",
		`{"status":404,"errorCode":"X"}`:        "404",
		`{"error":500,"errorCode":"X","id":""}`: "500",
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		_, err := client.AtlasV2.Flex("p", "c").Snapshots.Get(t.Context(), "S")
		require.ErrorContains(t, err, want, body)
		var apiErr *Error
		require.ErrorAs(t, err, &apiErr)
	}
}
