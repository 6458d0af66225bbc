// Package cookbook has the code of docs/cookbook.md.
package cookbook

import (
	"context"
	"net/http"
	"time"

	"example.com/restorejobs"
	"example.com/restorejobs/durable"
)

// RestoreNewest restores the newest snapshot into another cluster, once.
func RestoreNewest(ctx context.Context, client *restorejobs.Client, journal durable.Journal) (*durable.Result, error) {
	source, err := client.AtlasV2.FindCluster(ctx, "Production", "Cluster0")
	if err != nil {
		return nil, err
	}
	target, err := client.AtlasV2.FindCluster(ctx, "Staging", "Cluster0")
	if err != nil {
		return nil, err
	}
	plan := durable.Plan{
		Source: source,
		Point:  durable.NewestSnapshot(),
		To:     restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
	}
	return durable.Restore(ctx, plan, journal)
}

// DownloadNightly downloads the newest snapshot of Ops Manager or Cloud Manager into a folder with its time.
func DownloadNightly(ctx context.Context, source *restorejobs.Source, directory string, journal durable.Journal) (*durable.Result, error) {
	plan := durable.Plan{
		Source:       source,
		Point:        durable.NewestSnapshot(),
		To:           restorejobs.ToDownloadWith(restorejobs.DownloadLinkOptions{MaxDownloads: 3}), // uses of the link; Ops Manager and Cloud Manager
		Directory:    directory,
		Subdirectory: func(choice durable.Choice) string { return choice.Time.UTC().Format("2006-01-02T1504Z") },
		MaxAttempts:  3, // restores, not downloads: a link that died needs another one
	}
	return durable.Restore(ctx, plan, journal)
}

// RestoreToTime restores a point in time into another cluster, until the data is in place.
func RestoreToTime(ctx context.Context, source, target *restorejobs.Source, at time.Time, journal durable.Journal) (*durable.Result, error) {
	plan := durable.Plan{
		Source: source,
		Point:  durable.FixedPoint(restorejobs.FromPointInTime(at.Truncate(time.Second))),
		To:     restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
	}
	return durable.Restore(ctx, plan, journal)
}

// IsRestorable reports whether a cluster can be restored to a time.
func IsRestorable(ctx context.Context, source *restorejobs.Source, at time.Time) (bool, error) {
	ranges, err := source.Jobs.RestorableTimeRanges(ctx)
	if err != nil {
		return false, err
	}
	for _, possible := range ranges {
		if possible.Contains(at) {
			return true, nil
		}
	}
	return false, nil
}

// CopyNow takes a snapshot and restores it into another cluster.
func CopyNow(ctx context.Context, source, target *restorejobs.Source) error {
	taken, err := source.Snapshots.Create(ctx, restorejobs.SnapshotRequest{Description: "for a copy", RetentionDays: 1})
	if err != nil {
		return err
	}
	snapshot, err := source.Snapshots.Wait(ctx, taken.ID, restorejobs.WaitOptions{})
	if err != nil {
		return err
	}
	plan := durable.Plan{
		Source: source,
		Point:  durable.FixedPoint(restorejobs.FromSnapshot(snapshot.ID)),
		To:     restorejobs.ToCluster(target.ProjectID(), target.ClusterID()),
	}
	_, err = durable.Restore(ctx, plan, &durable.MemoryJournal{})
	return err
}

// DeleteCluster deletes an Atlas cluster.
func DeleteCluster(ctx context.Context, client *restorejobs.Client, cluster *restorejobs.Source) error {
	path := "/api/atlas/v2/groups/" + cluster.ProjectID() + "/clusters/" + cluster.ClusterID()
	return client.Do(ctx, http.MethodDelete, path, nil, nil)
}
