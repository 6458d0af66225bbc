package restorejobs_test

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs"
	"example.com/restorejobs/internal/testutil"
	"example.com/restorejobs/internal/testutil/clienttest"
	"example.com/restorejobs/restorejobstest"
)

func TestCreate_unsupportedArguments(t *testing.T) {
	t.Parallel()
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	future := time.Now().Add(time.Hour).Truncate(time.Second)
	beyond := math.MaxInt32 // an int32 and one more
	beyond++
	before2008 := time.Unix(1199145599, 0)
	type refusal struct {
		name  string
		point restorejobs.RestorePoint
		to    restorejobs.Destination
		says  []string
	}
	everywhere := []refusal{
		{"nothing at all", restorejobs.RestorePoint{}, restorejobs.Destination{}, []string{"point:", "destination:"}},
		{"empty snapshot", restorejobs.FromSnapshot(""), target, []string{"snapshotID"}},
		{"zero time", restorejobs.FromPointInTime(time.Time{}), target, []string{"time must be set"}},
		{"future time", restorejobs.FromPointInTime(future), target, []string{"time must not be in the future"}},
		{"below a millisecond", restorejobs.FromPointInTime(past.Add(time.Microsecond)), target, nil},
		{"zero oplog", restorejobs.FromOplog(restorejobs.Timestamp{}), target, []string{"oplog date must be set"}},
		{"oplog fraction", restorejobs.FromOplog(restorejobs.Timestamp{Date: past.Add(time.Millisecond), Increment: 1}), target, []string{"oplog date must be whole seconds"}},
		{"future oplog", restorejobs.FromOplog(restorejobs.Timestamp{Date: future, Increment: 1}), target, []string{"oplog date must not be in the future"}},
		{"oplog below 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: -1}), target, []string{"oplog increment"}},
		{"no target", snapshot, restorejobs.ToCluster("", ""), []string{"destination cluster"}},
		{"no downloads", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: -1, ExpirationHours: -1}), []string{"MaxDownloads", "ExpirationHours"}},
		{"downloads beyond int32", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: beyond}), []string{"at most 2147483647"}},
		{"hours beyond int32", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: beyond}), []string{"at most 2147483647"}},
	}
	perSpeech := map[string][]refusal{
		"manager": {
			{"time to a download", restorejobs.FromPointInTime(past), oneDownload, []string{"download of a point in time"}},
			{"oplog to a download", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: 1}), oneDownload, []string{"download of an oplog entry"}},
			{"both ends", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 1, Expires: future}), []string{"exclude each other"}},
			{"every fault of an end", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 1, Expires: past.Add(time.Millisecond)}), []string{"exclude each other", "in the future", "whole seconds"}},
			{"no year that can be spelled", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)}), []string{"before the year 10000"}},
			{"ended", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: past}), []string{"Expires must be in the future"}},
			{"ends between seconds", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: future.Add(time.Millisecond)}), []string{"Expires must be whole seconds"}},
		},
		"mms": {
			{"into a cluster", snapshot, target, []string{"restores into a cluster"}},
			{"wishes", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 2}), []string{"MaxDownloads"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), oneDownload, []string{"checkpoints"}},
			{"milliseconds", restorejobs.FromPointInTime(past.Add(time.Millisecond)), oneDownload, []string{"whole seconds"}},
		},
		"cloud": {
			{"time to a download", restorejobs.FromPointInTime(past), oneDownload, []string{"download of a point in time"}},
			{"wishes", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{ExpirationHours: 2}), []string{"ExpirationHours"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), target, []string{"checkpoints"}},
			{"milliseconds", restorejobs.FromPointInTime(past.Add(time.Millisecond)), target, []string{"whole seconds"}},
			{"before 2008", restorejobs.FromPointInTime(before2008), target, []string{"2008"}},
			{"oplog before 2008", restorejobs.FromOplog(restorejobs.Timestamp{Date: before2008, Increment: 1}), target, []string{"2008"}},
			{"beyond int32", restorejobs.FromPointInTime(time.Unix(math.MaxInt32+1, 0)), target, []string{"2038-01-19"}},
			{"oplog beyond int32", restorejobs.FromOplog(restorejobs.Timestamp{Date: time.Unix(math.MaxInt32+1, 0), Increment: 1}), target, []string{"2038-01-19"}},
			{"increment beyond int32", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: math.MaxInt32 + 1}), target, []string{"between 1"}},
			{"increment 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past}), target, []string{"between 1"}},
		},
		"legacy": {
			{"before 2008", restorejobs.FromPointInTime(before2008), target, []string{"2008"}},
			{"oplog before 2008", restorejobs.FromOplog(restorejobs.Timestamp{Date: before2008, Increment: 1}), target, []string{"2008"}},
			{"expires", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{Expires: future}), []string{"use ExpirationHours"}},
			{"increment 0", restorejobs.FromOplog(restorejobs.Timestamp{Date: past}), target, []string{"between 1"}},
			{"all at once", restorejobs.FromOplog(restorejobs.Timestamp{Date: future.Add(time.Millisecond), Increment: -1}), oneDownload, []string{"future", "whole seconds", "increment", "download of an oplog entry"}},
		},
		"flex": {
			{"wishes", snapshot, restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 2}), []string{"MaxDownloads"}},
			{"download of a time", restorejobs.FromPointInTime(past), oneDownload, []string{"restores from a point in time"}},
			{"time", restorejobs.FromPointInTime(past), target, []string{"point in time"}},
			{"oplog", restorejobs.FromOplog(restorejobs.Timestamp{Date: past, Increment: 1}), target, []string{"an oplog entry"}},
			{"checkpoint", restorejobs.FromCheckpoint("c"), target, []string{"checkpoint"}},
		},
	}
	forEachRow(t, func(t *testing.T, r row, server *restorejobstest.Server, jobs *restorejobs.Jobs) {
		require.Contains(t, perSpeech, r.speaks, "its refusals are tested too")
		for _, refused := range append(everywhere, perSpeech[r.speaks]...) {
			_, err := jobs.Create(t.Context(), refused.point, refused.to)
			require.ErrorIs(t, err, restorejobs.ErrInvalidArgument, refused.name)
			for _, part := range refused.says {
				assert.ErrorContains(t, err, part, refused.name)
			}
			problems := strings.Split(err.Error(), "; ")
			for i, problem := range problems {
				for _, other := range problems[i+1:] {
					assert.False(t, strings.HasPrefix(other, problem), "%s: said twice: %s", refused.name, err)
				}
			}
		}
		assert.Empty(t, server.Requests())
	})
}

// TestCreate_invalidIDs: the scope's ids and the arguments are refused together.
func TestCreate_invalidIDs(t *testing.T) {
	t.Parallel()
	server := restorejobstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.Client()
	require.NoError(t, err)
	_, err = client.OpsManager.Cluster("", "..").Jobs.Create(t.Context(), restorejobs.FromSnapshot(""),
		restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: -1}))
	require.ErrorIs(t, err, restorejobs.ErrInvalidArgument)
	for _, part := range []string{"projectID", "cluster id", "snapshotID", "MaxDownloads"} {
		require.ErrorContains(t, err, part)
	}

	nowhere := client.OpsManager.Cluster("", "..").Jobs
	_, err = nowhere.List(t.Context(), restorejobs.ListOptions{PageNum: -1, ItemsPerPage: -1})
	for _, part := range []string{"projectID", "cluster id", "PageNum", "ItemsPerPage"} {
		require.ErrorContains(t, err, part)
	}
	for _, err := range nowhere.All(t.Context(), restorejobs.ListOptions{ReadAhead: 33}) {
		require.ErrorContains(t, err, "cluster id")
		require.ErrorContains(t, err, "ReadAhead")
	}
	_, err = nowhere.Wait(t.Context(), []string{""}, restorejobs.WaitOptions{})
	require.ErrorContains(t, err, "cluster id")
	require.ErrorContains(t, err, "ids[0]")
	assert.Empty(t, server.Requests())
}

func TestCreate_pointInTimeOfEpoch(t *testing.T) {
	t.Parallel()
	var body []byte
	f := testutil.NewServer(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		testutil.Respond(http.StatusOK, `{"id":"j","statusName":"IN_PROGRESS"}`, "Content-Type", jsonType)(w, r)
	})
	_, err := clienttest.ForServer(t, f).OpsManager.Cluster("p", "c").Jobs.Create(t.Context(), restorejobs.FromPointInTime(time.Unix(0, 0)), restorejobs.ToCluster("p", "c"))
	if err == nil {
		assert.Contains(t, string(body), "pointInTimeUTCMillis", "sent: %s", body)
	}
}
