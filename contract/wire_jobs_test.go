package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

// recordedJob has every field of the recorded jobs. An unknown field fails the test.
type recordedJob struct {
	ID                       string         `json:"id"`
	SnapshotID               string         `json:"snapshotId"`
	Links                    []recordedLink `json:"links"`
	Timestamp                time.Time      `json:"timestamp"`
	Cancelled                bool           `json:"cancelled"`
	Failed                   bool           `json:"failed"`
	Expired                  bool           `json:"expired"`
	DeliveryType             string         `json:"deliveryType"`
	DeliveryURL              []string       `json:"deliveryUrl"`
	DesiredTimestamp         recordedStamp  `json:"desiredTimestamp"`
	FinishedAt               time.Time      `json:"finishedAt"`
	ExpiresAt                time.Time      `json:"expiresAt"`
	TargetClusterName        string         `json:"targetClusterName"`
	TargetDeploymentItemName string         `json:"targetDeploymentItemName"`
	TargetGroupID            string         `json:"targetGroupId"`
	TargetProjectID          string         `json:"targetProjectId"`
	Status                   string         `json:"status"`
	ProjectID                string         `json:"projectId"`
	InstanceName             string         `json:"instanceName"`
	RestoreScheduledDate     time.Time      `json:"restoreScheduledDate"`
	RestoreFinishedDate      time.Time      `json:"restoreFinishedDate"`
	SnapshotFinishedDate     time.Time      `json:"snapshotFinishedDate"`
	ExpirationDate           time.Time      `json:"expirationDate"`
}

type recordedLink struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

type recordedStamp struct {
	Date      time.Time `json:"date"`
	Increment int64     `json:"increment"`
	// Time has no field in the library, except in [restorejobs.Job.RawJSON]. It is null in every
	// recorded response.
	Time any `json:"time"`
}

type recordedPage struct {
	Links      []recordedLink    `json:"links"`
	Results    []json.RawMessage `json:"results"`
	TotalCount int               `json:"totalCount"`
}

// job converts to the job that the library must return.
func (r *recordedJob) job() *restorejobs.Job {
	job := &restorejobs.Job{
		ID:                       r.ID,
		SnapshotID:               r.SnapshotID,
		Timestamp:                restorejobs.Timestamp{Date: r.Timestamp},
		Cancelled:                r.Cancelled,
		Failed:                   r.Failed,
		Expired:                  r.Expired,
		DeliveryType:             restorejobs.DeliveryType(r.DeliveryType),
		DesiredTimestamp:         restorejobs.Timestamp{Date: r.DesiredTimestamp.Date, Increment: r.DesiredTimestamp.Increment},
		FinishedAt:               r.FinishedAt,
		ExpiresAt:                r.ExpiresAt,
		TargetClusterName:        r.TargetClusterName,
		TargetDeploymentItemName: r.TargetDeploymentItemName,
		TargetGroupID:            r.TargetGroupID,
		TargetProjectID:          r.TargetProjectID,
		Status:                   restorejobs.FlexStatus(r.Status),
		FlexProjectID:            r.ProjectID,
		InstanceName:             r.InstanceName,
		RestoreScheduledDate:     r.RestoreScheduledDate,
		RestoreFinishedDate:      r.RestoreFinishedDate,
		SnapshotFinishedDate:     r.SnapshotFinishedDate,
		ExpirationDate:           r.ExpirationDate,
	}
	for _, link := range r.Links {
		job.Links = append(job.Links, restorejobs.Link{Rel: link.Rel, Href: link.Href})
	}
	if r.DeliveryURL != nil {
		job.DeliveryURL = []restorejobs.Secret{}
	}
	for _, link := range r.DeliveryURL {
		job.DeliveryURL = append(job.DeliveryURL, restorejobs.Secret(link))
	}
	return job
}

// readStrictly decodes with encoding/json and fails on a field that out does not have.
func readStrictly(t *testing.T, body []byte, out any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(out))
	require.False(t, decoder.More())
}

// sameJob compares a job with the text that it was read from.
func sameJob(t *testing.T, raw []byte, got *restorejobs.Job) {
	t.Helper()
	var read recordedJob
	readStrictly(t, raw, &read)
	require.Nil(t, read.DesiredTimestamp.Time, "desiredTimestamp.time has a value: it needs a field")
	sameValue(t, raw, read.job(), got)
}

// wireJob is one recorded response about restore jobs. The state is that of every job that is not
// in states.
type wireJob struct {
	wireCall

	point   restorejobs.RestorePoint
	to      restorejobs.Destination
	state   restorejobs.State
	states  map[string]restorejobs.State // by job id
	files   []restorejobs.DownloadLink
	total   int
	hasNext bool
}

const (
	recordedProject     = "6a793f6b2c88faeba59bae37"
	recordedCluster     = "backupRestores-305"
	recordedSnapshot    = "6a79468a2c88faeba59de489"
	recordedTarget      = "6a794320c0eb9e7a17728a63"
	recordedAutomated   = "6a794733c0eb9e7a17740663"
	recordedDownload    = "6a7948342c88faeba59eb866"
	recordedFlexProject = "b0123456789abcdef012345b"
	recordedFlexCluster = "snapshotCluster0"
	recordedFlexJob     = "6a793fd22c88faeba59bd59a"
	recordedFlexShot    = "6a6f78e0cab84da5c4476b25"
)

func wireJobs() []wireJob {
	automated := wireJob{wireCall: wireCall{
		project: recordedProject,
		cluster: recordedCluster,
		id:      recordedAutomated,
		verb:    "get",
	}}
	download := wireJob{wireCall: wireCall{
		project: recordedProject,
		cluster: recordedCluster,
		id:      recordedDownload,
		verb:    "get",
	}}
	flex := wireJob{wireCall: wireCall{
		project: recordedFlexProject,
		cluster: recordedFlexCluster,
		id:      recordedFlexJob,
		verb:    "get",
		flex:    true,
	}}
	ready := []restorejobs.DownloadLink{{
		FileName: "restore-6a79468a2c88faeba59de489.tar.gz",
		URL: "https://restore-6a7948342c88faeba59eb866.ljxf1b.mongodb-dev.net:27017/aB12up63eFh16ZmBiQ9cUO5Q/" +
			"restore-6a79468a2c88faeba59de489.tar.gz",
		Expires: time.Date(2026, time.August, 10, 4, 44, 52, 0, time.UTC),
	}}
	return []wireJob{
		automated.with("cluster-restore-automated-running.http", restorejobs.StateRunning, nil),
		automated.with("cluster-restore-automated-finished.http", restorejobs.StateFinished, nil),
		automated.with("cluster-restore-create-automated.http", restorejobs.StateRunning, func(w *wireJob) {
			w.verb = "create"
			w.point = restorejobs.FromSnapshot(recordedSnapshot)
			w.to = restorejobs.ToCluster(recordedTarget, "backupRestores2-895")
		}),
		automated.with("cluster-restore-list.http", restorejobs.StateFinished, func(w *wireJob) {
			w.verb = "list"
			w.total = 1
		}),
		download.with("cluster-restore-download-running.http", restorejobs.StateRunning, nil),
		download.with("cluster-restore-download-ready.http", restorejobs.StateFinished, func(w *wireJob) { w.files = ready }),
		download.with("cluster-restore-download-failed.http", restorejobs.StateFailed, func(w *wireJob) {
			w.project = "67ed14e199f1e137982e43b3"
			w.cluster = "backupRestores-743"
			w.id = "67ed1a59b5479f7decdfddfe"
		}),
		download.with("cluster-restore-create-download.http", restorejobs.StateRunning, func(w *wireJob) {
			w.verb = "create"
			w.point = restorejobs.FromSnapshot(recordedSnapshot)
			w.to = restorejobs.ToDownload()
		}),
		flex.with("flex-restore-pending.http", restorejobs.StateRunning, func(w *wireJob) { w.id = "6a4b21c757ab93bba958c8cf" }),
		flex.with("flex-restore-queued.http", restorejobs.StateRunning, func(w *wireJob) {
			w.cluster = "test-flex"
			w.id = "684283468dba3d3587c647c0"
		}),
		flex.with("flex-restore-running.http", restorejobs.StateRunning, nil),
		flex.with("flex-restore-completed.http", restorejobs.StateFinished, nil),
		flex.with("flex-restore-create.http", restorejobs.StateRunning, func(w *wireJob) {
			w.verb = "create"
			w.point = restorejobs.FromSnapshot(recordedFlexShot)
			w.to = restorejobs.ToCluster(recordedFlexProject, "cluster-833")
		}),
		flex.with("flex-restore-list.http", restorejobs.StateFinished, func(w *wireJob) {
			w.verb = "list"
			w.total = 2160
			w.hasNext = true
		}),
		flex.with("flex-restore-list-with-failed.http", restorejobs.StateFinished, func(w *wireJob) {
			w.verb = "list"
			w.total = 2094
			w.hasNext = true
			w.states = failedFlexJobs
		}),
	}
}

// failedFlexJobs are the jobs of flex-restore-list-with-failed.http whose status is FAILED.
var failedFlexJobs = map[string]restorejobs.State{
	"6a215e8394e737c57fa77fb5": restorejobs.StateFailed,
	"6a215e1d8590ece7d553cc30": restorejobs.StateFailed,
}

// with returns a copy for one file.
func (w *wireJob) with(file string, state restorejobs.State, change func(w *wireJob)) wireJob {
	row := *w
	row.file = file
	row.state = state
	if change != nil {
		change(&row)
	}
	return row
}

func (w *wireJob) jobs(client *restorejobs.Client) *restorejobs.Jobs { return w.source(client).Jobs }

// path returns the recorded path.
func (w *wireJob) path() string { return w.pathOf("restoreJobs") }

// Each recorded response is read by its own call, as encoding/json reads it.
func TestWireJobs_everyField(t *testing.T) {
	t.Parallel()
	wire := openWire(t)
	for _, row := range wireJobs() {
		t.Run(row.file, func(t *testing.T) {
			t.Parallel()
			replayed(t, wire, []string{row.file}, func(r *replay) {
				switch row.verb {
				case "get":
					row.get(r, wire[row.file])
				case "create":
					row.create(r, wire[row.file])
				default:
					row.list(r, wire[row.file])
				}
				assert.Equal(r.t, "application/vnd.atlas."+recordedVersion(wire[row.file].header)+"+json", r.sent().Header.Get("Accept"))
			})
		})
	}
}

func (w *wireJob) get(r *replay, recorded *recording) {
	job, err := w.jobs(r.client).Get(wireContext(r.t), w.id)
	r.observed(recorded, http.MethodGet, w.path(), err)
	w.same(r.t, recorded.body, job)
}

func (w *wireJob) create(r *replay, recorded *recording) {
	jobs, err := w.jobs(r.client).Create(wireContext(r.t), w.point, w.to)
	r.observed(recorded, http.MethodPost, w.path(), err)
	require.Len(r.t, jobs, 1)
	w.same(r.t, recorded.body, jobs[0])
}

func (w *wireJob) list(r *replay, recorded *recording) {
	var read recordedPage
	readStrictly(r.t, recorded.body, &read)
	page, err := w.jobs(r.client).List(wireContext(r.t), restorejobs.ListOptions{})
	r.observed(recorded, http.MethodGet, w.path(), err)
	assert.Equal(r.t, 1, page.PageNum)
	assert.Equal(r.t, w.total, page.TotalCount)
	assert.Equal(r.t, w.total, read.TotalCount)
	assert.Equal(r.t, w.hasNext, page.HasNext)
	require.Len(r.t, page.Jobs, len(read.Results))
	for i, job := range page.Jobs {
		w.same(r.t, read.Results[i], job)
	}
	for id := range w.states {
		assert.Contains(r.t, restorejobs.JobIDs(page.Jobs), id)
	}
	if w.hasNext {
		return // further pages were not recorded
	}
	var all []*restorejobs.Job
	for job, err := range w.jobs(r.client).All(wireContext(r.t), restorejobs.ListOptions{}) {
		require.NoError(r.t, err)
		all = append(all, job)
	}
	require.Len(r.t, all, len(read.Results))
	for i, job := range all {
		w.same(r.t, read.Results[i], job)
	}
}

// same compares a job with its bytes and with the row.
func (w *wireJob) same(t *testing.T, raw []byte, job *restorejobs.Job) {
	t.Helper()
	sameJob(t, raw, job)
	state := w.state
	if other, found := w.states[job.ID]; found {
		state = other
	}
	assert.Equal(t, state, job.State(), job.ID)
	assert.Equal(t, w.files, job.DownloadLinks(), job.ID)
	if w.verb != "list" {
		assert.Equal(t, w.id, job.ID)
	}
	for _, file := range w.files {
		assert.NotContains(t, fmt.Sprintf("%v %+v %s", job, job, job), file.URL.Reveal())
	}
}
