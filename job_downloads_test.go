package restorejobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
