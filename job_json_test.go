package restorejobs

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMarshalJSON_jobBuiltByHand(t *testing.T) {
	t.Parallel()
	at := time.Date(2018, 9, 10, 20, 11, 28, 0, time.UTC)
	for want, job := range map[string]Job{
		`{}`:                       {},
		`{"id":"\u003cé\"\u003e"}`: {ID: `<é">`},
		`{"statusName":"FINISHED","timestamp":{"date":"2018-09-10T20:11:28Z","increment":3}}`: {
			StatusName: JobStatusFinished, Timestamp: Timestamp{at, 3},
		},
		`{"deliveryType":"automated","timestamp":"2018-09-10T20:11:28Z","desiredTimestamp":{"date":"2018-09-10T20:11:28Z"}}`: {
			DeliveryType: DeliveryTypeAutomated, Timestamp: Timestamp{Date: at}, DesiredTimestamp: Timestamp{Date: at},
		},
		`{"deliveryUrl":[],"hashes":[{}]}`: {DeliveryURL: []Secret{}, Hashes: []FileHash{{}}},
		`{"deliveryUrl":["https://h/k","" ],"components":[{"downloadUrl":"https://h/c","privateDownloadDeliveryUrls":[{"deliveryUrl":"https://h/p"}]}]}`: {
			DeliveryURL: []Secret{"https://h/k", ""},
			Components: []ClusterComponent{{
				DownloadURL: "https://h/c", PrivateDownloadDeliveryURLs: []PrivateDownload{{DeliveryURL: "https://h/p"}},
			}},
		},
		`{"delivery":{"authValue":"key","maxDownloads":1}}`: {Delivery: Delivery{AuthValue: "key", MaxDownloads: 1}},
	} {
		encoded, err := json.Marshal(job)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(encoded))
		assert.Nil(t, job.RawJSON())
		var back Job
		require.NoError(t, json.Unmarshal(encoded, &back))
		back.raw = ""
		assert.Equal(t, job, back, "what was written reads back")
	}
	_, err := json.Marshal(Job{Created: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	require.Error(t, err, "a year that the format has no room for")
	_, err = json.Marshal(Job{Hashes: []FileHash{{}}, Components: []ClusterComponent{{}}, Delivery: Delivery{Expires: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}})
	require.Error(t, err)
}

func TestMarshalJSON_keepsReceivedJSON(t *testing.T) {
	t.Parallel()
	const body = ` { "id" : "1", "new" : [ null, {"a&b": 1.50} ], "failed": false, "id":"2", "deliveryUrl": null } `
	var job Job
	require.NoError(t, json.Unmarshal([]byte(body), &job))
	assert.Equal(t, strings.TrimSpace(body), string(job.RawJSON()))
	job.ID = "changed"
	stored, err := json.Marshal([]any{job, &job})
	require.NoError(t, err)
	assert.Equal(t, jsonValue(t, []byte("["+body+","+body+"]")), jsonValue(t, stored), "whatever was changed since")
	job.RawJSON()[0] = 'x'
	assert.Equal(t, byte('{'), job.RawJSON()[0], "the caller owns what RawJSON gives")

	buffer := []byte(body)
	require.NoError(t, job.UnmarshalJSON(slices.Clone(buffer)))
	keep := slices.Clone(buffer)
	require.NoError(t, job.UnmarshalJSON(keep))
	clear(keep)
	assert.Equal(t, "2", job.ID, "nothing of the caller's bytes is kept")
}

func TestUnmarshalJSON_job(t *testing.T) {
	t.Parallel()
	job := Job{ID: "before"}
	require.NoError(t, json.Unmarshal([]byte("null"), &job))
	assert.Equal(t, "before", job.ID, "null changes nothing, as everywhere in encoding/json")
	for _, odd := range []string{`42`, `"x"`, `[]`, `true`} {
		require.ErrorContains(t, json.Unmarshal([]byte(odd), &job), "not a JSON object")
		assert.Equal(t, "before", job.ID)
	}
	for _, broken := range []string{``, ` `, `{`, `{"id":}`, `nul`, `{"id":"1"}x`} {
		require.Error(t, job.UnmarshalJSON([]byte(broken)), broken)
		assert.Equal(t, "before", job.ID)
	}
	require.NoError(t, json.Unmarshal([]byte(`{"snapshotId":"s"}`), &job))
	assert.Equal(t, Job{SnapshotID: "s", raw: `{"snapshotId":"s"}`}, job, "nothing of the job before is left")
}
