package restorejobs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestState(t *testing.T) {
	t.Parallel()
	const ready = `"delivery":{"methodName":"HTTP","statusName":"READY"}`
	for body, want := range map[string]State{
		`{}`: StateUnknown, `{"id":"1"}`: StateUnknown, `42`: StateUnknown, `null`: StateUnknown,

		`{"statusName":"IN_PROGRESS"}`:                                                                            StateRunning,
		`{"statusName":"IN_PROGRESS",` + ready + `}`:                                                              StateRunning,
		`{"statusName":"BROKEN",` + ready + `}`:                                                                   StateFailed,
		`{"statusName":"KILLED",` + ready + `}`:                                                                   StateCancelled,
		`{"statusName":"PAUSED",` + ready + `}`:                                                                   StateUnknown,
		`{"statusName":"finished"}`:                                                                               StateUnknown,
		`{"statusName":null,` + ready + `}`:                                                                       StateUnknown,
		`{"statusName":"FINISHED"}`:                                                                               StateFinished,
		`{"statusName":"FINISHED",` + ready + `}`:                                                                 StateFinished,
		`{"statusName":"FINISHED","delivery":{"statusName":"PENDING"}}`:                                           StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"NOT_STARTED"}}`:                                       StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"IN_PROGRESS"}}`:                                       StateRunning,
		`{"statusName":"FINISHED","delivery":{"statusName":"FAILED"}}`:                                            StateFailed,
		`{"statusName":"FINISHED","delivery":{"statusName":"INTERRUPTED"}}`:                                       StateFailed,
		`{"statusName":"FINISHED","delivery":{"statusName":"EXPIRED"}}`:                                           StateExpired,
		`{"statusName":"FINISHED","delivery":{"statusName":"MAX_DOWNLOADS_EXCEEDED"}}`:                            StateExpired,
		`{"statusName":"FINISHED","delivery":{"statusName":"NEW"}}`:                                               StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":"EXPIRED","targetClusterId":"c"}}`: StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":"NOT_STARTED"}}`:      StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":"FAILED"}}`:           StateFailed,

		`{"deliveryType":"automated","deliveryUrl":[]}`:                                                                          StateRunning,
		`{"deliveryType":"pointInTime"}`:                                                                                         StateRunning,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z"}`:                                                       StateFinished,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z","expired":true}`:                                        StateFinished,
		`{"deliveryType":"automated","finishedAt":"2020-01-01T00:00:00Z","failed":true}`:                                         StateFailed,
		`{"deliveryType":"download","cancelled":true,"deliveryUrl":["u"]}`:                                                       StateCancelled,
		`{"deliveryType":"download","cancelled":true,"failed":true}`:                                                             StateFailed,
		`{"deliveryType":"download","expired":true,"deliveryUrl":["u"]}`:                                                         StateExpired,
		`{"deliveryType":"download","deliveryUrl":["u"]}`:                                                                        StateFinished,
		`{"deliveryType":"download","deliveryUrl":[]}`:                                                                           StateRunning,
		`{"deliveryType":"download","deliveryUrl":[null]}`:                                                                       StateRunning,
		`{"deliveryType":"download","deliveryUrl":["u",""]}`:                                                                     StateRunning,
		`{"deliveryType":"download","deliveryUrl":null}`:                                                                         StateRunning,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":null}]}`:                                    StateRunning,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":"v"}]}`:                                     StateFinished,
		`{"deliveryType":"download","components":[{"downloadUrl":"u"},{"downloadUrl":null}],"expiresAt":"2030-01-01T00:00:00Z"}`: StateFinished,
		`{"deliveryType":"download","deliveryUrl":[],"expiresAt":"2030-01-01T00:00:00Z"}`:                                        StateFinished,
		`{"deliveryType":"automated","deliveryUrl":[],"expiresAt":"2030-01-01T00:00:00Z"}`:                                       StateRunning,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}]}`:                       StateFinished,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[null]}]}`:                                      StateRunning,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":[{"endpointId":"e"}]}]}`:                        StateRunning,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:                                        StateFinished,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"endpointId":"e"}]}`:                                         StateRunning,
		`{"deliveryType":"download","deliveryUrl":["u",null],"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:               StateRunning,
		`{"deliveryType":"download","components":[{}],"privateDownloadDeliveryUrls":[{"deliveryUrl":"u"}]}`:                      StateRunning,
		`{"failed":true}`:                       StateFailed,
		`{"cancelled":true}`:                    StateCancelled,
		`{"expired":true}`:                      StateExpired,
		`{"finishedAt":"2020-01-01T00:00:00Z"}`: StateFinished,
		`{"deliveryType":"clone"}`:              StateUnknown,
		`{"deliveryType":"clone","finishedAt":"2020-01-01T00:00:00Z"}`: StateFinished,

		`{"status":"PENDING","deliveryType":"RESTORE"}`:   StateRunning,
		`{"status":"QUEUED","deliveryType":"RESTORE"}`:    StateRunning,
		`{"status":"running","deliveryType":"RESTORE"}`:   StateRunning,
		`{"status":"COMPLETED","deliveryType":"RESTORE"}`: StateFinished,
		`{"status":"Completed","deliveryType":"RESTORE"}`: StateFinished,
		`{"status":"FAILED","deliveryType":"DOWNLOAD"}`:   StateFailed,
		`{"status":"CLOSED","instanceName":"i"}`:          StateUnknown,
		`{"status":null,"instanceName":"i"}`:              StateUnknown,
	} {
		job, err := parseJob([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, want, job.State(), body)
		ended := want != StateRunning && want != StateUnknown
		assert.Equal(t, ended, job.State().Terminal(), body)
	}
	assert.False(t, State("odd").Terminal())
}

func TestDownloadLinks(t *testing.T) {
	t.Parallel()
	expires := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	private := []PrivateDownload{{DeliveryURL: "https://p/a.tar.gz", EndpointID: "vpce-1"}}
	finished := func(v Delivery) Job {
		v.StatusName, v.Expires = DeliveryStatusReady, expires
		return Job{ID: "job", GroupID: "group", StatusName: JobStatusFinished, Delivery: v}
	}
	for name, c := range map[string]struct {
		job  Job
		want []DownloadLink
	}{
		"nothing":        {},
		"running":        {job: Job{StatusName: JobStatusInProgress, Delivery: Delivery{URL: "https://h/f"}}},
		"no link":        {job: finished(Delivery{MethodName: DeliveryMethodHTTP})},
		"into a cluster": {job: finished(Delivery{URL: "https://h/f", TargetClusterID: "c"})},
		"its own key": {finished(Delivery{URL: "https://h/pull/key/rs0-1536602400-job.tar.gz", MaxDownloads: 2}), []DownloadLink{{
			ReplicaSet: "rs0", FileName: "rs0-1536602400-job.tar.gz", URL: "https://h/pull/key/rs0-1536602400-job.tar.gz",
			Expires: expires, MaxDownloads: 2,
		}}},
		"of 2014": {finished(Delivery{URL: "https://h/pull/key/group-rs-0-1404897877.tar.gz"}), []DownloadLink{{
			ReplicaSet: "rs-0", FileName: "group-rs-0-1404897877.tar.gz", URL: "https://h/pull/key/group-rs-0-1404897877.tar.gz",
			Expires: expires,
		}}},
		"with a header": {
			finished(Delivery{URL: "https://h/v2/f", URLV2: "https://h/v3/f", AuthHeader: "Authorization", AuthBearer: "Bearer", AuthValue: "v"}),
			[]DownloadLink{{FileName: "f", URL: "https://h/v3/f", HeaderName: "Authorization", HeaderValue: "Bearer v", Expires: expires}},
		},
		"with a header of Atlas": {
			finished(Delivery{URLV2: "https://h/v3/f", AuthHeader: "X-Auth", AuthValue: "v"}),
			[]DownloadLink{{FileName: "f", URL: "https://h/v3/f", HeaderName: "X-Auth", HeaderValue: "v", Expires: expires}},
		},
		"second link without a header": {
			finished(Delivery{URL: "https://h/v2/f", URLV2: "https://h/v3/f", AuthBearer: "Bearer", AuthValue: "v"}),
			[]DownloadLink{{FileName: "f", URL: "https://h/v3/f", Expires: expires}},
		},
		"cloud": {
			Job{
				DeliveryType: DeliveryTypeDownload, DeliveryURL: []Secret{"https://h/a.tar.gz", "https://h/b.tar.gz"},
				ExpiresAt: expires, PrivateDownloadDeliveryURLs: private,
			},
			[]DownloadLink{
				{FileName: "a.tar.gz", URL: "https://h/a.tar.gz", Expires: expires, PrivateURLs: private},
				{FileName: "b.tar.gz", URL: "https://h/b.tar.gz", Expires: expires, PrivateURLs: private},
			},
		},
		"cloud, a null among the links": {
			Job{DeliveryType: DeliveryTypeDownload, DeliveryURL: []Secret{"", "https://h/b"}, FinishedAt: expires},
			[]DownloadLink{{FileName: "b", URL: "https://h/b"}},
		},
		"cloud, private links of one file": {
			Job{DeliveryType: DeliveryTypeDownload, ExpiresAt: expires, PrivateDownloadDeliveryURLs: []PrivateDownload{
				{EndpointID: "vpce-0"}, private[0], {DeliveryURL: "https://q/a.tar.gz", EndpointID: "vpce-2"},
			}},
			[]DownloadLink{{FileName: "a.tar.gz", Expires: expires, PrivateURLs: []PrivateDownload{
				private[0], {DeliveryURL: "https://q/a.tar.gz", EndpointID: "vpce-2"},
			}}},
		},
		"cloud, private links of two files": {
			Job{DeliveryType: DeliveryTypeDownload, DeliveryURL: []Secret{""}, PrivateDownloadDeliveryURLs: []PrivateDownload{
				private[0], {DeliveryURL: "https://p/b.tar.gz", EndpointID: "vpce-1"},
			}},
			[]DownloadLink{
				{FileName: "a.tar.gz", PrivateURLs: private},
				{FileName: "b.tar.gz", PrivateURLs: []PrivateDownload{{DeliveryURL: "https://p/b.tar.gz", EndpointID: "vpce-1"}}},
			},
		},
		"cloud, finished and then expired": {job: Job{
			DeliveryType: DeliveryTypeDownload, DeliveryURL: []Secret{"https://h/a"}, Expired: true, FinishedAt: expires,
		}},
		"cloud, into a cluster": {job: Job{
			DeliveryType: DeliveryTypeAutomated, DeliveryURL: []Secret{"https://h/a"}, FinishedAt: expires,
		}},
		"components": {
			Job{DeliveryType: DeliveryTypeDownload, ExpiresAt: expires, DeliveryURL: []Secret{"https://h/ignored"}, Components: []ClusterComponent{
				{ReplicaSetName: "s0", DownloadURL: "https://h/a"}, {ReplicaSetName: "s1", PrivateDownloadDeliveryURLs: private},
			}},
			[]DownloadLink{
				{ReplicaSet: "s0", FileName: "a", URL: "https://h/a", Expires: expires},
				{ReplicaSet: "s1", FileName: "a.tar.gz", Expires: expires, PrivateURLs: private},
			},
		},
		"components, an endpoint without a link": {
			Job{DeliveryType: DeliveryTypeDownload, Components: []ClusterComponent{
				{PrivateDownloadDeliveryURLs: []PrivateDownload{{EndpointID: "vpce-0"}, private[0]}},
			}},
			[]DownloadLink{{FileName: "a.tar.gz", PrivateURLs: private}},
		},
		"components, one used up": {
			Job{DeliveryType: DeliveryTypeDownload, FinishedAt: expires, Components: []ClusterComponent{
				{ReplicaSetName: "s0", DownloadURL: "https://h/a"}, {ReplicaSetName: "s1"},
			}},
			[]DownloadLink{{ReplicaSet: "s0", FileName: "a", URL: "https://h/a"}},
		},
		"flex": {
			Job{Status: FlexStatusCompleted, SnapshotURL: "https://h/x/s.tgz?key=1", ExpirationDate: expires},
			[]DownloadLink{{FileName: "s.tgz", URL: "https://h/x/s.tgz?key=1", Expires: expires}},
		},
		"flex, into a cluster": {job: Job{Status: FlexStatusCompleted}},
	} {
		assert.Equal(t, c.want, c.job.DownloadLinks(), name)
	}
}

func TestDownloadLinks_sha1(t *testing.T) {
	t.Parallel()
	const hash = "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"
	for name, c := range map[string]struct {
		hashes []FileHash
		want   string
		link   Secret // https://h/f.tar.gz where it is empty
	}{
		"one of another name":    {[]FileHash{{HashTypeSHA1, "other", "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12", nil}}, hash, ""},
		"small letters":          {[]FileHash{{"sha1", "f.tar.gz", hash, nil}}, hash, ""},
		"another kind":           {[]FileHash{{"MD5", "f.tar.gz", hash, nil}}, "", ""},
		"two, one of its name":   {[]FileHash{{HashTypeSHA1, "other", "00", nil}, {HashTypeSHA1, "f.tar.gz", hash, nil}}, hash, ""},
		"two, none of its name":  {[]FileHash{{HashTypeSHA1, "a", "00", nil}, {HashTypeSHA1, "b", hash, nil}}, "", ""},
		"two kinds":              {[]FileHash{{"MD5", "f.tar.gz", "00", nil}, {HashTypeSHA1, "f.tar.gz", hash, nil}}, hash, ""},
		"none":                   {nil, "", ""},
		"one of the kind":        {[]FileHash{{"MD5", "f.tar.gz", "00", nil}, {HashTypeSHA1, "other", hash, nil}}, hash, ""},
		"two, one without":       {[]FileHash{{HashTypeSHA1, "f.tar.gz", "", nil}, {HashTypeSHA1, "other", hash, nil}}, hash, ""},
		"escaped in the link":    {[]FileHash{{HashTypeSHA1, "other", "00", nil}, {HashTypeSHA1, "my f+.tar.gz", hash, nil}}, hash, "https://h/my%20f+.tar.gz"},
		"escaped in both":        {[]FileHash{{HashTypeSHA1, "other", "00", nil}, {HashTypeSHA1, "my%20f.tar.gz", hash, nil}}, hash, "https://h/my%20f.tar.gz"},
		"escaped once too often": {[]FileHash{{HashTypeSHA1, "my f.tar.gz", "00", nil}, {HashTypeSHA1, "my%20f.tar.gz", hash, nil}}, hash, "https://h/my%2520f.tar.gz"},
		"escaped badly":          {[]FileHash{{HashTypeSHA1, "other", "00", nil}, {HashTypeSHA1, "100%.tar.gz", hash, nil}}, hash, "https://h/100%.tar.gz"},
	} {
		if c.link == "" {
			c.link = "https://h/f.tar.gz"
		}
		job := Job{StatusName: JobStatusFinished, Delivery: Delivery{URL: c.link}, Hashes: c.hashes}
		files := job.DownloadLinks()
		require.Len(t, files, 1)
		assert.Equal(t, c.want, files[0].SHA1, name)
	}
}

func TestLastPathSegment(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://h/a/b.tar.gz":               "b.tar.gz",
		"https://h/a/b.tar.gz?x=/y#/z":       "b.tar.gz",
		"https://h/a/b.tar.gz#?/":            "b.tar.gz",
		"https://h/a/":                       "",
		"https://h":                          "",
		"https://h?x=/y":                     "",
		"https://h:27017/t/restore-1.tar.gz": "restore-1.tar.gz",
		"{JOB-ID}/197/e-{JOB-ID}.tar.gz":     "e-{JOB-ID}.tar.gz",
		"b.tar.gz":                           "",
		"":                                   "",
	} {
		assert.Equal(t, want, lastPathSegment(link), link)
	}
}

func TestReplicaSetFromFileName(t *testing.T) {
	t.Parallel()
	job := Job{ID: "job", GroupID: "group"}
	for file, want := range map[string]string{
		"electron_0-1456098690-job.tar.gz":           "electron_0",
		"electron_0-1456098690-job.tar":              "electron_0",
		"rs-with-dashes-1456098690-job.tar.gz":       "rs-with-dashes",
		"group-rs0-1404897877.tar.gz":                "rs0",
		"config-main-config-0-cl-1456098690-job.tar": "config-main-config-0-cl",
		"rs0-1456098690-other.tar.gz":                "",
		"rs0-.tar.gz":                                "",
		"rs0.tar.gz":                                 "",
		"-1456098690-job.tar.gz":                     "",
		"rs0-1456098690-job.zip":                     "",
		"":                                           "",
	} {
		assert.Equal(t, want, job.replicaSetFromFileName(file), file)
	}
	assert.Equal(t, "rs0", (&Job{}).replicaSetFromFileName("rs0-1404897877.tar.gz"), "a job without ids")
}

// Flags, times and links as other writers spell them.
func TestState_ofOtherWriters(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]State{
		`{"deliveryType":"automated","failed":1,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateFailed,
		`{"deliveryType":"automated","failed":0,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateFinished,
		`{"deliveryType":"automated","failed":"1"}`:                                                        StateFailed,
		`{"deliveryType":"automated","failed":"0"}`:                                                        StateRunning,
		`{"deliveryType":"automated","failed":1.0}`:                                                        StateFailed,
		`{"deliveryType":"automated","failed":2,"finishedAt":"2026-08-10T03:44:52Z"}`:                      StateUnknown,
		`{"deliveryType":"automated","failed":"yes","finishedAt":"2026-08-10T03:44:52Z"}`:                  StateUnknown,
		`{"deliveryType":"automated","failed":{},"cancelled":true}`:                                        StateUnknown,
		`{"deliveryType":"automated","failed":true,"cancelled":{}}`:                                        StateFailed,
		`{"deliveryType":"automated","cancelled":1}`:                                                       StateCancelled,
		`{"deliveryType":"automated","cancelled":[],"finishedAt":"2026-08-10T03:44:52Z"}`:                  StateUnknown,
		`{"deliveryType":"automated","finishedAt":1786331410000}`:                                          StateFinished,
		`{"deliveryType":"automated","finishedAt":1.78633141e12}`:                                          StateFinished,
		`{"deliveryType":"automated","finishedAt":0}`:                                                      StateUnknown,
		`{"deliveryType":"automated","finishedAt":1786331410}`:                                             StateUnknown, // seconds or milliseconds?
		`{"deliveryType":"automated","finishedAt":"1786331410000"}`:                                        StateUnknown,
		`{"deliveryType":"automated","finishedAt":true}`:                                                   StateUnknown,
		`{"deliveryType":"automated","finishedAt":{"$date":"2026-08-10T03:44:52Z"}}`:                       StateUnknown,
		`{"deliveryType":"automated","finishedAt":"10.08.2026"}`:                                           StateUnknown,
		`{"deliveryType":"automated","finishedAt":""}`:                                                     StateRunning,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:60Z"}`:                                 StateFinished,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:60.5+02:00"}`:                          StateFinished,
		`{"deliveryType":"automated","finishedAt":"2026-08-10T03:44:61Z"}`:                                 StateUnknown,
		`{"deliveryType":"download","expired":1,"deliveryUrl":["u"]}`:                                      StateExpired,
		`{"deliveryType":"download","expired":"no","deliveryUrl":["u"]}`:                                   StateUnknown,
		`{"deliveryType":"download","expired":"no","finishedAt":"2026-08-10T03:44:52Z"}`:                   StateFinished,
		`{"deliveryType":"download","expiresAt":{},"deliveryUrl":[]}`:                                      StateUnknown,
		`{"deliveryType":"download","expiresAt":{},"deliveryUrl":["u"]}`:                                   StateFinished,
		`{"deliveryType":"download","expiresAt":1786331410000,"deliveryUrl":[]}`:                           StateFinished,
		`{"deliveryType":"automated","expiresAt":{}}`:                                                      StateRunning,
		`{"deliveryType":{},"failed":false,"cancelled":false}`:                                             StateUnknown,
		`{"deliveryType":"download","deliveryType":{},"deliveryUrl":["u"]}`:                                StateUnknown,
		`{"deliveryType":"download","deliveryUrl":"https://h/x.tar.gz"}`:                                   StateFinished,
		`{"deliveryType":"download","deliveryUrl":""}`:                                                     StateRunning,
		`{"deliveryType":"download","deliveryUrl":{"url":"u"}}`:                                            StateUnknown,
		`{"deliveryType":"download","deliveryUrl":7}`:                                                      StateUnknown,
		`{"deliveryType":"download","deliveryUrl":[7]}`:                                                    StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u",{}]}`:                                               StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"components":{}}`:                                  StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"components":[1]}`:                                 StateUnknown,
		`{"deliveryType":"download","components":[{"downloadUrl":["u"]}]}`:                                 StateUnknown,
		`{"deliveryType":"download","components":[{"privateDownloadDeliveryUrls":"u"}]}`:                   StateUnknown,
		`{"deliveryType":"download","components":[{"downloadUrl":"u","privateDownloadDeliveryUrls":"u"}]}`: StateFinished,
		`{"deliveryType":"download","deliveryUrl":[],"privateDownloadDeliveryUrls":"u"}`:                   StateUnknown,
		`{"deliveryType":"download","privateDownloadDeliveryUrls":[{"deliveryUrl":["u"]}]}`:                StateUnknown,
		`{"deliveryType":"download","deliveryUrl":["u"],"privateDownloadDeliveryUrls":{}}`:                 StateFinished,

		`{"statusName":["FINISHED"],"delivery":{"methodName":"HTTP","statusName":"READY"}}`:                      StateUnknown,
		`{"statusName":"FINISHED","statusName":{}}`:                                                              StateUnknown,
		`{"statusName":{},"finishedAt":"2026-08-10T03:44:52Z"}`:                                                  StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","statusName":["FAILED"]}}`:                     StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"AUTOMATED_RESTORE","statusName":{}}}`:                StateUnknown,
		`{"statusName":"FINISHED","delivery":"READY"}`:                                                           StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"EXPIRED"}}`:                          StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":"HTTP","targetClusterId":{},"statusName":"PENDING"}}`: StateUnknown,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"READY"}}`:                            StateFinished,
		`{"statusName":"FINISHED","delivery":{"methodName":{},"statusName":"FAILED"}}`:                           StateFailed,
		`{"statusName":"IN_PROGRESS","delivery":7}`:                                                              StateRunning,

		`{"status":["COMPLETED"],"instanceName":"i"}`:           StateUnknown,
		`{"status":"COMPLETED","status":{},"instanceName":"i"}`: StateUnknown,
		`{"status":{},"deliveryType":"RESTORE"}`:                StateUnknown,
	} {
		job, err := parseJob([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, want, job.State(), body)
		if want == StateUnknown {
			assert.Empty(t, job.DownloadLinks(), body)
		}
		assert.Equal(t, body, string(job.RawJSON()))
		stored, err := json.Marshal(job)
		require.NoError(t, err)
		var back Job
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.Equal(t, want, back.State(), body)
	}
}

// A member of an unexpected type gives the state that every readable value of it gives, or
// StateUnknown.
func TestState_isNeverWrong(t *testing.T) {
	t.Parallel()
	const at = `"2026-08-10T03:44:52Z"`
	readable := map[string][]string{
		"failed": {`true`, `false`}, "cancelled": {`true`, `false`}, "expired": {`true`, `false`},
		"finishedAt": {at, `null`}, "expiresAt": {at, `null`},
		"deliveryType":                {`"automated"`, `"download"`, `"pointInTime"`, `"clone"`},
		"deliveryUrl":                 {`["u"]`, `[]`, `["u",null]`},
		"components":                  {`[]`, `[{"downloadUrl":"u"}]`, `[{"downloadUrl":null}]`},
		"privateDownloadDeliveryUrls": {`[]`, `[{"deliveryUrl":"u"}]`},
		"statusName":                  {`"IN_PROGRESS"`, `"FINISHED"`, `"BROKEN"`, `"KILLED"`},
		"delivery": {
			`null`, `{"methodName":"HTTP","statusName":"READY"}`, `{"statusName":"FAILED"}`, `{"statusName":"EXPIRED"}`,
			`{"statusName":"EXPIRED","targetClusterId":"c"}`, `{"statusName":"PENDING"}`,
		},
		"status": {`"PENDING"`, `"COMPLETED"`, `"FAILED"`},
	}
	odd := []string{`{}`, `[{}]`, `[true]`, `true`, `-1`, `17`, `1e300`, `"soon"`, `{"$date":"2026-08-10T03:44:52Z"}`, `[["u"]]`}
	names := slices.Sorted(maps.Keys(readable))
	unknown := 0
	for _, format := range [][]string{
		{"failed", "cancelled", "expired", "finishedAt", "expiresAt", "deliveryType", "deliveryUrl", "components", "privateDownloadDeliveryUrls"},
		{"statusName", "delivery"},
		{"status"},
	} {
		others := combinations(format, readable)
		for _, name := range format {
			require.Contains(t, names, name)
			for _, members := range others {
				states := map[State]bool{}
				for _, value := range readable[name] {
					states[stateWith(t, format, members, name, value)] = true
				}
				for _, value := range odd {
					state := stateWith(t, format, members, name, value)
					if state == StateUnknown {
						unknown++
						continue
					}
					if name == "delivery" && value == `{}` || !isUnexpected(name, value) {
						continue // a value of the documented type
					}
					assert.True(t, states[state] && len(states) == 1, "%s as %s in %v: %s", name, value, members, state)
				}
			}
		}
	}
	assert.Positive(t, unknown)
}

// isUnexpected reports whether a value has another type than the documents give the member.
func isUnexpected(name, value string) bool {
	switch name {
	case "failed", "cancelled", "expired":
		return value != `true`
	case "deliveryType", "statusName", "status", "deliveryUrl":
		return value[0] != '"'
	case "finishedAt", "expiresAt":
		return true
	case "components", "privateDownloadDeliveryUrls":
		return value != `[{}]`
	case "delivery":
		return value[0] != '{'
	default:
		return true
	}
}

// combinations gives some hundred choices of a value for each member, all of them where they are few.
func combinations(names []string, values map[string][]string) []map[string]string {
	list := []map[string]string{{}}
	for _, name := range names {
		var longer []map[string]string
		for _, members := range list {
			for _, value := range values[name] {
				with := maps.Clone(members)
				with[name] = value
				longer = append(longer, with)
			}
		}
		list = longer
	}
	const most = 300
	if step := len(list) / most; step > 1 {
		var some []map[string]string
		for i := 0; i < len(list); i += step {
			some = append(some, list[i])
		}
		list = some
	}
	return list
}

// stateWith is the state of a job of these members, one of them replaced.
func stateWith(t *testing.T, names []string, members map[string]string, replaced, value string) State {
	t.Helper()
	var body strings.Builder
	body.WriteString(`{"id":"j"`)
	for _, name := range names {
		text := members[name]
		if name == replaced {
			text = value
		}
		fmt.Fprintf(&body, `,%q:%s`, name, text)
	}
	job, err := parseJob([]byte(body.String() + `,"instanceName":""}`))
	require.NoError(t, err)
	return job.State()
}
