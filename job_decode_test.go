package restorejobs

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

// decodeJobFile reads a job and drops its raw text, for comparing fields.
func decodeJobFile(t *testing.T, body string) Job {
	t.Helper()
	job, err := parseJob([]byte(body))
	require.NoError(t, err, body)
	assert.Equal(t, body, string(job.RawJSON()))
	job.raw = ""
	job.unread = 0 // see TestState_isNeverWrong
	return *job
}

func TestJobDecode_timeFormats(t *testing.T) {
	t.Parallel()
	second := time.Date(2018, 9, 10, 20, 11, 28, 0, time.UTC)
	for text, want := range map[string]time.Time{
		`"2018-09-10T20:11:28Z"`:           second,
		`"2018-09-10T20:11:28.000Z"`:       second,
		`"2018-09-10T20:11:28.123Z"`:       second.Add(123 * time.Millisecond),
		`"2018-09-10T20:11:28.123456789Z"`: second.Add(123456789),
		`"2018-09-10T20:11:28+00:00"`:      second,
		`"2018-09-10T20:11:28+0000"`:       second,
		`"2018-09-10T20:11:28.5+0000"`:     second.Add(time.Second / 2),
		`"2018-09-10T22:11:28+02:00"`:      second,
		`"2018-09-10T22:11:28+0200"`:       second,
		`"2018-09-10T13:11:28-07"`:         second,
		`"2018-09-10T20:11:28"`:            second,
		`"2018-09-10 20:11:28"`:            second,
		`"2018-09-10t20:11:28z"`:           second,
		`"2018-09-10"`:                     time.Date(2018, 9, 10, 0, 0, 0, 0, time.UTC),
		`"2018\u002d09-10T20:11:28Z"`:      second,
		`"2016-12-31T23:59:60Z"`:           time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
		`1536610288000`:                    second,
		`1536610288123`:                    second.Add(123 * time.Millisecond),
		`"2018-02-30T00:00:00Z"`:           {},
		`"soon"`:                           {},
		`""`:                               {},
		`null`:                             {},
		`1536610288`:                       {},
		`true`:                             {},
		`{}`:                               {},
		`{"$date":"2018-09-10T20:11:28Z"}`: {},
		`[]`:                               {},
	} {
		job := decodeJobFile(t, `{"id":"a","created":`+text+`,"delivery":{"expires":`+text+`,"url":"u"},"timestamp":{"date":`+text+
			`,"increment":1},"desiredTimestamp":`+text+`,"snapshotId":"z"}`)
		for where, have := range map[string]time.Time{
			"created": job.Created, "delivery.expires": job.Delivery.Expires, "timestamp.date": job.Timestamp.Date,
		} {
			assert.True(t, want.Equal(have), "%s %s: %s", where, text, have)
			assert.Equal(t, want.IsZero(), have.IsZero())
		}
		if strings.HasPrefix(text, `"`) { // an object has its own date
			assert.True(t, want.Equal(job.DesiredTimestamp.Date), text)
		}
		assert.Equal(t, []any{"a", "z", Secret("u"), int64(1)}, []any{job.ID, job.SnapshotID, job.Delivery.URL, job.Timestamp.Increment})
	}
}

func TestJobDecode_numbersAndStringsInterchanged(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		`7`: 7, `"7"`: 7, `7.0`: 7, `"7.0"`: 7, `7e2`: 700, `-1`: -1, `"-1"`: -1, `2147483647`: 2147483647, `"2147483648"`: 2147483648,
		`9223372036854775807`: 9223372036854775807, `9223372036854775808`: 0, `7.5`: 0, `"seven"`: 0, `""`: 0, `" 7"`: 0,
		`null`: 0, `true`: 0, `{}`: 0, `[7]`: 0, `"0x7"`: 0, `1e400`: 0, `"Infinity"`: 0,
	} {
		job := decodeJobFile(t, `{"oplogTs":`+text+`,"delivery":{"maxDownloads":`+text+`},"timestamp":{"increment":`+text+`},"id":"z"}`)
		assert.Equal(t, []any{want, want, want, "z"},
			[]any{job.OplogTS, job.Delivery.MaxDownloads, job.Timestamp.Increment, job.ID}, text)
	}
	for text, want := range map[string]string{
		`"a"`: "a", `7`: "7", `-7.50e+1`: "-7.50e+1", `12345678901234567890`: "12345678901234567890", `""`: "",
		`null`: "", `true`: "", `{}`: "", `["a"]`: "", `"\u00e9\n\ud83d\ude00"`: "é\n😀", `"\ud83d"`: "\uFFFD",
	} {
		job := decodeJobFile(t, `{"groupId":`+text+`,"statusName":`+text+`,"delivery":{"url":`+text+`},"id":"z"}`)
		assert.Equal(t, []any{want, JobStatus(want), Secret(want), "z"}, []any{job.GroupID, job.StatusName, job.Delivery.URL, job.ID}, text)
	}
	for text, want := range map[string]bool{
		`true`: true, `"true"`: true, `"TRUE"`: true, `false`: false, `"false"`: false, `"yes"`: false, `1`: true, `"1"`: true, `0`: false, `2`: false, `null`: false,
		`{}`: false, `[true]`: false, `""`: false,
	} {
		job := decodeJobFile(t, `{"failed":`+text+`,"id":"z"}`)
		assert.Equal(t, []any{want, "z"}, []any{job.Failed, job.ID}, text)
	}
}

// inJob are the places of the model's parts in a job.
var inJob = map[string]string{
	"Job": `%s`, "Delivery": `"delivery":{%s}`, "FileHash": `"hashes":[{%s}]`, "Link": `"links":[{%s}]`,
	"ClusterComponent": `"components":[{%s}]`, "PrivateDownload": `"privateDownloadDeliveryUrls":[{%s}]`, "Timestamp": `"timestamp":{%s}`,
}

// TestJobDecode_invalidFieldKeepsOthers sets every field of every part to a value of every kind.
func TestJobDecode_invalidFieldKeepsOthers(t *testing.T) {
	t.Parallel()
	survivors := map[string]string{"statusName": "FINISHED", "deliveryType": "automated", "batchId": "b", "instanceName": "i"}
	for _, part := range modelParts {
		format, ok := inJob[part.Name()]
		if !ok {
			continue // see TestRestorableTimeRanges_invalidMembers
		}
		for name := range taggedFields(part) {
			for _, value := range oddValues {
				member := fmt.Sprintf(format, fmt.Sprintf("%q:%s", name, value))
				body := `{"statusName":"FINISHED","deliveryType":"automated",` + member + `,"batchId":"b","instanceName":"i"}`
				typed, err := json.Marshal(decodeJobFile(t, body))
				require.NoError(t, err)
				read, ok := jsonValue(t, typed).(map[string]any)
				require.True(t, ok)
				for survivor, want := range survivors {
					if part.Name() != "Job" || name != survivor {
						assert.Equal(t, want, read[survivor], body)
					}
				}
			}
		}
	}
}

func TestJobDecode_nullEqualsAbsent(t *testing.T) {
	t.Parallel()
	for _, part := range modelParts {
		format, ok := inJob[part.Name()]
		if !ok {
			continue // see TestRestorableTimeRanges_invalidMembers
		}
		for name := range taggedFields(part) {
			without := decodeJobFile(t, `{`+fmt.Sprintf(format, "")+`}`)
			assert.Equal(t, without, decodeJobFile(t, `{`+fmt.Sprintf(format, fmt.Sprintf("%q:null", name))+`}`), name)
		}
	}
}

func TestRestorableTimeRanges_invalidMembers(t *testing.T) {
	t.Parallel()
	at := Timestamp{time.Date(2018, 9, 10, 20, 11, 28, 0, time.UTC), 4}
	const good = `{"start":"2018-09-10T20:11:28Z","end":{"date":"2018-09-10T20:11:28Z","increment":"4"},"snapshotId":7,"shardCount":"2","new":[]}`
	want := TimeRange{Start: Timestamp{Date: at.Date}, End: at, SnapshotID: "7", ShardCount: 2}
	for body, ranges := range map[string][]TimeRange{
		`[]`:                            {},
		`[` + good + `]`:                {want},
		`[null,` + good + `,42,"x",[]]`: {{}, want, {}, {}, {}},
		`[{"start":7,"end":[],"snapshotId":{},"shardCount":1.5,"configServerType":"CSRS"}]`: {{ConfigServerType: "CSRS"}},
	} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		have, err := client.OpsManager.Cluster("p", "c").Jobs.RestorableTimeRanges(t.Context())
		require.NoError(t, err, body)
		assert.Equal(t, ranges, have, body)
	}
	for _, body := range []string{`{}`, `42`, `"x"`, `[{]`, ``, `[` + good} {
		client := clientWithoutRetries(t, testutil.Always(200, body))
		have, err := client.OpsManager.Cluster("p", "c").Jobs.RestorableTimeRanges(t.Context())
		require.Error(t, err, body)
		assert.Nil(t, have)
	}
}

func TestList_invalidJobKeepsOthers(t *testing.T) {
	t.Parallel()
	body := `{"results":[42,null,"x",[],{"id":"1"},true,{"id":{}},-1.5,{}],"totalCount":"9","links":[7,{"rel":"self"}]}`
	page, err := clientWithoutRetries(t, testutil.Always(200, body)).MMS.Cluster("p", "c").Jobs.List(t.Context(), ListOptions{})
	require.NoError(t, err)
	assert.Equal(t, 9, page.TotalCount)
	assert.False(t, page.HasNext)
	var raw []string
	for _, job := range page.Jobs {
		raw = append(raw, string(job.RawJSON()))
		if string(job.RawJSON()) != `{"id":"1"}` {
			assert.Equal(t, Job{raw: job.raw}, *job)
			assert.Equal(t, StateUnknown, job.State())
		}
		encoded, err := json.Marshal(job)
		require.NoError(t, err)
		assert.Equal(t, string(job.RawJSON()), string(encoded), "what came is stored, whatever it was")
	}
	assert.Equal(t, []string{`42`, `null`, `"x"`, `[]`, `{"id":"1"}`, `true`, `{"id":{}}`, `-1.5`, `{}`}, raw)
	assert.Equal(t, "1", page.Jobs[4].ID)
}

func TestJobDecode_unknownValuesAreKept(t *testing.T) {
	t.Parallel()
	job := decodeJobFile(t, `{"statusName":"THAWING","delivery":{"methodName":"PIGEON","statusName":"ON_ITS_WAY"},"deliveryType":"clone",
		"status":"Odd","hashes":[{"typeName":"BLAKE3"}]}`)
	assert.Equal(t, []any{JobStatus("THAWING"), DeliveryMethod("PIGEON"), DeliveryStatus("ON_ITS_WAY"), DeliveryType("clone"), FlexStatus("Odd"), HashType("BLAKE3")},
		[]any{job.StatusName, job.Delivery.MethodName, job.Delivery.StatusName, job.DeliveryType, job.Status, job.Hashes[0].TypeName})
}

func TestJobDecode_duplicateNames(t *testing.T) {
	t.Parallel()
	job := decodeJobFile(t, `{"id":"1","id":"2","id":null,"failed":true,"failed":false,"links":[{"rel":"a"},{"rel":"b"}],"links":[{"rel":"c"}],
		"delivery":{"url":"u"},"delivery":{"maxDownloads":1},"ID":"other letter case","Id":"x"}`)
	assert.Equal(t, Job{ID: "2", Links: []Link{{Rel: "c"}}, Delivery: Delivery{URL: "u", MaxDownloads: 1}}, job,
		"the last one that says something, as in encoding/json")
}

func TestJobDecode_invalidDocuments(t *testing.T) {
	t.Parallel()
	job := decodeJobFile(t, "{\"id\":\"a\xffb\xed\xa0\x80\",\"groupId\":\"\u2028\",\"\xff\":1}")
	var theirs struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte("{\"id\":\"a\xffb\xed\xa0\x80\"}"), &theirs))
	assert.Equal(t, theirs.ID, job.ID, "invalid UTF-8 is replaced as encoding/json does")
	assert.Equal(t, "\u2028", job.GroupID)

	nest := func(n int) []byte {
		return []byte(`{"id":"1","x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`)
	}
	assert.Equal(t, "1", decodeJobFile(t, string(nest(9999))).ID)
	_, err := parseJob(nest(10000))
	require.ErrorContains(t, err, "less nesting")
	_, err = decodePage([]byte(`{"results":[`+string(nest(10000))+`]}`), defaultMaxBody, new(jobReader).read)
	require.ErrorContains(t, err, "less nesting")

	long := strings.Repeat("x", 1<<20)
	assert.Equal(t, long, decodeJobFile(t, `{"`+long+`":1,"id":"`+long+`"}`).ID)
}

// TestDecode_truncatedBodies cuts a page and a job at every byte: always an error that says so, and
// never a job too few.
func TestDecode_truncatedBodies(t *testing.T) {
	t.Parallel()
	bodies := map[string][]byte{
		"page":      bodyFile(t, "classic/created_sharded.json"),
		"escapes":   []byte(`{"results":[{"id":"\u00e9\ud83d\ude00\\","oplogTs":-1.5e+10,"failed":true,"x":null}],"totalCount":1}`),
		"enveloped": bodyFile(t, "envelopes/list_in_content.json"),
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body = []byte(strings.TrimSpace(string(body)))
			for i := 1; i < len(body); i++ {
				transport := testutil.Always(200, string(body[:i]))
				jobs := clientWithoutRetries(t, transport).AtlasV1.Cluster("p", "c").Jobs
				page, err := jobs.List(t.Context(), ListOptions{})
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut to %d bytes: %s", i, body[:i])
				require.Nil(t, page)
				_, err = decodeCreateResponse(body[:i], defaultMaxBody)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut to %d bytes: %s", i, body[:i])
				_, err = decodeJob(body[:i])
				require.ErrorIs(t, err, io.ErrUnexpectedEOF, "cut to %d bytes: %s", i, body[:i])
			}
		})
	}
}

// TestDecode_everyByteChanged changes every byte of a page: whatever comes of it, nothing panics,
// and what is read marshals.
func TestDecode_everyByteChanged(t *testing.T) {
	t.Parallel()
	body := bodyFile(t, "flex/list.json")
	for i := range body {
		for _, other := range []byte{0, '"', '{', ']', ',', '\\', '7', 0xff} {
			wrong := append([]byte(nil), body...)
			wrong[i] = other
			page, err := decodePage(wrong, defaultMaxBody, new(jobReader).read)
			if err == nil {
				_, err = json.Marshal(page.items)
				assert.NoError(t, err, "%s", wrong)
			}
			_, err = decodeCreateResponse(wrong, defaultMaxBody)
			if json.Valid(wrong) {
				continue // it may be fine, or an error inside an envelope
			}
			assert.Error(t, err, "%s", wrong)
		}
	}
}

// Jobs of a list keep their own bytes and little more, whatever their neighbours are like.
func TestList_rawJSONOfEachJob(t *testing.T) {
	t.Parallel()
	var want []string
	for i, size := range []int{10, 1500, 20, 100_000, 30, 40, 50, 60, 70, 80, 2000, 1900, 2100, 10, 900} {
		want = append(want, fmt.Sprintf(`{"id":"%d","groupId":"%s","clusterId":"é"}`, i, strings.Repeat("g", size)))
	}
	for _, separator := range []string{",", " ,\n\t"} {
		body := []byte(`{"results":[` + strings.Join(want, separator) + `],"totalCount":15}`)
		page, err := decodePage(body, defaultMaxBody, new(jobReader).read)
		require.NoError(t, err)
		clear(body)
		require.Len(t, page.items, len(want))
		for i, job := range page.items {
			alone := decodeJobFile(t, want[i])
			alone.raw = want[i]
			assert.Equal(t, alone, *job)
		}
	}
}
