package restorejobs_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
)

func TestCollectionJob_everyMember(t *testing.T) {
	t.Parallel()
	const body = ` ` + "\n"
	text := collectionJob("IN_PROGRESS")
	var job restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal([]byte(body+text), &job))
	assert.Equal(t, text, string(job.RawJSON()))
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	assert.JSONEq(t, text, string(stored), "with members that are not known")

	byHand := restorejobs.CollectionJob{
		ID:                    job.ID,
		Status:                restorejobs.CollectionJobStatusInProgress,
		ErrorMessage:          "a message",
		CreatedAt:             time.Date(2026, 7, 7, 12, 0, 0, 0, time.UTC),
		FinishedAt:            time.Date(2026, 7, 7, 12, 10, 0, 0, time.UTC),
		SnapshotID:            collectionSnapshotID,
		OplogTS:               1702220445,
		OplogInc:              7,
		PointInTimeUTCSeconds: 1702220446,
		TargetGroupID:         "5f3a1b2c4d5e6f7a8b9c0d1e",
		TargetClusterName:     "staging",
		WriteStrategy:         restorejobs.WriteStrategyCreateNew,
		IndexStrategy:         restorejobs.IndexStrategyAll,
		Databases:             []restorejobs.RestoreNamespace{{Source: "stock", Target: "depot"}},
		Collections:           []restorejobs.RestoreNamespace{{Source: "sales.orders", Target: "sales.old"}},
		DatabaseSuffix:        "_d",
		CollectionSuffix:      "_c",
		RestoredDocuments:     15500,
		TotalDocuments:        20000,
		IndexStatus:           restorejobs.CollectionJobIndexStatus{State: restorejobs.IndexStateFailed, FailedCollectionCount: 2},
	}
	assert.Nil(t, byHand.RawJSON())
	encoded, err := json.Marshal(byHand)
	require.NoError(t, err)
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &members))
	delete(members, "new")
	want, err := json.Marshal(members)
	require.NoError(t, err)
	assert.JSONEq(t, string(want), string(encoded), "every field under its name")
	var back restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal(encoded, &back))
	assert.Equal(t, fmt.Sprint(byHand), fmt.Sprint(back))
	assert.Equal(t, byHand.Databases, back.Databases)
	assert.Equal(t, byHand.IndexStatus, back.IndexStatus)
}

func TestCollectionJobState_everyStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[restorejobs.CollectionJobStatus]restorejobs.State{
		restorejobs.CollectionJobStatusInitializing: restorejobs.StateRunning,
		restorejobs.CollectionJobStatusInProgress:   restorejobs.StateRunning,
		restorejobs.CollectionJobStatusFinalizing:   restorejobs.StateRunning,
		restorejobs.CollectionJobStatusSuccessful:   restorejobs.StateFinished,
		restorejobs.CollectionJobStatusFailed:       restorejobs.StateFailed,
		restorejobs.CollectionJobStatusCanceled:     restorejobs.StateCancelled,
		"":                                          restorejobs.StateUnknown,
		"PAUSED":                                    restorejobs.StateUnknown,
	} {
		job := restorejobs.CollectionJob{Status: status}
		assert.Equal(t, want, job.State(), status)
	}
	for _, body := range []string{`{"id":"a","state":{}}`, `{"id":"a","state":null}`, `{"id":"a"}`} {
		var job restorejobs.CollectionJob
		require.NoError(t, json.Unmarshal([]byte(body), &job))
		assert.Equal(t, restorejobs.StateUnknown, job.State(), body)
	}
}

// A job of the API's documents: what is not known yet is null or missing.
func TestCollectionJob_runningJob(t *testing.T) {
	t.Parallel()
	const body = `{"id":"` + collectionJobID + `","state":"IN_PROGRESS","createdAt":"2026-07-07T12:00:00Z","finishedAt":null,"errorMessage":null,
		"snapshotId":"` + collectionSnapshotID + `","oplogTs":null,"oplogInc":null,"pointInTimeUtcSeconds":null,
		"targetGroupId":"5f3a1b2c4d5e6f7a8b9c0d1e","targetClusterName":"staging","writeStrategy":"CREATE_NEW","indexStrategy":"ALL",
		"collections":[{"sourceNamespace":"sales.orders","targetNamespace":""}],"databases":[],"collectionSuffix":"","databaseSuffix":"",
		"restoredDocuments":15500,"totalDocuments":20000,"indexStatus":{"state":"NOT_STARTED","failedCollectionCount":0}}`
	var job restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal([]byte(body), &job))
	assert.Equal(t, restorejobs.StateRunning, job.State())
	assert.True(t, job.FinishedAt.IsZero())
	assert.Empty(t, job.ErrorMessage)
	assert.Zero(t, job.OplogTS)
	assert.Zero(t, job.PointInTimeUTCSeconds)
	assert.Equal(t, []restorejobs.RestoreNamespace{{Source: "sales.orders"}}, job.Collections)
	assert.NotNil(t, job.Databases, "an empty list was sent")
	assert.Equal(t, "collection restore job "+collectionJobID+" running, 15500 of 20000 documents", job.String())
}

func TestCollectionJobString_values(t *testing.T) {
	t.Parallel()
	for want, job := range map[string]restorejobs.CollectionJob{
		"collection restore job without id unknown":                              {},
		"collection restore job J finished":                                      {ID: "J", Status: restorejobs.CollectionJobStatusSuccessful},
		"collection restore job J failed, 0 of 20 documents":                     {ID: "J", Status: restorejobs.CollectionJobStatusFailed, TotalDocuments: 20},
		"collection restore job J running, 21 of 20 documents":                   {ID: "J", Status: restorejobs.CollectionJobStatusFinalizing, RestoredDocuments: 21, TotalDocuments: 20},
		"collection restore job J cancelled":                                     {ID: "J", Status: restorejobs.CollectionJobStatusCanceled, RestoredDocuments: 7},
		"collection restore job a b unknown":                                     {ID: "a\nb", Status: "PAUSED"},
		"collection restore job a b running, 1 of 9223372036854775807 documents": {ID: "a\u202eb", Status: restorejobs.CollectionJobStatusInProgress, RestoredDocuments: 1, TotalDocuments: 1<<63 - 1},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			assert.Equal(t, want, fmt.Sprintf(verb, job), verb)
			assert.Equal(t, want, fmt.Sprintf(verb, &job), verb)
		}
	}
}

// No text of a server changes a line of a terminal or of a log.
func TestCollectionJob_unprintableCharacters(t *testing.T) {
	t.Parallel()
	for _, character := range []string{"\u202e", "\x1b", "\n", "\u2028", "\xff"} {
		text := "a" + character + "b"
		namespaces := []restorejobs.RestoreNamespace{{Source: text, Target: text}}
		job := restorejobs.CollectionJob{
			ID:           text,
			Status:       restorejobs.CollectionJobStatus(text),
			ErrorMessage: text,
			Databases:    namespaces,
			IndexStatus:  restorejobs.CollectionJobIndexStatus{State: restorejobs.IndexState(text)},
		}
		for _, value := range []any{job, &job, namespaces, job.IndexStatus} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				assert.NotContains(t, fmt.Sprintf(verb, value), character, "%s of %T", verb, value)
			}
		}
		var line strings.Builder
		logger := slog.New(slog.NewTextHandler(&line, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
		logger.Info("", "job", job)
		assert.NotContains(t, strings.TrimSpace(line.String()), character)
	}
}

// withoutTime removes the time of a log line.
func withoutTime(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 && attr.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return attr
}

func TestCollectionJobLogValue_members(t *testing.T) {
	t.Parallel()
	job := restorejobs.CollectionJob{
		ID:                "J",
		Status:            restorejobs.CollectionJobStatusFinalizing,
		RestoredDocuments: 15500,
		TotalDocuments:    20000,
	}
	var line strings.Builder
	logger := slog.New(slog.NewTextHandler(&line, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	logger.Info("restore", "job", job)
	assert.Equal(t, "level=INFO msg=restore job.id=J job.state=running job.status=FINALIZING "+
		"job.restoredDocuments=15500 job.totalDocuments=20000\n", line.String())
}

func TestCollectionJobRawJSON_isACopy(t *testing.T) {
	t.Parallel()
	var job restorejobs.CollectionJob
	require.NoError(t, json.Unmarshal([]byte(`{"id":"J"}`), &job))
	job.RawJSON()[0] = 'x'
	assert.Equal(t, `{"id":"J"}`, string(job.RawJSON()))
}
