package jsondec_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/jsondec"
)

// The models of the benchmarks are as large as real jobs, and have both decode functions and tags.

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

func (l *link) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "href":
			jsondec.String(d, &l.Href)
		case "rel":
			jsondec.String(d, &l.Rel)
		default:
			d.Skip()
		}
	}
}

func links(d *jsondec.Decoder) []link {
	var out []link
	for d.Array(); d.More(); {
		if out == nil {
			out = make([]link, 0, 4)
		}
		out = append(out, link{})
		out[len(out)-1].decode(d)
	}
	return out
}

type stamp struct {
	Date      time.Time `json:"date"`
	Increment int64     `json:"increment"`
}

func (s *stamp) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "date":
			d.Time(&s.Date)
		case "increment":
			jsondec.Int(d, &s.Increment)
		default:
			d.Skip()
		}
	}
}

type delivery struct {
	MethodName      string    `json:"methodName"`
	StatusName      string    `json:"statusName"`
	URL             string    `json:"url"`
	Expires         time.Time `json:"expires"`
	ExpirationHours int       `json:"expirationHours"`
	MaxDownloads    int       `json:"maxDownloads"`
}

func (v *delivery) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "methodName":
			jsondec.String(d, &v.MethodName)
		case "statusName":
			jsondec.String(d, &v.StatusName)
		case "url":
			jsondec.String(d, &v.URL)
		case "expires":
			d.Time(&v.Expires)
		case "expirationHours":
			jsondec.Int(d, &v.ExpirationHours)
		case "maxDownloads":
			jsondec.Int(d, &v.MaxDownloads)
		default:
			d.Skip()
		}
	}
}

type job interface{ decode(d *jsondec.Decoder) }

type classicJob struct {
	ID                string    `json:"id"`
	BatchID           string    `json:"batchId"`
	ClusterID         string    `json:"clusterId"`
	GroupID           string    `json:"groupId"`
	SnapshotID        string    `json:"snapshotId"`
	StatusName        string    `json:"statusName"`
	Created           time.Time `json:"created"`
	Delivery          delivery  `json:"delivery"`
	EncryptionEnabled bool      `json:"encryptionEnabled"`
	PointInTime       bool      `json:"pointInTime"`
	Timestamp         stamp     `json:"timestamp"`
	Links             []link    `json:"links"`
}

func (j *classicJob) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &j.ID)
		case "batchId":
			jsondec.String(d, &j.BatchID)
		case "clusterId":
			jsondec.String(d, &j.ClusterID)
		case "groupId":
			jsondec.String(d, &j.GroupID)
		case "snapshotId":
			jsondec.String(d, &j.SnapshotID)
		case "statusName":
			jsondec.String(d, &j.StatusName)
		case "created":
			d.Time(&j.Created)
		case "delivery":
			j.Delivery.decode(d)
		case "encryptionEnabled":
			d.Bool(&j.EncryptionEnabled)
		case "pointInTime":
			d.Bool(&j.PointInTime)
		case "timestamp":
			j.Timestamp.decode(d)
		case "links":
			j.Links = links(d)
		default:
			d.Skip()
		}
	}
}

type cloudJob struct {
	ID               string    `json:"id"`
	SnapshotID       string    `json:"snapshotId"`
	DeliveryType     string    `json:"deliveryType"`
	DeliveryURL      []string  `json:"deliveryUrl"`
	Cancelled        bool      `json:"cancelled"`
	Expired          bool      `json:"expired"`
	Failed           bool      `json:"failed"`
	Timestamp        time.Time `json:"timestamp"`
	FinishedAt       time.Time `json:"finishedAt"`
	DesiredTimestamp stamp     `json:"desiredTimestamp"`
	TargetCluster    string    `json:"targetClusterName"`
	TargetItem       string    `json:"targetDeploymentItemName"`
	TargetGroupID    string    `json:"targetGroupId"`
	Links            []link    `json:"links"`
}

func (j *cloudJob) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &j.ID)
		case "snapshotId":
			jsondec.String(d, &j.SnapshotID)
		case "deliveryType":
			jsondec.String(d, &j.DeliveryType)
		case "deliveryUrl":
			if d.Kind() == jsondec.KindArray {
				j.DeliveryURL = []string{}
			}
			for d.Array(); d.More(); {
				var s string
				jsondec.String(d, &s)
				j.DeliveryURL = append(j.DeliveryURL, s)
			}
		case "cancelled":
			d.Bool(&j.Cancelled)
		case "expired":
			d.Bool(&j.Expired)
		case "failed":
			d.Bool(&j.Failed)
		case "timestamp":
			d.Time(&j.Timestamp)
		case "finishedAt":
			d.Time(&j.FinishedAt)
		case "desiredTimestamp":
			j.DesiredTimestamp.decode(d)
		case "targetClusterName":
			jsondec.String(d, &j.TargetCluster)
		case "targetDeploymentItemName":
			jsondec.String(d, &j.TargetItem)
		case "targetGroupId":
			jsondec.String(d, &j.TargetGroupID)
		case "links":
			j.Links = links(d)
		default:
			d.Skip()
		}
	}
}

func pageOf(one func(i int) string) []byte {
	jobs := make([]string, pageSize)
	for i := range jobs {
		jobs[i] = one(i)
	}
	return []byte(`{"links":[{"href":"https://om.example.net:8443/api/public/v1.0/page","rel":"self"}],"results":[` +
		strings.Join(jobs, ",") + fmt.Sprintf(`],"totalCount":%d}`, pageSize))
}

func classicJSON(i int) string {
	id := fmt.Sprintf("53bd7f38e4b0a7304e2%05x", i)
	return `{"batchId":"53bd7f13e4b0a7304e226998","clusterId":"53bc556ce4b049c88baec825","created":"2016-03-04T22:07:27Z",` +
		`"delivery":{"expirationHours":1,"expires":"2016-03-04T23:07:27Z","maxDownloads":1,"methodName":"HTTP","statusName":"READY",` +
		`"url":"https://om.example.net:8443/backup/restore/v2/pull/` + id + `/1976673072885966399/electron_0-1456098690-` + id + `.tar.gz"},` +
		`"encryptionEnabled":false,"groupId":"525ec8394f5e625c80c7404a","id":"` + id + `",` +
		`"links":[{"href":"https://om.example.net:8443/api/public/v1.0/groups/525ec8394f5e625c80c7404a/clusters/53bc556ce4b049c88baec825/restoreJobs/` + id + `","rel":"self"},` +
		`{"href":"https://om.example.net:8443/api/public/v1.0/groups/525ec8394f5e625c80c7404a","rel":"http://mms.mongodb.com/group"}],` +
		`"pointInTime":false,"snapshotId":"53bd4356e4b0774946a16455","statusName":"FINISHED","timestamp":{"date":"2017-04-19T21:14:25Z","increment":1}}`
}

func cloudJSON(i int) string {
	id := fmt.Sprintf("6a7948342c88faeba59%05x", i)
	const base = "https://cloud.mongodb.com/api/atlas/v2/groups/b0123456789abcdef012345b/clusters/cluster-833"
	return `{"cancelled":false,"deliveryType":"automated","deliveryUrl":[],"desiredTimestamp":{"increment":null,"time":null,"date":null},` +
		`"expired":false,"failed":false,"finishedAt":"2026-08-10T03:44:52Z","id":"` + id + `",` +
		`"links":[{"href":"` + base + `/backup/restoreJobs/` + id + `","rel":"self"},` +
		`{"href":"` + base + `/backup/snapshots/6a79468a2c88faeba59de489","rel":"https://cloud.mongodb.com/snapshot"},` +
		`{"href":"` + base + `","rel":"https://cloud.mongodb.com/cluster"}],` +
		`"snapshotId":"6a79468a2c88faeba59de489","targetClusterName":"cluster-833","targetDeploymentItemName":"atlas-72ck1q",` +
		`"targetGroupId":"b0123456789abcdef012345b","timestamp":"2026-08-10T03:35:05Z"}`
}

// decodePage reads a page in one pass.
func decodePage[T any, P interface {
	*T
	job
}](d *jsondec.Decoder, size int) []T {
	jobs := make([]T, 0, size)
	if !d.Object() {
		return nil
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		if string(key) != "results" {
			d.Skip()
			continue
		}
		for d.Array(); d.More(); {
			jobs = append(jobs, *new(T))
			P(&jobs[len(jobs)-1]).decode(d)
		}
	}
	return jobs
}

// splitPage reads a page job by job, each from its own copy.
func splitPage[T any, P interface {
	*T
	job
}](d *jsondec.Decoder, size int) ([]T, error) {
	jobs := make([]T, 0, size)
	if !d.Object() {
		return nil, d.Err()
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		if string(key) != "results" {
			d.Skip()
			continue
		}
		for d.Array(); d.More(); {
			jobs = append(jobs, *new(T))
			d.BeginCopy(1)
			P(&jobs[len(jobs)-1]).decode(d)
			_, _ = d.EndCopy()
		}
	}
	return jobs, d.End()
}

const pageSize = 500

func TestDecoder_pagesAsEncodingJSON(t *testing.T) {
	t.Parallel()
	samePage[classicJob](t, pageOf(classicJSON))
	samePage[cloudJob](t, pageOf(cloudJSON))
}

func samePage[T any, P interface {
	*T
	job
}](t *testing.T, page []byte) {
	t.Helper()
	var want struct{ Results []T }
	require.NoError(t, json.Unmarshal(page, &want))
	require.Len(t, want.Results, pageSize)

	d := jsondec.New(page)
	got := decodePage[T, P](&d, pageSize)
	require.NoError(t, d.End())
	require.Equal(t, want.Results, got)

	d = jsondec.New(page)
	got, err := splitPage[T, P](&d, pageSize)
	require.NoError(t, err)
	require.Equal(t, want.Results, got)
}

func BenchmarkClassic(b *testing.B) { benchmarkPage[classicJob](b, pageOf(classicJSON)) }

func BenchmarkCloud(b *testing.B) { benchmarkPage[cloudJob](b, pageOf(cloudJSON)) }

func benchmarkPage[T any, P interface {
	*T
	job
}](b *testing.B, page []byte) {
	run := func(name string, decode func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			b.ReportAllocs()
			for b.Loop() {
				if err := decode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("Whole", func() error {
		d := jsondec.NewShared(page, string(page))
		decodePage[T, P](&d, pageSize)
		return d.End()
	})
	run("Split", func() error {
		d := jsondec.New(page)
		_, err := splitPage[T, P](&d, pageSize)
		return err
	})
	run("Copied", func() error {
		d := jsondec.New(page)
		decodePage[T, P](&d, pageSize)
		return d.End()
	})
	run("Raw", func() error {
		d := jsondec.New(page)
		d.Raw()
		return d.End()
	})
	run("Valid", func() error {
		return jsondec.Valid(page)
	})
	run("EncodingJSON", func() error {
		var v struct{ Results []T }
		return json.Unmarshal(page, &v)
	})
	run("EncodingJSONValid", func() error {
		if !json.Valid(page) {
			return json.Unmarshal(page, new(any))
		}
		return nil
	})
}
