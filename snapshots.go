package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"example.com/restorejobs/internal/api"
)

// Snapshots are the snapshots of a [Source], the same type for every variant. It is immutable and
// safe for concurrent use. Its methods return the errors that [Jobs] lists.
type Snapshots struct{ sourceAPI }

// String returns the reference of the source.
func (s *Snapshots) String() string { return s.ref() }

// Format prints [Source.Ref] for every verb.
func (s *Snapshots) Format(f fmt.State, _ rune) { writeString(f, s.ref()) }

// LogValue returns [Source.Ref] for log/slog.
func (s *Snapshots) LogValue() slog.Value { return slog.StringValue(s.ref()) }

// The paths of the snapshots of sharded Atlas clusters, below those of replica sets. The names of
// list and item differ.
const (
	shardedListSuffix = "/shardedClusters"
	shardedItemSuffix = "/shardedCluster"
)

// Get reads one snapshot. All variants. An unknown snapshot matches [ErrNotFound]. A response about
// another snapshot is an [*Error]. On an Atlas cluster, a snapshot that is not one of a replica set is
// requested as one of a sharded cluster.
//
// API: "Get One Snapshot" of every variant; Atlas v2 "getClusterBackupSnapshot" and
// "getBackupShardedCluster".
func (s *Snapshots) Get(ctx context.Context, snapshotID string) (*Snapshot, error) {
	return s.get(ctx, snapshotID, SnapshotOfReplicaSet)
}

// get requests a snapshot under the path of a topology first.
func (s *Snapshots) get(ctx context.Context, snapshotID string, first SnapshotTopology) (*Snapshot, error) {
	suffixes := []string{""}
	if s.endpoint.hasShardedSnapshots {
		suffixes = []string{"", shardedItemSuffix}
	}
	if first == SnapshotOfShardedCluster && s.endpoint.hasShardedSnapshots {
		suffixes = []string{shardedItemSuffix, ""}
	}
	var refusal error
	for _, suffix := range suffixes {
		snapshot, err := s.getBelow(ctx, suffix, snapshotID)
		if !isOtherTopology(err) {
			return snapshot, err
		}
		if refusal == nil || !errors.Is(refusal, ErrNotFound) {
			refusal = err
		}
	}
	return nil, refusal
}

func (s *Snapshots) getBelow(ctx context.Context, suffix, snapshotID string) (*Snapshot, error) {
	req, err := s.newRequest("get snapshot", http.MethodGet, suffix, nil, pathParam{"snapshotID", snapshotID})
	if err != nil {
		return nil, err
	}
	return send(ctx, s.client, req, func(resp *api.Response) (*Snapshot, error) {
		snapshot, err := decodeSnapshot(resp.Body)
		if err != nil {
			return nil, err
		}
		return snapshot, checkSnapshot(snapshot, snapshotID)
	})
}

// isOtherTopology reports a refusal that a path for snapshots of the other topology can explain. The
// codes for it are unknown.
func isOtherTopology(err error) bool {
	var apiErr *Error
	if !errors.As(err, &apiErr) || apiErr.cause != nil || isHTML(apiErr) {
		return false
	}
	return apiErr.StatusCode == http.StatusBadRequest || apiErr.StatusCode == http.StatusNotFound
}

// newRequest builds a request for the snapshots, for a path below them, or for one of the IDs there.
func (s *Snapshots) newRequest(operation, method, suffix string, query url.Values, ids ...pathParam) (*api.Request, error) {
	segments := []string{s.path + s.endpoint.snapshotsSuffix + suffix}
	for _, param := range ids {
		segments = append(segments, api.EscapeSegment(param.id))
	}
	return s.sourceAPI.newRequest(&sourceCall{
		operation:  operation,
		method:     method,
		path:       strings.Join(segments, "/"),
		apiVersion: s.endpoint.apiVersion,
		query:      query,
	}, invalidIDs(ids...)...)
}
