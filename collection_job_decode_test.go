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
)

// inCollectionJob are the parts of a job and their places in it.
var inCollectionJob = map[reflect.Type]string{
	reflect.TypeFor[CollectionJob]():            `%s`,
	reflect.TypeFor[CollectionJobIndexStatus](): `"indexStatus":{%s}`,
	reflect.TypeFor[RestoreNamespace]():         `"collections":[{%s}]`,
}

// inRestoredCollection are the parts of a collection and their places in it.
var inRestoredCollection = map[reflect.Type]string{
	reflect.TypeFor[RestoredCollection]():    `%s`,
	reflect.TypeFor[CollectionIndexStatus](): `"indexStatus":{%s}`,
}

func parseCollectionFields(t *testing.T, body string) CollectionJob {
	t.Helper()
	job, err := parseCollectionJob([]byte(body))
	require.NoError(t, err, body)
	assert.Equal(t, body, string(job.RawJSON()))
	job.raw = ""
	return *job
}

func parseRestoredFields(t *testing.T, body string) RestoredCollection {
	t.Helper()
	collection, err := parseRestoredCollection([]byte(body))
	require.NoError(t, err, body)
	assert.Equal(t, body, string(collection.RawJSON()))
	collection.raw = ""
	return *collection
}

func TestCollectionJobDecode_invalidFieldKeepsOthers(t *testing.T) {
	t.Parallel()
	const before = `"id":"J","errorMessage":"m"`
	const after = `"targetClusterName":"staging","databaseSuffix":"_d"`
	for part, place := range inCollectionJob {
		for name := range taggedFields(part) {
			for _, value := range oddValues {
				member := fmt.Sprintf(place, fmt.Sprintf("%q:%s", name, value))
				job := parseCollectionFields(t, `{`+before+`,`+member+`,`+after+`}`)
				for survivor, got := range map[string]string{
					"id J":                      "id " + job.ID,
					"errorMessage m":            "errorMessage " + job.ErrorMessage,
					"targetClusterName staging": "targetClusterName " + job.TargetClusterName,
					"databaseSuffix _d":         "databaseSuffix " + job.DatabaseSuffix,
				} {
					isTested := strings.HasPrefix(survivor, name+" ")
					if !isTested {
						assert.Equal(t, survivor, got, member)
					}
				}
			}
		}
	}
}

func TestRestoredCollectionDecode_invalidFieldKeepsOthers(t *testing.T) {
	t.Parallel()
	for part, place := range inRestoredCollection {
		for name := range taggedFields(part) {
			for _, value := range oddValues {
				member := fmt.Sprintf(place, fmt.Sprintf("%q:%s", name, value))
				collection := parseRestoredFields(t, `{"sourceNamespace":"a.b",`+member+`,"state":"FAILED"}`)
				if name != "sourceNamespace" {
					assert.Equal(t, "a.b", collection.SourceNamespace, member)
				}
				assert.Equal(t, CollectionStatusFailed, collection.Status, member)
			}
		}
	}
}

func TestCollectionJobDecode_nullEqualsAbsent(t *testing.T) {
	t.Parallel()
	for part, place := range inCollectionJob {
		without := parseCollectionFields(t, `{`+fmt.Sprintf(place, "")+`}`)
		for name := range taggedFields(part) {
			assert.Equal(t, without, parseCollectionFields(t, `{`+fmt.Sprintf(place, fmt.Sprintf("%q:null", name))+`}`), name)
		}
	}
	for part, place := range inRestoredCollection {
		without := parseRestoredFields(t, `{`+fmt.Sprintf(place, "")+`}`)
		for name := range taggedFields(part) {
			assert.Equal(t, without, parseRestoredFields(t, `{`+fmt.Sprintf(place, fmt.Sprintf("%q:null", name))+`}`), name)
		}
	}
}

// Other writers spell numbers as strings, and strings as numbers. The last of several members counts.
func TestCollectionJobDecode_otherSpellings(t *testing.T) {
	t.Parallel()
	job := parseCollectionFields(t, `{"id":7,"restoredDocuments":"15500","totalDocuments":2e4,"oplogTs":1.702220445e9,
		"oplogInc":1.5,"pointInTimeUtcSeconds":9223372036854775808,"createdAt":"2026-07-07T12:00:00+02:00","finishedAt":"soon",
		"state":"FAILED","state":"SUCCESSFUL","indexStatus":{"failedCollectionCount":"2"},"indexStatus":{"state":"FAILED"}}`)
	assert.Equal(t, "7", job.ID)
	assert.EqualValues(t, 15500, job.RestoredDocuments)
	assert.EqualValues(t, 20000, job.TotalDocuments)
	assert.EqualValues(t, 1702220445, job.OplogTS)
	assert.Zero(t, job.OplogInc, "a fraction is not an increment")
	assert.Zero(t, job.PointInTimeUTCSeconds, "beyond int64")
	assert.True(t, job.CreatedAt.Equal(time.Date(2026, 7, 7, 10, 0, 0, 0, time.UTC)))
	assert.True(t, job.FinishedAt.IsZero())
	assert.Equal(t, CollectionJobStatusSuccessful, job.Status)
	assert.True(t, job.hasFailedIndexes())
}

func TestDecodeNamespaces_unusualEntries(t *testing.T) {
	t.Parallel()
	job := parseCollectionFields(t, `{"databases":{},"collections":[7,null,{"sourceNamespace":"a.b"},{"targetNamespace":"c.d","more":[1]}]}`)
	assert.Nil(t, job.Databases, "not a list")
	assert.Equal(t, []RestoreNamespace{{}, {}, {Source: "a.b"}, {Target: "c.d"}}, job.Collections)
}

// Entries without a value need more memory than text, so their number is limited.
func TestDecodeNamespaces_manyEmptyEntries(t *testing.T) {
	t.Parallel()
	zeros := strings.TrimSuffix(strings.Repeat("0,", 10_000), ",")
	job := parseCollectionFields(t, `{"id":"J","collections":[`+zeros+`],"targetGroupId":"g"}`)
	most := 16 + len(zeros)/8
	assert.LessOrEqual(t, len(job.Collections), most)
	assert.Equal(t, "g", job.TargetGroupID)
	collection := parseRestoredFields(t, `{"indexStatus":{"failedIndexes":[`+zeros+`],"state":"FAILED"}}`)
	assert.LessOrEqual(t, len(collection.IndexStatus.FailedIndexes), most)
	assert.Equal(t, IndexStateFailed, collection.IndexStatus.State)
}

// The indexes that failed are objects of any form, kept as they were sent.
func TestDecodeRawList_keepsEveryForm(t *testing.T) {
	t.Parallel()
	body := []byte(`{"indexStatus":{"failedIndexes":[{"name":"i1", "key":{"a":1.0}}, null, "i2", []]}}`)
	collection, err := parseRestoredCollection(body)
	require.NoError(t, err)
	clear(body)
	var texts []string
	for _, index := range collection.IndexStatus.FailedIndexes {
		texts = append(texts, string(index))
	}
	assert.Equal(t, []string{`{"name":"i1", "key":{"a":1.0}}`, `null`, `"i2"`, `[]`}, texts)
}

func TestReadCollectionJob_entries(t *testing.T) {
	t.Parallel()
	d := jsondec.New([]byte(`[{"id":"J"},7,null]`))
	require.True(t, d.Array())
	var texts []string
	for d.More() {
		job := readCollectionJob(&d)
		texts = append(texts, job.ID+" "+string(job.RawJSON()))
	}
	require.NoError(t, d.Err())
	assert.Equal(t, []string{`J {"id":"J"}`, " 7", " null"}, texts, "an invalid entry does not hide the others")
}

func TestCollectionJob_unmarshalErrors(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`[]`:          "not a JSON object",
		`"x"`:         "not a JSON object",
		`42`:          "not a JSON object",
		``:            "restorejobs: ",
		`{`:           "restorejobs: ",
		`{"id":"a"}}`: "restorejobs: ",
		`nul`:         "restorejobs: ",
	} {
		job := CollectionJob{ID: "kept"}
		require.ErrorContains(t, job.UnmarshalJSON([]byte(body)), want, body)
		require.ErrorContains(t, job.UnmarshalJSON([]byte(body)), "a collection restore job: ", body)
		assert.Equal(t, CollectionJob{ID: "kept"}, job, body)
		collection := RestoredCollection{SourceNamespace: "kept"}
		require.ErrorContains(t, collection.UnmarshalJSON([]byte(body)), want, body)
		require.ErrorContains(t, collection.UnmarshalJSON([]byte(body)), "a restored collection: ", body)
		assert.Equal(t, RestoredCollection{SourceNamespace: "kept"}, collection, body)
	}
	job := CollectionJob{ID: "kept"}
	require.NoError(t, json.Unmarshal([]byte(`null`), &job))
	assert.Equal(t, "kept", job.ID)
	require.NoError(t, json.Unmarshal([]byte(`{"state":"FAILED"}`), &job))
	assert.Empty(t, job.ID, "no field of the value before is kept")
	collection := RestoredCollection{SourceNamespace: "kept"}
	require.NoError(t, json.Unmarshal([]byte(`null`), &collection))
	assert.Equal(t, "kept", collection.SourceNamespace)
}

func TestCollectionJob_doesNotShareTheInput(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"abc","state":"FAILED","collections":[{"sourceNamespace":"a.b"}]}`)
	var job CollectionJob
	require.NoError(t, job.UnmarshalJSON(body))
	clear(body)
	assert.Equal(t, "abc", job.ID)
	assert.Equal(t, CollectionJobStatusFailed, job.Status)
	assert.Equal(t, []RestoreNamespace{{Source: "a.b"}}, job.Collections)
}

func TestCollectionJob_marshalsWhatItWasReadFrom(t *testing.T) {
	t.Parallel()
	const body = `{"id":"J","future":{"x":[1.50,"a&b"]},"state":"PAUSED"}`
	var job CollectionJob
	require.NoError(t, json.Unmarshal([]byte(body), &job))
	job.ID = "changed"
	stored, err := json.Marshal([]any{job, &job})
	require.NoError(t, err)
	assert.Equal(t, jsonValue(t, []byte("["+body+","+body+"]")), jsonValue(t, stored))

	stored, err = json.Marshal(CollectionJob{})
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(stored))
	_, err = json.Marshal(CollectionJob{CreatedAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.Error(t, err, "a year that the format has no room for")
}

func TestDecodeCollectionJob_bodies(t *testing.T) {
	t.Parallel()
	const job = `{"id":"J","state":"SUCCESSFUL"}`
	for _, body := range []string{
		job,
		" \n" + job + "\n",
		`{"status":200,"content":` + job + `}`,
		`{"status":201,"envelope":` + job + `}`,
	} {
		decoded, err := decodeCollectionJob([]byte(body))
		require.NoError(t, err, body)
		assert.Equal(t, job, string(decoded.RawJSON()), body)
	}
	for body, want := range map[string]string{
		``:                              "empty",
		`null`:                          "not a JSON object",
		`[]`:                            "not a JSON object",
		`{}`:                            "no id",
		`{"id":{}}`:                     "no id",
		`{"status":200}`:                "envelope is empty",
		`{"status":200,"content":null}`: "not a JSON object",
		`{"id":"J"`:                     "unexpected end",
		job + job:                       "the end of the document was expected",
		`{"results":[` + job + `]}`:     "no id",
	} {
		decoded, err := decodeCollectionJob([]byte(body))
		require.ErrorContains(t, err, want, body)
		assert.Nil(t, decoded, body)
	}
}
