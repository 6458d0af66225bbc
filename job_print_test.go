package restorejobs

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJob_string(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"id":"J","statusName":"FINISHED","snapshotId":"S","batchId":"B"}`:                                                "restore job J finished of snapshot S in batch B",
		`{"id":"J","cancelled":true,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1600000000}`:                      "restore job J cancelled to 2020-09-13T12:26:40Z",
		`{"id":"\u0000\u202e\n","snapshotId":"\u0001"}`:                                                                    "restore job without id unknown of snapshot without id",
		`{"id":"J","failed":true,"oplogTs":1600000000,"oplogInc":7}`:                                                       "restore job J failed to 2020-09-13T12:26:40Z",
		`{"statusName":"KILLED","pointInTime":true,"desiredTimestamp":{"date":"2020-09-13T14:26:40+02:00","increment":1}}`: "restore job without id cancelled to 2020-09-13T12:26:40Z",
	} {
		var job Job
		require.NoError(t, json.Unmarshal([]byte(text), &job))
		assert.Equal(t, want, job.String())
	}
}

// TestFormat_unprintableCharacters checks every type that prints texts of a server. A reordering
// or control character in them would change a line of a terminal or a log.
func TestFormat_unprintableCharacters(t *testing.T) {
	t.Parallel()
	for _, character := range []string{"\u202e", "\u2066", "\u061c", "\x1b", "\n", "\u2028", "\xff"} {
		text := "a" + character + "b"
		links := []Link{{Rel: text, Href: text}}
		for _, value := range []any{
			Delivery{MethodName: DeliveryMethod(text), StatusName: DeliveryStatus(text), TargetClusterName: text, AuthHeader: text},
			ClusterComponent{ReplicaSetName: text, PrivateDownloadDeliveryURLs: []PrivateDownload{{EndpointID: text}}},
			PrivateDownload{EndpointID: text},
			DownloadLink{ReplicaSet: text, FileName: text, HeaderName: text},
			links[0],
			FileHash{TypeName: HashType(text), FileName: text, Links: links},
			FieldViolation{Field: text, Description: text},
			DownloadedFile{ReplicaSet: text},
			DownloadProgress{ReplicaSet: text},
			TimeRange{SnapshotID: text, ConfigServerType: text},
			Job{ID: text, StatusName: JobStatus(text), Components: []ClusterComponent{{ReplicaSetName: text}}, Links: links},
			[]ClusterComponent{{ReplicaSetName: text}},
			[]*Delivery{{TargetClusterName: text}},
			[]FieldViolation{{Field: text}},
			&NoSnapshotError{ref: "r", problem: "p", Reason: NoSnapshotCompleted, Newest: &Snapshot{ID: text}},
			&UnidentifiedSnapshotError{Candidates: []*Snapshot{{ID: text}}},
			&Error{StatusCode: 400, Code: ErrorCode(text), Detail: text, FieldViolations: []FieldViolation{{text, text}}},
		} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				assert.NotContains(t, fmt.Sprintf(verb, value), character, "%s of %T", verb, value)
			}
		}
	}
	assert.Equal(t, "{a b }", fmt.Sprint(Link{Rel: "a\u202eb"}))
}
