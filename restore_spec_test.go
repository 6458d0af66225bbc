package restorejobs_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"example.com/restorejobs"
)

func TestRestorePoint_string(t *testing.T) {
	t.Parallel()
	date := time.Date(2018, 9, 10, 22, 4, 48, 5e6, time.FixedZone("", 2*60*60))
	for want, point := range map[string]restorejobs.RestorePoint{
		"snapshot S":                          restorejobs.FromSnapshot("S"),
		"checkpoint K":                        restorejobs.FromCheckpoint("K"),
		"time 2018-09-10T20:04:48.005Z":       restorejobs.FromPointInTime(date),
		"oplog entry 2018-09-10T20:04:48Z, 7": restorejobs.FromOplog(restorejobs.Timestamp{Date: date, Increment: 7}),
		"no restore point":                    {},
	} {
		assert.Equal(t, want, point.String())
	}
}

func TestDestination_string(t *testing.T) {
	t.Parallel()
	for want, to := range map[string]restorejobs.Destination{
		"a download":             restorejobs.ToDownload(),
		"cluster C of project P": restorejobs.ToCluster("P", "C"),
		"no destination":         {},
	} {
		assert.Equal(t, want, to.String())
	}
	limited := restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 3})
	assert.Equal(t, "a download", limited.String())
	assert.NotEqual(t, restorejobs.ToDownload(), limited)
	assert.Equal(t, restorejobs.ToDownload(), restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{}))
}

func TestRestorePoint_accessors(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 10, 3, 35, 5, 0, time.UTC)
	for _, row := range []struct {
		point    restorejobs.RestorePoint
		snapshot string
		time     time.Time
	}{
		{point: restorejobs.RestorePoint{}},
		{point: restorejobs.FromSnapshot("a"), snapshot: "a"},
		{point: restorejobs.FromPointInTime(at), time: at},
		{point: restorejobs.FromOplog(restorejobs.Timestamp{Date: at, Increment: 3}), time: at},
		{point: restorejobs.FromCheckpoint("c")},
	} {
		assert.Equal(t, row.snapshot, row.point.SnapshotID(), row.point)
		assert.Equal(t, row.time, row.point.Time(), row.point)
	}
}

func TestDestination_accessors(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		to         restorejobs.Destination
		isDownload bool
		project    string
		cluster    string
	}{
		{to: restorejobs.Destination{}},
		{to: restorejobs.ToDownload(), isDownload: true},
		{to: restorejobs.ToCluster("p", "c"), project: "p", cluster: "c"},
	} {
		project, cluster := row.to.Target()
		assert.Equal(t, row.isDownload, row.to.IsDownload(), row.to)
		assert.Equal(t, row.project, project, row.to)
		assert.Equal(t, row.cluster, cluster, row.to)
	}
}
