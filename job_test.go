package restorejobs

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsonenc"
)

// modelParts are the structs that the JSON pass fills.
var modelParts = []reflect.Type{
	reflect.TypeFor[Job](), reflect.TypeFor[Delivery](), reflect.TypeFor[FileHash](), reflect.TypeFor[Link](),
	reflect.TypeFor[ClusterComponent](), reflect.TypeFor[PrivateDownload](), reflect.TypeFor[Timestamp](), reflect.TypeFor[TimeRange](),
}

// documentedFields are the members that the documents, the schema and recordings name.
var documentedFields = map[string]string{
	"Job": `id snapshotId links timestamp
		statusName groupId clusterId clusterName hostId batchId checkpointId created pointInTime encryptionEnabled
		masterKeyUUID deploymentJobId hashes delivery
		deliveryType deliveryUrl components privateDownloadDeliveryUrls cancelled failed expired createdAt finishedAt
		expiresAt desiredTimestamp oplogTs oplogInc pointInTimeUTCSeconds targetClusterName targetGroupId
		targetDeploymentItemName sourceClusterName
		status projectId instanceName targetProjectId restoreScheduledDate restoreFinishedDate snapshotFinishedDate
		expirationDate snapshotUrl`,
	"Delivery": `methodName statusName url urlV2 authHeader authBearer authValue expires expirationHours maxDownloads
		targetClusterId targetGroupId targetClusterName`,
	"FileHash":         "typeName fileName hash links",
	"Link":             "rel href",
	"ClusterComponent": "replicaSetName downloadUrl privateDownloadDeliveryUrls",
	"PrivateDownload":  "deliveryUrl endpointId",
	"Timestamp":        "date increment",
	"TimeRange":        "start end snapshotId shardCount configServerType",
}

func TestJob_hasEveryDocumentedField(t *testing.T) {
	t.Parallel()
	for _, part := range modelParts {
		var names []string
		for name := range taggedFields(part) {
			names = append(names, name)
		}
		assert.ElementsMatch(t, strings.Fields(documentedFields[part.Name()]), names, part.Name())
	}
}

// TestJob_everyFieldIsInABody: each field of the model has been read at least once from what a
// service is documented to send.
func TestJob_everyFieldIsInABody(t *testing.T) {
	t.Parallel()
	members := map[string]bool{}
	var collect func(value any)
	collect = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, inner := range value {
				members[name] = true
				collect(inner)
			}
		case []any:
			for _, inner := range value {
				collect(inner)
			}
		}
	}
	for _, name := range bodyFiles(t) {
		var body any
		if json.Unmarshal(bodyFile(t, name), &body) == nil {
			collect(body)
		}
	}
	for part, fields := range documentedFields {
		for name := range strings.FieldsSeq(fields) {
			assert.True(t, members[name], "%s: no body in testdata has %s", part, name)
		}
	}
}

func TestJob_constantsOfDocumentedLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ want, have []string }{
		{
			strings.Fields("IN_PROGRESS FINISHED BROKEN KILLED"),
			texts(JobStatusInProgress, JobStatusFinished, JobStatusBroken, JobStatusKilled),
		},
		{
			strings.Fields("PENDING NOT_STARTED IN_PROGRESS READY FAILED INTERRUPTED EXPIRED MAX_DOWNLOADS_EXCEEDED"),
			texts(DeliveryStatusPending, DeliveryStatusNotStarted, DeliveryStatusInProgress, DeliveryStatusReady,
				DeliveryStatusFailed, DeliveryStatusInterrupted, DeliveryStatusExpired, DeliveryStatusMaxDownloadsExceeded),
		},
		{
			strings.Fields("CLIENT_PIT_HTTP QUERY AUTOMATED_RESTORE HTTP THIRD_PARTY_COPY CLIENT_PIT_SCP SCP"),
			texts(DeliveryMethodClientPITHTTP, DeliveryMethodQuery, DeliveryMethodAutomatedRestore, DeliveryMethodHTTP,
				DeliveryMethodThirdPartyCopy, DeliveryMethodClientPITSCP, DeliveryMethodSCP),
		},
		{
			strings.Fields("automated download pointInTime RESTORE DOWNLOAD"),
			texts(DeliveryTypeAutomated, DeliveryTypeDownload, DeliveryTypePointInTime, DeliveryTypeFlexRestore, DeliveryTypeFlexDownload),
		},
		{
			strings.Fields("PENDING QUEUED RUNNING FAILED COMPLETED"),
			texts(FlexStatusPending, FlexStatusQueued, FlexStatusRunning, FlexStatusFailed, FlexStatusCompleted),
		},
		{[]string{"SHA1"}, texts(HashTypeSHA1)},
	} {
		assert.Equal(t, c.want, c.have)
	}
}

func texts[T ~string](values ...T) []string {
	var list []string
	for _, value := range values {
		list = append(list, string(value))
	}
	return list
}

// TestJobDecode_everyField takes every tagged field through our pass and through
// encoding/json, by a type of the same fields without methods. It fails when a field was
// added to a struct and forgotten in job_decode.go.
func TestJobDecode_everyField(t *testing.T) {
	t.Parallel()
	for _, part := range modelParts {
		for _, field := range reflect.VisibleFields(part) {
			if field.Tag.Get("json") == "" {
				continue
			}
			t.Run(part.Name()+"."+field.Name, func(t *testing.T) {
				t.Parallel()
				shadow := reflect.New(shadowType(part)).Elem()
				fill(shadow.FieldByName(field.Name), field.Name)
				document, err := json.Marshal(shadow.Interface())
				require.NoError(t, err)

				byReflection := reflect.New(part)
				fill(byReflection.Elem().FieldByIndex(field.Index), field.Name)
				require.False(t, byReflection.Elem().FieldByIndex(field.Index).IsZero())
				ours := reflect.New(part)
				require.NoError(t, decodePart(document, ours.Interface()), "%s", document)
				assert.Equal(t, byReflection.Interface(), ours.Interface(), "job_decode.go has no line for it: %s", document)

				theirs := reflect.New(shadow.Type())
				require.NoError(t, json.Unmarshal(document, theirs.Interface()))
				assert.Equal(t, shadow.Interface(), theirs.Elem().Interface())

				encoded, err := jsonenc.Marshal(ours.Elem(), nil)
				require.NoError(t, err)
				assert.Contains(t, jsonValue(t, encoded), strings.Split(field.Tag.Get("json"), ",")[0])
				if part != reflect.TypeFor[TimeRange]() { // which always has all its members
					assert.JSONEq(t, string(document), string(encoded), "what was built by hand marshals the same")
				}
			})
		}
	}
}

// decodePart reads one part of the model as job_decode.go does.
func decodePart(document []byte, part any) error {
	if job, ok := part.(*Job); ok {
		read, err := parseJob(document)
		if err == nil {
			*job = *read
			job.raw = ""
		}
		return err
	}
	whole := map[reflect.Type]string{
		reflect.TypeFor[*Delivery]():         `{"delivery":%s}`,
		reflect.TypeFor[*FileHash]():         `{"hashes":[%s]}`,
		reflect.TypeFor[*Link]():             `{"links":[%s]}`,
		reflect.TypeFor[*ClusterComponent](): `{"components":[%s]}`,
		reflect.TypeFor[*PrivateDownload]():  `{"privateDownloadDeliveryUrls":[%s]}`,
		reflect.TypeFor[*Timestamp]():        `{"desiredTimestamp":%s}`,
	}
	format, inJob := whole[reflect.TypeOf(part)]
	if !inJob {
		return json.Unmarshal(document, part)
	}
	job, err := parseJob(fmt.Appendf(nil, format, document))
	if err != nil {
		return err
	}
	switch part := part.(type) {
	case *Delivery:
		*part = job.Delivery
	case *FileHash:
		*part = job.Hashes[0]
	case *Link:
		*part = job.Links[0]
	case *ClusterComponent:
		*part = job.Components[0]
	case *PrivateDownload:
		*part = job.PrivateDownloadDeliveryURLs[0]
	case *Timestamp:
		*part = job.DesiredTimestamp
	}
	return nil
}

// shadowType is a type of the same fields and tags with no methods anywhere, which
// encoding/json treats by the book.
func shadowType(model reflect.Type) reflect.Type {
	switch {
	case model == reflect.TypeFor[time.Time]():
		return model
	case model.Kind() == reflect.Struct:
		var fields []reflect.StructField
		for _, field := range reflect.VisibleFields(model) {
			if field.Tag.Get("json") != "" {
				fields = append(fields, reflect.StructField{Name: field.Name, Type: shadowType(field.Type), Tag: field.Tag})
			}
		}
		return reflect.StructOf(fields)
	case model.Kind() == reflect.Slice:
		return reflect.SliceOf(shadowType(model.Elem()))
	case model.Kind() == reflect.String:
		return reflect.TypeFor[string]()
	default:
		return model
	}
}

// fill puts something that is not zero everywhere, the same for a type and its shadow.
func fill(v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(name + ` "1" & ü`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(len(name)) + 7)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), name+"0")
		fill(v.Index(1), name+"1")
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2018, 9, 10, 20, 11, len(name), 0, time.UTC)))
			return
		}
		for _, field := range reflect.VisibleFields(v.Type()) {
			if field.Tag.Get("json") != "" {
				fill(v.FieldByIndex(field.Index), field.Name)
			}
		}
	default:
		panic("no example of " + v.Kind().String())
	}
}

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

// TestJob_string says what a job restores, as each variant tells it.
func TestJob_string(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"id":"J","statusName":"FINISHED","snapshotId":"S","batchId":"B"}`:                                                "restore job J finished of snapshot S in batch B",
		`{"id":"J","cancelled":true,"deliveryType":"pointInTime","pointInTimeUTCSeconds":1600000000}`:                      "restore job J cancelled to 2020-09-13T12:26:40Z",
		`{"id":"J","failed":true,"oplogTs":1600000000,"oplogInc":7}`:                                                       "restore job J failed to 2020-09-13T12:26:40Z",
		`{"statusName":"KILLED","pointInTime":true,"desiredTimestamp":{"date":"2020-09-13T14:26:40+02:00","increment":1}}`: "restore job without id cancelled to 2020-09-13T12:26:40Z",
	} {
		var job Job
		require.NoError(t, json.Unmarshal([]byte(text), &job))
		assert.Equal(t, want, job.String())
	}
}
